"""What is found in a command line, from values alone: whole findings, as they are shown."""

from __future__ import annotations

from ipython_where.judge.commands.judgement import judge
from ipython_where.judge.commands.shell.state import initial_state
from ipython_where.judge.commands.shell.walk import launches
from ipython_where.judge.diagnose.command import diagnose_command
from ipython_where.model import Evidence, Finding
from tests.judge.commands.files import ENVIRON, KERNEL, Files

KERNEL_LINE = Evidence(label="kernel", value="/env/bin/python", note="3.12.4")
OTHER_LINE = Evidence(label="command", value="/other/bin/python", note="3.11.2")
TOLD = Evidence(label="because", value="as told")


def found(text: str, files: Files | None = None) -> tuple[Finding, ...]:
    files = files or Files()
    told = launches(text, initial_state(ENVIRON, "/here"), files)
    judged = [(launch, tuple(judge(launch, KERNEL, files))) for launch in told]
    return diagnose_command(judged, KERNEL, {"/other/bin/python": "3.11.2"})


def test_nothing_is_said_of_what_changes_this_kernels_environment_or_none() -> None:
    for text in (
        "/env/bin/pip install x",
        "pip list",
        "pip install --dry-run x",
        "ls",
        'eval "$X" $(y); pip install x',
    ):
        assert found(text) == (), text


def test_an_install_into_another_environment() -> None:
    assert found("pip install pandas 'numpy>=2'") == (
        Finding(
            id="other-environment",
            severity="warning",
            message="`pip install pandas 'numpy>=2'` would install into a different environment than this kernel's",
            evidence=(KERNEL_LINE, OTHER_LINE, TOLD),
            hint="`%safepip install pandas numpy>=2` installs into this kernel's environment",
        ),
    )


def test_several_into_one_environment_are_told_together() -> None:
    (one,) = found("pip install a && pip install b; pip install c")
    assert one.message == "`pip install a` and 2 more would install into a different environment than this kernel's"
    assert one.hint == "`%safepip install a b c` installs into this kernel's environment"


def test_a_directory_that_is_not_imported_from() -> None:
    (one,) = found("/env/bin/pip install --target out x")
    assert one.message == (
        "`/env/bin/pip install --target out x` would install into a directory that this kernel does not import from"
    )
    assert one.evidence == (
        KERNEL_LINE,
        Evidence(label="directory", value="/here/out"),
        Evidence(label="because", value="--target"),
    )


def test_an_uninstall_elsewhere() -> None:
    (one,) = found("pip uninstall -y x")
    assert one.message == "`pip uninstall -y x` would uninstall from a different environment than this kernel's"
    assert one.hint == "`%safepip uninstall x` uninstalls from this kernel's environment"


def test_a_version_that_the_shell_takes_for_a_file() -> None:
    assert found("/env/bin/pip install numpy>=1.0,<2 six") == (
        Finding(
            id="redirected-version",
            severity="warning",
            message="the shell writes to a file `=1.0,`, and `pip` never sees `>=1.0,` `<2`",
            evidence=(Evidence(label="command", value="/env/bin/pip install numpy>=1.0,<2 six"),),
            hint="`!/env/bin/pip install 'numpy>=1.0,<2' six` quotes it; "
            "`%safepip install numpy>=1.0,<2 six` needs no quotes",
        ),
    )
    assert found("/env/bin/pip install numpy > log.txt 2>&1") == ()
    assert found("/env/bin/pip install numpy >log") == ()


def test_a_file_that_takes_the_place_of_an_extra() -> None:
    (one,) = found("/env/bin/pip install six[extra]", Files(texts={"/here/sixe": ""}))
    assert one.message == "the shell replaces `six[extra]` with the file name `sixe`"
    assert one.hint == "quote it: `'six[extra]'`"


def test_an_activation_that_activates_nothing() -> None:
    finding = found("conda activate y; /env/bin/pip install x")
    assert [each.message for each in finding] == [
        "`conda activate y` fails in the shell that `!` starts, so a command behind its `&&` does not run"
    ]
    assert finding[0].hint == "`!conda run -n y COMMAND` runs a command in that environment"
