"""The builtins that set variables: `export` and its relatives, `read`, `printf -v`, `unset`.

Tested in `tests/judge/commands/test_differential.py`.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace

from .builtin_call import Assigned, Call, Done, Exits, Result, done, maybe
from .state import TIED, Outcome, ShellVariable, State, either

DECLARING = frozenset("export readonly declare typeset local integer float private".split())
NAME = re.compile(r"[A-Za-z_]\w*")
_SPECIAL_IN_ZSH = frozenset(
    "ARGC CDPATH COLUMNS EGID EUID FIGNORE FPATH FUNCNEST GID HISTCHARS HISTCMD HISTSIZE HOME IFS KEYBOARD_HACK LANG LINENO "
    "LINES MAILPATH MANPATH MODULE_PATH NULLCMD OPTARG OPTIND PATH PPID PROMPT PROMPT2 PROMPT3 PROMPT4 PS1 PS2 PS3 PS4 PSVAR "
    "RANDOM READNULLCMD SAVEHIST SECONDS SHLVL SPROMPT TERM TRY_BLOCK_ERROR TRY_BLOCK_INTERRUPT TTYIDLE UID USERNAME WORDCHARS "
    "ZSH_EVAL_CONTEXT ZSH_SUBSHELL _ argv cdpath fignore fpath histchars mailpath manpath module_path path pipestatus prompt "
    "psvar status zsh_eval_context".split()
)
"""Variables of which zsh accepts no local one if they are readonly, nor a readonly one: the function ends with an error.

Those that `zsh -f` calls special (zshparam), without those of its modules; `LC_` is one of each name.
"""


def declare(call: Call) -> Done:
    """`export`, `readonly`, `declare`, `typeset`, `local`: they set attributes and values."""
    options, given = _divided(call)
    if given is None:
        return Result(either(call.state.blurred()), may_end=True)
    if call.dialect.name == "zsh" and "T" in options:
        return Result(either(call.state.lost()), is_dark=True)
    if _is_rejected(call, options):
        return Exits(False) if call.dialect.name == "dash" and call.is_bare else maybe(call.state, may_end=True)
    if ("f" in options or "F" in options) and ("r" in options or call.name == "readonly") and given:
        return Result(either(call.state.lost()), is_dark=True)  # the function can't be redefined
    if "p" in options or ("f" in options or "F" in options) or not given:
        is_export = call.name == "export" or "x" in options
        return maybe(_with_functions(call, given) if is_export else call.state)
    if call.name == "local" and any(each.name == "-" for each in given):
        return _with_options(call, given)
    if any(not NAME.fullmatch(each.name) for each in given):
        return Result(either(call.state.blurred()), may_end=True)
    state = call.state
    is_local = _is_local(call, options)
    if "g" in options and call.dialect.name == "bash" and any(_is_covered(each.name, state) for each in given):
        return Result(either(state.lost()), is_dark=True)  # what it sets can't be seen from here
    if call.name == "local" and not call.is_in_function:
        return Result(either(_forgotten(state, [each.name for each in given])), may_end=True)
    if is_local and call.dialect.name == "zsh" and _is_readonly_in_zsh(call, options, given):
        return Result(either(state.lost()), may_end=True, is_dark=True)
    fails = False
    for each in given:
        if each.name in state.readonly and (each.value is not None or not each.appends):
            fails = fails or not (call.dialect.name == "zsh" and is_local and each.name not in _SPECIAL_IN_ZSH)
        state = _declared(call, state, each, options, is_local=is_local)
    if not fails:
        return done(state)
    return Exits(False) if call.dialect.ends_on_special else maybe(state, may_end=True)


def _is_readonly_in_zsh(call: Call, options: str, given: list[Assigned]) -> bool:
    """Whether a local variable becomes readonly that zsh cannot restore at the function's end, and then ends the script."""
    is_readonly = call.name == "readonly" or "r" in re.sub(r"\+.", "", options)
    names = {each.name for each in given} - set(call.state.locals)
    return is_readonly and any(name in _SPECIAL_IN_ZSH or name.startswith("LC_") for name in names)


_UNSET = Assigned("", None, True)


def _divided(call: Call) -> tuple[str, list[Assigned] | None]:
    """The option letters, with `+` before those that are removed, and the declarations; `appends` stands for no value."""
    letters, given = "", list(call.assignments)
    is_behind = False
    for field in call.fields[1:]:
        word = field.text
        if word is None:
            return letters, None
        if not is_behind and word[:1] in ("-", "+") and len(word) > 1:
            is_behind = word == "--"
            letters += "".join(("+" if word[0] == "+" else "") + letter for letter in word[1:] if letter != "-")
            continue
        name, equals, value = word.partition("=")
        given.append(Assigned(name, value) if equals else _UNSET._replace(name=name))
    return letters, given


def _is_rejected(call: Call, options: str) -> bool:
    """Whether the shell has no such option: `local` has none in dash, and no `-g` in zsh."""
    if call.dialect.name == "dash":
        return bool(set(options) - set("" if call.name == "local" else "p"))
    return call.dialect.name == "zsh" and call.name == "local" and "g" in options


def _with_options(call: Call, given: list[Assigned]) -> Done:
    """`local -`: the function's changes to the options end with it."""
    state = call.state
    if len(given) > 1 or call.dialect.name not in ("bash", "dash"):
        return Result(either(state.lost()), may_end=True, is_dark=True)
    return done(replace(state, own_options=state.options)) if call.is_in_function else maybe(state, may_end=True)


def _is_covered(name: str, state: State) -> bool:
    """Whether a local variable of a function, or of one that called it, stands before the outer one."""
    return name in state.locals or name in state.covered


def _is_local(call: Call, options: str) -> bool:
    if not call.is_in_function or "g" in options:
        return False
    if call.dialect.name == "zsh" and "x" in options and call.name != "local":
        return False  # GLOBAL_EXPORT
    names = ("declare", "typeset", "local", "integer", "float", "private")
    return call.name in names or (call.name == "readonly" and call.dialect.name == "zsh")


def _declared(call: Call, state: State, each: Assigned, options: str, *, is_local: bool) -> State:
    name, before = each.name, state.variables.get(each.name)
    has_value = not (each.appends and each.value is None)
    if name in state.readonly and not (is_local and call.dialect.name != "bash"):
        return state
    if is_local:
        hidden = {name: before}
        if call.dialect.name == "zsh" and name in TIED:
            hidden[TIED[name]] = state.variables.get(TIED[name])
        readonly = {key: each for key, each in state.readonly.items() if key != name}  # zsh: the outer one alone
        state = replace(state, locals={**hidden, **state.locals}, readonly=readonly)
        state = _begun(call, state, name, before)
    plain = re.sub(r"\+.", "", options)
    if call.name in ("integer", "float") or set(plain) & set("iulcnaALRZFEU"):
        state = replace(state.with_variable(name, None), odd={**state.odd, name: "n" in plain})
    elif has_value:
        state = state.assigned(name, each.value)
    state = _exported(call, state, name, plain, options)
    if call.name == "readonly" or "r" in plain:
        state = replace(state, readonly={**state.readonly, name: True})
    if call.dialect.name == "zsh" and name in TIED:
        state = state.with_variable(TIED[name], None)
    return state


def _begun(call: Call, state: State, name: str, before: ShellVariable | None) -> State:
    """A variable's state right after it was made local."""
    was_exported = before is not None and before.is_exported
    kind = call.dialect.local
    if kind == "kept" or before is None:
        return state
    if kind == "unknown":
        return state.with_variable(name, None)
    if call.dialect.name == "zsh":
        return state.with_variable(name, "", exported=False)
    if not was_exported:
        return state.without_variable(name)
    # as long as the local variable has no value, bash keeps the outer one in the environment
    return state.with_variable(name, "" if name == "PATH" else None, exported=True)


def _exported(call: Call, state: State, name: str, plain: str, options: str) -> State:
    found = state.variables.get(name)
    is_export = call.name == "export" or "x" in plain
    if call.name == "export" and "n" in plain:
        return state.with_variable(name, found.value, exported=False) if found else state
    if "+x" in options:
        return state.with_variable(name, found.value if found else None, exported=False) if found else state
    if is_export and found is None:
        # exported as soon as it has a value
        return replace(
            state, variables={**state.variables, name: ShellVariable("" if call.dialect.name == "zsh" else None, True)}
        )
    return state.exported(name) if is_export else state


def _with_functions(call: Call, given: list[Assigned]) -> State:
    """`export -f`: a bash started from here has these functions."""
    state = call.state
    for each in given:
        state = state.with_variable(f"BASH_FUNC_{each.name}%%", "() { :; }", exported=True)
    return state


def _forgotten(state: State, names: list[str]) -> State:
    for name in names:
        state = state.assigned(name, None) if NAME.fullmatch(name) else state.blurred()
    return state


# -- others ------------------------------------------------------------------------------------------------------------


def unset(call: Call) -> Done:
    """`unset` and zsh's `unfunction`."""
    words, state = call.words, call.state
    if words is None:
        return Result(either(state.lost()), is_dark=True)
    options = "".join(word[1:] for word in words if word[:1] == "-")
    names = [word for word in words if word[:1] != "-"]
    if set(options) - set("fvn-") or any(not re.fullmatch(r"[\w.-]+", name) for name in names):
        return Result(either(state.blurred()), may_end=True)
    if "f" in options and "v" in options:  # bash refuses, and the others obey one of them
        unsure = {name: None for name in names if name in state.functions}
        return maybe(replace(state.blurred(), functions={**state.functions, **unsure}), may_end=True)
    if "f" in options or call.name == "unfunction":
        return _without(call, names)
    if call.dialect.name != "bash" and not all(map(NAME.fullmatch, names)):
        return Result(either(state.blurred()), may_end=True)  # an error, which ends some shells
    if any(name in state.readonly for name in names):
        return Exits(False) if call.dialect.ends_on_special else maybe(state, may_end=True)
    if call.dialect.name == "bash" and any(name in state.covered for name in names):
        return Result(either(state.lost()), is_dark=True)  # it takes a caller's local variable away
    functions = dict(state.functions)
    for name in names:
        if call.dialect.name == "bash" and state.is_unset(name) is not False and "v" not in options:
            functions = {key: each for key, each in functions.items() if key != name}
        is_uncovered = name in state.locals or name in state.odd  # bash uncovers the outer variable
        state = state.assigned(name, None) if is_uncovered else state.without_variable(name)
        if call.dialect.name == "zsh" and name in TIED:
            state = state.with_variable(TIED[name], None)
    return done(replace(state, functions=functions))


def _without(call: Call, names: list[str]) -> Result:
    functions = {name: body for name, body in call.state.functions.items() if name not in names}
    state = replace(call.state, functions=functions)
    for name in names:
        state = state.without_variable(f"BASH_FUNC_{name}%%")
    return maybe(state)


def read_input(call: Call) -> Done:
    """`read`: every named variable becomes unknown; an option may name one, too."""
    if call.words is None:
        return Result(either(call.state.blurred()))
    return _filled(call, [*_names(call.words), "REPLY"])


def _filled(call: Call, names: list[str]) -> Result:
    """A builtin that puts something unknown into variables; a readonly one ends some shells."""
    ends = call.dialect.name != "bash" and not call.state.readonly.keys().isdisjoint(names)
    return maybe(_forgotten(call.state, names), may_end=ends)


def _names(words: list[str]) -> Iterator[str]:
    for word in words:
        if not word.startswith("-"):
            yield re.split(r"[?\[]", word)[0] or "REPLY"
        elif len(word) > 2:
            yield from re.findall(r"^-\w*?a(\w+)$", word)


def get_options(call: Call) -> Done:
    """`getopts`."""
    words = call.words
    if words is None or len(words) < 2:
        return Result(either(call.state.blurred()))
    return _filled(call, [words[1], "OPTARG", "OPTIND"])


def map_file(call: Call) -> Done:
    """`mapfile`; with `-C` it also runs a command on what it reads."""
    words = call.words
    if words is None or any(re.match(r"-\w*C", word) for word in words):
        return Result(either(call.state.lost()), is_dark=True)
    names = [word for word in words if NAME.fullmatch(word)]
    return maybe(_forgotten(call.state, [*names, "MAPFILE"]))


def print_formatted(call: Call) -> Done:
    """`printf`; with `-v` it sets a variable."""
    words = call.words
    first = call.fields[1].text if len(call.fields) > 1 else ""
    if first is not None and first[:2] != "-v":
        return maybe(call.state)
    if call.dialect.name == "zsh" and first != "-v":
        return Result(either(call.state.blurred()))
    if words is None or call.dialect.name == "dash":
        name = call.known[1] if first == "-v" and len(call.known) > 1 else ""
        return maybe(_forgotten(call.state, [name]) if call.dialect.name != "dash" else call.state)
    name, *rest = [words[0][2:], *words[1:]] if words[0] != "-v" else [*words[1:], ""][: len(words)]
    if words[0] == "-v":
        name, rest = (words[1], words[2:]) if len(words) > 1 else ("", [])
    if not NAME.fullmatch(name):
        return Result(either(call.state.blurred()), may_end=True)
    if name in call.state.readonly:
        return maybe(call.state, may_end=True)
    return Result(Outcome(call.state.assigned(name, _formatted(rest)), None))


def _formatted(words: list[str]) -> str | None:
    if len(words) == 1 and not set(words[0]) & set("%\\"):
        return words[0]
    return words[1] if len(words) == 2 and words[0] == "%s" else None
