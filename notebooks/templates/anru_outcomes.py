# ---
# jupyter:
#   evalkit:
#     title:
#       en: Urban renewal
#       fr: Renouvellement urbain
#   kernelspec:
#     display_name: Python 3 (ipykernel)
#     language: python
#     name: python3
# ---

# %% [markdown]
# # Renouvellement urbain : réalisations et résultats · Urban renewal: delivery and outcomes
#
# Ce que la convention prévoyait et ce qui est livré, où en sont les résultats au regard de leur référence et de leur cible, et ce
# qu’une comparaison avant/après avec d’autres quartiers permet, ou non, d’en dire.
#
# What the convention planned and what is delivered, where outcomes stand between baseline and target, and what a before/after
# comparison with other districts can and cannot say.

# %% tags=["parameters"]
plan = "evaluation.yaml"
territory = "QP034005"
language = "fr"

# %%
from evalkit.notebook import open_evaluation

ev = open_evaluation(plan, territory, language)

# %% [markdown]
# Sans opération connue, ce gabarit n’a rien à dire : il refuse le territoire, et le portfolio l’écrit.
# Without a known operation this template has nothing to say: it refuses the territory, and the portfolio says so.

# %%
if not ev.families():
    ev.refuse(
        fr="Aucune opération de renouvellement urbain n'est connue ici.",
        en="No urban-renewal operation is known here.",
    )

# %% [markdown] tags=["fr"]
# # Renouvellement urbain

# %% [markdown] tags=["en"]
# # Urban renewal

# %% [markdown] tags=["fr"]
# ## Ce que la convention prévoyait, ce qui est livré
#
# La livraison dit ce qui a été construit ou démoli. Elle ne dit pas ce qui a changé pour les habitants.

# %% [markdown] tags=["en"]
# ## What the convention planned, what is delivered
#
# Delivery says what was built or demolished. It does not say what changed for the inhabitants.

# %%
ev.figure(ev.charts.delivery(), alt=ev.alt.delivery())
for criterion in ev.criteria("delivery"):
    ev.record(ev.assess(criterion))

# %% [markdown] tags=["fr"]
# ## Où en sont les résultats
#
# Chaque indicateur est suivi depuis sa valeur de référence, vers sa cible quand le plan en fixe une.

# %% [markdown] tags=["en"]
# ## Where the outcomes stand
#
# Each indicator is followed from its baseline, towards its target where the plan sets one.

# %%
if ev.has_baselines:
    ev.figure(ev.charts.since_baseline(), alt=ev.alt.since_baseline())
if ev.has_targets:
    ev.figure(ev.charts.outcomes(), alt=ev.alt.outcomes())
for value in ev.values("primary", "secondary"):
    ev.record(value, key=False, show=False)

# %% [markdown] tags=["fr"]
# ## Avant, après, et ailleurs
#
# **Ce que cette comparaison peut montrer** : si le quartier a évolué autrement que des quartiers comparables, aux mêmes dates.
#
# **Ce qu’elle ne peut pas montrer** : pourquoi. Démolir des logements sociaux fait partir leurs occupants : une part de pauvres plus
# faible peut venir de leur départ, et non d’une amélioration de leur situation. Un seul quartier bouge aussi sans cause visible : les
# effets d’un programme se jugent sur l’ensemble de ses quartiers.

# %% [markdown] tags=["en"]
# ## Before, after, and elsewhere
#
# **What this comparison can show**: whether the district changed otherwise than comparable districts, over the same years.
#
# **What it cannot show**: why. Demolishing social housing makes its occupants leave: a smaller share of poor households may come
# from their departure, not from an improvement of their situation. A single district also moves without visible cause: the effects of
# a programme are judged over all its districts.

# %%
for criterion in ev.criteria("before_after"):
    change = ev.record(ev.assess(criterion))
    if change.value is not None:
        ev.figure(ev.charts.before_after(change), alt=ev.alt.before_after(change))

# %% [markdown] tags=["fr"]
# ## Les séries

# %% [markdown] tags=["en"]
# ## The series

# %%
for indicator, breakdown in ev.with_history("primary"):
    ev.figure(ev.charts.trend(indicator, breakdown), alt=ev.alt.trend(indicator, breakdown))

# %%
ev.conclude()
