"""What a name may be a misspelling of, and what merely resembles it."""

from __future__ import annotations

import sys

import pytest

from ipython_where.judge.misspelling import count_slips, misspelt

INSTALLED = """
IPython PIL Xlib attr bs4 certifi cryptography dask dateutil idna ipykernel jinja2 json5 jupyter_client kiwisolver lxml
matplotlib nbformat networkx numpy packaging pandas pexpect pip plotly polars psutil pygments pytz requests scipy seaborn
setuptools six sklearn sqlalchemy statsmodels toolz torch tornado tqdm traitlets yaml zmq
""".split()
KNOWN = {*INSTALLED, *sys.stdlib_module_names}


@pytest.mark.parametrize(
    ("typed", "meant"),
    [
        ("nmpy", "numpy"),
        ("numy", "numpy"),
        ("numppy", "numpy"),
        ("nunpy", "numpy"),
        ("padnas", "pandas"),
        ("pandsa", "pandas"),
        ("panda", "pandas"),
        ("pandass", "pandas"),
        ("matplotib", "matplotlib"),
        ("matplotlip", "matplotlib"),
        ("mtaplotlbi", "matplotlib"),
        ("sklern", "sklearn"),
        ("sklaern", "sklearn"),
        ("requets", "requests"),
        ("request", "requests"),
        ("sicpy", "scipy"),
        ("ymal", "yaml"),
        ("jsno", "json"),
        ("jason", "json"),
        ("ranodm", "random"),
        ("mutliprocessing", "multiprocessing"),
        ("Pandas", "pandas"),
        ("pil", "PIL"),
        ("OS", "os"),
        ("ConfigParser", "configparser"),
        ("jupyter-client", "jupyter_client"),
    ],
)
def test_slips_of_a_hand_are_recognized(typed: str, meant: str) -> None:
    assert misspelt(typed, KNOWN - {typed}, limit=1) == (meant,)


@pytest.mark.parametrize(
    "name",
    """StringIO tests json5 lime pyDOE aenum bcrypt blob core dash dataclass dtypes functions gast gitpython glom graphviz
    hvac icalendar ijson imap ipdb locket network2 oauthlib path pprintpp profiler pyaml pybase64 pydot python randomly
    resources saml sasl scapy smtp socketio sqlite svix timm tokenizers tool type typer ujson ulid usaddress uuid6 xarray
    cPickle urllib2 np pd xlrd utils zlib2 _jsn _numpy""".split(),
)
def test_other_projects_and_modules_are_nobodys_misspelling(name: str) -> None:
    """Names of real projects, of Python 2's modules and of people's own, each a letter or two from one that is there."""
    assert misspelt(name, KNOWN - {name, "Xlib"}) == ()


def test_what_is_there_with_a_short_or_a_private_name_is_not_offered() -> None:
    assert misspelt("Xlib", {"zlib"}) == ()
    assert misspelt("jsn", {"json"}) == ()
    assert misspelt("jason", {"_json", "__json"}) == ()


def test_a_difference_in_case_comes_first_and_the_nearest_are_kept() -> None:
    assert misspelt("Pandas", ["pandsa", "panda", "pandas"]) == ("pandas", "pandsa")
    assert misspelt("numpy", ["nmupy", "numpyy", "NumPy"], limit=2) == ("NumPy", "nmupy")


@pytest.mark.parametrize(
    ("typed", "meant", "slips"),
    [
        ("matplotlib", "matplotlib", 0),
        ("matplotllibb", "matplotlib", 2),
        ("amtplotlbi", "matplotlib", 2),
        ("tatplotlip", "matplotlib", None),
        ("tensorflwo", "tensorflow", 1),
        ("graphviz", "graphlib", None),
        ("functions", "fractions", None),
        ("", "a", None),
    ],
)
def test_two_slips_are_counted_in_long_names_alone(typed: str, meant: str, slips: int | None) -> None:
    assert count_slips(typed, meant, 2) == slips
    assert count_slips(typed, meant, 1) == (slips if slips in (0, 1) else None)


@pytest.mark.parametrize(
    ("typed", "meant"),
    [
        ("panfas", ("pandas",)),
        ("panlas", ()),
        ("pancas", ()),
        ("panéas", ()),
        ("panñés", ()),
        ("packagint", ("packaging",)),
        ("packagicg", ("packaging",)),
        ("_pandas", ()),
    ],
)
def test_in_a_short_word_only_a_key_beside_the_right_one_is_a_slip(typed: str, meant: tuple[str, ...]) -> None:
    """In the same row, and next to it; a letter that the keyboard lacks is beside none. A long word may have any other."""
    assert misspelt(typed, KNOWN) == meant


def test_private_names_and_the_name_itself_are_not_offered() -> None:
    assert misspelt("pandas", ["_pandas", "pandas", "pandsa"]) == ("pandsa",)
