"""What a widget asks the page for is read from its source, as its authors really write it, and never imported."""

from __future__ import annotations

from pathlib import Path

import pytest

from ipython_where.facts.distributions.distributions import Distributions
from ipython_where.facts.jupyter.widget_versions import read_widget_versions


def versions(folder: Path, *wanted: str, **sources: str) -> dict[str, str]:
    """What is read of a distribution with these modules in its package `pack`."""
    metadata = folder / "pack-1.0.dist-info"
    metadata.mkdir()
    (folder / "pack").mkdir()
    for name, source in sources.items():
        (folder / "pack" / f"{name}.py").write_text(source)
    (metadata / "RECORD").write_text("".join(f"pack/{name}.py,,\n" for name in sources))
    return read_widget_versions(str(metadata), Distributions(), wanted or ("js",))


WIDGET = """
raise RuntimeError("nobody may import this")
class Widget(DOMWidget):
    _model_module = {module}
    _model_module_version = {version}
"""


@pytest.mark.parametrize(
    ("module", "version"),
    [
        ('Unicode("js").tag(sync=True)', 'Unicode("^1.2").tag(sync=True)'),
        ('"js"', '"^1.2"'),
        ('traitlets.Unicode("js", help="x").tag(sync=True)', 'traitlets.Unicode("^1.2")'),
        ("Unicode(NAME)", "Unicode(VERSION).tag(sync=True)"),
    ],
)
def test_a_literal_or_a_name_of_the_file(tmp_path: Path, module: str, version: str) -> None:
    source = 'NAME = "js"\nVERSION: str = "^1.2"\n' + WIDGET.format(module=module, version=version)
    assert versions(tmp_path, w=source) == {"js": "^1.2"}


def test_a_name_that_another_file_of_the_package_has(tmp_path: Path) -> None:
    """As ipympl has it: `js_semver` stands in `_version.py`."""
    source = "from ._version import semver as wanted\n" + WIDGET.format(module='"js"', version="Unicode(wanted)")
    assert versions(tmp_path, w=source, _version='semver = "^0.12"') == {"js": "^0.12"}


@pytest.mark.parametrize(
    "version", ["compute()", 'f"^{x}"', "missing", "Unicode(CHANGED)", "Unicode()", '"^1" + "2"', "Unicode(LOOP)"]
)
def test_what_is_computed_is_not_told(tmp_path: Path, version: str) -> None:
    source = 'LOOP = LOOP\nCHANGED = "^1"\nCHANGED = "^2"\n' + WIDGET.format(module='"js"', version=version)
    assert versions(tmp_path, w=source) == {}


def test_a_file_that_is_no_python_is_passed_over(tmp_path: Path) -> None:
    good = WIDGET.format(module='"js"', version='"^1.2"')
    assert versions(tmp_path, a="def (: _model_module_version", b="\0_model_module_version", w=good) == {"js": "^1.2"}


def test_only_the_packages_asked_about_are_told(tmp_path: Path) -> None:
    source = WIDGET.format(module='"other"', version='"^1.2"')
    assert versions(tmp_path, "js", w=source) == {}
