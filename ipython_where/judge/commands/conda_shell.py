"""What the shell functions of conda and mamba do: `. …/conda.sh`, `eval "$(conda shell.bash hook)"`, `conda activate x`.

Follows conda's `activate.py` and `conda.sh` (4.6 and newer), and mamba's `activation.cpp`, which imitates them.

Tested in `tests/judge/commands/test_conda_command.py`.
"""

from __future__ import annotations

import json
import os
import re
import shlex
from collections.abc import Mapping
from dataclasses import replace

from .conda_places import configured, find_named
from .reader import Reader
from .shell.expansion import Field
from .shell.state import Evaluated, Outcome, State, either

_EXE = re.compile(r"""^\s*export (?:CONDA|MAMBA)_EXE=(['"]?)([^'"$\s]+)\1""", re.MULTILINE)
_CONDA = ("conda() {", "shell.posix", "eval")
_MAMBA = ("__mamba_wrap() {", "__mamba_xctivate", "eval")
"""Text that identifies a definition of the functions, which make the shell run what the program prints."""

_ACTIVATE = re.compile(
    r"""^\\?\. "\$_CONDA_ROOT/etc/profile.d/conda.sh" \|\| return \$\?\n(?:\\?)conda activate "\$@"$""", re.MULTILINE
)
_ROOT = re.compile(r"""^_CONDA_ROOT=(['"])([^'"$]+)\1""", re.MULTILINE)
_AUTO = re.compile(r"^\S*(?:conda|mamba) activate '?base'?$", re.MULTILINE)


def hook(words: tuple[str, ...], state: State, reader: Reader) -> str | None:
    """What `conda shell.bash hook` and `micromamba shell hook` print, in the parts that matter; None for other words.

    conda prints the file that `conda init` installed, which is read here, followed by an activation.
    """
    name = os.path.basename(words[0])
    is_conda = (
        name == "conda"
        and len(words) == 3
        and words[1] in ("shell.bash", "shell.posix", "shell.zsh")
        and words[2] == "hook"
    )
    is_mamba = name in ("mamba", "micromamba") and words[1:3] == ("shell", "hook")
    if not (is_conda or is_mamba) or state.is_lost or state.cwd is None:
        return None
    environ = _environ(state)
    reached = reader.reach(words[0], environ, state.cwd)
    root = reached.interpreter.prefix if reached.interpreter else environ.get("MAMBA_ROOT_PREFIX") if is_mamba else None
    if reached.path is None or root is None:
        return None
    python = reached.interpreter
    if is_conda and (python is None or reader.imports("conda", python, environ, None) is not True):
        return None  # it may fail, and then print nothing
    text = _mamba_functions(reached.path, reader) if is_mamba else reader.text(f"{root}/etc/profile.d/conda.sh") or ""
    activates_base = _activates_base(root, environ, reader)
    if not _EXE.search(text) or activates_base is None:
        return None
    is_active = is_mamba and environ.get("CONDA_PREFIX")
    return text if is_active or not activates_base else f"{text}{name} activate 'base'\n"


def _mamba_functions(path: str, reader: Reader) -> str:
    """What a mamba prints if it is a binary; a script of that name may print anything."""
    is_script = (reader.text(path) or "").startswith("#!")
    return "" if is_script else "\n".join((f"export MAMBA_EXE='{path}'", *_MAMBA, ""))


def _activates_base(root: str, environ: Mapping[str, str], reader: Reader) -> bool | None:
    """Whether defining the functions also activates the base environment, which it does unless configured otherwise."""
    if environ.get("CONDA_AUTO_ACTIVATE_BASE") or environ.get("CONDA_AUTO_ACTIVATE"):
        return None
    return {None: True, "true": True, "false": False}.get(configured("auto_activate(?:_base)?", root, environ, reader))


def defined(text: str, state: State) -> State | Evaluated | None:
    """The state after a text that defines conda's or mamba's shell functions; None if the text is something else."""
    exe = _EXE.search(text)
    is_mamba = all(each in text for each in _MAMBA)
    if not is_mamba and not all(each in text for each in _CONDA):
        return None
    path = exe[2] if exe else state.value("MAMBA_EXE" if is_mamba else "CONDA_EXE")
    if not path:
        return None
    root = os.path.dirname(os.path.dirname(path)) if not is_mamba else state.value("MAMBA_ROOT_PREFIX")
    name = os.path.basename(path)
    state = replace(state, condas={**state.condas, name: path})
    state = state.with_variable("MAMBA_EXE" if is_mamba else "CONDA_EXE", path, exported=True)
    if not is_mamba:
        state = state.with_variable("_CONDA_ROOT", root, exported=True)
    if "CONDA_SHLVL" not in state.variables:
        state = state.with_variable("CONDA_SHLVL", "0", exported=True)
        old = state.value("PATH")
        state = state.with_variable("PATH", f"{root}/condabin:{old}" if old and root else None, exported=True)
    return Evaluated(f"{name} activate base", state) if _AUTO.search(text) else state


def activates(text: str) -> str | None:
    """The root of the conda whose `activate` script (read by `source activate x`) this text is; None for other texts."""
    root = _ROOT.search(text)
    return root[2] if root and _ACTIVATE.search(text) else None


def activating(root: str, words: list[str]) -> str:
    """What that `activate` script does, as a script."""
    return f". {shlex.quote(root)}/etc/profile.d/conda.sh && conda activate {shlex.join(words)}\n"


def run(fields: tuple[Field, ...], state: State, reader: Reader) -> Outcome | Evaluated | None:
    """What a call of conda's shell function does to the state; None if it only starts the program."""
    exe = state.condas.get(fields[0].text or "")
    words = [field.text for field in fields[1:]]
    if exe is None or not words:
        return None
    if "PATH" in state.readonly and words[0] in ("activate", "deactivate"):
        return either(state.lost())
    if words[0] == "deactivate":
        return _deactivated(state, reader)
    if words[0] != "activate":
        return None
    names = [word for word in words[1:] if word not in ("--no-stack", "--dev")]
    if None in names:
        return Outcome(anywhere(state), state)
    if len(names) > 1 or any(name and name.startswith("-") for name in names):
        return either(replace(state, is_lost=True)) if "--stack" in names else Outcome(None, state)
    return _activated(names[0] or "" if names else "base", exe, state, reader)


def in_environment(prefix: str, root: str | None, state: State, reader: Reader) -> State:
    """The state in which `conda run` starts a command: the one after `conda activate`."""
    after = _in(prefix, root, state, reader)
    if isinstance(after, State):
        return after
    return anywhere(state) if after is None or not _is_harmless(after.text) else after.state


_STEERING = re.compile(
    r"\b(?:PATH|HOME|VIRTUAL_ENV|(?:PIP|PYTHON|UV|CONDA|MAMBA)\w*)=|\b(?:eval|alias|exit|cd|source|unset PATH)\b"
    r"|(?m:^\s*\\?\.\s)|\(\)"
)


def _is_harmless(script: str) -> bool:
    """Whether a script sets nothing that decides which program runs, or where it installs."""
    return _STEERING.search(script) is None


def _environ(state: State) -> dict[str, str]:
    return {name: each.value for name, each in state.variables.items() if each.is_exported and each.value is not None}


def anywhere(state: State) -> State:
    """The state in an unknown environment."""
    for name in ("PATH", "CONDA_PREFIX", "CONDA_DEFAULT_ENV", "CONDA_SHLVL"):
        state = state.with_variable(name, None, exported=True)
    return state


# -- one environment after the other -----------------------------------------------------------------------------------


def _activated(name: str, exe: str, state: State, reader: Reader) -> Outcome | Evaluated:
    is_mamba = os.path.basename(exe) != "conda"
    root = state.value("MAMBA_ROOT_PREFIX") if is_mamba else os.path.dirname(os.path.dirname(exe))
    if not root or state.is_lost:
        return Outcome(anywhere(state), state)
    if "/" in name:
        path = state.path_of(name if not name.startswith("~/") else f"{state.value('HOME') or '~'}{name[1:]}")
        prefix: str | None = os.path.normpath(path) if path else None
        is_there = prefix is not None and reader.is_directory(f"{prefix}/conda-meta")
    else:
        prefix, is_there = find_named(name, root, _environ(state), reader)
    if prefix is None:
        return Outcome(anywhere(state), state)
    if not is_there:
        return Outcome(anywhere(state) if state.is_touched else None, state)
    after = _in(prefix, root, state, reader)
    return (
        Outcome(anywhere(state), state)
        if after is None
        else after
        if isinstance(after, Evaluated)
        else Outcome(after, None)
    )


def _in(prefix: str, root: str | None, state: State, reader: Reader) -> State | Evaluated | None:
    """The state after activating a prefix; None if it is unknown."""
    depth, old, path = _depth(state), state.value("CONDA_PREFIX"), state.value("PATH")
    if depth is None or old is None or path is None:
        return None
    left = _scripts(old, "deactivate.d", reader) if depth else ()
    entered, variables = _scripts(prefix, "activate.d", reader), _variables(prefix, reader)
    if left is None or entered is None or variables is None or not all(map(_is_harmless, left)):
        return None
    is_again = old == prefix and depth > 0
    if depth and not is_again:
        variables[f"CONDA_PREFIX_{depth}"] = old
    variables["PATH"] = _replaced(path, old if depth else "", prefix)
    variables["CONDA_SHLVL"] = str(depth if is_again else depth + 1)
    variables |= {"CONDA_PREFIX": prefix, "CONDA_DEFAULT_ENV": _default_name(prefix, root)}
    for name, value in variables.items():
        state = state.with_variable(name, value, exported=True)
    return Evaluated("\n".join(entered), state) if any(entered) else state


def _depth(state: State) -> int | None:
    """How many environments are active, stacked on each other."""
    level = state.value("CONDA_SHLVL")
    return None if level is None or not (level or "0").strip().isdigit() else int(level or 0)


def _default_name(prefix: str, root: str | None) -> str:
    if root and os.path.normpath(root) == os.path.normpath(prefix):
        return "base"
    return os.path.basename(prefix) if os.path.basename(os.path.dirname(prefix)) == "envs" else prefix


def _deactivated(state: State, reader: Reader) -> Outcome:
    depth, old, path = _depth(state), state.value("CONDA_PREFIX"), state.value("PATH")
    if depth == 0 or old == "":
        return Outcome(state, None)
    before = state.value(f"CONDA_PREFIX_{depth - 1}") if depth and depth > 1 else ""
    if not depth or old is None or path is None or before is None or bool(before) != (depth > 1):
        return Outcome(anywhere(state), None)
    scripts = _scripts(old, "deactivate.d", reader)
    if scripts is None or not all(map(_is_harmless, scripts)) or _variables(old, reader) != {}:
        return Outcome(anywhere(state), None)
    state = state.with_variable("CONDA_SHLVL", str(max(depth - 2, 0)), exported=True)
    state = state.with_variable("PATH", _replaced(path, old, ""), exported=True)
    for name in ("CONDA_PREFIX", "CONDA_DEFAULT_ENV", "CONDA_PROMPT_MODIFIER"):
        state = state.without_variable(name)
    after = _in(before, state.value("_CONDA_ROOT"), state, reader) if before else state
    return Outcome(after if isinstance(after, State) else anywhere(state), None)


def _replaced(path: str, old: str, new: str) -> str:
    """PATH with one environment's programs in place of another's: conda's `_replace_prefix_in_path`."""
    entries = path.split(":")
    at = next((at for at, entry in enumerate(entries) if old and os.path.normpath(entry or ".") == f"{old}/bin"), None)
    if at is not None:
        del entries[at]
    if new:
        entries.insert(at or 0, f"{new}/bin")
    return ":".join(entries)


def _scripts(prefix: str, folder: str, reader: Reader) -> tuple[str, ...] | None:
    """The scripts that an environment's packages want sourced; None if one can't be read."""
    place = f"{prefix}/etc/conda/{folder}"
    names = sorted(reader.glob("*.sh", place)) if prefix else []
    texts = [
        reader.text(os.path.join(place, name)) for name in (reversed(names) if folder == "deactivate.d" else names)
    ]
    return None if None in texts else tuple(text or "" for text in texts)


def _variables(prefix: str, reader: Reader) -> dict[str, str] | None:
    """The variables that an environment sets (`conda env config vars set`); None if unknown."""
    files = [f"{prefix}/conda-meta/state"]
    files[:0] = [
        f"{prefix}/etc/conda/env_vars.d/{name}" for name in sorted(reader.glob("*", f"{prefix}/etc/conda/env_vars.d"))
    ]
    found: dict[str, str] = {}
    for file in files:
        text = reader.text(file)
        try:
            said = json.loads(text) if text else {}
            found |= {str(name): str(value) for name, value in (said.get("env_vars", said) if said else {}).items()}
        except (ValueError, AttributeError):
            return None
    return {name: value for name, value in found.items() if name != "PATH"}
