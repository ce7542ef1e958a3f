"""What the parent does before it forks: import, draw, fit and read once, so that no kernel has to."""

from __future__ import annotations

import atexit
import importlib
import os
import pkgutil
from typing import Any

from evalkit.batch.warm.kernel import WarmApp, note_own_modules

_KERNEL = (
    "IPython.core.completer",
    "IPython.core.completerlib",
    "IPython.core.debugger",
    "IPython.core.magics",
    "IPython.core.oinspect",
    "IPython.extensions.storemagic",
    "encodings.unicode_escape",
    "faulthandler",
    "ipykernel.debugger",
    "ipykernel.kernelapp",
    "ipykernel.zmqshell",
    "tornado.platform.asyncio",
)
_MODULES = (
    "duckdb",
    "evalkit.batch.warm.child",
    "evalkit.notebook",
    "evalkit.stats",
    "matplotlib.backends.backend_svg",
    "matplotlib_inline.backend_inline",
    "pandas",
    "pandas.core.methods.to_dict",
    "pyarrow.parquet",
    "scipy.optimize",
    "scipy.stats",
    "shapely",
    "statsmodels.api",
)
_ROOMS = ("catalogue", "charts", "data", "model", "notebook", "plan", "stats", "text")


def rehearse() -> None:
    """Warm up. Files are read, no thread is started and no database is opened."""
    for name in _KERNEL:
        importlib.import_module(name)
    note_own_modules()
    for name in (*_MODULES, *_own_modules()):
        importlib.import_module(name)
    _leave_database()
    _converse()
    _draw()
    _fit()
    _read()


def _own_modules() -> list[str]:
    """Return the modules of evalkit that templates may need; a first use would import them in every kernel."""
    import evalkit

    found = []
    for room in _ROOMS:
        paths = [f"{folder}/{room}" for folder in evalkit.__path__]
        found += [module.name for module in pkgutil.walk_packages(paths, f"evalkit.{room}.")]
    return sorted(found)


def _leave_database() -> None:
    """Close the connection that DuckDB opens when it is imported, with its threads: neither may be forked."""
    import duckdb

    duckdb.default_connection().close()


def _converse() -> None:
    """Read a command line and run a cell as a kernel does: classes, patterns and transformers are prepared then."""
    import builtins

    from ipykernel.zmqshell import ZMQInteractiveShell
    from traitlets.config import Config

    names, environment = set(vars(builtins)), dict(os.environ)
    without_types: Any = ZMQInteractiveShell
    WarmApp().parse_command_line(["-f", "rehearsal.json", "--HistoryManager.enabled=False"])
    shell = without_types(config=Config({"HistoryManager": {"enabled": False}}))
    shell.run_cell("rehearsed = 1 + 1\nrehearsed;", silent=True)
    atexit.unregister(shell.atexit_operations)
    shell.cleanup()  # gives back `__main__` and the streams
    for name in set(vars(builtins)) - names:
        delattr(builtins, name)
    os.environ.clear()
    os.environ.update(environment)


def _draw() -> None:
    """Draw a chart of the house: fonts, the writer of pictures, its parts and the widths of common labels are loaded then."""
    from evalkit.charts import Captions, Comparator, Mark, Point, TrendData, trend
    from evalkit.text import LANGUAGES

    years = [str(year) for year in range(2004, 2031)]
    points = tuple(Point(year, 20.0 + i, lower=19.0 + i, upper=21.5 + i) for i, year in enumerate(years[:-1]))
    data = TrendData(
        "A",
        "B",
        (*points, Point(years[-1], None, "secret")),
        "percent",
        comparator=Comparator.of("C", {year: [10.0, 20.0, 30.0, 40.0] for year in years}),
        reference=Comparator.of("D", {year: [25.0] for year in years}),
        breaks=(years[5],),
        target=Mark(years[-1], 50.0),
    )
    for lang in LANGUAGES:
        trend("rehearsal", data, Captions("rehearsal"), lang=lang)


def _fit() -> None:
    """Fit a model."""
    import numpy as np
    import pandas as pd
    import statsmodels.api as sm

    frame = pd.DataFrame({"y": np.arange(12.0) ** 1.1, "x": np.arange(12.0)})
    sm.OLS(frame["y"], sm.add_constant(frame[["x"]])).fit(cov_type="HC1").summary()


def _read() -> None:
    """Read the definitions that every template reads: they are files of evalkit itself."""
    from evalkit.catalogue import load_catalogue
    from evalkit.data.deflate import load_deflator
    from evalkit.data.registry import registry
    from evalkit.notebook.closing import versions
    from evalkit.text import LANGUAGES, Quantity, msg

    load_catalogue()
    registry()
    versions()
    load_deflator("insee_cpi")
    for lang in LANGUAGES:
        msg("Commune").render(lang)
        Quantity(1234.5, "percent", 1).render(lang)
