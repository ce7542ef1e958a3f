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
# ## Effet estimé du programme
#
# **Ce que cette estimation peut montrer** : de combien les quartiers du programme ont bougé, en moyenne, au-delà des quartiers
# comparables qui ne l’ont pas eu ; puis, quand les données le permettent, l’écart de ce quartier à un mélange de quartiers comparables
# qui lui ressemblait avant.
#
# **Ce qu’elle ne peut pas montrer** : ce qui serait arrivé aux habitants. Chaque estimation est donnée avec ses vérifications, et une
# vérification en échec abaisse la preuve. Un effet non décelé vient avec le plus petit effet qui aurait été vu ; un effet décelé, avec
# ce qui suffirait à le faire disparaître. Quand le plan ne demande aucune estimation, il ne reste ici que ce que les données permettraient.

# %% [markdown] tags=["en"]
# ## Estimated effect of the programme
#
# **What this estimate can show**: by how much the districts of the programme moved, on average, beyond comparable districts without
# it; then, where the data allow it, the gap between this district and a mix of comparable districts that was like it before.
#
# **What it cannot show**: what would have become of the inhabitants. Each estimate comes with its checks, and a failed check lowers the
# evidence. An effect that is not told from zero comes with the smallest effect that would have been seen; one that is, with what would
# make it vanish. Where the plan asks for no estimate, only what the data would allow stands here.

# %%
for effect in ev.effects("programme"):
    ev.record(effect)
    if effect.value is not None:
        ev.figure(ev.charts.event_study(effect), alt=ev.alt.event_study(effect))

# %%
for effect in ev.effects("territory"):
    ev.record(effect)
    if effect.value is not None and effect.method == "synthetic_control":
        ev.figure(ev.charts.gap(effect), alt=ev.alt.gap(effect))

# %% [markdown] tags=["fr"]
# ### Quelle preuve les données de ce quartier permettent

# %% [markdown] tags=["en"]
# ### Which evidence the data of this district allow

# %%
for indicator, breakdown in ev.with_ladder():
    ev.figure(ev.charts.ladder(indicator, breakdown), alt=ev.alt.ladder(indicator, breakdown))

# %% [markdown] tags=["fr"]
# ## Les séries

# %% [markdown] tags=["en"]
# ## The series

# %%
for indicator, breakdown in ev.with_history("primary"):
    ev.figure(ev.charts.trend(indicator, breakdown), alt=ev.alt.trend(indicator, breakdown))

# %%
ev.conclude()
