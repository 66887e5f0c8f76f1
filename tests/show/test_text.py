"""The text face: whole screens, as a terminal shows them."""

from __future__ import annotations

import re
from dataclasses import replace
from textwrap import dedent
from typing import Any

import pytest

from ipython_where.console import Console
from ipython_where.model import About, Answer, EnvironmentKind, Kernelspec, Loaded, Reason, Setting, Variable
from ipython_where.show.faces import text

from . import samples
from .samples import HOME


def shown(answer: Answer, width: int = 100) -> str:
    return text(answer, home=HOME, width=width)


def screen(drawn: str) -> str:
    return dedent(drawn).strip("\n")


def test_calm_environment_is_nine_lines_and_says_nothing_more() -> None:
    """With nothing wrong there is no heading, no praise and no empty line."""
    assert shown(samples.CALM) == screen("""
        kernel       ~/envs/a/bin/python · CPython 3.12.4
        environment  venv by `python -m venv` · writable · pip 26.3 inside · uv 0.13.9 at ~/.local/bin/uv
        kernelspec   python3 · ~/envs/a/share/jupyter/kernels/python3/kernel.json · starts this interpreter
        !pip         ~/envs/a/bin/pip · this environment
        !python      ~/envs/a/bin/python · this environment
        !uv          ~/.local/bin/uv · this environment
        server       ~/lab/bin/python 3.12.4 · Jupyter Server 2.21.1 · another environment
                     http://localhost:8888/
        installs     libraries go into ~/envs/a · JupyterLab extensions into ~/lab
    """)


def test_at_80_columns_lines_break_between_facts_and_problems_come_last() -> None:
    """No path is broken, and a finding has message, evidence, an empty line and a hint."""
    assert shown(samples.TROUBLED, width=80) == screen("""
        kernel       ~/envs/a/bin/python · CPython 3.12.4
        environment  venv by `python -m venv` · writable · pip 26.3 inside
                     uv 0.13.9 at ~/.local/bin/uv
        kernelspec   python3 · ~/envs/a/share/jupyter/kernels/python3/kernel.json
                     starts this interpreter
        !pip         /usr/bin/pip → /usr/bin/python3 3.11.2 · another environment
        !python      ~/envs/a/bin/python · this environment
        !uv          ~/.local/bin/uv · this environment
        server       ~/lab/bin/python 3.12.4 · Jupyter Server 2.21.1
                       another environment
                     http://localhost:8888/
        installs     libraries go into ~/envs/a · JupyterLab extensions into ~/lab

        `PIP_TARGET` sends what pip installs to another directory
          PIP_TARGET  ~/vendored  (environment)

        hint: `%set_env PIP_TARGET=` empties it for this kernel

        `!pip` in this kernel is not this kernel's pip
          kernel  ~/envs/a/bin/python  (3.12.4)
          shell   /usr/bin/python3     (3.11.2)

        hint: `%pip install pandas` installs into the kernel's environment
    """)


def test_conda_environment_that_cannot_be_written_and_a_kernelspec_of_a_missing_interpreter() -> None:
    """What is unusual about an environment stands in its line."""
    assert shown(samples.CONDA, width=120).splitlines()[:3] == [
        "kernel       /opt/conda/envs/science/bin/python · CPython 3.12.4",
        "environment  conda environment · not writable · user site in use · mamba at /opt/conda/bin/mamba · in docker",
        "kernelspec   science · ~/.local/share/jupyter/kernels/science/kernel.json",
    ]
    assert "starts /opt/conda/envs/old/bin/python which does not exist" in shown(samples.CONDA)


def test_what_is_unknown_is_said_and_a_long_reason_is_broken_between_words() -> None:
    """Nothing is left blank, and nothing is guessed."""
    assert shown(samples.REMOTE, width=80) == screen("""
        kernel       unknown interpreter · CPython 3.12.4
        environment  embedded Python · writable · no installer found
        kernelspec   none known
        !pip         ~/bin/pip · unknown Python · unknown whether it is this environment
        !python      `PATH` has no `python`
        server       unknown
                     a kernel gateway started this kernel, and the server behind it is
                     not visible from here
        installs     libraries go into ~/envs/a
                     JupyterLab extensions into an unknown environment
    """)


@pytest.mark.parametrize(
    ("kind", "made_by", "words"),
    [
        ("venv", None, "venv, creator unknown"),
        ("uv", "uv 0.13.9", "venv by uv 0.13.9"),
        ("uv", None, "venv"),
        ("virtualenv", "virtualenv 20.29.1", "virtualenv 20.29.1"),
        ("conda", "conda", "conda environment"),
        ("system", None, "system Python"),
        ("standalone", "uv python install", "standalone Python by `uv python install`"),
        ("pipx", "pipx", "pipx environment"),
        ("venv", "python -m venv", "venv by `python -m venv`"),
    ],
)
def test_kind_and_maker_are_said_once(kind: EnvironmentKind, made_by: str | None, words: str) -> None:
    """The maker's name is not repeated where the kind already tells it."""
    answer = replace(samples.CALM, kernel=replace(samples.KERNEL, kind=kind, made_by=made_by))
    assert shown(answer).splitlines()[1].startswith(f"environment  {words} · writable")


SPEC = samples.KERNELSPEC


@pytest.mark.parametrize(
    ("spec", "words"),
    [
        (replace(SPEC, file="/k.json", exists=False), "/k.json does not exist · starts this interpreter"),
        (replace(SPEC, file=None, exists=True), "built into Jupyter · starts this interpreter"),
        (
            replace(SPEC, file=None, exists=False, interpreter=None, starts_this_interpreter=None),
            "no `kernel.json` of this name · unknown what it starts",
        ),
        (
            replace(SPEC, file="/k.json", interpreter="/usr/bin/python3", starts_this_interpreter=False),
            "/k.json · starts another interpreter: /usr/bin/python3",
        ),
        (
            replace(SPEC, file="/k.json", interpreter="/bin/wrap", starts_this_interpreter=None),
            "/k.json · unknown whether /bin/wrap is this interpreter",
        ),
    ],
)
def test_kernelspec_says_what_it_starts(spec: Kernelspec, words: str) -> None:
    """The interpreter is named whenever it is not the one that runs."""
    assert shown(replace(samples.CALM, kernelspec=spec)).splitlines()[2] == f"kernelspec   python3 · {words}"


def test_verbose_environment_adds_everything_before_the_problems() -> None:
    """All that is known, in one more block, and nothing that the rows above have said."""
    drawn = shown(replace(samples.TROUBLED, verbose=True), width=120)
    _, details, *problems = drawn.split("\n\n")
    assert details == screen("""
        prefix         ~/envs/a
        base prefix    /usr
        site-packages  ~/envs/a/lib/python3.12/site-packages
        system site    not visible
        user site      ~/.local/lib/python3.12/site-packages · disabled · not in use
        PEP 668        not externally managed
        installers     pip 26.3 · ~/envs/a/bin/pip
        host           tern
        container      none known
        kernelspec     Python 3 (ipykernel) · the first `python3` on the server's Jupyter path
        its command    `~/envs/a/bin/python -m ipykernel_launcher -f {connection_file}`
        hidden by it   /usr/share/jupyter/kernels/python3/kernel.json
        shell          /bin/bash
        !pip           prefix /usr · the first line of `/usr/bin/pip`
        !python        the first line of `~/envs/a/bin/python`
        !uv            the first line of `~/.local/bin/uv`
        !conda         `PATH` has no `conda`
        server         prefix ~/lab · process 4711
                       it answered for this kernel at `http://localhost:8888/`
                       process 4711 started this kernel
        settings       `PIP_TARGET=~/vendored` · environment · diverts installs
                       `global.index-url=https://****@host/simple` · ~/.config/pip/pip.conf
    """)
    assert len(problems) == 4


def test_a_terminal_has_an_interpreter_and_neither_kernel_nor_kernelspec() -> None:
    """Where nothing of Jupyter is, no row says that there is a kernel."""
    evidence = ("not started by Jupyter: this process has no connection file",)
    server = replace(samples.REMOTE.server, verdict="none", evidence=evidence)
    lines = shown(replace(samples.CALM, kernelspec=None, server=server)).splitlines()
    assert [line.split()[0] for line in lines] == ["interpreter", "environment", "!pip", "!python", "!uv", "server"]
    assert lines[-1] == "server       none · not started by Jupyter: this process has no connection file"


def test_settings_that_divert_come_first() -> None:
    """What sends installs elsewhere is not lost among what does not; the others keep their order."""
    named = ("PIP_CERT", "PIP_TARGET", "PIP_TIMEOUT")
    settings = tuple(Setting(name=n, value="1", source="environment", diverts=n == "PIP_TARGET") for n in named)
    drawn = shown(replace(samples.CALM, settings=settings, verbose=True)).splitlines()
    assert drawn[-3:] == [
        "settings       `PIP_TARGET=1` · environment · diverts installs",
        "               `PIP_CERT=1` · environment",
        "               `PIP_TIMEOUT=1` · environment",
    ]


def test_what_the_environment_row_says_is_not_said_again() -> None:
    """A container and a refusal of PEP 668 stand there once; without them the details say so."""
    kernel = replace(samples.KERNEL, container="docker", externally_managed=True)
    drawn = shown(replace(samples.CALM, kernel=kernel, verbose=True))
    assert (drawn.count("docker"), drawn.count("externally managed")) == (1, 1)


@pytest.mark.parametrize(
    ("loaded", "stale", "words"),
    [
        (Loaded(file=None, version="2.1.0"), False, "yes"),
        (Loaded(file=None, version="2.1.0rc1"), False, "yes · version 2.1.0rc1"),
        (Loaded(file=None, version=None), None, "yes · unknown whether it matches what is installed"),
        (Loaded(file=samples.NUMPY.file, version="2.1.0"), True, "yes, but it differs from what is installed"),
        (None, None, "no"),
    ],
)
def test_loaded_is_yes_or_no_and_a_version_only_where_it_differs(
    loaded: Loaded | None, stale: bool | None, words: str
) -> None:
    """The distribution's version is in the title already."""
    drawn = shown(replace(samples.NUMPY, loaded=loaded, stale=stale))
    assert drawn.splitlines()[-1] == f"  loaded        {words}"


def test_a_module_of_the_standard_library_has_no_version_to_compare() -> None:
    """`json.__version__` is nobody's distribution."""
    drawn = shown(replace(samples.SYS, loaded=Loaded(file=None, version="2.0.9")))
    assert drawn.splitlines()[-1] == "  loaded    yes"


def test_verbose_says_nothing_of_a_module_twice() -> None:
    """The location is that of the path entry, its module is the title's, and the row has who requires it."""
    drawn = shown(replace(samples.NUMPY, verbose=True)).partition("\n\n")[2]
    assert drawn == (
        "  path entry    ~/envs/a/lib/python3.12/site-packages · site-packages\n"
        "  metadata      ~/envs/a/lib/python3.12/site-packages/numpy-2.1.0.dist-info\n"
        "  requires      nothing"
    )


def test_verbose_says_what_a_distribution_is_and_takes() -> None:
    """Summary, home page, license, and the files; what is unknown has no row."""
    about = About(summary="Arrays", home_page="https://numpy.org", license="BSD-3-Clause", files=1053, size=70_100_000)
    drawn = shown(replace(samples.NUMPY, about=about, verbose=True)).splitlines()
    at = next(number for number, line in enumerate(drawn) if line.startswith("  summary"))
    assert [line.split(None, 1)[1].strip() for line in drawn[at : at + 4]] == [
        "Arrays",
        "page     https://numpy.org",
        "BSD-3-Clause",
        "1,053 · 70.1 MB",
    ]
    unknown = About(summary=None, home_page=None, license=None, files=None, size=None)
    assert shown(replace(samples.NUMPY, about=unknown, verbose=True)) == shown(replace(samples.NUMPY, verbose=True))


def test_verbose_says_where_a_distribution_is_that_another_entry_found() -> None:
    """The metadata of an editable install are not beside its modules; who asked for it may be unknown."""
    owner = replace(samples.EDITABLE.distribution or samples.distribution("loom", "1"), requested=None)
    drawn = shown(replace(samples.EDITABLE, distribution=owner, verbose=True)).splitlines()
    assert "  location      ~/envs/a/lib/python3.12/site-packages" in drawn
    assert "  requested     not recorded" in drawn


def test_module_is_a_handful_of_lines() -> None:
    """Where it is, who found it, who owns it, whether it is loaded."""
    assert shown(samples.NUMPY, width=80) == screen("""
        numpy 2.1.0 · package
          file          ~/envs/a/lib/python3.12/site-packages/numpy/__init__.py
          found by      ~/envs/a/bin/python · site-packages
          distribution  numpy 2.1.0 · installed by pip · dependency
                        required by contourpy, matplotlib, pandas, scipy
          loaded        yes
    """)


def test_stale_module_with_a_hidden_copy_and_another_in_the_shell() -> None:
    """Loaded beside installed, what it hides, and what the shell's python has."""
    assert shown(samples.STALE).split("\n\n")[0].splitlines()[-3:] == [
        "  loaded        yes · 2.0.0, but 2.1.0 is installed now",
        "  hides         ~/.local/lib/python3.12/site-packages/numpy/__init__.py · numpy 1.26.4 · user site",
        "  !python       /usr/bin/python3 · numpy 1.24.2 · /usr/lib/python3/dist-packages/numpy/__init__.py",
    ]


NAMES = {
    "namespace": """
        google.cloud · namespace package
          portions       ~/src/portion-1/google/cloud
                         ~/src/portion-2/google/cloud
                         ~/src/portion-3/google/cloud
                         ~/src/portion-4/google/cloud
                         ~/src/portion-5/google/cloud
                         and 3 more
          found by       ~/envs/a/bin/python
          distributions  google-cloud-core, google-cloud-storage
          loaded         no
    """,
    "editable": """
        loom 0.4.dev0 · package · editable
          file          ~/src/loom/src/loom/__init__.py
          found by      ~/envs/a/bin/python · ~/envs/a/lib/python3.12/site-packages/_loom.pth
          distribution  loom 0.4.dev0 · installed by uv · requested · from ~/src/loom
          loaded        no
    """,
    "widget": """
        ipympl 0.9.4 · package
          file          ~/envs/a/lib/python3.12/site-packages/ipympl/__init__.py
          found by      ~/envs/a/bin/python · site-packages
          distribution  ipympl 0.9.4 · installed by pip · requested
          loaded        no
          JupyterLab    jupyter-matplotlib 0.11.4 · not in the server's environment
    """,
    "df": """
        df · class pandas.DataFrame
          module        pandas.core.frame · source module
          file          ~/envs/a/lib/python3.12/site-packages/pandas/core/frame.py
          found by      ~/envs/a/bin/python · site-packages
          distribution  pandas 2.2.3 · installed by pip · requested
          loaded        yes
    """,
    "sys": """
        sys · built-in module · standard library
          found by  ~/envs/a/bin/python · inside the interpreter
          loaded    yes
    """,
    "sklearn": """
        sklearn · not found by ~/envs/a/bin/python
          provided by  the project `scikit-learn`
          near names   skimage
          elsewhere    ~/envs/b/bin/python · scikit-learn 1.5.0 · kernelspec `b`
                       ~/work/.venv · unknown distribution · beside the notebook
    """,
    "undecided": """
        loom.engine · unknown: ~/envs/a/bin/python would have to import it
    """,
    "distribution": """
        setuptools 80.1.0 · distribution
          modules       _distutils_hack, pkg_resources, setuptools
          distribution  setuptools 80.1.0 · unknown installer
    """,
    "broken": """
        numpy · package
          file           ~/envs/a/lib/python3.12/site-packages/numpy/__init__.py
          found by       ~/envs/a/bin/python · site-packages
          distribution   numpy (version unknown) · unknown installer
          also owned by  numpy-mkl
          loaded         no

        `numpy` has metadata that cannot be read
          file  ~/envs/a/lib/python3.12/site-packages/numpy-2.1.0.dist-info/METADATA  (no `Version`)
    """,
}


@pytest.mark.parametrize("name", NAMES)
def test_whole_screen_of_a_name(name: str) -> None:
    """Each kind of answer, in full."""
    assert shown(samples.NAMES[name]) == screen(NAMES[name])


def test_a_variable_that_is_only_the_imported_module_is_not_mentioned() -> None:
    """After `import numpy`, `%where numpy` says no more than before; after `import numpy as np`, `np` is told apart."""
    imported = replace(samples.NUMPY, variable=Variable(name="numpy", bound_to="module numpy"))
    assert shown(imported) == shown(samples.NUMPY)
    renamed = replace(samples.NUMPY, query="np", variable=Variable(name="np", bound_to="module numpy"))
    assert shown(renamed).splitlines()[:2] == ["np · module numpy", "  module        numpy · package"]


@pytest.mark.parametrize(
    ("more", "words"),
    [
        ({"verdict": "fits", "in_server": "0.11.4"}, "the server has it"),
        ({"verdict": "fits", "in_server": "0.11.9"}, "the server has 0.11.9, which fits"),
        ({"verdict": "misfit", "in_server": "1.0.0"}, "the server has 1.0.0, which does not fit · `^0.11` is needed"),
        ({"verdict": "misfit"}, "the server has an unknown version, which does not fit · `^0.11` is needed"),
        ({"verdict": "unknown", "in_server": "1.0.0"}, "the server has 1.0.0: unknown whether that fits"),
        ({"verdict": "unknown"}, "unknown whether the server has it"),
        ({"verdict": "missing"}, "not in the server's environment"),
    ],
)
def test_each_verdict_on_a_part_has_its_words(more: dict[str, Any], words: str) -> None:
    """Both versions are there to be compared."""
    assert samples.WIDGET.front_end is not None
    (part,) = samples.WIDGET.front_end.parts
    front_end = replace(samples.WIDGET.front_end, parts=(replace(part, **more),))
    drawn = shown(replace(samples.WIDGET, front_end=front_end), width=120)
    assert drawn.splitlines()[-1] == f"  JupyterLab    jupyter-matplotlib 0.11.4 · {words}"


def test_a_part_that_the_kernel_has_not_either_and_what_the_page_needs() -> None:
    """No version is made up for it; a server part has none."""
    assert samples.WIDGET.front_end is not None
    (part,) = samples.WIDGET.front_end.parts
    absent = replace(part, name="manager", carrier_version=None, in_kernel=None)
    server = replace(part, kind="server", name="git", in_kernel=None, verdict="fits")
    front_end = replace(samples.WIDGET.front_end, parts=(absent, server), step="restart")
    assert shown(replace(samples.WIDGET, front_end=front_end)).splitlines()[-3:] == [
        "  JupyterLab    manager · not in the server's environment",
        "  server part   git · the server has it",
        "  page          restart the server, then open the page again",
    ]


def test_requirements_of_extras_stand_apart() -> None:
    """What it always needs is not lost among what its extras need."""
    owner = samples.distribution("loom", "1", requires=("idna>=3", 'pytest; extra == "test"', "tomli"))
    lines = shown(replace(samples.NUMPY, distribution=owner, verbose=True)).splitlines()
    assert lines[-3:-1] == [
        "  requires        idna>=3 · tomli",
        '  extras require  pytest; extra == "test"',
    ]


@pytest.mark.parametrize(
    ("entry", "words"),
    [
        (("working directory", None), "working directory"),
        (("PYTHONPATH", None), "`PYTHONPATH`"),
        (("standard library", None), "standard library"),
        (("system site-packages", None), "the system's site-packages"),
        (("user site", None), "user site"),
        ((".pth file", "/s/a.pth"), "/s/a.pth"),
        ((".pth file", None), "`.pth` file"),
        (("code", None), "added to `sys.path` by running code · /e"),
    ],
)
def test_the_reason_on_sys_path_stands_beside_the_interpreter(entry: tuple[Reason, str | None], words: str) -> None:
    """Why the winning entry is there."""
    where = replace(samples.SITE_ENTRY, path="/e", reason=entry[0], source=entry[1])
    drawn = shown(replace(samples.NUMPY, path_entry=where))
    assert drawn.splitlines()[2] == f"  found by      ~/envs/a/bin/python · {words}"


def test_nothing_of_a_long_list_is_lost_with_verbose() -> None:
    """The default shows the first of many portions and counts the others; `-v` shows them all."""
    drawn = shown(replace(samples.NAMESPACE, verbose=True))
    assert [f"portion-{n}/" in drawn for n in range(1, 9)] == [True] * 8
    assert "more" not in drawn


def test_a_path_too_long_for_its_column_stands_alone_further_left() -> None:
    """It is neither cut nor broken."""
    file = "/srv/" + "x" * 58 + "/__init__.py"
    lines = shown(replace(samples.NUMPY, file=file), width=80).splitlines()
    assert lines[1:3] == ["  file", f"    {file}"]


@pytest.mark.parametrize("width", [1, 40, 79])
@pytest.mark.parametrize("name", [*samples.ENVIRONMENTS, *samples.NAMES])
def test_a_narrow_terminal_loses_no_word(name: str, width: int) -> None:
    """Every word stays, in its order, however little room there is; only dividers go."""
    answer: Answer = samples.ENVIRONMENTS.get(name) or samples.NAMES[name]

    def words(drawn: str) -> list[str]:
        return [word for word in drawn.split() if word != "·"]

    assert words(shown(answer, width=width)) == words(shown(answer, width=10_000))


def test_colour_marks_labels_states_problems_and_commands_and_changes_no_word() -> None:
    """Bold labels, green and yellow states, a red error: the words are those of the plain screen, without backticks."""
    drawn = text(samples.TROUBLED, console=Console(color=True, is_kernel=True), home=HOME, width=100)
    assert "\x1b[1mkernel\x1b[0m       ~/envs/a/bin/python" in drawn
    assert "\x1b[33manother environment\x1b[0m" in drawn
    assert "\x1b[32mthis environment\x1b[0m" in drawn
    assert "\x1b[35mPIP_TARGET\x1b[0m\x1b[1;31m sends what pip installs to another directory\x1b[0m" in drawn
    assert "\x1b[1mhint:\x1b[0m \x1b[35m%set_env PIP_TARGET=\x1b[0m empties it for this kernel" in drawn
    assert re.sub(r"\x1b\[[\d;]*m", "", drawn) == shown(samples.TROUBLED).replace("`", "")


def test_outside_of_a_kernel_nothing_is_called_one() -> None:
    """IPython in a terminal, or a command: the same findings about this session."""
    drawn = text(samples.TROUBLED, console=Console(color=False, is_kernel=False), home=HOME, width=100)
    problems = drawn.split("\n\n", 1)[1]
    assert "`!pip` in this session is not this session's pip\n  session  ~/envs/a/bin/python" in problems
    assert "empties it for this session" in problems and "kernel" not in problems.replace("kernel's environment", "")
