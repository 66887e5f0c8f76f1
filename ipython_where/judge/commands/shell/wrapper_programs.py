"""Programs that start another one, from their manuals: `nohup`, `timeout`, `flock`, `xargs`, `find`, `env`, `sudo`.

Tested in `tests/judge/commands/test_differential.py`.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import replace

from ipython_where.judge.commands.reader import Reader

from .expansion import Field
from .state import ShellVariable, State
from .wrapped import Options, Wrapped, behind, inner

_OPTIONS = {
    "nohup": Options(),
    "setsid": Options("fw", long_flags=("--fork", "--wait"), without=("-h", "-V")),
    "nice": Options("0123456789", "n", long_values=("--adjustment",), value=r"[-+]?\d+"),
    "ionice": Options(
        "t", "cn", ("--ignore",), ("--class", "--classdata"), ("-p", "-P", "-u", "-h", "-V", "--pid", "--pgid", "--uid"),
        value="[2-7]|idle|best-effort",
    ),
    "stdbuf": Options("", "ioe", (), ("--input", "--output", "--error"), value="[L0]"),
    "time": Options(
        "apqv", "fo", ("--append", "--portability", "--quiet", "--verbose"), ("--format", "--output"), ("-V",), value="%.*",
    ),
    "timeout": Options(
        "v", "ks", ("--foreground", "--preserve-status", "--verbose"), ("--kill-after", "--signal"), before=1,
        value=r"\d+[smhd]?|INT|TERM|KILL|HUP|QUIT",
    ),
    "unbuffer": Options("p"),
    "chrt": Options(
        "abdfimoRrv", "DPT",
        ("--all-tasks", "--batch", "--deadline", "--fifo", "--idle", "--other", "--reset-on-fork", "--rr", "--verbose"),
        ("--sched-runtime", "--sched-period", "--sched-deadline"), ("-p", "--pid", "-m", "--max", "-h", "-V"), 1, False,
    ),
    "taskset": Options("ac", "", ("--all-tasks", "--cpu-list"), (), ("-p", "--pid", "-h", "-V"), 1, False),
    "numactl": Options(
        "al", "iNCmpP", ("--all", "--localalloc", "--balancing"),
        ("--interleave", "--cpunodebind", "--physcpubind", "--membind", "--preferred"),
        ("-s", "-H", "--show", "--hardware"), 0, False,
    ),
    "prlimit": Options(
        "v", "", ("--verbose",), (), ("-p", "--pid", "-h", "-V", "--raw", "--noheadings"), 0, False
    ),
    "setarch": Options(
        "vRFZLXBITS3", "", ("--verbose", "--addr-no-randomize"), (), ("--list", "-h", "-V"), 0, False
    ),
    "linux32": Options("vRFZLXBITS3", without=("-h", "-V"), is_sure=False),
    "linux64": Options("vRFZLXBITS3", without=("-h", "-V"), is_sure=False),
    "fakeroot": Options(without=("-h", "-v"), is_sure=False),
    "catchsegv": Options(),
}  # fmt: skip
"""Programs that only start another one. An option that isn't listed leaves what they start unknown."""

OPAQUE = frozenset(
    "script watch parallel su runuser doas pkexec strace ltrace gdb valgrind perf unshare nsenter chroot systemd-run "
    "firejail proot faketime cpulimit xvfb-run xvfb-run-safe dbus-run-session dbus-launch tmux screen expect at batch "
    "srun sbatch mpirun mpiexec busybox toybox rlwrap entr direnv nix-shell nix pyenv asdf mise rye tox nox invoke just "
    "task bsub qsub cmd setpriv capsh ld.so ld-linux-x86-64.so.2 caffeinate arch eatmydata torsocks proxychains tsocks "
    "cgexec taskpolicy coverage ipython jupyter rbenv module lsf accelerate torchrun".split()
)
"""Programs that start another one in a way that isn't followed here."""

_SYSTEM = r"\b(?:system|exec\w*|popen\w*|spawn\w*|proc_open|shell_exec|passthru|getline|qx|open\w*|run|pipe|backquote)\b|[`!|]"
SCRIPTED = {
    **dict.fromkeys(("awk", "gawk", "mawk", "nawk", "perl", "ruby", "node", "nodejs", "php", "lua", "tclsh"), _SYSTEM),
    **dict.fromkeys(
        ("R", "Rscript", "julia", "emacs", "vi", "vim", "nvim", "ex", "ed", "dc", "m4", "gnuplot"), _SYSTEM
    ),
    "sed": r"(?:^|[\s;{}/0-9$,!|#])e(?:\s|$)|[/|#,][gpiImMw0-9]*e[gpiImMw0-9]*(?:[\s;}]|$)",
    "git": r"!|^(?:bisect|foreach|--exec(?:=.*)?|-x.*)$|(?:editor|pager|sshcommand)=",
    "tar": r"^(?:-I|-F|--(?:to-command|checkpoint-action|use-compress-program|info-script|new-volume-script))",
    "rsync": r"^(?:-\w*e|--rsh)",
}
"""Programs that start another one if their arguments, by these patterns, tell them to: `awk 'BEGIN { system("…") }'`."""

ELSEWHERE = frozenset("ssh docker podman nerdctl kubectl apptainer singularity vagrant wsl".split())
"""Programs that start another one on another machine or in a container."""

SHELLS = ("sh", "bash", "dash", "zsh", "ksh", "mksh", "ash", "rbash")
_SUDO_KEEPS = frozenset(("TERM", "LANG", "HOME", "USER", "LOGNAME", "SHELL", "MAIL", "PWD"))


def unwrap_program(name: str, seen: Wrapped, reader: Reader) -> Wrapped | None:
    """Unwrap one program that starts another; None if it isn't one."""
    rule = _RULES.get(name)
    options = _OPTIONS.get(name)
    if rule is None and options is None:
        return None
    if is_missing(seen.fields[0].text or "", seen.state, reader):
        return seen._replace(missing=seen.fields[0].text)
    if rule is not None:
        return rule(seen, reader)
    assert options is not None
    first = seen.fields[1].text if seen.fields[1:] else None
    if name == "setarch" and first and first[0] != "-":  # the architecture comes before the options
        seen = seen._replace(fields=(seen.fields[0], *seen.fields[2:]))
    if name == "stdbuf" and first and first[0] != "-":
        return seen._replace(missing="stdbuf")  # it wants an option
    rest = behind(seen.fields[1:], options)
    if name == "timeout" and rest:
        duration = seen.fields[-len(rest) - 1].text or ""
        if not re.fullmatch(r"(\d+\.?\d*|\.\d+)[smhd]?", duration):
            return seen._replace(is_lost=True)
    after = inner(seen, rest)
    if after is None or rest is None:
        return after
    is_sure = options.is_sure and _are_valid(seen.fields[1 : len(seen.fields) - len(rest) - options.before], options)
    return after._replace(may_fail=seen.may_fail or not is_sure)


def _are_valid(fields: tuple[Field, ...], options: Options) -> bool:
    """Whether the program certainly accepts the values of its options."""
    short = re.compile(rf"-[{re.escape(options.flags)}]*[{re.escape(options.values)}](.*)") if options.values else None
    is_next = False
    for field in fields:
        word = field.text or ""
        found = short.fullmatch(word) if short and not is_next and not word.startswith("--") else None
        value: str | None = word if is_next else found[1] if found else None
        if not is_next and word.startswith("--") and "=" in word:
            value = word.partition("=")[2]
        is_next = not is_next and (value == "" if found else word in options.long_values)
        if value and re.fullmatch(options.value, value) is None:
            return False
    return True


def is_missing(name: str, state: State, reader: Reader) -> bool:
    """Whether certainly nothing has that name when it is called: no program on PATH, and no exported bash function."""
    path = state.value("PATH")
    if state.is_touched or state.is_lost or not path or state.cwd is None or f"BASH_FUNC_{name}%%" in state.variables:
        return False
    return not reader.finds(name, path, state.cwd)


# -- env ---------------------------------------------------------------------------------------------------------------


def _env(seen: Wrapped, reader: Reader) -> Wrapped | None:
    state, fields, at = seen.state, seen.fields[1:], 0
    is_behind = False  # after `-`, `--` or the first assignment, there are no more options
    while at < len(fields):
        word = fields[at].text
        if word is None:
            return seen._replace(is_lost=True)
        at += 1
        if word in ("-", "--ignore-environment") and not is_behind:
            state = replace(state, variables={}, is_blurred=False)
            is_behind = word == "-"
        elif word in ("--help", "--version") and not is_behind:
            return None
        elif word == "--" and not is_behind:
            is_behind = True
        elif word.startswith("-") and not is_behind:
            taken = _env_option(word, fields[at:], state, reader)
            if taken is None:
                return seen._replace(is_lost=True)
            if isinstance(taken, str):
                return seen._replace(missing=taken)
            state, fields, at = taken[0], taken[1], 0
        elif "=" in word:
            name, _, value = word.partition("=")
            state = state.with_variable(name, value, exported=True) if name else state
            is_behind = True
        else:
            return seen._replace(fields=fields[at - 1 :], state=state)
    return None


def _env_option(
    word: str, rest: tuple[Field, ...], state: State, reader: Reader
) -> tuple[State, tuple[Field, ...]] | str | None:
    """An option of `env`: the state and the words after it; a text if it fails, None if it isn't followed."""
    name, equals, value = word.partition("=")
    letters = {"--unset": "u", "--chdir": "C", "--split-string": "S", "--debug": "v"}.get(name)
    if letters is None:
        letters, equals = (word[1:], "") if not word.startswith("--") else ("?", "")
    for position, letter in enumerate(letters):
        if letter == "i":
            state = replace(state, variables={}, is_blurred=False)
        elif letter in "uCS":
            given = value if equals else letters[position + 1 :] or (rest[0].text if rest else None)
            if not equals and not letters[position + 1 :]:
                rest = rest[1:]
            return None if given is None else _env_value(letter, given, rest, state, reader)
        elif letter != "v":
            return None
    return state, rest


def _env_value(
    letter: str, given: str, rest: tuple[Field, ...], state: State, reader: Reader
) -> tuple[State, tuple[Field, ...]] | str | None:
    if letter == "u":
        return state.without_variable(given), rest
    if letter == "S":
        # `-S` puts the words of its argument before the others; its escapes are not followed
        return None if set(given) & set("\\$'\"#") else (state, (*map(Field, given.split()), *rest))
    there = state.path_of(given)
    if there is not None and not reader.is_directory(there) and not state.is_touched:
        return given
    return replace(state, cwd=there), rest


# -- others ------------------------------------------------------------------------------------------------------------


def _sudo(seen: Wrapped, reader: Reader) -> Wrapped | None:
    """`sudo` runs with its own PATH and variables, which only its configuration determines."""
    options = Options(
        "AbEHnPSis", "ugCpDRTUrth", ("--preserve-env", "--non-interactive", "--set-home", "--login", "--stdin", "--shell"),
        ("--user", "--group", "--chdir"), ("-l", "-v", "-K", "-k", "-V", "-e", "--list", "--validate"),
    )  # fmt: skip
    rest = behind(seen.fields[1:], options)
    if rest is None:
        return seen._replace(is_lost=True)
    variables = {
        name: each if name in _SUDO_KEEPS else ShellVariable(None, True) for name, each in seen.state.variables.items()
    }
    state = replace(seen.state, variables=variables)
    while rest and (assignment := re.fullmatch(r"(\w+)=(.*)", rest[0].text or "", re.DOTALL)):
        state = state.with_variable(assignment[1], assignment[2], exported=True)
        rest = rest[1:]
    return seen._replace(fields=rest, state=state) if rest else None


_XARGS = Options(
    "0oprtx", "adEILnPs",
    ("--null", "--open-tty", "--interactive", "--no-run-if-empty", "--verbose", "--exit"),
    ("--arg-file", "--delimiter", "--max-lines", "--max-args", "--max-procs", "--max-chars", "--replace", "--eof",
     "--process-slot-var"),
    ("--show-limits",),
)  # fmt: skip


def _xargs(seen: Wrapped, reader: Reader) -> Wrapped | None:
    given = [field.text for field in seen.fields[1:]]
    if any(word is not None and re.match(r"-[eil]|--(?:replace|max-lines|eof)$", word) for word in given):
        return seen._replace(is_lost=True)  # their values may be omitted
    rest = behind(seen.fields[1:], _XARGS)
    if not rest:
        return inner(seen, rest)
    marks = [
        word[2:] or after
        for word, after in zip(given, [*given[1:], None], strict=True)
        if word and word.startswith("-I")
    ]
    if marks:
        kept = tuple(field if not _has(field, marks) else Field(None, is_many=False) for field in rest)
        return seen._replace(fields=kept, repeats=True)
    return seen._replace(fields=(*rest, Field(None, is_many=True)), repeats=True)


def _has(field: Field, marks: list[str | None]) -> bool:
    return field.text is None or any(mark is None or mark in field.text for mark in marks)


def _find(seen: Wrapped, reader: Reader) -> Wrapped | None:
    """`find … -exec COMMAND \\;`: with several commands, it is unknown which one is started how often."""
    words = [field.text for field in seen.fields]
    starts = [at for at, word in enumerate(words) if word in ("-exec", "-execdir", "-ok", "-okdir")]
    if not starts and None not in words:
        return None
    if len(starts) != 1:
        return seen._replace(is_lost=True)
    rest = seen.fields[starts[0] + 1 :]
    ends = [at for at, field in enumerate(rest) if field.text in (";", "+")]
    if not ends or not ends[0]:
        return None  # find rejects it
    command = tuple(Field(None) if _has(field, ["{}"]) else field for field in rest[: ends[0]])
    state = seen.state if words[starts[0]] in ("-exec", "-ok") else replace(seen.state, cwd=None)
    return seen._replace(fields=command, state=state, repeats=True)


def _flock(seen: Wrapped, reader: Reader) -> Wrapped | None:
    options = Options(
        "sxnueoF", "wE",
        ("--shared", "--exclusive", "--nonblock", "--nb", "--unlock", "--close", "--no-fork", "--verbose"),
        ("--wait", "--timeout", "--conflict-exit-code"), ("-h", "-V"), 1,
    )  # fmt: skip
    rest = behind(seen.fields[1:], options)
    if not rest:
        return inner(seen, rest)
    if rest[0].text in ("-c", "--command", None):
        return seen._replace(is_lost=True)  # run by the shell that SHELL names
    return seen._replace(fields=rest, may_fail=True)


_RULES: dict[str, Callable[[Wrapped, Reader], Wrapped | None]] = {
    "env": _env,
    "sudo": _sudo,
    "xargs": _xargs,
    "find": _find,
    "flock": _flock,
}
STARTERS = (*_OPTIONS, *_RULES)
