"""Which package manager a command starts, for what, and whose environment it would change."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ipython_where.judge.commands.invocations import Invocation, Started, Target
from ipython_where.judge.commands.judgement import judge
from ipython_where.judge.commands.redirection import Instead, instead_of
from ipython_where.judge.commands.shell.sequence import sequence_of
from ipython_where.judge.commands.shell.state import initial_state
from ipython_where.judge.commands.shell.walk import launches, script_of
from ipython_where.judge.commands.shell.word_syntax import NotUnderstood
from ipython_where.judge.diagnose.command import diagnose_command
from ipython_where.model import Setting

from .files import ENVIRON, KERNEL, Files


def judged(text: str, files: Files | None = None, **environ: str) -> list[Invocation]:
    files = files or Files()
    state = initial_state({**ENVIRON, **environ}, "/here")
    return [each for launch in launches(text, state, files) for each in judge(launch, KERNEL, files)]


def only(text: str, files: Files | None = None, **environ: str) -> Invocation:
    (found,) = judged(text, files, **environ)
    return found


def test_a_pip_is_judged_whole() -> None:
    assert only("pip install -q pandas -r more.txt") == Invocation(
        text="pip install -q pandas -r more.txt",
        tool="pip",
        action="install",
        requirements=("pandas", "-r more.txt"),
        target=Target(interpreter="/other/bin/python", prefix="/other"),
        same_environment=False,
        reason="as told",
        started=Started(
            file="/other/bin/pip",
            interpreter="/other/bin/python",
            arguments=("install", "-q", "pandas", "-r", "more.txt"),
            directory="/here",
        ),
        runs=True,
    )


@pytest.mark.parametrize(
    ("text", "same"),
    [
        ("/env/bin/pip install x", True),
        ("/env/bin/python -m pip install x", True),
        ("/env/bin/python -um pip install x", True),
        ("PATH=/env/bin:$PATH pip install x", True),
        ("source /env/bin/activate && pip install x", True),
        ("../env/bin/pip install x", True),
        ("python -m pip install x", False),
        ("pip3 install x", False),
        ("pip --python /env install x", True),
        ("pip --python /env/bin/python install x", True),
        ("/env/bin/pip install --target /tmp/x x", False),
        ("pip install -t /env/lib/python3.12/site-packages x", True),
        ("pip install --prefix=/env x", True),
        ("/env/bin/pip install --root /tmp/x x", False),
        ("/usr/bin/python3 -m pip install --user x", False),
        ("pip install $(cat wanted)", None),
        ("sudo pip install x", None),
        ('eval "$X" $(y); pip install x', None),
        ("./nowhere/pip install x", None),
    ],
)
def test_whose_environment(text: str, same: bool | None) -> None:
    assert judged(text)[-1].same_environment is same


@pytest.mark.parametrize(
    ("text", "action"),
    [
        ("pip install x", "install"),
        ("pip uninstall -y x", "uninstall"),
        ("pip --version", "read"),
        ("pip", "read"),
        ("pip -q list", "read"),
        ("pip install --dry-run x", "read"),
        ("pip install --help", "read"),
        ("pip download x", "read"),
        ("pip instal x", "other"),
        ("uv pip install x", "install"),
        ("uv pip sync r.txt", "install"),
        ("uv pip compile r.in", "read"),
        ("uv add x", "install"),
        ("uv remove x", "uninstall"),
        ("uv run x.py", "other"),
        ("conda install -y -c conda-forge x", "install"),
        ("conda list", "read"),
        ("conda create -n y x", "other"),
        ("conda remove x", "uninstall"),
    ],
)
def test_what_it_does(text: str, action: str) -> None:
    assert only(text).action == action


def test_other_programs_are_no_package_managers() -> None:
    for text in (
        "echo pip install x",
        "python -c 'import pip'",
        "python x.py -m pip install x",
        "which pip",
        "grep pip f",
    ):
        assert judged(text) == [], text


def test_a_setting_that_diverts_an_install_is_the_reason() -> None:
    setting = Setting(name="PIP_TARGET", value="/elsewhere", source="environment", diverts=True)
    found = only("/env/bin/pip install x", Files(diverted=(setting,)))
    assert (found.same_environment, found.target, found.reason) == (
        False,
        Target(interpreter="/env/bin/python", prefix="/env", directory="/elsewhere"),
        "`PIP_TARGET`",
    )


def test_pip_refuses_a_user_install_in_a_virtual_environment() -> None:
    found = only("pip install --user x")
    assert (found.action, found.same_environment) == ("read", None)
    assert found.reason == "`--user`: pip refuses a user install in a virtual environment, and changes nothing"
    seeing = Files(texts={"/other/pyvenv.cfg": "include-system-site-packages = true\n"})
    found = only("pip install --user x", seeing)
    directory = "/home/ada/.local/lib/python3.12/site-packages"
    assert found.target == Target(interpreter="/other/bin/python", prefix="/other", directory=directory)


def test_pip_refuses_a_user_install_where_the_user_site_is_switched_off() -> None:
    """From 25.3 on. An older one installs into a folder that no Python of that setting finds, and the reason says so."""
    text = "PYTHONNOUSERSITE=1 /usr/bin/python3 -m pip install --user x"
    found = only(text, Files(versions={"/usr": "25.3"}))
    assert (found.action, found.same_environment) == ("read", None)
    assert found.reason == ("`--user`: pip refuses a user install where `PYTHONNOUSERSITE` is set, and changes nothing")
    older = only(text, Files(versions={"/usr": "25.2"}))
    assert (older.action, older.same_environment) == ("install", False)
    assert older.reason == "`--user`, in spite of `PYTHONNOUSERSITE`"
    unknown = only(text, Files(versions={}))
    assert (unknown.same_environment, unknown.target) == (None, None)
    assert only(text.replace("=1", "="), Files(versions={"/usr": "25.3"})).same_environment is False


@pytest.mark.parametrize(
    "text",
    [
        "python -m venv new && new/bin/pip install x",
        "python3 -m venv --prompt p new; new/bin/python -m pip install x",
        "virtualenv -p python3 new && source new/bin/activate && pip install x",
    ],
)
def test_an_environment_that_the_line_itself_makes_is_not_the_kernels(text: str) -> None:
    files = Files()
    found = judged(text, Files(programs={**files.programs, "/usr/bin/virtualenv": ""}))[-1]
    assert (found.target, found.same_environment, found.runs) == (
        Target(interpreter="/here/new/bin/python", prefix="/here/new"),
        False,
        None,
    )


def test_one_that_is_made_without_pip_has_none() -> None:
    assert judged("python -m venv --without-pip new && new/bin/pip install x")[-1].same_environment is None


def test_a_python_without_pip_does_nothing() -> None:
    found = only("python -m pip install x", Files(without_pip=frozenset(("/other",))))
    assert (found.runs, found.reason) == (False, "`/other/bin/python` has no module `pip`, so nothing is done")


def test_a_pip_in_the_working_directory_goes_before_the_installed_one() -> None:
    files = Files(texts={"/here/pip.py": ""})
    assert only("python -m pip install x", files).same_environment is None


def test_a_conda_environment_by_name_and_by_prefix() -> None:
    files = Files()
    files = Files(
        programs={**files.programs, "/usr/bin/conda": "/other"}, directories=files.directories | {"/other/envs/y"}
    )
    assert only("conda install -n y x", files).target == Target(prefix="/other/envs/y")
    assert only("conda install -p /env x", files).same_environment is True
    assert only("conda install -n z x", files).reason == "there is no environment `z` in /other/envs"
    inner = only("conda run -p /env pip install x", files)
    assert (inner.tool, inner.same_environment) == ("pip", True)


def test_a_project_has_an_environment_of_its_own() -> None:
    files = Files(texts={"/here/pyproject.toml": ""}, directories=frozenset(("/env", "/here/.venv")))
    found = only("uv add x", files)
    assert (found.target, found.same_environment) == (Target(prefix="/here/.venv"), False)
    assert only("poetry add x", Files(programs={"/usr/bin/poetry": ""}, texts=files.texts)).same_environment is False
    assert only("pipx install x", Files(programs={"/usr/bin/pipx": ""})).same_environment is False


def test_what_a_missing_sudo_would_have_started_does_not_run() -> None:
    files = Files()
    files = Files(programs={path: prefix for path, prefix in files.programs.items() if "sudo" not in path})
    for text in ("sudo pip install x", "sudo -H python3 -m pip install x", "sudo python3 setup.py install"):
        found = only(text, files)
        assert (found.action, found.runs, found.reason) == (
            "install", False, "`sudo` is not on PATH, so nothing is started",
        ), text  # fmt: skip


_WITH_SCRIPTS = Files(texts={"/here/setup.py": "", "/here/get-pip.py": ""})


@pytest.mark.parametrize(
    ("text", "tool", "requirements", "prefix"),
    [
        ("python setup.py install", "setup.py", (".",), "/other"),
        ("/env/bin/python setup.py build develop", "setup.py", ("-e .",), "/env"),
        ("python setup.py develop --user", "setup.py", ("-e .",), None),
        ("python get-pip.py", "pip", ("pip",), "/other"),
        ("python get-pip.py --no-wheel 'pip<24'", "pip", ("pip", "pip<24"), "/other"),
        ("python -m ensurepip --upgrade --default-pip", "pip", ("pip",), "/other"),
    ],
)
def test_what_brings_itself_is_a_package_manager(
    text: str, tool: str, requirements: tuple[str, ...], prefix: str | None
) -> None:
    found = only(text, _WITH_SCRIPTS)
    assert (found.tool, found.action, found.requirements) == (tool, "install", requirements)
    assert (found.target and found.target.prefix) == prefix


def test_a_script_that_is_not_there_installs_nothing() -> None:
    for name in ("setup.py", "get-pip.py"):
        found = only(f"python {name} install")
        assert (found.runs, found.target, found.reason) == (False, None, f"there is no `{name}`, so nothing is done")


def test_what_builds_or_makes_an_environment_installs_nothing() -> None:
    for text in ("python setup.py build_ext --inplace", "python setup.py sdist", "python -m build", "python -m venv x"):
        assert judged(text) == [], text
    assert only("python setup.py install --dry-run", _WITH_SCRIPTS).action == "read"
    texts = {"/here/setup.py": "", "/here/setup.cfg": "[install]\nprefix=/x\n"}
    found = only("python setup.py install", Files(texts=texts))
    assert (found.same_environment, found.reason) == (None, "`setup.cfg` may choose where it installs")


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("make", None),
        ("make -C inner install", None),
        ("cat x | make -f plain.mk", None),
        ("make -f pip.mk", "its Makefile is not analysed"),
        ("make -C inner -f ../pip.mk", "its Makefile is not analysed"),
        ("make -sC/with", "its Makefile is not analysed"),
        ("make --directory=/with all", "its Makefile is not analysed"),
        ("make --eval 'all: ; pip install x'", "its Makefile is not analysed"),
        ("mkdir x && make", "an earlier command may create its Makefile"),
        ("mkdir x && cd inner && make install", "an earlier command may create its Makefile"),
        ("echo x > plain.mk; make -f plain.mk", "an earlier command may create its Makefile"),
        ("mkdir x && make -f plain.mk", None),
        ("mkdir x && make -C /with", "its Makefile is not analysed"),
        ("cd $(cat x); make", "it is unknown which Makefile it reads"),
        ("make $(cat x)", "it is unknown which Makefile it reads"),
    ],
)
def test_a_make_is_unknown_if_its_makefile_is_or_names_a_package_manager(text: str, reason: str | None) -> None:
    """`git clone` and `./configure` bring a Makefile that is missing while the line is judged."""
    pips = "all:\n\tpip install x\n"
    files = Files(texts={"/here/plain.mk": "all:\n", "/here/pip.mk": pips, "/with/Makefile": pips})
    expected = [] if reason is None else [("make", "unknown", reason)]
    assert [(each.tool, each.action, each.reason) for each in judged(text, files)] == expected


def test_a_script_is_named_and_not_looked_into() -> None:
    found = only("bash setup.sh")
    assert (found.tool, found.action, found.reason) == ("bash", "unknown", "`setup.sh` is not analysed")


X = (("install", "x"),)


@pytest.mark.parametrize(
    ("text", "lines"),
    [
        ("pip install -q x 'y>=2'", (("install", "-q", "x", "y>=2"),)),
        ("python -m pip install x > /dev/null 2>&1", X),
        ("pip install x >> /dev/null", X),
        ("python -u -m pip install x", X),
        ("pip uninstall -y x", (("uninstall", "-y", "x"),)),
        ("uv pip install x", X),
        ("pip -q install x", (("install", "-q", "x"),)),
        ("python -m pip --proxy install -q install x", (("install", "--proxy", "-q", "install", "x"),)),
        ("pip install x && python -m pip install y", (*X, ("install", "y"))),
        ("pip uninstall -y x && pip install x && pip install y", (("uninstall", "-y", "x"), *X, ("install", "y"))),
        ("pip install x | tail", X),
        ("pip install x 2>&1 | tail -n 1", X),
        ("pip install x | tail -3", X),
        ("pip install x |& cat", X),
        ("pip install x | grep -v 'already satisfied' | cat", X),
        ("pip install x | grep -iE --color=never -e a", X),
        ("pip install x | grep 'a b'", X),
        ("pip install y && pip install x | cat", (("install", "y"), *X)),
    ],
)
def test_what_safepip_can_do_in_its_place(text: str, lines: tuple[tuple[str, ...], ...]) -> None:
    """With `|| true`, comments and what follows it as well."""
    assert instead(text) == Instead(lines)
    assert instead(f"{text} || true") == instead(f"{text} || :") == Instead(lines, otherwise="")
    assert instead(f"# first\n{text} # second\n") == Instead(lines)
    assert instead(f"{text}; echo ok") == Instead(lines, "echo ok", "echo ok")


OWN = "/env/bin/python -c 'import x'"


@pytest.mark.parametrize(
    ("text", "then", "otherwise"),
    [
        ("pip install x && echo done", "echo done", None),
        ("pip -q install x && echo done", "echo done", None),
        ("pip install -q x > /dev/null && ls -la && echo $HOME", "ls -la && echo $HOME", None),
        ("pip install x && echo a || true", "echo a || true", ""),
        ("pip install x && echo a || echo b", "echo a || echo b", "echo b"),
        ("pip install x || echo failed", "", "echo failed"),
        ("pip install x || echo failed > log", "", "echo failed > log"),
        ("pip install x || exit 1", "", "exit 1"),
        ("pip install x; echo ok", "echo ok", "echo ok"),
        ("pip install x | tail -1; echo ok", "echo ok", "echo ok"),
        ("pip install x | tail -1 || true; echo ok", "echo ok", "true\necho ok"),
        ("pip install x\ncd inner && ls\n# end\necho ok", "cd inner && ls\necho ok", "cd inner && ls\necho ok"),
        ("pip install x && echo a; echo b", "echo a\necho b", "echo b"),
        ("pip install x || true; echo b", "echo b", "true\necho b"),
        (f"pip install x && {OWN}", OWN, None),
        (f"pip install x; {OWN}", OWN, OWN),
    ],
)
def test_what_the_shell_runs_after_it(text: str, then: str, otherwise: str | None) -> None:
    """What has nothing to do with Python, or runs in the kernel's own environment, whether the install went well or not."""
    assert instead(text) == Instead(X if "-q" not in text else (("install", "-q", "x"),), then, otherwise)


@pytest.mark.parametrize(
    "text",
    [
        "pip list",
        "pip install x > log",
        "pip install x > 1",
        "cd inner && pip install .",
        "A=1 pip install x",
        "pip install --user x",
        "pip install $(cat x)",
        "conda install x",
        "uv add x",
        "env pip install x",
        "(pip install x)",
        "pip install x &",
        "pip install x; pip install y",
        "pip install x\npip install y",
        "pip install x || pip install y",
        "pip install x || true && pip install y",
        "true || pip install x",
        "! pip install x",
        "pip install x && pip list",
        "pip install x && python -c 'import x'",
        "pip install x && x --version",
        "pip install x && which x",
        "pip install x && echo $(x)",
        "pip install x && echo $(date)",
        "pip install x; echo $?",
        "pip install x; echo ${PIPESTATUS[0]}",
        "pip install x || (echo failed; exit 1)",
        "pip install x || pip install y || echo failed",
        "pip install x | tail -1 || echo failed",
        "pip install x | tail -1 && echo done",
        "pip install x && cat <<END\nx\nEND",
        "pip install x && A=1 ls",
        "pip install x && ls &",
        "echo first && pip install x",
        "pip install x | cat && pip install y",
        "pip install x | ls",
        "pip install x | cat more",
        "pip install x | tail -n 1 log",
        "pip install x | tail -1 > log",
        "pip install x | grep x log",
        "pip install x | grep -f log",
        "pip install x | grep x -flog",
        "pip install x | grep -q x",
        "pip install x | grep -iq x",
        "pip install x | grep x -q",
        "pip install x | grep x -m1",
        "pip install x | head -1",
        "pip install x | grep $(cat y)",
        "pip install x | sh",
        "pip install x | bash -c 'pip install y'",
        "pip install x | true",
        "cat r | pip install -r /dev/stdin",
        "if pip install x; then :; fi",
        "eval pip install x",
        "sh -c 'pip install x; echo done > log'",
        "coproc pip install x",
        "echo $(pip install x) && pip install y",
        "cd $(pip install x) && pip install y",
        "pip install x && echo $(pip install y)",
        "pip install x | echo $(cat)",
    ],
)
def test_what_means_more_or_something_else(text: str) -> None:
    assert instead(text) is None


def instead(text: str) -> Instead | None:
    files = Files()
    files = Files(programs={**files.programs, "/usr/bin/tail": "", "/usr/bin/grep": "", "/usr/bin/head": ""})
    found = launches(text, initial_state(ENVIRON, "/here"), files)
    judged = [(launch, tuple(judge(launch, KERNEL, files))) for launch in found]
    return instead_of(judged, sequence_of(script_of(text, files)), KERNEL, files)


TOKENS = st.sampled_from(
    "pip install uninstall x numpy>=1.0 six[extra] python -m uv conda run -n -p /env && || ; | & ( ) { } if then fi for in do "
    "done while case esac $( ) ` \" ' \\ $x ${x:-y} > < << EOF \n cd .. export PATH=/env/bin:$PATH source /env/bin/activate env "
    "-i -u sudo xargs sh -c eval set -e ! [[ ]] # ~ * -r --target --python=/env - -- exec trap exit f() f local $@ $1 $? A=b "
    "A+=c unset X shift 2>&1 &> /dev/null".split(" ")
)


@given(st.lists(TOKENS, max_size=14).map(" ".join) | st.text(max_size=40))
@settings(max_examples=400, derandomize=True, deadline=None)
def test_any_text_is_judged_or_said_not_to_be_understood(text: str) -> None:
    for kind in ("bash", "dash"):
        files = Files(kind=kind)
        try:
            found = launches(text, initial_state(ENVIRON, "/here"), files)
        except NotUnderstood:
            continue
        judged = [(launch, tuple(judge(launch, KERNEL, files))) for launch in found]
        instead_of(judged, sequence_of(script_of(text, files)), KERNEL, files)
        instead_of(judged, sequence_of(script_of(text, files)), KERNEL, files, cell=text)
        diagnose_command(judged, KERNEL, {})


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ('pip install --user"x==1"', "`pip` has no option `--userx`, so `pip` changes nothing"),
        ("python -m pip install x \u2013U", "`\u2013U` is not a requirement, so `pip` changes nothing"),
        (
            "/usr/bin/python3 -m pip install --group dev",
            "`pip` has no option `--group`, so `pip` changes nothing",
        ),
        ("pip uninstall", "`pip uninstall` has no requirement, so `pip` changes nothing"),
    ],
)
def test_a_line_that_pip_refuses_changes_nothing(text: str, reason: str) -> None:
    found = only(text)
    assert (found.action, found.same_environment, found.target, found.reason) == ("read", None, None, reason)


def test_an_option_that_a_pip_of_unknown_version_may_have_may_be_anything() -> None:
    found = only("pip install --brand-new x", Files(versions={}))
    assert (found.action, found.same_environment, found.requirements) == ("install", None, None)
    assert found.reason == "it is unknown whether this `pip` has an option `--brand-new`"


@pytest.mark.parametrize(("kind", "expected"), [("dash", None), ("zsh", None), ("bash", False)])
def test_an_alias_of_an_earlier_line(kind: str, expected: bool | None) -> None:
    """dash expands it, zsh where it reads line by line, bash only where somebody types; on its own line it does nothing."""
    files = Files(kind=kind)
    assert [each.same_environment for each in judged("alias pip=/env/bin/pip\npip install x", files)] == [expected]
    assert [each.same_environment for each in judged("alias pip=/env/bin/pip; pip install x", files)] == [False]
    assert [each.same_environment for each in judged("alias ll='ls -l'\npip install x", files)] == [False]
