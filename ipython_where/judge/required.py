"""What an error's message says is needed, where no failed import is behind it.

Only messages that were seen, and names that the message itself has; each line names its origin.
"""

from __future__ import annotations

import re

_MESSAGES = (
    # pandas/io/parquet.py, get_engine
    (r"Unable to find a usable engine; tried using: 'pyarrow', 'fastparquet'", ("pyarrow", "fastparquet")),
    # pandas/io/xml.py and html.py
    (r"lxml not found, please install", ("lxml",)),
    # pandas/io/sql.py, pandasSQL_builder; the first until pandas 2
    (r"Using (?:URI string without sqlalchemy installed|a URI string requires 'sqlalchemy')", ("SQLAlchemy",)),
    # pandas/plotting/_core.py, _load_backend
    (r"matplotlib is required for plotting when the default backend", ("matplotlib",)),
    # xarray/namedarray/parallelcompat.py, guess_chunkmanager
    (r"chunk manager 'dask' is not available", ("dask",)),
    # tqdm/notebook.py, status_printer
    (r"IProgress not found\. Please update jupyter and ipywidgets", ("ipywidgets",)),
    # plotly/io/_renderers.py, show
    (r"Mime type rendering requires nbformat>=", ("nbformat",)),
    # plotly/io/_kaleido.py, to_image; the second until plotly 5
    (r"Image export (?:requires the Kaleido|using the \"kaleido\" engine requires the kaleido) package", ("kaleido",)),
    # plotly/missing_anywidget.py
    (r"Please install anywidget to use the FigureWidget class", ("anywidget",)),
    # pydantic/_migration.py, getattr_migration
    (r"`BaseSettings` has been moved to the `pydantic-settings` package", ("pydantic-settings",)),
    # matplotlib/backends/registry.py and rcsetup.py: `%matplotlib widget`, whose backend is ipympl's (matplotlib.org/ipympl)
    (r"'(?:widget|ipympl)' is not a (?:recognised GUI loop or backend name|valid value for backend)", ("ipympl",)),
    # skimage/data/_fetchers.py, _skip_pytest_case_requiring_pooch and _fetch
    (r"requires the installation of an optional dependency, pooch", ("pooch",)),
)


def required_by(error: BaseException) -> tuple[str, ...]:
    """The projects that an error asks for, any of which will do."""
    if not isinstance(error, (ImportError, RuntimeError, ValueError)):
        return ()
    text = str(error)
    found = next((projects for message, projects in _MESSAGES if re.search(message, text)), ())
    return found or (_told(text) if isinstance(error, ImportError) else ())


def _told(text: str) -> tuple[str, ...]:
    """The project in the one `pip install NAME` of a message, if the closed list has it: a message may be anybody's."""
    from .names import is_project

    said = re.findall(
        r"\bpip3? install (?:-U |--upgrade )?['\"]?([A-Za-z0-9][\w.-]*[A-Za-z0-9])(?![\w\[=<>~!/:])", text
    )
    names = tuple(dict.fromkeys(said))
    return names if len(names) == 1 and is_project(names[0]) else ()
