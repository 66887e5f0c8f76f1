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

    from .arguments import Arguments
    from .model import Answer, Answers

# -- magics ------------------------------------------------------------------------------------------------------------


def where(line: str = "") -> Answer | Answers[Answer] | None:
    """Where this kernel runs, and where a module comes from.

    Usage::

        %where [-v] [--json] [NAME ...]
        %where [-v] [--json] !COMMAND
        %where --imported [-v] [--json | --markdown]
        %where [NAME ...] --on CLIENT [--timeout SECONDS] [-v] [--json | --markdown]

    Without a name: this kernel's interpreter and environment, the kernelspec that started it, what `!pip` and `!python`
    reach from here, the Jupyter server that drives it, and what is wrong, with the command that fixes it.

    With a command after `!`: where it would install. It is not run.

    With names: for each module (`numpy`, `os.path`), distribution (`scikit-learn`) or variable (`np`, `df`) its file, its
    distribution and version, why that copy is found, and which others it hides. Nothing is imported to find out.

    With `--imported`: every module that is loaded in this kernel, with its distribution and version, and the machine. Those
    that this notebook imported come first.

    With `--on` and a variable that holds a client of a cluster (dask, ipyparallel, ray, spark): the same, asked of each worker,
    in groups that are equal, with what differs from this kernel; without a name, their whole environments.

    Options::

        -v, --verbose  show everything that is known
        --json         print the answer as JSON
        --markdown     print what is imported, or the workers, as Markdown, for an issue or a paper
        --timeout SECONDS  how long the workers have to answer
        -h, --help     show this help

    Examples::

        In [1]: %where
        In [2]: r = %where numpy
        In [3]: r.version
        In [4]: %where !pip install numpy
        In [5]: %where --imported
        In [6]: %where numpy --on client
    """
    from .arguments import parse_arguments, split_command

    words, command = split_command(line)
    is_silenced = line.rstrip().endswith(";") and command is None
    arguments = parse_arguments(words.rstrip("; \t").split(), command="%where", help_command="%where?")
    if arguments.help:
        print(where.__doc__)
        return None
    if arguments.imported:
        answer = _imported(arguments.verbose)
    elif arguments.on is not None:
        answer = _on_workers(arguments, command)
    else:
        answer = _answer(arguments, command, typed=_typed(line))
    if arguments.markdown:
        print(answer.to_markdown())
        return None
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


def _imported(verbose: bool) -> Any:
    from .answer.imported import imported
    from .session import current_world

    return imported(current_world(), verbose=verbose)


def _on_workers(arguments: Arguments, command: str | None) -> Any:
    from .show.notebook.on_workers import ask_workers

    return ask_workers(arguments, command, is_first=is_blank())


def _answer(arguments: Arguments, command: str | None, *, typed: str | None) -> Any:
    from .redact import learn
    from .session import current_world

    names, verbose = arguments.names, arguments.verbose
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
        %safepip lock [FILE]
        %safepip sync [FILE]
        %safepip page [load NAME ... | unload NAME ...]
        %safepip list | show NAME ... | freeze | check | tree [NAME ...] | inspect | index versions NAME
        %safepip download | wheel | hash | cache | config | debug ...
        %safepip help [COMMAND]

    It takes what `pip install` takes, without quotes (`numpy>=2`, `six[extra]`) and without a shell: `;`, `>` and `*` are
    plain text; `$NAME` is a variable of the environment, if there is one. The plan is refused, with nothing changed, where it
    would break the kernel itself; and an install that fails half-way is rolled back. `%%safepip install` takes the lines of a
    requirements file as its cell.

    `lock` writes what is installed to a file, `pylock.toml` unless named, and `sync` makes the environment match one again.
    `%safepip help COMMAND` and `%safepip COMMAND --help` explain a command and list its options.

    With `--server` a command means the environment of the Jupyter server, where JupyterLab's extensions go. With `--on CLIENT`,
    `install`, `uninstall` and `undo` mean the environments of a cluster's workers: planned in all of them first, then changed
    in all.

    Options of its own::

        --dry-run             show what would change
        --with pip|uv|NAME    choose the installer; else the fastest that gives the same answer
        --server              mean the Jupyter server's environment, where that is proven to be on this machine
        --on CLIENT           mean the environments of the workers of a cluster, by the variable that holds its client
        --and-here            change this kernel's environment, too, with `--on`
        --allow-kernel        let the kernel's own packages change, though they would leave what it accepts
        --allow-server        the same for the server's own packages, with `--server`
        --allow-workers       the same for the workers' own packages, with `--on`
        --allow-conflicts     leave requirements of other distributions unmet, or overwrite their files
        --allow-conda         change what conda or pixi installed
        --allow-frozen        change an environment that is frozen (`conda-meta/frozen`)
        --no-raise            return an error instead of raising it

    Examples::

        In [1]: %safepip install pandas>=2
        In [2]: %safepip undo
    """
    _refuse_platform("%safepip")
    try:
        from .show.notebook.safepip import run_line
    except KeyboardInterrupt:  # a traceback would only show which of our modules was being imported
        from .errors import Interrupted

        raise Interrupted("interrupted: nothing was changed") from None
    return run_line(line, cell, help_text=safepip.__doc__ or "", is_first=is_blank())


def safeconda(line: str = "") -> Any:
    """Change this kernel's conda environment: planned first, all or nothing, with an undo.

    Usage::

        %safeconda install [OPTION ...] SPEC ...
        %safeconda update [OPTION ...] NAME ...
        %safeconda remove [OPTION ...] NAME ...
        %safeconda sync [OPTION ...] [FILE]
        %safeconda export [OPTION ...] [FILE]
        %safeconda list [WORD ...]
        %safeconda history
        %safeconda undo [ID]

    A SPEC is a match spec of conda's: `numpy`, `numpy>=2`, `numpy=2.1`, `conda-forge::numpy`. No shell reads the line, so that it
    needs no quotes. Channels, their order, pins and proxies are conda's own settings. The plan is refused, with nothing changed,
    where it would break this kernel, what pip installed, or another package.

    It needs py-rattler, `pip install "ipython-where[conda]"`, and no conda. `%safeconda COMMAND --help` lists the options.

    Examples::

        In [1]: %safeconda install -c conda-forge "numpy>=2"
        In [2]: %safeconda undo
    """
    _refuse_platform("%safeconda")
    try:
        from .show.notebook.safeconda import run_line
    except KeyboardInterrupt:  # a traceback would only show which of our modules was being imported
        from .errors import Interrupted

        raise Interrupted("interrupted: nothing was changed") from None
    return run_line(line, help_text=safeconda.__doc__ or "", is_first=is_blank())


def _refuse_platform(magic: str) -> None:
    """Raise where nothing can be changed safely: a file that is in use cannot be renamed, or there are no programs."""
    if sys.platform in ("win32", "emscripten"):
        from .judge.diagnose.way import refusal, way_of

        raise refusal(way_of(sys.platform, sys.modules), magic)


def match_names(context: Any) -> dict[str, Any]:
    """What Tab offers after our magics, and a `%pip` that is `%safepip`: an IPython matcher (API version 2).

    Where nothing of ours fits, IPython's own completions come.
    """
    line = context.line_with_cursor[: context.cursor_position]
    if "%" not in line:
        return {"completions": []}
    from IPython.core.completer import SimpleCompletion

    from .session import current_world
    from .show.notebook.completion import offers_for

    offers = offers_for(line, current_world)
    if offers is None or not offers.found:
        return {"completions": []}
    return {
        "completions": [SimpleCompletion(text=each.text, type=each.kind) for each in offers.found],
        "matched_fragment": offers.word,
        "ordered": True,
        "suppress": True,
    }


match_names.matcher_api_version = 2  # type: ignore[attr-defined]
match_names.matcher_identifier = "ipython_where"  # type: ignore[attr-defined]

MAGICS = {"where": ("line", where), "safepip": ("line_cell", safepip), "safeconda": ("line", safeconda)}


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


_sent = -1
"""How many messages the kernel had sent when this cell began; -1 if that is unknown."""


def before_cell(info: object) -> None:
    """Remember the last error, so that it is not taken for this cell's, and how much was sent before it."""
    global _past_error, _sent
    _past_error = id(getattr(sys, "last_value", None))
    _sent = -1 if info is None else _messages()


def _messages() -> int:
    """How many messages this kernel has sent: jupyter_client numbers them. -1 without a kernel."""
    ipython = sys.modules.get("IPython")
    kernel = getattr(ipython.get_ipython(), "kernel", None) if ipython else None
    return getattr(getattr(kernel, "session", None), "message_count", -1)


def is_blank() -> bool:
    """Whether it is certain that this cell has shown nothing yet, not even what waits in a buffer."""
    if _sent == -1:
        return False
    for stream in (sys.stdout, sys.stderr):
        try:
            stream.flush()
        except (AttributeError, OSError, ValueError):  # replaced by something, or closed
            return False
    return _messages() == _sent


def after_cell(result: object) -> None:
    """Give a hint below a cell's traceback. Nothing is imported for a cell without one."""
    global _past_error
    # not `result.error_in_exec`: `%run`, `%%time` and input transformers show their tracebacks themselves
    error = getattr(sys, "last_value", None)
    if error is not None and id(error) != _past_error:
        if hasattr(error, "finding") and error is getattr(result, "error_in_exec", None):
            _show_box(error)
        try:
            from .show.notebook.failed_imports import give_hint
        except Exception:  # a broken third-party finder makes every import raise; the user has already seen that error
            return
        if give_hint(error):
            _past_error = id(error)


def _show_box(error: Any) -> None:
    """Show an error of ours as answers are shown, if that is possible here; its text is in the traceback anyway."""
    from contextlib import suppress

    with suppress(Exception):
        from .show.notebook.error_box import show_box

        show_box(error)


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
    ".sh",
)
"""A command that contains none of these is not analysed: it neither names a package manager nor a script that may."""

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
        self.has_said_no_grammar = False
        self.typed: tuple[str, str] | None = None
        """The line of the last magic: expanded, and as typed."""
        self.muted: object = None
        self.own: Any = None
        """What was redirected in this session, and what of it the shell would not find; None before the first."""

    def __call__(self, cmd: str, depth: int = 0, *rest: Any, **options: Any) -> Any:
        """Expand ``cmd`` for the frame ``depth`` above the caller, and judge it if the caller is about to give it to a shell.

        Raises `BlockedError` in `block` mode. ``depth`` counts frames, and this method adds one.
        """
        self.unmute()
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

    def mute(self) -> None:
        """Keep back what terminal IPython says next about `!pip` and `!conda`, wherever they install: it was said better."""
        import warnings

        warnings.filterwarnings("ignore", message="You executed the system command !", category=UserWarning)
        self.muted = warnings.filters[0]

    def unmute(self) -> None:
        """Take the filter back, if it is still there."""
        if self.muted is not None:
            import warnings

            for each in [each for each in warnings.filters if each is self.muted]:
                warnings.filters.remove(each)  # type: ignore[attr-defined] # a list, which typeshed calls a sequence
            self.muted = None

    def _watched(self, text: Any, script: Any, magic: str | None, caller: FrameType, typed: str | None = None) -> Any:
        """``text``, or what the shell should run instead. If the guard itself fails, it prints one line and the command runs."""
        if not isinstance(script, str):
            return text
        is_plain = not any(
            word in each for word in WORDS for each in (script, str(text))
        )  # `%%script pip install x` names it
        if self.own is None and is_plain:
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
    """Roll back what a crash left; in nearly every environment, this is one look at the disk."""
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
    before_cell(None)  # what this cell has shown before is unknown
    for event, callback in CALLBACKS.items():
        shell.events.register(event, callback)
    stand(shell)
    if not _switches(shell):
        shell.configurables += [Switch(name, shell) for name in SWITCHES]
    chosen = shell.config.get("PipGuard", {})
    if chosen.get("pip") or chosen.get("path"):  # from a profile: they must count from now on
        _switch(shell, "PipGuard")._make()


def _unwatch(shell: Any) -> None:
    leave(shell)
    if (taken := sys.modules.get(f"{__package__}.show.notebook.pip_magic")) is not None:
        taken.give_back(shell)
    if (path := sys.modules.get(f"{__package__}.show.notebook.shell_path")) is not None:
        path.take_back()
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
        guard.unmute()
        del shell.var_expand
        if shell.var_expand != guard.expand:  # somebody's own, and not the method of the class
            shell.var_expand = guard.expand


def _switch(shell: Any, name: str) -> Any:
    return next(each for each in _switches(shell) if each._name == name)


def _switches(shell: Any) -> list[Any]:
    return [each for each in shell.configurables if type(each) is Switch]


def _homes(shell: Any) -> tuple[dict[str, Any], ...]:
    """Where a shell keeps its magics by name."""
    manager = shell.magics_manager
    return (manager.magics["line"], manager.magics["cell"], vars(manager.user_magics))


def _snapshot(shell: Any) -> tuple[dict[str, Any], ...]:
    return tuple({name: home[name] for name in MAGICS if name in home} for home in _homes(shell))
