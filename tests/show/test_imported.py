"""What `%where --imported` looks like, in a terminal and as Markdown."""

from __future__ import annotations

import os
from typing import Any

from ipython_where.model import ImportedAnswer, ImportedModule, Machine, PathEntry
from ipython_where.show import faces

from .samples import HOME, PYTHON, SITE, A

ENTRY = PathEntry(path=SITE, reason="site-packages")


def module(name: str, **more: Any) -> ImportedModule:
    """A module of a distribution of its name, version 1.0, as it is installed."""
    given: dict[str, Any] = {
        "module": name,
        "in_notebook": False,
        "distribution": name,
        "owners": (name,),
        "version": "1.0",
        "loaded_version": "1.0",
        "editable": False,
        "file": f"{SITE}/{name}/__init__.py",
        "path_entry": ENTRY,
        "stale": False,
    }
    return ImportedModule(**given | more)


MODULES = (
    module("claimed", in_notebook=True, distribution=None, owners=("one", "two"), version=None),
    module("gone", in_notebook=True, stale=None, path_entry=None),
    module("mine", in_notebook=True, editable=True, loaded_version="1.1", file=f"{HOME}/mine/__init__.py"),
    module(
        "notes",
        in_notebook=True,
        distribution=None,
        owners=(),
        version=None,
        loaded_version=None,
        file=f"{HOME}/notes.py",
    ),
    module("pandas", in_notebook=True, stale=True, version="3.0", loaded_version="2.2"),
    module("sklearn", in_notebook=True, distribution="scikit-learn", owners=("scikit-learn",)),
    module("_yaml", distribution="PyYAML"),
    module("numpy", stale=True, loaded_version=None),
    module("yaml", distribution="PyYAML"),
)
ANSWER = ImportedAnswer(
    executable=PYTHON,
    implementation="CPython",
    version="3.12.4",
    prefix=A,
    machine=Machine(
        system="Debian GNU/Linux 12",
        kernel="Linux 6.1",
        architecture="x86_64",
        processor="AMD EPYC",
        processors=2,
        graphics=("NVIDIA T4",),
    ),
    modules=MODULES,
    findings=(),
)


def test_the_notebooks_own_come_first_and_the_others_in_short() -> None:
    """A version is shown with what it does not say: another one is loaded, the sources may be newer, nobody knows."""
    assert faces.text(ANSWER, home=HOME, width=120).splitlines() == [
        "Python       CPython 3.12.4 · ~/envs/a/bin/python",
        "system       Debian GNU/Linux 12, Linux 6.1, x86_64",
        "processor    AMD EPYC · 2 usable",
        "graphics     NVIDIA T4",
        "claimed      one and two · ~/envs/a/lib/python3.12/site-packages/claimed/__init__.py",
        "gone         gone 1.0 · unknown whether that is loaded · ~/envs/a/lib/python3.12/site-packages/gone/__init__.py",
        "mine         mine 1.0 · editable · 1.1 by its `__version__` · ~/mine/__init__.py",
        "notes        no distribution · ~/notes.py",
        "pandas       pandas 3.0 · 2.2 is loaded: restart the kernel · site-packages",
        "sklearn      scikit-learn 1.0 · site-packages",
        "also loaded  PyYAML 1.0 · numpy 1.0, stale",
    ]


def test_a_distribution_is_shown_once() -> None:
    """Also if it has more modules than the one that the notebook imported; a stale one is said in any case."""
    own = module("yaml", in_notebook=True, distribution="PyYAML")
    others = module("_yaml", distribution="PyYAML"), module("stale_yaml", distribution="PyYAML", stale=True)
    named = {name: getattr(ANSWER, name) for name in ANSWER.__dataclass_fields__}
    lines = faces.text(ImportedAnswer(**named | {"modules": (own, *others)}), home=HOME, width=120).splitlines()
    assert lines[-2:] == ["yaml         PyYAML 1.0 · site-packages", "also loaded  PyYAML 1.0, stale"]
    lines = faces.text(ImportedAnswer(**named | {"modules": (own, *others[:1])}), home=HOME, width=120).splitlines()
    assert lines[-1].split() == ["yaml", "PyYAML", "1.0", "·", "site-packages"]


def test_html_has_all_of_them_folded() -> None:
    """What text shows in short, a click shows in full."""
    html = faces.html(ANSWER, home=HOME)
    folded = html[html.index("<details>") :]
    assert all(f">{name}</th>" in folded for name in ("_yaml", "yaml", "numpy"))


def test_without_a_notebook_all_are_alike() -> None:
    """A script has no variables of a notebook."""
    alone = ImportedAnswer(
        **{name: getattr(ANSWER, name) for name in ANSWER.__dataclass_fields__} | {"modules": MODULES[-3:]}
    )
    assert faces.text(alone, home=HOME, width=120).splitlines()[-1] == "loaded     PyYAML 1.0 · numpy 1.0, stale"


def test_markdown_is_a_table_without_paths() -> None:
    """It is pasted where anybody reads it; what is loaded is what a result came from."""
    assert ANSWER.to_markdown().splitlines() == [
        "- Python: CPython 3.12.4",
        "- System: Debian GNU/Linux 12, Linux 6.1, x86_64",
        "- Processor: AMD EPYC",
        "- Graphics: NVIDIA T4",
        "",
        "| module | distribution | version | from |",
        "| --- | --- | --- | --- |",
        "| `claimed` | one and two | 1.0 | site-packages |",
        "| `gone` | gone | 1.0 | unknown |",
        "| `mine` | mine | 1.0 | editable |",
        "| `notes` |  | unknown | site-packages |",
        "| `pandas` | pandas | 2.2 (loaded; 3.0 is installed now) | site-packages |",
        "| `sklearn` | scikit-learn | 1.0 | site-packages |",
        "",
        "<details><summary>3 other modules</summary>",
        "",
        "| module | distribution | version | from |",
        "| --- | --- | --- | --- |",
        "| `_yaml` | PyYAML | 1.0 | site-packages |",
        "| `numpy` | numpy | unknown (loaded; 1.0 is installed now) | site-packages |",
        "| `yaml` | PyYAML | 1.0 | site-packages |",
        "",
        "</details>",
    ]


def test_a_cell_of_the_table_is_never_markup() -> None:
    """A version is the distribution's own text."""
    odd = module("odd", version="1|2_", loaded_version="<b>")
    text = ImportedAnswer(**{name: getattr(ANSWER, name) for name in ANSWER.__dataclass_fields__} | {"modules": (odd,)})
    assert text.to_markdown().splitlines()[-1] == r"| `odd` | odd | 1\|2\_ | site-packages |"


def test_another_copy_of_the_same_version_is_told_from_it() -> None:
    """Not as if the version had changed."""
    row = module("twin", stale=True)
    text = ImportedAnswer(**{name: getattr(ANSWER, name) for name in ANSWER.__dataclass_fields__} | {"modules": (row,)})
    told = "1.0 (loaded; what is installed now differs)"
    assert text.to_markdown().splitlines()[-1] == f"| `twin` | twin | {told} | site-packages |"


def test_a_name_that_no_import_statement_could_have_is_no_markup_either() -> None:
    """Whoever puts a module into ``sys.modules`` may call it anything, the path of its file as well."""
    names = ("a|b", "a`b", "a\nb", f"{os.path.expanduser('~')}/notes.py", "a.b")
    odd = tuple(module(name, distribution="odd") for name in names)
    text = ImportedAnswer(**{name: getattr(ANSWER, name) for name in ANSWER.__dataclass_fields__} | {"modules": odd})
    assert [line.split(" | odd ")[0] for line in text.to_markdown().splitlines()[-5:]] == [
        r"| a\|b",
        r"| a\`b",
        r"| a\\nb",
        "| ~/notes.py",
        "| `a.b`",
    ]
