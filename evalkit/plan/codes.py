"""The problems of an evaluation plan: 001-019 what is written, 020-049 what it means, 050-059 what the data allow, 060-069 recommendations."""

from __future__ import annotations

from evalkit.errors import declare

UNREADABLE = declare("EVK-PLAN-001", "the plan cannot be read, {reason}")
UNKNOWN_KEY = declare("EVK-PLAN-002", "unknown key '{key}'{hint}")
MISSING_KEY = declare("EVK-PLAN-003", "the key '{key}' is missing")
CODE_NOT_TEXT = declare("EVK-PLAN-004", "{raw} is {kind}, a code is text", 'write "{raw}"')
NOT_A_CODE = declare(
    "EVK-PLAN-005", "'{value}' cannot be a territory code", "letters, digits, _ . and - only, at most 64 characters"
)
WRONG_TYPE = declare("EVK-PLAN-006", "{found} stands where {expected} is expected{hint}")
NOT_A_CHOICE = declare("EVK-PLAN-007", "'{value}' is not a possible value of '{key}'{hint}")
EMPTY = declare("EVK-PLAN-008", "'{key}' is empty", "give at least one value, or leave the key out if it is optional")
NOT_A_PERIOD = declare(
    "EVK-PLAN-009", "'{value}' is not a period", "write a year (2020), a quarter (2020-Q1) or a month (2020-01)"
)
NOT_AN_ID = declare(
    "EVK-PLAN-010", "'{value}' cannot be an identifier", "letters, digits, _ . and - only, at most 64 characters"
)
RULE_UNREADABLE = declare(
    "EVK-PLAN-011",
    "the rule '{rule}' cannot be read from '{rest}' on",
    "write comparisons joined by 'and', such as: upper < 0 and value <= target",
)
RULE_NAME = declare("EVK-PLAN-012", "unknown name '{name}' in a rule{hint}")
TWICE = declare("EVK-PLAN-013", "'{id}' is declared twice, first on line {first}", "keep one, or rename the other")
ENDS_BEFORE_START = declare(
    "EVK-PLAN-014", "the programme ends in {end}, before it starts in {start}", "correct one of the two years"
)
OUT_OF_RANGE = declare("EVK-PLAN-015", "{value} is too {side} for '{key}'", "the limit is {limit}")
TERRITORY_FILE = declare("EVK-PLAN-016", "the territory file {name} cannot be read, {reason}")
ONE_CHOICE = declare(
    "EVK-PLAN-017", "territories must be chosen in exactly one way", "give one of 'select', 'codes' and 'file'"
)
PARAMETER = declare("EVK-PLAN-018", "the parameter '{name}' cannot be given to a template, {reason}")
CONSTANT_YEAR = declare(
    "EVK-PLAN-019", "constant prices need the year of the euros", "write 'prices: {{constant: 2021}}'"
)

UNKNOWN_INDICATOR = declare("EVK-PLAN-020", "unknown indicator '{indicator}'{hint}")
BREAKS = declare(
    "EVK-PLAN-021",
    "{indicator} has breaks in {breaks}: a change from {start} to {end} crosses them; "
    "{advice}, or state 'across_breaks: <reason>', which lowers the grade",
)
UNKNOWN_COMPARATOR = declare("EVK-PLAN-022", "unknown comparator '{comparator}'{hint}")
COMPARATOR_FIELDS = declare("EVK-PLAN-023", "the comparator '{comparator}' of kind {kind} {reason}")
NOT_ADDITIVE = declare(
    "EVK-PLAN-024",
    "{indicator} cannot be compared with '{comparator}': a median, an index or a rate without its counts "
    "cannot be had by subtracting one place from another",
    "compare with the whole parent, and say that it contains the territory",
)
GEOGRAPHY = declare(
    "EVK-PLAN-025",
    "{code} belongs to the geography {other}, the plan to the geography {geography}",
    "territories of two geographies are not compared: keep to codes of one",
)
PERIOD_GEOGRAPHY = declare(
    "EVK-PLAN-026",
    "{indicator} of {period} exists only in the geography {other}, the plan is in the geography {geography}, "
    "and no crosswalk between the two is known",
    "choose another period, or add a crosswalk to the warehouse",
)
NOT_DECLARED = declare(
    "EVK-PLAN-027",
    "the criterion {criterion} uses {indicator}, which the plan does not list",
    "add it under 'indicators', with its role",
)
NO_RULE = declare(
    "EVK-PLAN-028",
    "the criterion {criterion} has no judgement rule",
    "state 'met_if' before the results are read, such as: met_if: \"upper < 0\"",
)
MANY_CRITERIA = declare(
    "EVK-PLAN-029", "the question {question} has {count} criteria", "four at most can be read together", "warning"
)
TWO_UNITS = declare(
    "EVK-PLAN-030", "{indicator} is in {unit}, here in {other}", "an indicator has one unit: convert the value"
)
TARGET_BEFORE_BASELINE = declare(
    "EVK-PLAN-031", "the target of {indicator} ({target}) is not after its baseline ({baseline})", "correct one of them"
)
MILESTONE_OUTSIDE = declare(
    "EVK-PLAN-032",
    "the milestone of {indicator} in {period} is not between its baseline and its target",
    "correct the period, or give the baseline and the target their own",
)
NO_SOURCE = declare(
    "EVK-PLAN-033",
    "the {what} of {indicator} has no source",
    'say where it was decided, such as: source: "contract, annex 3"',
)
NO_LEVEL = declare(
    "EVK-PLAN-034",
    "{indicator} does not exist at the level {level}",
    "it exists at: {levels}",
)
PARENT_LEVEL = declare(
    "EVK-PLAN-035",
    "{indicator} does not exist at the level {level}, only at {levels}",
    "the reports will show the value of a larger place, as context",
    "warning",
)
RULE_CROSSES = declare(
    "EVK-PLAN-036",
    "the rule '{rule}' can hold although the interval contains {line}: such a result cannot be told",
    "write it on the bounds, 'upper < {bound}' or 'lower > {bound}'",
)
RULES_OVERLAP = declare(
    "EVK-PLAN-037", "'{first}' and '{second}' can hold together", "separate what is met from what is not"
)
RULE_NEVER = declare("EVK-PLAN-038", "the rule '{rule}' can never hold", "correct its comparisons")
NO_INTERVAL = declare(
    "EVK-PLAN-039",
    "the rule '{rule}' needs an interval, and {indicator} measured so has none: the answer would always be 'cannot tell'",
    "write the rule on 'value'",
    "warning",
)
NEUTRAL = declare(
    "EVK-PLAN-040",
    "{indicator} is neutral, and a rule judges it",
    "a neutral indicator is neither good nor bad: describe it, or judge it against a target that was decided",
    "warning",
)
NOT_MONEY = declare("EVK-PLAN-041", "{indicator} is not an amount of money", "leave 'prices' out")
DESIGN_NEEDS = declare("EVK-PLAN-042", "the design {method} needs {what}")
DESIGN_PERIODS = declare("EVK-PLAN-043", "a change from {start} to {end} does not go forward", "put the earlier first")
RULE_VALUE = declare("EVK-PLAN-044", "the rule names '{name}', and {reason}")
BREAKDOWN = declare("EVK-PLAN-045", "{indicator} has no breakdown '{breakdown}' here{hint}")
UNKNOWN_NODE = declare("EVK-PLAN-046", "the theory of change has no node '{node}'{hint}")
CYCLE = declare(
    "EVK-PLAN-047", "the theory of change turns in a circle: {nodes}", "remove one of these links: causes come first"
)
NEVER_NOT_MET = declare(
    "EVK-PLAN-048",
    "the criterion {criterion} can be met but never refused",
    "state 'not_met_if' too",
    "warning",
)
DEFLATOR = declare(
    "EVK-PLAN-049",
    "amounts cannot be given in the prices of {year}, {reason}",
    "choose another year, an index of your own ('deflator: prices.csv') or 'prices: current'",
)

UNKNOWN_TERRITORY = declare("EVK-PLAN-050", "unknown territory {code} (level {level}, geography {geography}){hint}")
NO_TERRITORY = declare("EVK-PLAN-051", "no territory is selected", "check the codes, or add the data first")
UNKNOWN_SOURCE = declare("EVK-PLAN-052", "unknown data set '{dataset}'{hint}")
SOURCE_NOT_ADDED = declare(
    "EVK-PLAN-053",
    "the data set {dataset}{vintage} is not in the warehouse",
    "add its files: evalkit data add FILE... --as {dataset}",
)
NO_OBSERVATION = declare(
    "EVK-PLAN-054",
    "the warehouse has no value of {indicator} at the level {level} (geography {geography})",
    "the reports will say that it is not available",
    "warning",
)
PERIOD_NOT_HELD = declare(
    "EVK-PLAN-055",
    "the warehouse has no value of {indicator} for {period}",
    "the periods it has: {periods}",
    "warning",
)
UNKNOWN_TEMPLATE = declare("EVK-PLAN-056", "unknown template '{template}'{hint}")
EMPTY_PART = declare(
    "EVK-PLAN-058", "no territory of the plan's level {where}", "leave it out if there is none", "warning"
)
NO_COMPARATOR = declare(
    "EVK-PLAN-059",
    "the comparator '{comparator}' does not exist for {count} of {total} territories: no parent of the level {level} is known",
    "add data that say which {level} they lie in, or the reports will say that it is not available",
    "warning",
)
NO_PARENT = declare("EVK-PLAN-057", "{territory} has no parent of the level {level}, which '{comparator}' needs")

UNKNOWN_CRITERION = declare(
    "EVK-PLAN-060", "the recommendation {recommendation} rests on an unknown criterion '{criterion}'{hint}"
)
NO_REASON = declare(
    "EVK-PLAN-061",
    "the recommendation {recommendation} is {response}, and no reason is given",
    "state 'reason', in the words of those who answered",
)
DUE_TOO_EARLY = declare(
    "EVK-PLAN-062", "the recommendation {recommendation} is due on {due}, {before}", "correct one of the two dates"
)
RESPONSE_DISAGREES = declare(
    "EVK-PLAN-063",
    "the recommendation {recommendation} is {response}, and has '{key}'",
    "take '{key}' out, or state the response that goes with it",
)
NOT_REPORTED_ON = declare(
    "EVK-PLAN-064", "the recommendation {recommendation} names {code}, on which the plan makes no report{hint}"
)
