"""The problems of indicator definitions (EVK-CAT)."""

from __future__ import annotations

from evalkit.errors import declare

NOT_YAML = declare("EVK-CAT-001", "the file of indicators is refused: {reason}")
UNKNOWN_KEY = declare("EVK-CAT-002", "unknown key '{key}' ({hint})")
MISSING_KEY = declare("EVK-CAT-003", "key '{key}' is missing")
UNKNOWN_VALUE = declare("EVK-CAT-004", "'{value}' is not a known value of {key} ({hint})")
DUPLICATE = declare("EVK-CAT-005", "indicator {id} is already defined in {other}", "give it another id")
ONE_LANGUAGE = declare("EVK-CAT-006", "the text has no version in language '{lang}'", "write both, fr and en")
WRONG_TYPE = declare("EVK-CAT-007", "'{value}' is refused for {key}: {reason}")
INCONSISTENT = declare("EVK-CAT-008", "the definition contradicts itself: {reason}")
NO_THEME = declare("EVK-CAT-009", "theme '{theme}' is not declared ({hint})")
