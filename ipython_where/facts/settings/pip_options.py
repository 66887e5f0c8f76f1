"""The one table of pip's options: names, what they affect, uv's equivalent, and what `%safepip` does with each.

It also says whether a requirements file may hold an option. The rows come from the parsers of pip 20.3 to 26.3, hidden
options included; `tests/facts/settings/test_pip_options.py` walks the parsers of real pips and fails for an option that
is missing here. In a row, `NAME@22.1:25.2` means that pip 22.1 to 25.2 know the name; a missing number stands for the
table's first or last version.
"""

from __future__ import annotations

from functools import cache
from typing import Literal

from ipython_where.model import Setting

from .pip_option import CarriedOut, Effect, Ignored, Passed, PipOption, Refused, Treatment, spans

_PASSED = Passed()


def _option(
    names: str,
    commands: str,
    steers: Effect,
    safepip: Treatment | None = None,
    *,
    file: Literal["all", "line"] | None = None,
    uv: str | None = None,
    variable: Literal["kept", "diverts", "dropped"] = "kept",
    choices: str = "",
) -> PipOption:
    """Builds a row. A `=` after a name means that the option takes a value, under each of its names."""
    return PipOption(
        names=spans(names.replace("=", "")),
        commands=spans(commands),
        takes_value="=" in names,
        steers=steers,
        file=file,
        uv=uv,
        variable=variable,
        choices=spans(choices),
        safepip=safepip or _PASSED,
    )


def _kept(field: str, how: Literal["flag", "unset", "count", "value", "list"]) -> CarriedOut:
    return CarriedOut(field=field, how=how)


EVERY = "main all"
FIND = "install download wheel lock list index"
BUILD = "install download wheel lock"
FOREIGN = "install download debug index"

_OUTSIDE = "files would land outside this kernel's environment"
_IN_ANOTHER = "it would change another interpreter's environment"
_OF_ANOTHER = Refused(why="files for another Python cannot be imported here")
_NO_CHECKOUT = "`%safepip` checks out no repositories: clone it, then `-e ./FOLDER`"
_BENEATH = "old files would remain among the new ones"
_SHOW_PIP = "`%safepip show pip` shows the version of pip in this environment"

PIP_OPTIONS = (
    # what to install
    _option("--requirement= -r=", f"{BUILD} uninstall freeze", "plan", _kept("requirement_files", "list"), file="line"),
    _option("--constraint= -c=", BUILD, "plan", _kept("constraint_files", "list"), file="line"),
    _option("--editable= -e=", "install wheel lock", "plan", _kept("editables", "list"), file="line"),
    _option("--group=@25.1", BUILD, "plan", Passed(in_plan=True, wants=True)),
    _option("--requirements-from-script=@26.0", BUILD, "plan", Passed(in_plan=True, wants=True)),
    _option("--hash=", "", "plan", file="line"),
    # where it comes from
    _option("--index-url= -i= --pypi-url=", f"{FIND}", "source", _kept("index_url", "value"), file="all", uv="UV_DEFAULT_INDEX"),
    _option("--extra-index-url=", FIND, "source", _kept("extra_index_urls", "list"), file="all", uv="UV_INDEX"),
    _option("--find-links= -f=", f"{FIND} freeze@:21.1", "source", _kept("find_links", "list"), file="all", uv="UV_FIND_LINKS"),
    _option("--no-index", FIND, "source", _kept("no_index", "flag"), file="all", uv="--no-index"),
    _option("--index= -i=", "search", "none"),
    # which candidates are chosen
    _option("--no-binary=", f"{BUILD} index list@26.0", "plan", _kept("no_binary", "list"), file="all", uv="--no-binary"),
    _option("--only-binary=", f"{BUILD} index list@26.0", "plan", _kept("only_binary", "list"), file="all", uv="--only-binary"),
    _option("--all-releases=@26.0", FIND, "plan", file="all"),
    _option("--only-final=@26.0", FIND, "plan", file="all"),
    _option("--prefer-binary", f"{BUILD} list@26.0 index@26.0", "plan", file="all"),
    _option("--require-hashes", BUILD, "plan", _kept("require_hashes", "flag"), file="all", uv="--require-hashes"),
    _option("--no-require-hashes@26.2", BUILD, "plan", Passed(in_plan=True), file="all"),
    _option("--pre", FIND, "plan", _kept("pre", "flag"), file="all"),
    _option("--uploaded-prior-to=@26.0", FIND, "plan"),
    _option("--refresh-package=@26.2", FIND, "plan"),
    _option("--upgrade -U", "install", "plan", _kept("upgrade", "flag")),
    _option("--upgrade-strategy=", "install", "plan", _kept("upgrade_strategy", "value"), choices="only-if-needed eager"),
    _option("--no-deps --no-dependencies", BUILD, "plan", _kept("no_deps", "flag"), uv="--no-deps"),
    _option("--only-deps@26.2 --only-dependencies@26.2", BUILD, "plan", Passed(in_plan=True)),
    _option("--force-reinstall", "install", "plan", _kept("force_reinstall", "flag"), uv="--reinstall"),
    _option(
        "--ignore-installed -I", "install", "plan", variable="dropped",
        safepip=Refused(why=_BENEATH, instead="`--force-reinstall` replaces what is installed"),
    ),
    _option("--ignore-requires-python", "install wheel index lock download@21.1", "plan"),
    _option("--platform=", FOREIGN, "plan", Refused(why="files for another platform cannot be imported here")),
    _option("--python-version=", FOREIGN, "plan", _OF_ANOTHER),
    _option("--implementation=", FOREIGN, "plan", _OF_ANOTHER),
    _option("--abi=", FOREIGN, "plan", _OF_ANOTHER),
    # how it is built
    _option("--build-constraint=@25.3", BUILD, "plan", uv="--build-constraints"),
    _option("--check-build-dependencies@22.1", BUILD, "plan"),
    _option("--config-settings=@22.1 -C=@23.1", "install wheel lock", "plan", file="line", uv="--config-setting"),
    _option("--no-build-isolation", BUILD, "plan", uv="--no-build-isolation"),
    _option("--no-clean", BUILD, "none"),
    _option("--use-pep517", BUILD, "plan"),
    _option("--no-use-pep517@:25.2", BUILD, "plan"),
    _option("--global-option=@:25.2", "install download wheel", "plan", file="line"),
    _option(
        "--install-option=@:23.0", "install", "plan", file="line",
        safepip=Refused(why="a `setup.py` could use it to put files anywhere", instead="builds take `--config-settings` now"),
    ),
    _option(
        "--build-dir=@:21.2 --build=@:21.2 --build-directory=@:21.2 -b=@:21.2", "install download wheel", "none",
        Refused(why="pip 21.3 removed it", instead="set `TMPDIR`: builds run there"),
    ),
    _option("--build-option=@:25.2", "wheel", "none"),
    _option("--no-verify", "wheel", "none"),
    # where it goes
    _option(
        "--target= -t=", "install", "place", variable="diverts",
        safepip=Refused(why=_OUTSIDE, instead="`!pip install --target DIR …` does it, without `%safepip`'s guarantees"),
    ),
    _option("--prefix=", "install", "place", Refused(why=_OUTSIDE), variable="diverts"),
    _option("--root=", "install", "place", Refused(why=_OUTSIDE), variable="diverts"),
    _option(
        "--python=@22.3", EVERY, "place", variable="diverts",
        safepip=Refused(why=_IN_ANOTHER, instead="`!uv pip install --python PATH …` does it, without `%safepip`'s guarantees"),
    ),
    _option("--user", "install freeze list config inspect", "place", _kept("user", "flag"), variable="diverts"),
    _option("--no-user", "install", "place", _kept("user", "unset"), variable="diverts"),
    _option("--src= --source= --source-dir= --source-directory=", BUILD, "place", Refused(why=_NO_CHECKOUT), variable="dropped"),
    _option("--dry-run@22.2", "install", "place", _kept("dry_run", "flag"), variable="diverts"),
    _option(
        "--report=@22.2", "install", "place", variable="diverts",
        safepip=Refused(why="the result is the plan itself: `r = %safepip install --dry-run …`, then `r.to_dict()`"),
    ),
    _option("--dest= -d= --destination-dir= --destination-directory=", "download", "none"),
    _option("--wheel-dir= -w=", "wheel", "none"),
    _option("--output= -o=", "lock", "none"),
    # how it is installed
    _option("--break-system-packages@23.0.1", "install uninstall", "none"),
    _option("--compile", "install", "none", uv="--compile-bytecode"),
    _option("--no-compile", "install", "none"),
    _option("--no-warn-conflicts", "install", "none"),
    _option("--no-warn-script-location", "install", "none"),
    _option("--progress-bar=", BUILD, "none", choices="on off ascii@:22.0 pretty@:22.0 emoji@:22.0 raw@24.1 auto@25.2"),
    _option("--root-user-action=@22.1", "install uninstall", "none", choices="warn ignore"),
    _option("--yes -y", "uninstall", "none", Ignored()),
    # commands that only read
    _option("--all", "freeze", "none"),
    _option("--exclude=", "freeze list", "none"),
    _option("--exclude-editable", "freeze list", "none"),
    _option("--include-editable", "list", "none"),
    _option("--editable -e", "list", "none"),
    _option("--local -l", "freeze list", "none"),
    _option("--local", "inspect", "none"),
    _option("--path=", "freeze list inspect", "none"),
    _option("--outdated -o", "list", "none"),
    _option("--uptodate -u", "list", "none"),
    _option("--not-required", "list", "none"),
    _option("--format=", "list cache", "none"),
    _option("--files -f", "show", "none"),
    _option("--json@25.1", "index", "none"),
    _option("--algorithm= -a=", "hash", "none"),
    _option("--editor=", "config", "none"),
    _option("--global", "config", "none"),
    _option("--site", "config", "none"),
    _option("--bash -b", "completion", "none"),
    _option("--zsh -z", "completion", "none"),
    _option("--fish -f", "completion", "none"),
    _option("--powershell@22.1 -p@22.1", "completion", "none"),
    # all commands: how files are fetched
    _option("--proxy=", EVERY, "connection", uv="HTTP_PROXY HTTPS_PROXY ALL_PROXY"),
    _option("--no-proxy-env@26.2", EVERY, "connection"),
    _option("--cert=", EVERY, "connection", uv="SSL_CERT_FILE"),
    _option("--client-cert=", EVERY, "connection", uv="SSL_CLIENT_CERT"),
    _option("--trusted-host=", EVERY, "connection", file="all", uv="--allow-insecure-host"),
    _option("--keyring-provider=@23.1", EVERY, "connection", choices="auto disabled import subprocess"),
    _option("--timeout= --default-timeout=", EVERY, "none", uv="UV_HTTP_TIMEOUT"),
    _option("--retries=", EVERY, "none", uv="UV_HTTP_RETRIES"),
    _option("--resume-retries=@25.1", EVERY, "none"),
    _option("--cache-dir=", EVERY, "none"),
    _option("--no-cache-dir", EVERY, "none", uv="--no-cache"),
    # all commands: the rest
    _option(
        "--use-feature=", EVERY, "plan", file="all",
        choices="2020-resolver@:22.2 fast-deps in-tree-build@21.1:22.0 truststore@22.2 no-binary-enable-wheel-cache@22.3"
        " build-constraint@25.3 inprocess-build-deps@26.0 venv-isolation@26.2",
    ),
    _option(
        "--use-deprecated=", EVERY, "plan",
        choices="legacy-resolver out-of-tree-build@21.3:22.0 backtrack-on-build-failures@22.0:22.1 html5lib@22.0:22.1"
        " legacy-certs@24.2",
    ),
    _option("--isolated", EVERY, "plan"),
    _option("--require-virtualenv --require-venv", EVERY, "none", Passed(by_pip=True), variable="dropped"),
    _option("--exists-action=", EVERY, "none", choices="s i w b a"),
    _option("--help -h", EVERY, "none", _kept("help", "flag")),
    _option("--verbose -v", EVERY, "none", _kept("verbose", "count"), variable="dropped"),
    _option("--quiet -q", EVERY, "none", _kept("quiet", "count"), variable="dropped"),
    _option("--debug@21.3", EVERY, "none"),
    _option("--no-input", EVERY, "none"),
    _option("--no-color", EVERY, "none"),
    _option("--disable-pip-version-check", EVERY, "none"),
    _option("--no-python-version-warning", EVERY, "none"),
    _option(
        "--log= --log-file= --local-log=", EVERY, "none", variable="dropped",
        safepip=Refused(why="pip would log the staging, not the result", instead="`-v` shows what the installer says"),
    ),
    _option(
        "--version -V", "main all@:26.2", "none",
        Refused(why="it is for `pip` without a command", instead=_SHOW_PIP),
    ),
)  # fmt: skip
"""Every option. Where two share a name, the one that `pip install` has comes first."""


@cache
def install_options() -> dict[str, PipOption]:
    """The options that `%safepip install` and `uninstall` know, keyed by each of their names."""
    known = (
        option
        for option in PIP_OPTIONS
        if any(command.word in ("install", "uninstall", "all") for command in option.commands)
    )
    return {name.word: option for option in known for name in option.names}


@cache
def _by_key() -> dict[str, PipOption]:
    """Options by the name that a variable or key uses; `pip install`'s win over others of the same name."""
    options = sorted(PIP_OPTIONS, key=lambda option: option.is_of_install)
    return {name.word[2:]: option for option in options for name in option.names if name.word.startswith("--")}


def setting_key(key: str) -> str:
    """The canonical key for any of an option's names: `pypi-url` sets `index-url`."""
    option = _by_key().get(key)
    return option.name[2:] if option is not None else key


def pip_key(name: str) -> str | None:
    """The pip option that a variable (`PIP_INDEX_URL`), key (`global.index-url`) or option (`--index-url=…`) sets."""
    if name.startswith("--"):
        return setting_key(name[2:].partition("=")[0])
    if name.startswith("PIP_"):
        return setting_key(name[4:].lower().replace("_", "-"))
    section, dot, key = name.partition(".")
    return setting_key(key) if dot and section in ("global", "install") else None


def effect_of(setting: Setting | str) -> Effect:
    """What a setting or an option can change about an install. An unknown one may be new in pip: `plan`."""
    key = pip_key(setting if isinstance(setting, str) else setting.name)
    if key is None or key == "config-file":
        return "none"
    option = _by_key().get(key)
    return option.steers if option is not None else "plan"


def is_passed_on(key: str) -> bool:
    """Whether an installer that we run is told of a setting; those that divert it or get in its way, it is not."""
    option = _by_key().get(key)
    return option is None or option.variable == "kept"


def is_pips_alone(passed: str) -> bool:
    """Whether an option to pass on (`--name`, `--name=value`) needs pip as the installer."""
    option = install_options().get(passed.partition("=")[0])
    return option is None or option.is_pips_alone
