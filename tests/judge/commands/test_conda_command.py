"""Which environment a conda, a mamba or a micromamba would change, and what their shell functions activate."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import pytest

from ipython_where.judge.commands.conda_places import read_environment_file
from ipython_where.judge.commands.invocations import Invocation
from ipython_where.judge.commands.judgement import judge
from ipython_where.judge.commands.shell.state import initial_state
from ipython_where.judge.commands.shell.walk import launches
from ipython_where.model import Interpreter

from . import files
from .files import ENVIRON, KERNEL, Files

# The text that conda 26.7 prints for `conda shell.posix hook`, with the functions that do the work; `conda init` writes the
# same, but for its last line, into `etc/profile.d/conda.sh`.
CONDA_SH = """\
export CONDA_EXE='/base/bin/conda'
export _CE_M=''
export _CONDA_ROOT='/base'

__conda_exe() (
    "$CONDA_EXE" "$@"
)
__conda_activate() {
    \\local ask_conda
    ask_conda="$(PS1="${PS1:-}" __conda_exe shell.posix "$@")" || \\return
    \\eval "$ask_conda"
    __conda_hashr
}
conda() {
    \\local cmd="${1-__missing__}"
    case "$cmd" in
        activate|deactivate)
            __conda_activate "$@"
            ;;
        *)
            __conda_exe "$@"
            ;;
    esac
}
"""
ACTIVATE = """\
#!/bin/sh
_CONDA_ROOT="/base"
# Copyright (C) 2012 Anaconda, Inc
# SPDX-License-Identifier: BSD-3-Clause
\\. "$_CONDA_ROOT/etc/profile.d/conda.sh" || return $?
conda activate "$@"
"""
PREFIXES = ("/base", "/base/envs/work", "/base/envs/tools", "/home/ada/.conda/envs/own")
PYTHONS = {
    prefix: Interpreter(executable=f"{prefix}/bin/python", prefix=prefix, base_prefix=prefix, version="3.12.4")
    for prefix in PREFIXES
}
TEXTS = {
    "/base/etc/profile.d/conda.sh": CONDA_SH,
    "/base/bin/activate": ACTIVATE,
    "/base/conda-meta/history": "",
    "/base/envs/tools/etc/conda/activate.d/gdal.sh": 'export GDAL_DATA="$CONDA_PREFIX/share/gdal"\n',
    "/here/environment.yml": "name: work\nchannels:\n  - conda-forge\ndependencies:\n  - numpy\n",
    "/here/new.yml": 'dependencies: [numpy]\nname: "new"  # ours\n',
    "/here/prefix.yml": "prefix: /base/envs/tools\ndependencies:\n- numpy\n",
    "/here/bare.yml": "dependencies:\n- numpy\n",
    "/here/odd.yml": "name: >-\n  work\n",
    "/here/list.txt": "numpy\n",
}


def world(texts: Mapping[str, str] | None = None, kind: str = "bash") -> Files:
    programs = {**Files().programs}
    for prefix in PREFIXES:
        programs |= files.programs(prefix)
    programs |= {f"/base/bin/{name}": "/base" for name in ("conda", "mamba")}
    programs["/usr/bin/micromamba"] = ""
    directories = {*Files().directories, *PREFIXES, *(f"{prefix}/conda-meta" for prefix in PREFIXES)}
    return Files(
        kind=kind,
        pythons={**files.PYTHON, **PYTHONS},
        programs=programs,
        texts={**TEXTS, **(texts or {})},
        directories=frozenset(directories),
    )


def judged(text: str, reader: Files | None = None, **environ: str) -> list[Invocation]:
    reader = reader or world()
    state = initial_state({**ENVIRON, "PATH": "/base/bin:/other/bin:/usr/bin", **environ}, "/here")
    return [each for launch in launches(text, state, reader) for each in judge(launch, KERNEL, reader)]


def told(text: str, reader: Files | None = None, **environ: str) -> tuple[Any, ...]:
    """What is told of the last one: action, requirements, prefix, reason."""
    found = judged(text, reader, **environ)[-1]
    return found.action, found.requirements, found.target and found.target.prefix, found.reason


@pytest.mark.parametrize(
    ("text", "action", "requirements", "prefix"),
    [
        ("conda env update -f environment.yml", "install", ("--file environment.yml",), "/base/envs/work"),
        ("conda env update", "install", (), "/base/envs/work"),
        ("conda env update -n tools --file=environment.yml --prune", "install", ("--file environment.yml",), "/base/envs/tools"),
        ("conda env update -p ./here -f new.yml", "install", ("--file new.yml",), "/here/here"),
        ("conda env update -f new.yml", "install", ("--file new.yml",), "/base/envs/new"),
        ("conda env update -f prefix.yml", "install", ("--file prefix.yml",), None),
        ("conda env update -f odd.yml", "install", ("--file odd.yml",), None),
        ("conda env update -f $(y)", "install", None, None),
        ("micromamba install -f $(y)", "install", None, None),
        ("conda env update -f gone.yml", "install", ("--file gone.yml",), None),
        ("make gone.yml; conda env update -f gone.yml", "install", ("--file gone.yml",), None),
        ("conda env update -f https://h/e.yml", "install", ("--file https://h/e.yml",), None),
        ("conda env create -f gone.yml", "other", ("--file gone.yml",), None),
        ("conda env create -f new.yml", "other", ("--file new.yml",), "/base/envs/new"),
        ("conda env create -f prefix.yml", "other", ("--file prefix.yml",), "/base/envs/tools"),
        ("conda env create -f bare.yml", "other", ("--file bare.yml",), None),
        ("conda env create -f bare.yml -n x", "other", ("--file bare.yml",), "/base/envs/x"),
        ("micromamba install -y -f environment.yml", "install", ("--file environment.yml",), "/base/envs/work"),
        ("conda create -n y python=3.12 -y", "other", ("python=3.12",), "/base/envs/y"),
        ("conda create -yn y --clone work", "other", (), "/base/envs/y"),
        ("conda create python=3.12", "other", ("python=3.12",), None),
        ("conda install -n own x", "install", ("x",), "/home/ada/.conda/envs/own"),
        ("conda install -nwork x", "install", ("x",), "/base/envs/work"),
        ("conda install --name base x", "install", ("x",), "/base"),
        ("conda install -n nowhere x", "install", ("x",), None),
        ("conda install --revision 3 -n work", "install", (), "/base/envs/work"),
        ("conda install -n work --file list.txt x", "install", ("--file list.txt", "x"), "/base/envs/work"),
        ("conda update --all -n work", "install", (), "/base/envs/work"),
        ("conda remove -n work --all", "other", (), "/base/envs/work"),
        ("conda remove -n work x y", "uninstall", ("x", "y"), "/base/envs/work"),
        ("conda env remove -n work", "other", (), "/base/envs/work"),
        ("conda config --add channels conda-forge", "other", (), None),
        ("conda config --show channels", "read", (), None),
        ("conda clean -tipy", "other", (), None),
        ("conda init bash", "other", (), None),
        ("conda info --envs", "read", (), None),
        ("conda search numpy", "read", (), None),
        ("conda activate work", "other", (), None),
        ("conda list -n work numpy", "read", (), "/base/envs/work"),
        ("conda install --dry-run -n work x", "read", ("x",), "/base/envs/work"),
        ("conda install -n work --brand-new y x", "install", None, "/base/envs/work"),
    ],
)  # fmt: skip
def test_what_a_conda_changes(text: str, action: str, requirements: tuple[str, ...] | None, prefix: str | None) -> None:
    assert told(text, MAMBA_ROOT_PREFIX="/base")[:3] == (action, requirements, prefix)


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("conda env update -f environment.yml", "`name` in environment.yml"),
        ("conda env update -f new.yml", "a new environment `new` in /base/envs"),
        ("conda env update -f prefix.yml", "it is unknown what `prefix` in prefix.yml means"),
        ("conda env update -f $(y)", "`-f` names a file that is not known"),
        ("conda env update -f odd.yml", "it is unknown which environment `odd.yml` names"),
        ("conda env update -f gone.yml", "there is no file `gone.yml`"),
        ("make gone.yml; conda env update -f gone.yml", "it is unknown which environment `gone.yml` names"),
        ("conda env update -f https://h/e.yml", "it is unknown which environment `https://h/e.yml` names"),
        ("conda env create -f prefix.yml", "`prefix` in prefix.yml"),
        ("conda env create -f bare.yml", "`bare.yml` names no environment"),
        ("conda env create -f bare.yml -n x", "a new environment `x` in /base/envs"),
        ("conda create -n y python=3.12 -y", "a new environment `y` in /base/envs"),
        ("conda create python=3.12", "`create` needs `-n` or `-p`"),
        ("conda install -n nowhere x", "there is no environment `nowhere` in /base/envs"),
        ("conda config --add channels conda-forge", "it changes no environment"),
    ],
)
def test_why_it_is_that_environment(text: str, reason: str) -> None:
    assert told(text)[3] == reason


def test_a_name_that_a_configuration_file_may_move_is_not_known() -> None:
    reader = world({"/home/ada/.condarc": "envs_dirs:\n  - /data/envs\n"})
    assert told("conda install -n work x", reader) == (
        "install", ("x",), None, "it is unknown where the environment `work` is",
    )  # fmt: skip
    assert told("conda install -n work x", CONDA_ENVS_PATH="/base/envs:/data")[2] == "/base/envs/work"


SOURCED = ". /base/etc/profile.d/conda.sh"
HOOKED = 'eval "$(conda shell.bash hook)"'


@pytest.mark.parametrize(
    ("text", "prefix"),
    [
        (f"{SOURCED} && conda activate work && pip install x", "/base/envs/work"),
        (f"{SOURCED}; conda activate tools; python -m pip install x", "/base/envs/tools"),
        (f"{SOURCED}; conda activate /base/envs/work; pip install x", "/base/envs/work"),
        (f"{SOURCED}; conda activate; pip install x", "/base"),
        (f"{SOURCED}; conda activate nowhere || pip install x", "/base"),
        (f"{SOURCED}; conda activate work; conda deactivate; pip install x", "/base"),
        (f"{SOURCED}; conda activate work; conda activate tools; conda deactivate; pip install x", "/base/envs/work"),
        (f"{SOURCED}; (conda activate work); pip install x", "/base"),
        (f"{SOURCED}; conda activate work; PATH=/other/bin:$PATH; conda activate tools; pip install x", "/other"),
        (f"{SOURCED}; conda activate work; conda install -y x", "/base/envs/work"),
        ("source activate work && pip install x", "/base/envs/work"),
        ("source /base/bin/activate work; pip install x", "/base/envs/work"),
        ("conda run -n work pip install x", "/base/envs/work"),
        ("conda run --no-capture-output --name tools --cwd /tmp -- python -m pip install x", "/base/envs/tools"),
        ("conda run -p /base/envs/work --live-stream pip install x", "/base/envs/work"),
        ("PATH=/other/bin:$PATH; /base/bin/conda run pip install x", "/base"),
    ],
)
def test_an_activation_is_followed_to_its_environment(text: str, prefix: str) -> None:
    found = judged(text, MAMBA_ROOT_PREFIX="/base")[-1]
    assert (found.target and found.target.prefix, found.same_environment, found.runs) == (prefix, False, True)


@pytest.mark.parametrize(
    "text",
    [
        f"{SOURCED} && conda activate nowhere && pip install x",
        "source activate nowhere && pip install x",
        f"{SOURCED} && conda activate work tools && pip install x",
        "conda activate work && pip install x",
        "conda run -n nowhere pip install x",
    ],
)
def test_behind_an_activation_that_fails_nothing_runs(text: str) -> None:
    assert not [each for each in judged(text) if each.tool == "pip" and each.runs is not False]


@pytest.mark.parametrize(
    "text",
    [
        f"{SOURCED}; conda activate $X$(date) && pip install x",
        f"{SOURCED}; conda create -y -n new python; conda activate new && pip install x",
        f"{SOURCED}; conda activate odd && pip install x",
        "cat x | while read n; do conda run -n $n pip install x; done",
        # what is not known may have defined the function
        'eval "$(cat hook.sh)" && conda activate work && pip install x',
        ". $HOOK$(date) && conda activate work && pip install x",
    ],
)
def test_where_an_activation_leads_may_not_be_known(text: str) -> None:
    odd = "/base/envs/odd"
    reader = world({f"{odd}/etc/conda/activate.d/odd.sh": 'eval "$(something)"\n'})
    reader = replace(reader, directories=reader.directories | {odd, f"{odd}/conda-meta"})
    found = [each for each in judged(text, reader) if each.tool == "pip"][-1]
    assert (found.same_environment, found.runs) == (None, None)


def test_a_posix_shell_hands_a_sourced_file_no_arguments() -> None:
    """So `. activate work` activates the base environment in dash."""
    found = judged(". activate work && pip install x", world(kind="dash"), PATH="/other/bin:/base/bin:/usr/bin")
    assert found[-1].target and found[-1].target.prefix == "/base"


def test_the_base_environment_is_activated_by_the_hook_unless_a_file_says_no() -> None:
    text = f"PATH=/other/bin:$PATH; {HOOKED} && pip install x"
    assert told(text)[2] == "/base"
    assert told(text, world({"/home/ada/.condarc": "auto_activate_base: false\n"}))[2] == "/other"
    assert told(text, world({"/base/.condarc": "auto_activate: maybe\n"}))[2] is None


@pytest.mark.parametrize(
    ("text", "prefix"),
    [
        (f"{HOOKED} && conda activate work && pip install x", "/base/envs/work"),
        (
            'eval "$(/base/bin/conda shell.bash hook 2> /dev/null)" && conda activate work && pip install x',
            "/base/envs/work",
        ),
        (
            'eval "$(micromamba shell hook --shell bash)" && micromamba activate work && pip install x',
            "/base/envs/work",
        ),
        ('eval "$(mamba shell hook -s bash)" && mamba activate tools && pip install x', "/base/envs/tools"),
    ],
)
def test_a_hook_may_fail_and_then_nothing_is_installed_behind_its_activation(text: str, prefix: str) -> None:
    """conda prints nothing then, and `eval ""` succeeds: only an install that waits for the activation is certain."""
    found = judged(text, MAMBA_ROOT_PREFIX="/base")[-1]
    assert (found.target and found.target.prefix, found.same_environment, found.runs) == (prefix, False, None)
    found = judged(text.replace(" && ", "; "), MAMBA_ROOT_PREFIX="/base")[-1]
    assert (found.target, found.same_environment, found.runs) == (None, None, None)


def test_a_hook_of_a_conda_whose_package_is_gone_is_not_followed() -> None:
    found = judged(
        f"{HOOKED} && conda activate work && pip install x", replace(world(), without_pip=frozenset(["/base"]))
    )[-1]
    assert (found.target, found.same_environment) == (None, None)


def test_a_variable_of_an_environment_is_set_by_its_activation() -> None:
    reader = world({"/base/envs/work/conda-meta/state": '{"env_vars": {"PIP_TARGET": "/x", "PATH": "/y"}}'})
    state = initial_state({**ENVIRON, "PATH": "/base/bin:/usr/bin"}, "/here")
    last = launches(f"{SOURCED}; conda activate work; pip install x", state, reader)[-1]
    assert (last.state.value("PIP_TARGET"), last.state.value("CONDA_DEFAULT_ENV")) == ("/x", "work")
    assert (last.state.value("PATH") or "").startswith("/base/envs/work/bin:")


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("name: a\n", {"name": "a"}),
        ("---\nname: 'a b'\n# prefix: no\nprefix: /x/y\n", {"name": "a b", "prefix": "/x/y"}),
        ("name: a\n---\nname: b\n", None),
        ("# c\nname: 'a b'\nprefix: /x/y\n", {"name": "a b", "prefix": "/x/y"}),
        ("name:\ndependencies:\n- x\n", {"name": None}),
        ("name: ~\n", {"name": None}),
        ("name: a  # why\n", {"name": "a"}),
        ("name: a\nname: b\n", None),
        ("name: &x a\n", None),
        ("name: a\n  b\n", None),
        ("{name: a}\n", None),
        ("", None),
        ("dependencies:\n  - name: no\n", {}),
        ("\ufeffname: a\r\n", {"name": "a"}),
    ],
)
def test_an_environment_file_is_read_where_its_lines_are_plain(text: str, said: dict[str, str | None] | None) -> None:
    assert read_environment_file(text) == said
