"""What the leaders get of a line, and of the files that it names."""

from __future__ import annotations

import hashlib
import subprocess
from dataclasses import replace
from pathlib import Path

import pytest

from ipython_where.change.request.request import Request, parse_request
from ipython_where.change.request.safepip_line import split_line
from ipython_where.errors import UsageError
from ipython_where.workers.sent_line import SentFiles, sent_line, sent_words
from tests import environments
from tests.faults.wheels import write_wheel

from .rollouts import installed, joined, kernel, make, outcomes, python_in

pytestmark = pytest.mark.usefixtures("installer")


def test_a_path_is_the_kernels_and_a_variable_the_workers() -> None:
    """Whatever the worker's folder is; what is no path stays as it was typed."""
    words = ("install", "./a.whl", "six", "--find-links=wheels", "-f", "more", "x@https://$NAME@h/x", "--on", "client")
    request = replace(parse_request(words), words=words)
    assert sent_words(request, "/home/ada") == (
        *("install", "/home/ada/a.whl", "six", "--find-links=/home/ada/wheels", "-f", "/home/ada/more"),
        *("x@https://$NAME@h/x", "--on", "client"),
    )


@pytest.mark.parametrize(
    ("typed", "sent"),
    [
        ("install -fwheels leaf", "install -f/home/ada/wheels leaf"),
        ("install -qUf=wheels leaf", "install -qUf=/home/ada/wheels leaf"),
        ("install --find-l=wheels leaf", "install --find-l=/home/ada/wheels leaf"),
        ("install wheels -f wheels", "install wheels -f /home/ada/wheels"),
        ("install leaf -f $WHEELS", "install leaf -f $WHEELS"),
        ("install leaf -f wheels/$KIND", "install leaf -f /home/ada/wheels/$KIND"),
        ("install $WHEELS/leaf.whl", "install $WHEELS/leaf.whl"),
        ("install leaf -f https://host/x", "install leaf -f https://host/x"),
        (
            "install leaf --cert a.pem --client-cert=b.pem",
            "install leaf --cert /home/ada/a.pem --client-cert=/home/ada/b.pem",
        ),
        ("install leaf --cache-dir ../c", "install leaf --cache-dir /home/c"),
        ("install leaf@./a.whl leaf@$X/a.whl", "install leaf@file:///home/ada/a.whl leaf@$X/a.whl"),
        ("install leaf[x]@a.whl", "install leaf[x]@file:///home/ada/a.whl"),
        ("install leaf@https://h/a.whl leaf@git+https://h/a", "install leaf@https://h/a.whl leaf@git+https://h/a"),
        ("install -- ./a.whl", "install -- /home/ada/a.whl"),
        ("undo 1a-2b --on client", "undo 1a-2b --on client"),
        ("install leaf --upgrade-strategy $HOW", "install leaf --upgrade-strategy $HOW"),
    ],
)
def test_which_words_are_paths(typed: str, sent: str) -> None:
    """By the option that they belong to, however it is spelled; one that begins with a variable is the worker's."""
    words = split_line(typed)
    assert sent_words(Request(command=words[0], words=words), "/home/ada") == split_line(sent)


def files_of(folder: Path, line: str = "install -r wanted.txt --on client") -> SentFiles:
    """The files that go along with a line that is typed there."""
    return sent_line(parse_request(split_line(line)), str(folder)).files


def test_a_file_goes_along_with_those_that_it_includes(tmp_path: Path) -> None:
    """Under names that say nothing; all the rest is as it was written."""
    (tmp_path / "more").mkdir()
    (tmp_path / "wanted.txt").write_text("leaf  # é\n-r more/others.txt\n--pre\n-c limits.txt\n")
    (tmp_path / "more" / "others.txt").write_text("tree @ https://$NAME@h/${X}.whl\r\n--constraint=last.txt\r\n")
    (tmp_path / "more" / "last.txt").write_text("x<1")
    (tmp_path / "limits.txt").write_text("leaf<2")
    assert files_of(tmp_path, "install -r wanted.txt -c limits.txt --on client") == SentFiles(
        requirements=("requirements-1.txt",),
        constraints=("requirements-4.txt",),
        texts={
            "requirements-1.txt": "leaf  # é\n-r requirements-2.txt\n--pre\n-c requirements-4.txt\n",
            "requirements-2.txt": "tree @ https://$NAME@h/${X}.whl\r\n--constraint=requirements-3.txt\r\n",
            "requirements-3.txt": "x<1",
            "requirements-4.txt": "leaf<2",
        },
    )


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("-r missing.txt", "`{folder}/missing.txt`, which `wanted.txt` is or includes, cannot be read"),
        ("-r https://host/more.txt", "`https://host/more.txt`, which `wanted.txt` is or includes, cannot be read"),
        ("-r wanted.txt", "`{folder}/wanted.txt`, which `wanted.txt` is or includes, cannot be read"),
        ("--odd", "`--odd`, which `wanted.txt` is or includes, cannot be read"),
        ("-e ./project", "`./project` in `wanted.txt` is in a folder of this kernel's"),
        ("./leaf.whl", "`./leaf.whl` in `wanted.txt` is in a folder of this kernel's"),
        ("leaf @ ./leaf.whl", "`./leaf.whl` in `wanted.txt` is in a folder of this kernel's"),
        ("--find-links wheels", "`wheels` in `wanted.txt` is in a folder of this kernel's"),
        ("-r file://{folder}/more.txt", "`wanted.txt` includes files in a way that cannot be told to workers"),
    ],
)
def test_what_would_mean_something_else_there_is_refused(tmp_path: Path, text: str, message: str) -> None:
    """Before anybody is asked."""
    (tmp_path / "more.txt").write_text("leaf")
    (tmp_path / "wanted.txt").write_text(text.format(folder=tmp_path))
    with pytest.raises(UsageError) as raised:
        files_of(tmp_path)
    said = f"nothing was changed: {message.format(folder=tmp_path)}"
    assert raised.value.message.startswith(said), raised.value.message
    assert raised.value.hint


def test_what_is_the_same_on_all_machines_goes_along(tmp_path: Path) -> None:
    """And a path that is whole, as on a disk that they share."""
    (tmp_path / "wanted.txt").write_text(
        "/srv/leaf.whl\n--find-links /srv\n-f https://host/x\nleaf[more]>=1 ; os_name=='x'\n"
    )
    assert list(files_of(tmp_path).texts.values()) == [(tmp_path / "wanted.txt").read_text()]


def test_a_lock_file_or_a_file_without_its_option_is_told(tmp_path: Path) -> None:
    """As in this kernel's own environment."""
    (tmp_path / "wanted.txt").write_text("leaf")
    with pytest.raises(UsageError) as raised:
        files_of(tmp_path, "install wanted.txt --on client")
    assert raised.value.message == "`wanted.txt` is a requirements file: use `-r` to install what it lists"


def test_a_file_of_build_constraints_goes_along(tmp_path: Path) -> None:
    """As one of `-c` does, and what is wrong with it is told before anybody is asked."""
    (tmp_path / "build.txt").write_text("maker<2\n-c more.txt\n")
    (tmp_path / "more.txt").write_text("helper<2")
    (tmp_path / "wanted.txt").write_text("leaf")
    line = "install -r wanted.txt --build-constraint=build.txt --build-c more.txt --on client"
    files = files_of(tmp_path, line)
    assert (files.requirements, files.build_constraints) == (
        ("requirements-1.txt",),
        ("requirements-2.txt", "requirements-3.txt"),
    )
    assert files.texts["requirements-2.txt"] == "maker<2\n-c requirements-3.txt\n"
    with pytest.raises(UsageError) as raised:
        files_of(tmp_path, "install leaf --build-constraint gone.txt --on client")
    assert raised.value.message.endswith("which `gone.txt` is or includes, cannot be read here, so it cannot be sent")


# -- by leaders --------------------------------------------------------------------------------------------------------


def test_the_workers_need_not_see_the_files(tmp_path: Path, wheels: Path) -> None:
    """They are gone before a leader starts. A variable is the worker's own, and late workers get the files, too."""
    prefixes = make(tmp_path, a=None, b=None, late=None)
    late = prefixes.pop("late")
    wanted, limits = tmp_path / "wanted.txt", tmp_path / "limits.txt"
    wanted.write_text(f"tree==${{TREE}}\n-c {limits.name}\n")
    limits.write_text("leaf<2\n")
    pythons = {name: python_in(each) for name, each in prefixes.items()}
    with kernel(tmp_path, pythons, wheels, variables={"TREE": "1.0"}) as run:

        def forget(step: str) -> None:
            wanted.unlink(missing_ok=True)
            limits.unlink(missing_ok=True)

        assert outcomes(run(f"install -r {wanted}", at=forget)) == {"a": "changed", "b": "changed"}
        assert not wanted.exists()
        assert {tuple(installed(each).items()) for each in prefixes.values()} == {(("leaf", "1.0"), ("tree", "1.0"))}
        assert joined(run, late, tmp_path, TREE="1.0") == ""
        assert installed(late) == {"leaf": "1.0", "tree": "1.0"}
        wanted.write_text("tree\nleaf\n")
        assert outcomes(run(f"uninstall -r {wanted}")) == {"a": "changed", "b": "changed"}
        assert {tuple(installed(each)) for each in prefixes.values()} == {()}


def test_hashes_and_limits_of_the_line_hold(tmp_path: Path, wheels: Path) -> None:
    """Also where another environment's versions limit a plan, besides."""
    prefixes = make(tmp_path, a=None, fuller=None)
    wanted, limits = tmp_path / "wanted.txt", tmp_path / "limits.txt"
    digest = hashlib.sha256((wheels / "leaf-2.0-py3-none-any.whl").read_bytes()).hexdigest()
    wanted.write_text(f"leaf==2.0 --hash=sha256:{'0' * 64}\n")
    limits.write_text("leaf<2\n")
    with kernel(tmp_path, {name: python_in(each) for name, each in prefixes.items()}, wheels) as run:
        away = run.workers.pop("a")
        run(f"install tree -c {limits}")
        assert installed(prefixes["fuller"]) == {"leaf": "1.0", "tree": "1.0"}
        run.workers["a"] = away
        run.refused(f"install -r {wanted}")
        assert installed(prefixes["a"]) == {}
        wanted.write_text(f"leaf==2.0 --hash=sha256:{digest}\n")
        assert outcomes(run(f"install -r {wanted}")) == {"a": "changed", "fuller": "changed"}
        assert installed(prefixes["a"]) == {"leaf": "2.0"}


MAKER = """
import zipfile
def build_wheel(folder, config_settings=None, metadata_directory=None):
    name, info = "made-1.0-py3-none-any.whl", "made-1.0.dist-info"
    files = {{"made.py": "by = {version!r}", f"{{info}}/METADATA": "Metadata-Version: 2.1\\nName: made\\nVersion: 1.0\\n",
             f"{{info}}/WHEEL": "Wheel-Version: 1.0\\nGenerator: maker\\nRoot-Is-Purelib: true\\nTag: py3-none-any\\n"}}
    with zipfile.ZipFile(f"{{folder}}/{{name}}", "w") as wheel:
        for path, text in files.items(): wheel.writestr(path, text)
        wheel.writestr(f"{{info}}/RECORD", "".join(f"{{each}},,\\n" for each in [*files, f"{{info}}/RECORD"]))
    return name
"""


def test_what_builds_is_limited_on_the_workers(tmp_path: Path, wheels: Path) -> None:
    """By a file that they do not see."""
    for version in ("1.0", "2.0"):
        write_wheel(wheels, "maker", version, {"maker/__init__.py": MAKER.format(version=version)}, package=False)
    source = tmp_path / "made-1.0"
    source.mkdir()
    (source / "pyproject.toml").write_text('[build-system]\nrequires = ["maker"]\nbuild-backend = "maker"\n')
    (source / "PKG-INFO").write_text("Metadata-Version: 2.1\nName: made\nVersion: 1.0\n")
    subprocess.run(["tar", "-czf", wheels / "made-1.0.tar.gz", "-C", tmp_path, "made-1.0"], check=True)
    prefixes, limits = make(tmp_path, a=None), tmp_path / "limits.txt"
    limits.write_text("maker<2\n")
    with kernel(tmp_path, {"a": python_in(prefixes["a"])}, wheels) as run:
        forget = lambda step: limits.unlink(missing_ok=True)  # noqa: E731
        assert outcomes(run(f"install made --build-constraint {limits}", at=forget)) == {"a": "changed"}
    assert (environments.site_packages(prefixes["a"]) / "made.py").read_text() == "by = '1.0'"


def test_a_certificate_that_a_worker_has_not_got_is_told(tmp_path: Path, wheels: Path) -> None:
    """It is not sent, and an installer would say something else."""
    prefixes = make(tmp_path, a=None)
    with kernel(tmp_path, {"a": python_in(prefixes["a"])}, wheels) as run:
        for option in ("--cert", "--client-cert"):
            error = run.refused(f"install leaf {option} /nowhere/own.pem")
            assert error.message == (
                f"nothing was changed anywhere: `{option}` names a file that is not on a worker's machine: `/nowhere/own.pem`"
            )
    assert installed(prefixes["a"]) == {}


def test_a_credential_in_a_file_is_not_kept_for_late_workers(tmp_path: Path, wheels: Path) -> None:
    """Nor shown."""
    prefixes = make(tmp_path, a=None)
    wanted = tmp_path / "wanted.txt"
    wanted.write_text("leaf\n--extra-index-url https://ada:c4n4ry-81f3@127.0.0.1:9/simple\n")
    with kernel(tmp_path, {"a": python_in(prefixes["a"])}, wheels) as run:
        done = run(f"install -r {wanted}")
        assert (
            done.later
            == "workers that join later do not get it: the line has a credential, which no engine should keep"
        )
        assert run.engine.later == {}
    assert "c4n4ry" not in f"{done} {done.to_dict()}"
    journals = [each.read_text(errors="replace") for each in (prefixes["a"] / ".safepip").rglob("*.json")]
    assert journals and "c4n4ry" not in " ".join(journals)
