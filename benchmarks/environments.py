"""The environments that are measured: two of real distributions, two with generated ones added, and a home with 15 more."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from tests.environments import KEPT, kept, site_packages

FEW = ("importlib_metadata", "ipython", "jaraco.functools", "numpy", "pillow", "pip", "python-dateutil", "PyYAML")
MANY = (
    *FEW,
    *("azure-identity", "beautifulsoup4", "boltons", "cryptography", "docutils", "fastapi", "flit_core", "gitpython"),
    *("google-auth", "google-cloud-core", "google-cloud-storage", "hatchling", "html5lib", "ipykernel", "ipywidgets"),
    *("jaraco.classes", "jaraco.text", "jupyterlab", "keyring", "matplotlib", "meson-python", "mock", "ninja"),
    *("opencv-python-headless", "pandas", "passlib", "pbr", "protobuf", "psutil", "pytest", "python-dotenv", "pytz"),
    *("rich", "ruamel.yaml", "scikit-learn", "setuptools", "simplejson", "sphinxcontrib-applehelp", "tabulate", "toml"),
    *("tqdm", "ujson", "websocket-client", "wheel", "wrapt", "xlrd", "zope.component", "nbclassic", "black", "mypy"),
    *(
        "sphinx",
        "seaborn",
        "sqlalchemy",
        "flask",
        "networkx",
        "sympy",
        "plotly",
        "dask",
        "click",
        "invoke",
        "virtualenv",
    ),
    *("session-info2", "watermark"),  # to compare `%where --imported` with
)
IMPORTED = (
    *MANY,
    *(
        "aiohttp",
        "altair",
        "boto3",
        "celery",
        "django",
        "faker",
        "hypothesis",
        "joblib",
        "loguru",
        "lxml",
        "marshmallow",
    ),
    *("nltk", "openpyxl", "paramiko", "peewee", "pendulum", "prettytable", "pymongo", "redis", "regex", "scikit-image"),
    *(
        "shapely",
        "statsmodels",
        "structlog",
        "tenacity",
        "termcolor",
        "tinydb",
        "uvicorn",
        "werkzeug",
        "xarray",
        "zarr",
    ),
)
"""What `%where --imported` is asked about: enough that 300 modules can be loaded."""
GROWN = (1000, 5000)


@dataclass(frozen=True, slots=True, kw_only=True)
class Measured:
    """An environment to measure, and the number of distributions in it."""

    prefix: Path
    count: int

    @property
    def python(self) -> Path:
        return self.prefix / "bin" / "python"

    @property
    def site(self) -> Path:
        return site_packages(self.prefix)


def measured_environments() -> list[Measured]:
    """All of them, the small one first; made now if this is the first use."""
    real = kept("benchmark-many", MANY)
    prefixes = [kept("benchmark-few", FEW), real, *(grown(real, count) for count in GROWN)]
    return [Measured(prefix=prefix, count=count_of(site_packages(prefix))) for prefix in prefixes]


def imported_environment() -> Measured:
    """The one that has 300 modules to load."""
    prefix = kept("benchmark-imported", IMPORTED)
    return Measured(prefix=prefix, count=count_of(site_packages(prefix)))


def count_of(site: Path) -> int:
    """How many distributions are installed there."""
    return sum(name.endswith(".dist-info") for name in os.listdir(site))


def grown(real: Path, count: int) -> Path:
    """A copy of a real environment (its files linked) with generated distributions added, ``count`` in all."""
    prefix = KEPT / f"{real.name}-{count}"
    if not (prefix / ".complete").exists():
        shutil.rmtree(prefix, ignore_errors=True)
        linked(real, prefix)
        site = site_packages(prefix)
        for number in range(count - count_of(site)):
            _generate(site, number)
        (prefix / ".complete").touch()
    return prefix


def linked(source: Path, target: Path) -> None:
    """A copy that shares its files: quick, and right as long as nobody writes into one in place."""
    ignored = shutil.ignore_patterns(".complete")
    shutil.copytree(source, target, symlinks=True, copy_function=os.link, ignore=ignored)


def _generate(site: Path, number: int) -> None:
    """A valid dist-info with the files of an ordinary wheel in its RECORD: between 8 and 87 of them."""
    name, version = f"generated_{number:04}", f"1.{number % 10}.{number % 7}"
    info = site / f"{name}-{version}.dist-info"
    info.mkdir()
    requires = "".join(f"Requires-Dist: generated-{number // step:04}>=1.0\n" for step in (2, 3, 5))
    header = (
        f"Metadata-Version: 2.1\nName: {name.replace('_', '-')}\nVersion: {version}\nSummary: one of many\n{requires}"
    )
    (info / "METADATA").write_text(f"{header}\n" + "Its description goes on.\n" * (number % 200))
    (info / "WHEEL").write_text("Wheel-Version: 1.0\nGenerator: generated\nRoot-Is-Purelib: true\nTag: py3-none-any\n")
    (info / "INSTALLER").write_text("pip\n")
    (info / "top_level.txt").write_text(f"{name}\n")
    digest = "sha256=" + "A1b2C3d4E5" * 4 + "xyz"
    modules = [f"{name}/__init__.py", *(f"{name}/part_{part:02}/module.py" for part in range(number % 80))]
    metadata = [f"{info.name}/{file}" for file in ("INSTALLER", "METADATA", "RECORD", "WHEEL", "top_level.txt")]
    rows = [f"{file},{digest},1234" for file in (*modules, *metadata)]
    (info / "RECORD").write_text("\n".join([*rows, f"{name}/__pycache__/__init__.cpython-311.pyc,,", ""]))


def home_with_others(few: Path, many: Path) -> Path:
    """A home with 15 environments in the places where tools keep them: eight small ones and seven of about 200."""
    home = KEPT / f"benchmark-home-{many.name.rpartition('-')[2]}"
    if not (home / ".complete").exists():
        shutil.rmtree(home, ignore_errors=True)
        for number, prefix in enumerate(_places(home)):
            linked(few if number % 2 == 0 else many, prefix)
        for prefix in (home / ".conda" / "envs").iterdir():
            (prefix / "conda-meta").mkdir()
            (prefix / "pyvenv.cfg").unlink()
        conda = sorted(str(each) for each in (home / ".conda" / "envs").iterdir())
        (home / ".conda" / "environments.txt").write_text("\n".join(conda) + "\n")
        (home / ".complete").touch()
    return home


def _places(home: Path) -> Iterator[Path]:
    for number in range(5):
        yield home / ".virtualenvs" / f"env-{number}"
    for version in ("3.11.7", "3.12.1", "3.13.0"):
        yield home / ".pyenv" / "versions" / version
    for number in range(3):
        yield home / ".conda" / "envs" / f"conda-{number}"
    for tool in ("pipx/venvs/poetry", "pipx/venvs/nox", "uv/tools/ruff", "uv/tools/cowsay"):
        yield home / ".local" / "share" / tool
