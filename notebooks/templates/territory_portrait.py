# ---
# jupyter:
#   evalkit:
#     stages: false
#     title:
#       en: Portrait
#       fr: Portrait
#   kernelspec:
#     display_name: Python 3 (ipykernel)
#     language: python
#     name: python3
# ---

# %% [markdown]
# # Portrait de territoire · Territory portrait
#
# Où est le territoire, que disent les indicateurs du plan, comment ont-ils évolué, que répondent-ils aux questions de
# l’évaluation. Les cellules de texte étiquetées `fr` ou `en` vont dans le rapport de cette langue ; celle-ci n’y va pas.
#
# Where the territory is, what the indicators of the plan say, how they moved, what they answer to the evaluation questions.
# Text cells tagged `fr` or `en` go into the report in that language; this one does not.

# %% tags=["parameters"]
plan = "evaluation.yaml"
territory = "QP034005"
language = "fr"
reference_period = None

# %%
from evalkit.notebook import open_evaluation

ev = open_evaluation(plan, territory, language, reference_period=reference_period)

# %% [markdown] tags=["fr"]
# # Portrait

# %% [markdown] tags=["en"]
# # Portrait

# %%
if ev.has_place:
    ev.figure(ev.charts.locator(), alt=ev.alt.locator())

# %% [markdown] tags=["fr"]
# ## Ce que disent les indicateurs
#
# Chaque valeur est donnée avec son intervalle lorsqu’il existe, et avec la médiane des territoires de comparaison. Un indicateur
# neutre n’est ni bon ni mauvais : il n’est jamais jugé.

# %% [markdown] tags=["en"]
# ## What the indicators say
#
# Each value comes with its interval where there is one, and with the median of the comparison territories. A neutral indicator is
# neither good nor bad: it is never judged.

# %%
for value in ev.values():
    ev.record(value, show=False)
ev.figure(ev.charts.indicator_table(), alt=ev.alt.indicator_table())

# %%
if ev.has_comparisons:
    ev.figure(ev.charts.comparisons(), alt=ev.alt.comparisons())

# %% [markdown] tags=["fr"]
# ## Ce que répondent les indicateurs aux questions de l’évaluation
#
# Les règles de jugement sont celles du plan. Un intervalle qui contient la limite ne permet pas de conclure.

# %% [markdown] tags=["en"]
# ## What the indicators answer to the evaluation questions
#
# The judgement rules are those of the plan. An interval that contains the line does not allow a conclusion.

# %%
for criterion in ev.criteria("before_after", "gap", "level", "target"):
    ev.record(ev.assess(criterion))

# %% [markdown] tags=["fr"]
# ## Comment le territoire a évolué
#
# Les traits pointillés marquent les ruptures de série : les valeurs de part et d’autre ne se comparent pas.

# %% [markdown] tags=["en"]
# ## How the territory has changed
#
# Dotted lines mark breaks in the series: values on either side are not comparable.

# %%
for indicator, breakdown in ev.with_history("primary", "secondary"):
    ev.figure(ev.charts.trend(indicator, breakdown), alt=ev.alt.trend(indicator, breakdown))

# %%
ev.conclude()
