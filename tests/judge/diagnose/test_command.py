"""What is found in a command line, from values alone: whole findings, as they are shown."""

from __future__ import annotations

from dataclasses import replace
from typing import Literal

import pytest

from ipython_where.judge.commands.judgement import judge
from ipython_where.judge.commands.shell.state import initial_state
from ipython_where.judge.commands.shell.walk import launches
from ipython_where.judge.diagnose.command import diagnose_command
from ipython_where.model import Evidence, Finding, Interpreter
from tests.judge.commands.files import ENVIRON, KERNEL, PYTHON, Files

KERNEL_LINE = Evidence(label="kernel", value="/env/bin/python", note="3.12.4")
OTHER_LINE = Evidence(label="command", value="/other/bin/python", note="3.11.2")
TOLD = Evidence(label="because", value="as told")


def found(text: str, files: Files | None = None) -> tuple[Finding, ...]:
    files = files or Files()
    told = launches(text, initial_state(ENVIRON, "/here"), files)
    judged = [(launch, tuple(judge(launch, KERNEL, files))) for launch in told]
    return diagnose_command(judged, KERNEL, {"/other/bin/python": "3.11.2"}, cwd="/here")


def test_nothing_is_said_of_what_changes_this_kernels_environment_or_none() -> None:
    for text in (
        "/env/bin/pip install x",
        "/env/bin/pip list",
        "pip install --dry-run x",
        "ls",
        'eval "$X" $(y); pip install x',
    ):
        assert found(text) == (), text


def test_what_describes_another_environment_is_noted_once() -> None:
    (one, *more) = found("pip show -f six numpy | cat; pip list")
    assert more == []
    assert one == Finding(
        id="describes-other-environment",
        severity="note",
        message="`pip show -f six numpy` describes the environment of /other/bin/python, not this kernel's",
        hint="`%safepip show six numpy` describes this kernel's",
    )
    for text in (
        "/other/bin/pip list",
        "pip --python /other list",
        "uv pip list -p/other",
        "pip download x",
        "pip cache list",
    ):
        assert found(text) == (), text


@pytest.mark.parametrize(
    ("typed", "meant"),
    [
        ("pip install . -r more/a.txt", ". -r more/a.txt"),
        ("cd /work/mine && pip install .", "/work/mine"),
        ("cd /work/mine && pip install -e '.[test]' six", "-e /work/mine[test] six"),
        ("(cd mine; pip install -r a.txt); pip install ./b", "-r /here/mine/a.txt ./b"),
        ("cd mine && pip install ../x-1-py3-none-any.whl x.tar.gz", "/here/x-1-py3-none-any.whl /here/mine/x.tar.gz"),
        (
            "cd /work && pip install /a/b git+https://h/x 'x @ https://h/x.whl' six",
            "/a/b git+https://h/x x @ https://h/x.whl six",
        ),
        ('cd "$UNKNOWN_$(x)" && pip install . six', "NAME"),
        ('cd "$UNKNOWN_$(x)" && pip install six', "six"),
    ],
)
def test_a_path_is_that_of_the_folder_where_the_shell_is(typed: str, meant: str) -> None:
    """`%safepip` reads it in the kernel's, where the same words may be another project."""
    folders = Files(directories=Files().directories | {"/work", "/work/mine", "/here/mine"})
    (told,) = (each for each in found(typed, folders) if each.id == "other-environment")
    assert told.hint == f"`%safepip install {meant}` installs into this kernel's environment"


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


@pytest.mark.parametrize(
    ("text", "message", "line", "wanted"),
    [
        (
            "pip install numpy<2",
            "the shell reads from a file `2`, and `pip` never sees `<2`",
            "pip install 'numpy<2'",
            "numpy<2",
        ),
        (
            "pip install 'a'>=1 b>log.txt",
            "the shell writes to a file `=1`, and `pip` never sees `>=1`",
            "pip install 'a>=1' b>log.txt",
            "a>=1 b",
        ),
        (
            "pip install a>=1 2>3 b six>1",
            "the shell writes to a file `=1`, and `pip` never sees `>=1` `>1`",
            "pip install 'a>=1' 2>3 b 'six>1'",
            "a>=1 b six>1",
        ),
        (
            "pip install a[x]>=1",
            "the shell writes to a file `=1`, and `pip` never sees `>=1`",
            "pip install 'a[x]>=1'",
            "a[x]>=1",
        ),
    ],
)
def test_only_the_version_is_quoted_and_what_is_redirected_on_purpose_is_not(
    text: str, message: str, line: str, wanted: str
) -> None:
    told = [each for each in found(f"/env/bin/{text}") if each.id == "redirected-version"]
    hint = f"`!/env/bin/{line}` quotes it; `%safepip install {wanted}` needs no quotes"
    assert [(each.message, each.hint) for each in told] == [(message, hint)]


def test_what_is_no_version_or_stands_apart_is_a_redirection() -> None:
    for text in ("numpy>log", "numpy >=1.0", "numpy 2>1", "numpy>>all.txt", "numpy<in"):
        assert found(f"/env/bin/pip install {text}") == (), text


def test_a_file_that_takes_the_place_of_an_extra() -> None:
    files = Files(texts={"/here/sixe": "", "/here/w/a.whl": ""})
    assert found("/env/bin/pip install w/*.whl *.whl six[extra]", files) == (
        Finding(
            id="replaced-by-file",
            severity="warning",
            message="the shell replaces `six[extra]` with the file name `sixe`",
            evidence=(Evidence(label="command", value="/env/bin/pip install w/*.whl *.whl six[extra]"),),
            hint="quote it: `'six[extra]'`",
        ),
    )


def test_an_activation_that_activates_nothing() -> None:
    assert found("conda activate y --stack; /env/bin/pip list; /env/bin/pip install x; /env/bin/pip install z") == (
        Finding(
            id="conda-activate",
            severity="warning",
            message="`conda activate y` fails in the shell that `!` starts, so a command behind its `&&` does not run",
            hint="`!conda run -n y COMMAND` runs a command in that environment",
        ),
    )
    (unnamed,) = found("conda activate; /env/bin/pip install x")
    assert unnamed.hint == "`!conda run -n NAME COMMAND` runs a command in that environment"
    assert found("/env/bin/pip install x; conda activate y") == ()
    assert found("conda activate y; /env/bin/pip list") == ()
    assert found('eval "$(cat hook)"; conda activate y; /env/bin/pip install x') == ()


@pytest.mark.parametrize(("letters", "shown"), [(68, "pip install " + 68 * "a"), (69, "pip install " + 65 * "a" + "…")])
def test_a_long_line_is_cut(letters: int, shown: str) -> None:
    (one,) = found(f"pip  install {letters * 'a'}")
    assert one.message == f"`{shown}` would install into a different environment than this kernel's"


def test_each_other_environment_is_a_finding() -> None:
    """And so is each thing that is done to it; two lines are "1 more"."""
    third = Interpreter(executable="/b/bin/python", prefix="/b", base_prefix="/usr", version="3.10")
    files = Files(programs={**Files().programs, "/b/bin/pip": "/b"}, pythons={**PYTHON, "/b": third})
    told = found("pip install a; /b/bin/pip install b; pip install c; pip uninstall -y d", files)
    assert [each.message for each in told] == [
        "`pip install a` and 1 more would install into a different environment than this kernel's",
        "`/b/bin/pip install b` would install into a different environment than this kernel's",
        "`pip uninstall -y d` would uninstall from a different environment than this kernel's",
    ]


def test_an_environment_without_a_known_interpreter_is_shown_by_its_folder() -> None:
    files = Files(
        programs={**Files().programs, "/usr/bin/conda": "/other"}, directories=Files().directories | {"/other/envs/y"}
    )
    (one,) = found("conda install -y -n y six", files)
    assert one.evidence[:2] == (KERNEL_LINE, Evidence(label="command", value="/other/envs/y"))


OF_CONDA = Files(
    programs={**Files().programs, **{f"/usr/bin/{name}": "/other" for name in ("conda", "mamba", "micromamba")}},
    directories=Files().directories | {"/other/envs/y"},
    texts={**Files().texts, "/here/e.yml": "name: y\n"},
)


def hint(text: str, manager: Literal["conda", "pixi"] | None) -> str | None:
    """The hint about a conda command for another environment."""
    kernel = replace(KERNEL, manager=manager)
    told = launches(text, initial_state(ENVIRON, "/here"), OF_CONDA)
    judged = [(launch, tuple(judge(launch, kernel, OF_CONDA))) for launch in told]
    (one,) = [each for each in diagnose_command(judged, kernel, {}) if each.id == "other-environment"]
    return one.hint


@pytest.mark.parametrize(
    ("text", "line"),
    [
        ("conda install -n y graphviz", "%safeconda install graphviz"),
        (
            "conda install -y -n y -c conda-forge numpy=1.2 'pandas>=2'",
            '%safeconda install -c conda-forge "numpy=1.2" "pandas>=2"',
        ),
        ("conda install graphviz", "%safeconda install graphviz"),
        ("conda install -p /other/envs/y pytorch", "%safeconda install pytorch"),
        ("mamba install --name=y --copy opencv", "mamba install --prefix /env --copy opencv"),
        ("micromamba install -ny zlib", "%safeconda install zlib"),
        ("conda env update -n y -f e.yml", "%safeconda sync e.yml"),
        ("mamba env update -n y --prune --file='my e.yml'", '%safeconda sync "my e.yml" --prune'),
        ("conda env update -n y", "%safeconda sync"),
        ("conda env update -n y -f https://h/e.yml", "conda env update --prefix /env -f https://h/e.yml"),
        ("conda env update -n y -f e.yml --solver classic", "conda env update --prefix /env -f e.yml --solver classic"),
        ("conda update --all -n y", "%safeconda update --all"),
        ("conda install -n y --file e.txt -c a -y", "%safeconda sync e.txt -c a"),
        ("conda install -n y --file e.txt numpy", "conda install --prefix /env --file e.txt numpy"),
        ("conda install -n y --file e.txt --file f.txt", "conda install --prefix /env --file e.txt --file f.txt"),
        ("conda update -n y --file e.txt", "conda update --prefix /env --file e.txt"),
    ],
)
def test_a_conda_line_is_answered_in_condas_language(text: str, line: str) -> None:
    """With its own names and options, for this kernel's prefix: conda's `graphviz` is a C program, PyPI's another project."""
    assert hint(text, "conda") == f"`{line}` installs into this kernel's environment"


def test_conda_lines_elsewhere() -> None:
    """Removing, two lines, pixi's environment, and one that conda doesn't manage, for which no name is guessed."""
    line = "%safeconda remove graphviz"
    assert hint("conda remove -n y graphviz", "conda") == f"`{line}` uninstalls from this kernel's environment"
    line = "conda remove --prefix /env --offline graphviz"
    assert (
        hint("conda remove -n y --offline graphviz", "conda") == f"`{line}` uninstalls from this kernel's environment"
    )
    assert hint("conda install -n y a; conda install -n y b", "conda") == (
        "`%safeconda install a`, then `%safeconda install b` installs into this kernel's environment"
    )
    assert hint("conda install -n y graphviz 'numpy<2'", "pixi") == (
        '`pixi add graphviz "numpy<2"` installs into this kernel\'s environment'
    )
    assert hint("conda install -n y graphviz", None) == (
        "conda does not manage this kernel's environment: `%safepip install NAME` takes a project's name on PyPI"
    )


def test_a_conda_line_that_the_shell_cuts_is_no_safepip_line() -> None:
    """`%conda install "numpy<2"` loses its quotes on the way to the shell; only quoting helps."""
    (one,) = [each for each in found("conda install -y numpy<2", OF_CONDA) if each.id == "redirected-version"]
    assert one.hint == "`!conda install -y 'numpy<2'` quotes it"
