"""The demo data, made and delivered: parameters in a small file, the same delivery each time that file is read."""

from __future__ import annotations

import csv
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from evalkit.data.delivery import Delivery, SourceFile, source_files
from evalkit.data.demo import settings as s
from evalkit.data.demo.codes import PARAMETERS_REFUSED, REPORTED_REFUSED, UNIVERSE_REFUSED
from evalkit.data.demo.districts import Demo, district_measures
from evalkit.data.demo.measures import Measure, leave_gaps, protect, rows
from evalkit.data.demo.operations import amendment_rows, operation_rows
from evalkit.data.demo.places import Places, build_places
from evalkit.data.demo.renewal import apply_works, draw_country, draw_works
from evalkit.data.demo.settings import Parameters
from evalkit.data.demo.structures import employment_shares, structure_measures, structure_rows
from evalkit.data.demo.surroundings import parent_measures
from evalkit.data.demo.territories import choose_reported, territory_rows
from evalkit.data.demo.truth import write_truth
from evalkit.errors import DataError
from evalkit.text import Quantity, msg

if TYPE_CHECKING:
    from evalkit.data.registry import Dataset
    from evalkit.data.warehouse import Warehouse

PARAMETER_FILE = "evalkit_demo.csv"
MODEL = 1
"""The version of the model: raised when the same parameters would give other data, so that a warehouse takes it anew."""

_HEADER = ["evalkit_demo_parameter", "value"]


@dataclass(frozen=True)
class DemoSummary:
    """What was made. `changed` is False when the warehouse already held it; `reported` are the codes of the reported districts."""

    universe: int
    treated: int
    comparable: int
    reported: tuple[str, ...]
    observations: int
    operations: int
    structures: int
    seed: int
    changed: bool


def build_demo(
    warehouse: Warehouse, truth_folder: Path, *, universe: int = 737, reported: int = 12, seed: int = s.SOURCE_SEED
) -> DemoSummary:
    """Make the fictitious country, add it to the warehouse, and write its truth into a folder of its own.

    Args:
        warehouse: an open warehouse; an earlier demo in it is replaced.
        truth_folder: where the parameter file and the truth are written, outside the warehouse.
        universe: number of districts, 12 to 35,000; two thirds are treated (497 of 737).
        reported: number of treated districts that carry the tag `reported`; at most all the treated ones.
        seed: the same seed gives the same bytes.

    Raises:
        DataError: the numbers are out of range, or the warehouse cannot be written.
    """
    from evalkit.data.registry import registry

    parameters = _checked(Parameters(universe, min(reported, Parameters(universe).treated), seed))
    dataset = registry()[s.DATASET]
    file = source_files([_write_parameters(truth_folder, parameters)])
    demo, places = simulate(parameters)
    delivery = deliver(demo, places, file[0].sha256)
    result = warehouse.add(delivery, dataset, file)
    write_truth(truth_folder, demo, places)
    return DemoSummary(
        universe=universe,
        treated=parameters.treated,
        comparable=universe - parameters.treated,
        reported=tuple(places.districts[index] for index in choose_reported(demo)),
        observations=len(delivery.observations),
        operations=delivery.operations["id"].nunique(),
        structures=len(delivery.structures),
        seed=seed,
        changed=result.changed,
    )


def read(files: Sequence[SourceFile], dataset: Dataset) -> Delivery:
    """Read a parameter file that `build_demo` wrote and return the delivery it stands for (the adapter of this data set)."""
    if len(files) != 1:
        raise DataError.of(PARAMETERS_REFUSED, file=files[-1].name, reason=msg("one file makes one country"))
    demo, places = simulate(_read_parameters(files[0]))
    return deliver(demo, places, files[0].sha256)


def simulate(parameters: Parameters) -> tuple[Demo, Places]:
    """Draw the country, carry out the programme, and return both sides of it with the places."""
    country = draw_country(parameters)
    works = draw_works(parameters, country)
    return Demo(parameters, country, works, apply_works(country, works)), build_places(parameters)


def deliver(demo: Demo, places: Places, sha256: str) -> Delivery:
    """Return a simulated country as the warehouse takes it; `sha256` is the hash of its parameter file."""
    structures = structure_rows(demo, places, sha256)
    measures = _measures(demo, places, structures_of=structure_measures(places, structures))
    codes = {level: places.codes(level) for level in ("qpv", "commune", "epci", "department")}
    return Delivery(
        vintage=s.VINTAGE,
        observations=rows(measures, codes, sha256),
        territories=territory_rows(demo, places, choose_reported(demo), sha256),
        operations=operation_rows(demo, places, sha256),
        structures=structures,
        references=amendment_rows(demo, places, sha256),
    )


def _measures(demo: Demo, places: Places, structures_of: Sequence[Measure]) -> list[Measure]:
    """Return every measure at the levels its definition allows, protected, with a few gaps in the districts."""
    from evalkit.catalogue import load_catalogue

    catalogue = load_catalogue()
    random = s.generator(demo.parameters, 15)
    districts = list(district_measures(demo))
    found = [*districts, *structures_of, *parent_measures(demo, places, districts), employment_shares(demo, places)]
    allowed = (measure for measure in found if measure.level in catalogue[measure.indicator].levels)
    protected = map(protect, allowed)
    return [leave_gaps(random, measure) if measure.level == "qpv" else measure for measure in protected]


def _checked(parameters: Parameters, file: str | None = None) -> Parameters:
    """Return the parameters when a country can be made of them; the file, where there is one, is named in the refusal."""
    size, smallest, largest = Quantity(parameters.universe), Quantity(s.SMALLEST), Quantity(s.LARGEST)
    if not s.SMALLEST <= parameters.universe <= s.LARGEST:
        raise DataError.of(UNIVERSE_REFUSED, file=file, universe=size, smallest=smallest, largest=largest)
    if not 1 <= parameters.reported <= parameters.treated:
        reported, treated = Quantity(parameters.reported), Quantity(parameters.treated)
        raise DataError.of(REPORTED_REFUSED, file=file, reported=reported, treated=treated)
    return parameters


def _write_parameters(folder: Path, parameters: Parameters) -> Path:
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / PARAMETER_FILE
    with path.open("w", encoding="utf-8", newline="") as handle:
        writer = csv.writer(handle, lineterminator="\n")
        writer.writerows([_HEADER, *_lines(parameters)])
    return path


def _lines(parameters: Parameters) -> Iterator[tuple[str, int]]:
    yield "model", MODEL
    for name in ("universe", "reported", "seed"):
        yield name, getattr(parameters, name)


def _read_parameters(file: SourceFile) -> Parameters:
    try:
        with file.path.open(encoding="utf-8", newline="") as handle:
            found = {row[0]: int(row[1]) for row in list(csv.reader(handle))[1:]}
        if found.pop("model") != MODEL:
            raise DataError.of(
                PARAMETERS_REFUSED, file=file.name, reason=msg("it was made by another version of the model")
            )
        return _checked(Parameters(**found), file.name)
    except (OSError, ValueError, KeyError, IndexError, TypeError) as error:
        reason = msg("it must hold a whole number for model, universe, reported and seed")
        raise DataError.of(PARAMETERS_REFUSED, file=file.name, reason=reason) from error
