"""The families of operations and of ESS structures, in words."""

from __future__ import annotations

from evalkit.text import Message, msg

OPERATIONS: dict[str, Message] = {
    "demolition": msg("Demolition"),
    "reconstruction": msg("Rebuilding of social housing"),
    "rehabilitation": msg("Rehabilitation"),
    "residentialisation": msg("Residentialisation"),
    "requalification": msg("Upgrading of housing"),
    "diversification": msg("New private housing"),
    "development": msg("Public space"),
    "facilities": msg("Public facilities"),
    "condominiums": msg("Condominiums"),
    "management": msg("Local management"),
}
STRUCTURES: dict[str, Message] = {
    "association": msg("Associations"),
    "cooperative": msg("Cooperatives"),
    "mutual": msg("Mutual societies"),
    "foundation": msg("Foundations"),
    "company": msg("Social-purpose companies"),
}
UNIT_WORDS: dict[str, Message] = {
    "dwellings": msg("dwellings"),
    "facilities": msg("facilities"),
    "count": msg("operations"),
    "hours": msg("hours"),
    "m2": msg("m²"),
    "euro": msg("euros"),
}


def operation_family(id: str) -> Message:
    """Return the name of a family of operations; one that is not known keeps its own word."""
    return OPERATIONS.get(id) or msg("{text}", text=id)


def structure_family(id: str) -> Message:
    """Return the name of a family of structures; one that is not known keeps its own word."""
    return STRUCTURES.get(id) or msg("{text}", text=id)


def unit_word(id: str) -> Message:
    """Return the word for what is counted."""
    return UNIT_WORDS.get(id) or msg("{text}", text=id)
