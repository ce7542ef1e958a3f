"""The problem codes of the statistics room: why a figure cannot be computed, in words an evaluator understands."""

from __future__ import annotations

from evalkit.errors import declare

NO_COLUMN = declare("EVK-STAT-001", "there is no column {column} in the data", "the columns are {columns}")
NOT_NUMBERS = declare(
    "EVK-STAT-002",
    "{name} holds {n} values that are missing or are not numbers",
    "leave these rows out knowingly, a missing value is never taken for zero",
)
BAD_CONFIDENCE = declare(
    "EVK-STAT-003", "the confidence level {value} does not lie between 0 and 1", "write 0.95 for 95%"
)
NOT_POSITIVE = declare("EVK-STAT-004", "{name} has to be above zero, but is {value}", "check the denominator")
NEGATIVE = declare("EVK-STAT-005", "{name} cannot be negative, but is {value}", "check the file")
COUNT_ABOVE_TOTAL = declare(
    "EVK-STAT-006", "the count {count} is larger than the total {total}", "check that both come from the same source"
)
TOO_FEW = declare("EVK-STAT-007", "{what}: {n} given, at least {needed} are needed", "say that it cannot be told")
LENGTHS = declare("EVK-STAT-008", "{name} has {n} values and {other} has {m}", "give as many of one as of the other")
NO_CHOICE = declare("EVK-STAT-009", "{value} is not a known {name}", "choose one of {choices}")
FEW_EVENTS = declare(
    "EVK-STAT-010",
    "a standardised rate of fewer than 10 events is not computed: there are {n}",
    "join several years or a larger territory",
)
BROKEN_SERIES = declare(
    "EVK-STAT-011",
    "a trend needs five yearly points without a break: there are {n} since the break in {period}",
    "describe the series, do not test it",
)
REPEATED = declare(
    "EVK-STAT-012", "{name} appears more than once ({example})", "keep one row for each, or say how rows add up"
)
BOTH_OR_NONE = declare("EVK-STAT-013", "{first} and {second} go together", "give both or neither")
NO_VARIATION = declare(
    "EVK-STAT-014", "{what} does not vary, so nothing can be told from it", "choose other data or another method"
)
NO_CONVERGENCE = declare(
    "EVK-STAT-015", "the calculation of {what} did not settle", "try another method and look for an extreme value"
)
NOT_BINARY = declare("EVK-STAT-016", "{name} has to be 0 or 1, but holds {value}", "recode it as 0 and 1")
COLLINEAR = declare(
    "EVK-STAT-017",
    "the covariates are collinear, or tell the treated territories fully apart from the others",
    "take fewer covariates, or say that no comparable territory exists",
)
NO_NEVER = declare(
    "EVK-STAT-018",
    "no territory of the panel stays untreated",
    "compare with territories not yet treated (control: not_yet) or add untreated ones",
)
NOT_IDENTIFIED = declare(
    "EVK-STAT-019",
    "the effect cannot be told apart from the effects of territories, periods or covariates",
    "check that some territories stay untreated, and take fewer covariates or terms",
)
SWITCHES_OFF = declare(
    "EVK-STAT-020",
    "the treatment of {unit} ends within the period",
    "use the method `switchers`, or keep the periods before",
)
UNBALANCED = declare(
    "EVK-STAT-021",
    "{n} territories lack a value in some period: {names}",
    "keep the periods that all have, or leave these territories out knowingly",
)
NO_OVERLAP = declare(
    "EVK-STAT-022",
    "no weighting of the comparison group resembles the treated one: the covariates tell them apart",
    "take fewer covariates, drop treated territories without equivalent, and say so",
)
NO_REFERENCE = declare(
    "EVK-STAT-023",
    "this event study has no common period of reference",
    "use twfe, sun_abraham, or callaway_santanna with base: universal",
)
PERIOD_GAPS = declare(
    "EVK-STAT-024", "the event study has gaps between its periods", "estimate it on every period around the treatment"
)

NO_CHECK = declare("EVK-STAT-040", "the estimate carries no check named {name}", "make this check apart")
NOT_NULL = declare(
    "EVK-STAT-041",
    "the effect is told from zero: it is not a result without effect",
    "give its breakdown value instead",
)
NO_ERROR = declare(
    "EVK-STAT-042",
    "the estimate has neither a standard error nor an interval",
    "estimate it with an inference that gives one (placebo, randomisation, wild bootstrap)",
)
NOT_RANDOM = declare(
    "EVK-STAT-043",
    "all {n} draws give the same statistic",
    "resample the territories, not their rows, and check the seed",
)
