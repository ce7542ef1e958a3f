"""All the priority districts of a region together, and of the country: the comparators that INSEE publishes beside the districts.

They are territories of level `zone`, never rows among the districts: `QPV-R91` is all the districts of the former region 91.
"""

from __future__ import annotations

from evalkit.data.adapters.places import QPV, REGION_BEFORE, Place, region_before, regions_before
from evalkit.model.territory import Parent

LEVEL = "zone"
COUNTRY_ZONE = "QPV-M"
TAG = "all_qpv"


def zone_code(region: str) -> str:
    """Return the code of all districts of a former region."""
    return f"QPV-R{region}"


def region_zone(region: str) -> Place:
    """Return all districts of a former region as a territory."""
    name = f"Ensemble des QPV, {regions_before().get(region, region)}"
    return Place(zone_code(region), LEVEL, QPV, name, (Parent("region", region, REGION_BEFORE),), (TAG,))


def country_zone() -> Place:
    """Return all districts of metropolitan France as a territory."""
    return Place(COUNTRY_ZONE, LEVEL, QPV, "Ensemble des QPV, France métropolitaine", (), (TAG,))


def zone_parent(department: str) -> tuple[Parent, ...]:
    """Return the group of districts that the districts of a department belong to."""
    region = region_before(department)
    return () if region is None else (Parent(LEVEL, zone_code(region), QPV),)
