"""Hints name what works: `%safepip`, `%pip` on Windows, `%pip` or micropip in a browser."""

from __future__ import annotations

import pytest

from ipython_where.judge.diagnose.way import Way, fitting, refusal, way_of
from ipython_where.model import Finding


@pytest.mark.parametrize(
    ("platform", "modules", "way"),
    [
        ("linux", (), "safepip"),
        ("darwin", ("piplite",), "safepip"),
        ("win32", (), "windows"),
        ("emscripten", ("pyodide",), "micropip"),
        ("emscripten", ("pyodide", "piplite"), "lite"),
        ("emscripten", (), "lite"),
    ],
)
def test_the_way_is_told_by_the_platform_and_by_what_is_loaded(
    platform: str, modules: tuple[str, ...], way: Way
) -> None:
    """JupyterLite's Pyodide loads piplite; its other kernel is no Pyodide. Both have a `%pip`."""
    assert way_of(platform, modules) == way


HINTS: dict[str | None, tuple[str | None, str | None, str | None]] = {
    "`%safepip install six` installs it": (
        "`%pip install six` installs it",
        "`%pip install six` installs it",
        "`import micropip; await micropip.install('six')` installs it",
    ),
    "`%safepip install scipy<1.3`, then restart the kernel": (
        '`%pip install "scipy<1.3"`, then restart the kernel',
        '`%pip install "scipy<1.3"`, then restart the kernel',
        "`import micropip; await micropip.install('scipy<1.3')`, then restart the kernel",
    ),
    "`%safepip install --upgrade 'a>1' b`": (
        '`%pip install --upgrade "a>1" b`',
        '`%pip install "a>1" b`',
        "`import micropip; await micropip.install(['a>1', 'b'])`",
    ),
    "`%safepip install --force-reinstall --no-deps a`": ("`%pip install --force-reinstall --no-deps a`", None, None),
    "`%safepip uninstall a` removes it": (
        "`%pip uninstall -y a` removes it",
        None,
        "`import micropip; micropip.uninstall('a')` removes it",
    ),
    "`%safepip install --server a`": (None, None, None),
    "`%safepip undo` undoes it": (None, None, None),
    "`!/usr/bin/python -m ensurepip` installs pip there": (
        "`!/usr/bin/python -m ensurepip` installs pip there",
        None,
        None,
    ),
    "`python -m venv .venv` creates one": ("`python -m venv .venv` creates one", None, None),
    "`%safeconda install --force-reinstall x` restores it": (
        "`%conda install --force-reinstall x` restores it",
        None,
        None,
    ),
    "`%safeconda sync e.yml` installs": (None, None, None),
    "rename `random.py`": ("rename `random.py`",) * 3,
    "restart the kernel": ("restart the kernel",) * 3,
    None: (None,) * 3,
}
"""A hint, and what it is on Windows, in JupyterLite, in another Pyodide."""


@pytest.mark.parametrize("hint", HINTS)
def test_a_hint_names_what_works_or_is_left_out(hint: str | None) -> None:
    finding = Finding(id="x", severity="note", message="`%safepip` is not touched here", hint=hint)
    assert fitting([finding], "safepip") == (finding,)
    ways: tuple[Way, ...] = ("windows", "lite", "micropip")
    found = tuple(fitting([finding], way) for way in ways)
    assert tuple(each.hint for (each,) in found) == HINTS[hint]
    assert {each.message for (each,) in found} == {finding.message}


def test_safepip_is_refused_with_what_works() -> None:
    """One sentence, and the line to type."""
    browser = "`%safepip` does not work in a browser's Python (Pyodide, JupyterLite), where no program can be started"
    said = {way: (error.message, error.hint) for way in ("windows", "lite", "micropip") if (error := refusal(way))}
    assert said == {
        "windows": (
            "`%safepip` does not work on Windows yet",
            "`%pip install NAME` installs into this kernel's environment",
        ),
        "lite": (browser, "`%pip install NAME` installs into this kernel"),
        "micropip": (browser, "`import micropip; await micropip.install('NAME')` installs into this kernel"),
    }
    assert refusal("safepip") is None
