"""The edge to IPython: all that `%load_ext` puts into a shell. The implementation is imported on first use.

It is one file because each import costs a third of a millisecond when the extension loads.
"""

from __future__ import annotations

import os
import sys
from typing import Any
from weakref import WeakKeyDictionary

TYPE_CHECKING = False
if TYPE_CHECKING:
    from types import FrameType

    from .judge.commands.values import CommandAnswer
    from .model import Answers, EnvironmentAnswer, ModuleAnswer

# -- magics ------------------------------------------------------------------------------------------------------------


def where(line: str = "") -> EnvironmentAnswer | ModuleAnswer | Answers | CommandAnswer | None:
    """Where this kernel runs, and where a module comes from.

    Usage::

        %where [-v] [--json] [NAME ...]
        %where [-v] [--json] !COMMAND

    Without a name: this kernel's interpreter and environment, the kernelspec that started it, what `!pip` and `!python`
    reach from here, the Jupyter server that drives it, and what is wrong, with the command that fixes it.

    With a command after `!`: where it would install. It is not run.

    With names: for each module (`numpy`, `os.path`), distribution (`scikit-learn`) or variable (`np`, `df`) its file, its
    distribution and version, why that copy is found, and which others it hides. Nothing is imported to find out.

    Options::

        -v, --verbose  show everything that is known
        --json         print the answer as JSON
        -h, --help     show this help

    Examples::

        In [1]: %where
        In [2]: r = %where numpy
        In [3]: r.version
        In [4]: %where !pip install numpy
    """
    from .arguments import parse_arguments, split_command

    words, command = split_command(line)
    is_silenced = line.rstrip().endswith(";") and command is None
    arguments = parse_arguments(words.rstrip("; \t").split(), command="%where", help_command="%where?")
    if arguments.help:
        print(where.__doc__)
        return None
    answer = _answer(arguments.names, command, typed=_typed(line), verbose=arguments.verbose)
    if arguments.json:
        import json

        print(json.dumps(answer.to_dict(), indent=2))
        return None
    return None if is_silenced else answer


def _typed(line: str) -> str | None:
    """The command behind the `!` of a line as it was typed, where IPython expanded variables in it."""
    from .arguments import split_command
    from .session import current_shell

    guard = getattr(current_shell(), "var_expand", None)
    given, typed = (isinstance(guard, Guard) and guard.typed) or (line, None)
    return split_command(typed)[1] if typed is not None and given == line else None


def _answer(names: tuple[str, ...], command: str | None, *, typed: str | None, verbose: bool) -> Any:
    from .redact import learn
    from .session import current_world

    learn(" ".join(names))
    world = current_world()
    if command is not None:
        from .answer.command import judge_command
        from .change.request.request import is_accepted

        return judge_command(command, world, typed=typed, accepts=is_accepted, verbose=verbose)
    if not names:
        from .answer.environment import environment

        return environment(world, verbose=verbose)
    from .answer.name import where
    from .model import Answers

    answers = Answers(where(name, world, verbose=verbose) for name in names)
    return answers[0] if len(answers) == 1 else answers


def safepip(line: str = "", cell: str | None = None) -> Any:
    """Install into this kernel's environment: planned first, all or nothing, with an undo.

    Usage::

        %safepip install [OPTION ...] REQUIREMENT ...
        %safepip uninstall NAME ...
        %safepip undo [ID]
        %safepip history
        %safepip list | show NAME | freeze | check | tree | download REQUIREMENT ... | index versions NAME

    It takes what `pip install` takes, without quotes (`numpy>=2`, `six[extra]`) and without a shell: `;`, `>` and `*` are
    plain text; `$NAME` is a variable of the environment, if there is one. The plan is refused, with nothing changed, where it
    would break the kernel itself; and what fails half-way is taken back. `%%safepip install` takes the lines of a
    requirements file as its cell.

    With `--server` a command means the environment of the Jupyter server, where JupyterLab's extensions go.

    Options of its own::

        --dry-run             show what would change
        --with pip|uv         choose the installer; else the fastest that gives the same answer
        --server              mean the Jupyter server's environment, where that is proven to be on this machine
        --allow-kernel        let the kernel's own packages change, though they would leave what it accepts
        --allow-server        the same for the server's own packages, with `--server`
        --allow-conflicts     leave requirements of other distributions unmet, or overwrite their files
        --allow-conda         overwrite what conda installed
        --no-raise            return an error instead of raising it

    Examples::

        In [1]: %safepip install pandas>=2
        In [2]: %safepip undo
    """
    if sys.platform == "win32":
        from .errors import WhereError  # transactions need POSIX locks and renames

        hint = "`%pip install NAME` installs into this kernel's environment"
        raise WhereError("`%safepip` does not work on Windows yet", hint=hint)
    try:
        from .show.notebook.safepip import run_line
    except KeyboardInterrupt:  # a traceback would only show which of our modules was being imported
        from .errors import Interrupted

        raise Interrupted("interrupted: nothing was changed") from None
    return run_line(line, cell, help_text=safepip.__doc__ or "")


def match_names(context: Any) -> dict[str, Any]:
    """What Tab offers after `%where` and `%safepip`: an IPython matcher (API version 2)."""
    line = context.line_with_cursor
    magic = next((f"%{name}" for name in MAGICS if f"%{name} " in line), None)
    if magic is None:
        return {"completions": []}
    from IPython.core.completer import SimpleCompletion

    from .show.notebook.completion import offers_for

    names = offers_for(magic, line, context.token)
    kind = "option" if context.token.startswith("-") else "module"
    return {"completions": [SimpleCompletion(text=name, type=kind) for name in names], "suppress": True}


match_names.matcher_api_version = 2  # type: ignore[attr-defined]
match_names.matcher_identifier = "ipython_where"  # type: ignore[attr-defined]

MAGICS = {"where": ("line", where), "safepip": ("line_cell", safepip)}


# -- settings and hints ------------------------------------------------------------------------------------------------


class Switch:
    """Stands in ``shell.configurables`` for a class of `switches`, until `%config` or its feature asks for it.

    Creating a traitlets class and its instance would take a third of the loading time.
    """

    def __init__(self, name: str, shell: Any) -> None:
        self._name, self._shell, self._made = name, shell, None

    @property  # type: ignore[misc]  # read-only; `%config` looks at the class of each configurable
    def __class__(self) -> Any:
        return type(self._make())

    def __getattr__(self, name: str) -> Any:
        return getattr(self._make(), name)

    def _make(self) -> Any:
        if self._made is None:
            from .show.notebook import config

            self._made = getattr(config, self._name)(parent=self._shell)
        return self._made


SWITCHES = ("Hints", "PipGuard")

_past_error = 0
"""The `id` of the error that no hint is for any more: it was looked at, or was shown before this cell (by a widget, say)."""


def before_cell(info: object) -> None:
    """Remember the last error, so that it is not taken for this cell's."""
    global _past_error
    _past_error = id(getattr(sys, "last_value", None))


def after_cell(result: object) -> None:
    """Give a hint below a cell's traceback. Nothing is imported for a cell without one."""
    global _past_error
    # not `result.error_in_exec`: `%run`, `%%time` and input transformers show their tracebacks themselves
    error = getattr(sys, "last_value", None)
    if error is not None and id(error) != _past_error:
        try:
            from .show.notebook.failed_imports import give_hint
        except Exception:  # a broken third-party finder makes every import raise; the user has already seen that error
            return
        if give_hint(error):
            _past_error = id(error)


CALLBACKS = {"pre_run_cell": before_cell, "post_run_cell": after_cell}


# -- the guard's place -------------------------------------------------------------------------------------------------

WORDS = (
    "pip",
    "uv",
    "conda",
    "mamba",
    "pixi",
    "poetry",
    "pdm",
    "hatch",
    "rye",
    "tox",
    "nox",
    "easy_install",
    "setup.py",
)
"""A command that contains none of these is not analysed."""

_CALLERS = frozenset(("system", "system_piped", "system_raw", "getoutput"))
_SCRIPTS = frozenset(("bash", "sh", "script", "cmd"))


class Guard:
    """Stands in for one shell's `var_expand`, and gives back what that gives.

    IPython hands every shell command to `shell.var_expand` just before the shell gets it, for the values of its `{x}` and `$x`.
    Here the text is seen that is run, from a cell, a loop or a function; and the cell of a `%%bash`, whose first line takes
    the same way. No other cell meets it.
    """

    def __init__(self, shell: Any) -> None:
        self.shell = shell
        self.expand = shell.var_expand
        self.told: set[object] = set()
        self.told_in = -1
        self.typed: tuple[str, str] | None = None
        """The line of the last magic: expanded, and as typed."""

    def __call__(self, cmd: str, depth: int = 0, *rest: Any, **options: Any) -> Any:
        """Expand ``cmd`` for the frame ``depth`` above the caller, and judge it if the caller is about to give it to a shell.

        Raises `BlockedError` in `block` mode. ``depth`` counts frames, and this method adds one.
        """
        text = self.expand(cmd, depth + 1, *rest, **options)
        caller = sys._getframe(1)
        name = caller.f_code.co_name
        if name in _CALLERS:
            return self._watched(text, text, None, caller, typed=cmd)
        if name == "run_cell_magic" and (magic := caller.f_locals.get("magic_name")) in _SCRIPTS:
            return self._watched(text, caller.f_locals.get("cell"), magic, caller)
        if name == "run_line_magic":
            self.typed = (text, cmd)
        return text

    def _watched(self, text: Any, script: Any, magic: str | None, caller: FrameType, typed: str | None = None) -> Any:
        """``text``, or what the shell should run instead. If the guard itself fails, it prints one line and the command runs."""
        if not isinstance(script, str) or not any(word in script for word in WORDS):
            return text
        try:
            from .show.notebook.guard import decide  # inside the `try`: its dependencies may have been uninstalled

            act = decide(self, text, script, magic, caller, typed)
        except Exception as error:
            said = " ".join(f"{type(error).__name__}: {error}".split())
            if (redact := sys.modules.get(f"{__package__}.redact")) is not None:  # not loaded: nothing read yet
                said = redact.masked(said)
            print(f"the guard of `ipython_where` failed ({said}): the command runs", file=sys.stderr)
            return text
        return text if act is None else act()


# -- loading -----------------------------------------------------------------------------------------------------------

_replaced: WeakKeyDictionary[Any, Any] = WeakKeyDictionary()
"""The magics of the same names that a shell had before, to be given back."""


def load(shell: Any) -> None:
    """Register the magics and their completions with ``shell``, and look for a change that a crash left unfinished."""
    if shell not in _replaced:
        _replaced[shell] = _snapshot(shell)
    for name, (kind, function) in MAGICS.items():
        shell.register_magic_function(function, magic_kind=kind, magic_name=name)
    completer = getattr(shell, "Completer", None)
    if completer is not None and match_names not in completer.custom_matchers:
        completer.custom_matchers.append(match_names)
    _watch(shell)
    _recover()


def _recover() -> None:
    """Take back what a crash left; in nearly every environment, this is one look at the disk."""
    site = sys.modules.get("site")
    user_base = getattr(site, "USER_BASE", None) if getattr(site, "ENABLE_USER_SITE", False) else None
    for root in (sys.prefix, user_base):
        if root is not None and os.path.isdir(os.path.join(root, ".safepip")):
            from .change.transaction.unfinished import is_anything_left

            if is_anything_left(root):
                from .show.notebook.safepip import recover_at_load

                recover_at_load(user=root is user_base)


def unload(shell: Any) -> None:
    """Take away what `load` gave, and give back the magics that it replaced."""
    for home, replaced in zip(_homes(shell), _replaced.pop(shell, ()), strict=False):
        for name in MAGICS:
            home.pop(name, None)
        home.update(replaced)
    completer = getattr(shell, "Completer", None)
    if completer is not None and match_names in completer.custom_matchers:
        completer.custom_matchers.remove(match_names)
    _unwatch(shell)


def _watch(shell: Any) -> None:
    """Give hints after errors from now on, and let `%config` switch that off."""
    before_cell(None)
    for event, callback in CALLBACKS.items():
        shell.events.register(event, callback)
    stand(shell)
    if not _switches(shell):
        shell.configurables += [Switch(name, shell) for name in SWITCHES]


def _unwatch(shell: Any) -> None:
    leave(shell)
    for event, callback in CALLBACKS.items():
        if callback in shell.events.callbacks[event]:
            shell.events.unregister(event, callback)
    for switch in _switches(shell):
        shell.configurables.remove(switch)


def stand(shell: Any) -> None:
    """Put a guard in front of ``shell``, unless one stands there."""
    if not isinstance(shell.var_expand, Guard):
        shell.var_expand = Guard(shell)


def leave(shell: Any) -> None:
    """Take the guard away, and give back what stood in its place."""
    guard = shell.var_expand
    if isinstance(guard, Guard):
        del shell.var_expand
        if shell.var_expand != guard.expand:  # somebody's own, and not the method of the class
            shell.var_expand = guard.expand


def _switches(shell: Any) -> list[Any]:
    return [each for each in shell.configurables if type(each) is Switch]


def _homes(shell: Any) -> tuple[dict[str, Any], ...]:
    """Where a shell keeps its magics by name."""
    manager = shell.magics_manager
    return (manager.magics["line"], manager.magics["cell"], vars(manager.user_magics))


def _snapshot(shell: Any) -> tuple[dict[str, Any], ...]:
    return tuple({name: home[name] for name in MAGICS if name in home} for home in _homes(shell))
