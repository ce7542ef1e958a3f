"""The fictitious country: districts in communes, communes in EPCI, EPCI in departments, all of them on no map."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from evalkit.data.demo.settings import Integers, Parameters, generator

COMMUNES_PER_EPCI = 5
EPCI_PER_DEPARTMENT = 3
_DISTRICTS_PER_COMMUNE = np.array([1, 2, 3, 4, 5, 6])
_WEIGHTS = np.array([0.22, 0.24, 0.22, 0.16, 0.10, 0.06])


@dataclass(frozen=True)
class Places:
    """Which place lies in which: `commune` per district, `epci` and `department` per commune; codes in the same order."""

    districts: tuple[str, ...]
    communes: tuple[str, ...]
    epcis: tuple[str, ...]
    departments: tuple[str, ...]
    commune: Integers
    epci: Integers
    department: Integers

    @property
    def first_district(self) -> Integers:
        """Return the position of the first district of each commune (districts are sorted by commune)."""
        return np.searchsorted(self.commune, np.arange(len(self.communes)))

    def codes(self, level: str) -> tuple[str, ...]:
        """Return the codes of a level, in order."""
        return {"qpv": self.districts, "commune": self.communes, "epci": self.epcis}.get(level, self.departments)


def build_places(parameters: Parameters) -> Places:
    """Draw the country: one to six districts in a commune, five communes in an EPCI, three EPCI in a department.

    Codes cannot be taken for real ones: departments `X001`, communes `X00101`, EPCI `EX00101`, districts `DX001001`.
    """
    random = generator(parameters, 1)
    sizes = random.choice(_DISTRICTS_PER_COMMUNE, size=parameters.universe, p=_WEIGHTS)
    commune = np.repeat(np.arange(len(sizes)), sizes)[: parameters.universe]
    serial = np.arange(int(commune[-1]) + 1)
    epci = serial // COMMUNES_PER_EPCI
    department = epci // EPCI_PER_DEPARTMENT
    own = department[commune]
    rank = np.arange(len(commune)) - np.searchsorted(own, own)
    per_department = COMMUNES_PER_EPCI * EPCI_PER_DEPARTMENT
    return Places(
        districts=tuple(f"DX{d + 1:03d}{r + 1:03d}" for d, r in zip(own, rank, strict=True)),
        communes=tuple(f"X{c // per_department + 1:03d}{c % per_department + 1:02d}" for c in serial),
        epcis=tuple(
            f"EX{e // EPCI_PER_DEPARTMENT + 1:03d}{e % EPCI_PER_DEPARTMENT + 1:02d}" for e in range(int(epci[-1]) + 1)
        ),
        departments=tuple(f"X{d + 1:03d}" for d in range(int(department[-1]) + 1)),
        commune=commune,
        epci=epci,
        department=department,
    )
