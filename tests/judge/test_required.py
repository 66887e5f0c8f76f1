"""What the messages of errors ask for."""

from __future__ import annotations

import pytest

from ipython_where.judge.failure import FailedImport, read_failure
from ipython_where.judge.required import required_by

PARQUET = """Unable to find a usable engine; tried using: 'pyarrow', 'fastparquet'.
A suitable version of pyarrow or fastparquet is required for parquet support."""
IPROGRESS = (
    "IProgress not found. Please update jupyter and ipywidgets. See https://ipywidgets.readthedocs.io/en/stable/"
)
KALEIDO = "\nImage export requires the Kaleido package, v1.0.0 or greater,\nwhich can be installed using pip:\n"


@pytest.mark.parametrize(
    ("error", "projects"),
    [
        (ImportError(PARQUET), ("pyarrow", "fastparquet")),
        (ImportError("lxml not found, please install or use the etree parser."), ("lxml",)),
        (ImportError("Using a URI string requires 'sqlalchemy' version '2.0.42' or newer."), ("SQLAlchemy",)),
        (ImportError("chunk manager 'dask' is not available. Please make sure 'dask' is installed"), ("dask",)),
        (ImportError(IPROGRESS), ("ipywidgets",)),
        (ValueError("Mime type rendering requires nbformat>=4.2.0 but it is not installed"), ("nbformat",)),
        (RuntimeError(KALEIDO), ("kaleido",)),
        (ImportError("Please install anywidget to use the FigureWidget class"), ("anywidget",)),
        (ImportError("`BaseSettings` has been moved to the `pydantic-settings` package."), ("pydantic-settings",)),
        (RuntimeError("'widget' is not a recognised GUI loop or backend name"), ("ipympl",)),
        (ValueError("'widget' is not a valid value for backend; supported values are ['agg']"), ("ipympl",)),
        (ImportError("Please install it with `pip install langchain-openai`"), ("langchain-openai",)),
        (ImportError("Install it with `pip install accelerate`."), ("accelerate",)),
        (ImportError("run `pip install 'pydantic[email]'`"), ()),
        (ImportError("pip install numpy or pip install scipy"), ()),
        (ImportError("pip install numpyy"), ()),
        (ImportError("pip install https://example.org/numpy"), ()),
        (ValueError("pip install numpy"), ()),
        (TypeError(PARQUET), ()),
    ],
)
def test_a_message_that_is_known_or_names_a_project_of_the_closed_list(
    error: Exception, projects: tuple[str, ...]
) -> None:
    """`pip install NAME` in the message of an `ImportError` counts if it names one project; a message may be anybody's."""
    assert required_by(error) == projects


def test_a_failed_import_behind_the_error_comes_first() -> None:
    """Its name is proven, and the message is only words."""
    try:
        try:
            import no_such_module_at_all  # type: ignore[import-not-found]  # noqa: F401
        except ImportError as error:
            raise ImportError(PARQUET) from error
    except ImportError as error:
        failed = read_failure(error)
    assert failed is not None and (failed.missing, failed.required) == ("no_such_module_at_all", ())
    assert read_failure(ImportError(PARQUET)) == FailedImport(required=("pyarrow", "fastparquet"))
    assert read_failure(ImportError("nothing that is known")) is None
