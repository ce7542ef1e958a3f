# ---
# jupyter:
#   evalkit:
#     stages: false
#     title:
#       en: Social economy
#       fr: Économie sociale et solidaire
#   kernelspec:
#     display_name: Python 3 (ipykernel)
#     language: python
#     name: python3
# ---

# %% [markdown]
# # Programme d’économie sociale et solidaire · Social and solidarity economy programme
#
# Quelles structures ont été soutenues, combien d’emplois elles portent, combien de temps elles vivent au regard de celles qui ne
# l’ont pas été, ce que deviennent les personnes en insertion, ce que coûte un emploi, et quel est le poids de l’ESS alentour.
#
# Which structures were supported, how many jobs they carry, how long they live compared with those that were not, what becomes of
# persons in insertion, what a job costs, and how much the ESS weighs around.

# %% tags=["parameters"]
plan = "evaluation.yaml"
territory = "34"
language = "fr"

# %%
from evalkit.notebook import open_evaluation

ev = open_evaluation(plan, territory, language)

# %% [markdown] tags=["fr"]
# # Économie sociale et solidaire

# %% [markdown] tags=["en"]
# # Social and solidarity economy

# %% [markdown] tags=["fr"]
# ## Les structures soutenues
#
# Un emploi compté ici aurait, pour une part, existé sans l’aide (effet d’aubaine) : ces nombres décrivent, ils ne mesurent pas un effet.

# %% [markdown] tags=["en"]
# ## The structures supported
#
# A job counted here would in part exist without the support (deadweight): these numbers describe, they do not measure an effect.

# %%
ev.record(ev.supported(), key=True)
if ev.has_structures:
    ev.figure(ev.charts.families(), alt=ev.alt.families())

# %% [markdown] tags=["fr"]
# ## Combien de temps elles vivent
#
# La survie à trois et à cinq ans est comparée à celle des structures qui n’ont pas été soutenues. Dans un seul territoire elles sont
# trop peu nombreuses pour conclure : la comparaison qui compte est celle de l’ensemble du programme.

# %% [markdown] tags=["en"]
# ## How long they live
#
# Survival at three and at five years is compared with that of structures that were not supported. In a single territory they are too
# few to conclude: the comparison that counts is that of the whole programme.

# %%
for criterion in ev.criteria("survival"):
    ev.record(ev.assess(criterion))
if ev.has_structures_anywhere:
    ev.figure(ev.charts.survival(everywhere=True), alt=ev.alt.survival(everywhere=True))
    ev.record(ev.survival(3, everywhere=True), key=True)
    ev.record(ev.survival(5, everywhere=True))

# %% [markdown] tags=["fr"]
# ## Insertion et coût

# %% [markdown] tags=["en"]
# ## Insertion and cost

# %%
ev.record(ev.exits())
ev.record(ev.cost_per_job())

# %% [markdown] tags=["fr"]
# ## Le poids de l’ESS alentour
#
# Un contexte, pas un résultat : une part élevée de l’ESS dans l’emploi peut aussi tenir à la faiblesse du reste de l’emploi.

# %% [markdown] tags=["en"]
# ## The weight of the ESS around
#
# A context, not an outcome: a high share of the ESS in employment may also come from the weakness of other employment.

# %%
ev.record(ev.value("ess_part"), key=False)
for criterion in ev.criteria("before_after", "gap", "level", "target"):
    if criterion.indicator.startswith("ess_"):
        ev.record(ev.assess(criterion))
if ev.is_published("ess_part"):
    ev.figure(ev.charts.trend("ess_part"), alt=ev.alt.trend("ess_part"))

# %%
ev.conclude()
