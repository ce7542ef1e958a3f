"""Problem codes of templates and of the facade they use."""

from evalkit.errors import declare

NOT_A_NOTEBOOK = declare("EVK-TPL-001", "{file} is not a notebook: {reason}", "open it in JupyterLab and save it again")
NO_PARAMETERS_CELL = declare(
    "EVK-TPL-002", "{file} has {found} cells tagged `parameters`, it needs one", "tag the first code cell `parameters`"
)
BAD_PARAMETER_LINE = declare(
    "EVK-TPL-003", "{file} has `{text}` in its parameters cell", "keep only lines of the form name = constant"
)
MISSING_PARAMETERS = declare(
    "EVK-TPL-004", "{file} does not declare the parameters {names}", "add them to the cell tagged `parameters`"
)
UNKNOWN_PARAMETER = declare("EVK-TPL-005", "the template {template} has no parameter '{name}'", "known: {known}")
WRONG_PARAMETER_TYPE = declare(
    "EVK-TPL-006",
    "the parameter '{name}' of {template} is a {found}, it must be a {wanted}",
    "give a value of that type",
)
UNKNOWN_TEMPLATE = declare("EVK-TPL-007", "there is no template '{name}'", "known: {known}")
UNKNOWN_NAME = declare("EVK-TPL-010", "the plan has no {kind} '{name}'", "known: {known}")
NO_ALT = declare(
    "EVK-TPL-011", "the figure '{figure}' has no text alternative", "give alt=..., for example ev.alt.trend(...)"
)
NOT_RECORDABLE = declare(
    "EVK-TPL-012", "record() takes an observation, an estimate or a statement of this evaluation, not {found}", ""
)
NOT_LATER = declare("EVK-TPL-013", "nothing can be recorded after ev.conclude()", "make ev.conclude() the last cell")
UNKNOWN_TERRITORY = declare(
    "EVK-TPL-014",
    "the territory {territory} ({level}, geography {geography}) is not in the warehouse",
    "add the list of territories with `evalkit data add`",
)
REFUSED = declare(
    "EVK-TPL-015",
    "the template refuses {territory}: {sentence}",
    "the report of this territory is left out, and listed",
)
NOT_ASSESSABLE = declare(
    "EVK-TPL-016",
    "the criterion {criterion} has the design '{method}', which this call does not carry out",
    "use ev.assess()",
)
PLAN_CHANGED = declare("EVK-TPL-017", "the plan {file} was edited while it was executed", "give the run command again")
NOTHING_TO_DRAW = declare(
    "EVK-TPL-018", "there is no published value of {indicator} to draw for {territory}", "ask ev.is_published() first"
)
NOT_THE_CRITERION = declare(
    "EVK-TPL-019",
    "this result is not what the criterion {criterion} asks for (its indicator, breakdown, design or periods differ)",
    "use ev.assess()",
)
METADATA_TYPE = declare("EVK-TPL-020", "{found} stands where {expected} is expected", "write {example}")
METADATA_KEY = declare("EVK-TPL-021", "unknown key '{key}'{hint}")
METADATA_EMPTY = declare("EVK-TPL-022", "'{key}' is empty", "give a text, or leave the key out")
