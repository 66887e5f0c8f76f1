"""An install that would break another package is refused with the line that keeps both, or with why there is none."""

from __future__ import annotations

import re
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

from tests.change.installers.local import wheel
from tests.change.sessions import Session, clean_world, make_environment, session, versions
from tests.change.transaction.worlds import snapshot

pytestmark = pytest.mark.usefixtures("installer")


@pytest.fixture
def run(tmp_path: Path) -> Iterator[Session]:
    """An environment with the newest of three packages: each version of `frame` needs an `array` of its own age."""
    folder = tmp_path / "wheels"
    for version in ("1.25", "1.26", "2.0", "2.4.1"):
        wheel(folder, "array", version)
    wheel(folder, "frame", "2.3.2", ["array>=1.25"])
    wheel(folder, "frame", "2.3.3", ["array>=1.25"])
    wheel(folder, "frame", "3.0.1", ["array>=2"])
    wheel(folder, "plot", "1.0", ["frame>=2"])
    wheel(folder, "plot", "2.0", ["frame>=3"])
    wheel(folder, "alone", "1.0", ["array>=2"])
    with session(make_environment(tmp_path / "env"), clean_world(tmp_path / "home"), tmp_path) as opened:
        yield opened


OPTIONS = "--no-index --find-links wheels"


def refused(run: Session, line: str) -> list[str]:
    """The lines of a refusal that changed nothing, without the kernel's."""
    before = snapshot(run.prefix)
    error = run(line)["error"]
    assert snapshot(run.prefix) == before
    lines = [
        re.sub(r"(?<=\S)  +", "  ", line) for line in str(error).splitlines()
    ]  # the columns are as wide as the paths
    assert lines.pop(1).startswith("  kernel ")
    return lines


@pytest.mark.parametrize("installer", ["pip", "uv"])
def test_the_line_that_keeps_both_is_offered_and_works(run: Session, installer: str) -> None:
    """With what it would bring."""
    run.changed(f"install {OPTIONS} frame")
    line = f"install {OPTIONS} --with {installer}"
    assert refused(run, f'{line} "array<2"') == [
        "nothing was changed: `frame` would no longer have what it needs",
        "  frame 3.0.1  requires array>=2  (1.26 would be installed)",
        "  instead  array 2.4.1 → 1.26, frame 3.0.1 → 2.3.3",
        "",
        f'hint: `%safepip {line} "array<2" "frame<3"` changes these together; `--allow-conflicts` allows it',
    ]
    run.changed(f'{line} "array<2" "frame<3"')
    assert versions(run.prefix) == {"array": "1.26", "frame": "2.3.3"}


@pytest.mark.parametrize(
    ("typed", "offered"),
    [
        ("""'array<2; python_version>"3"'""", """'array<2; python_version>"3"'"""),
        ("""array<2; python_version>"3\"""", """'array<2 ; python_version>"3"'"""),
        ("""array<2; python_version>'3'""", """"array<2 ; python_version>'3'\""""),
        ("""array<2; python_version>'3' and os_name!=\"x\"""", """array<2 ; python_version>'3' and os_name!=\"x\""""),
    ],
)
def test_a_marker_stays_one_word(run: Session, typed: str, offered: str) -> None:
    """Its own quotes are not those of the word."""
    run.changed(f"install {OPTIONS} frame")
    line = f'{offered} "frame<3"'
    said = f"hint: `%safepip install {OPTIONS} {line}` changes these together; `--allow-conflicts` allows it"
    assert refused(run, f"install {OPTIONS} {typed}")[-1] == said
    run.changed(f"install {OPTIONS} {line}")
    assert versions(run.prefix) == {"array": "1.26", "frame": "2.3.3"}


def test_what_needs_the_other_changes_too(run: Session) -> None:
    """As far as that goes."""
    run.changed(f"install {OPTIONS} plot")
    assert refused(run, f"install {OPTIONS} array<2")[-1] == (
        f'hint: `%safepip install {OPTIONS} "array<2" "frame<3" "plot<2"` changes these together;'
        " `--allow-conflicts` allows it"
    )


@pytest.mark.parametrize("installer", ["pip", "uv"])
def test_where_no_version_goes_with_it_the_installer_says_why(run: Session, installer: str) -> None:
    """A dry run is refused alike."""
    run.changed(f"install {OPTIONS} alone")
    for more in ("", "--dry-run "):
        lines = refused(run, f"install {OPTIONS} {more}--with {installer} array<2")
        assert lines[:3] == [
            "nothing was changed: `alone` would no longer have what it needs",
            "  alone 1.0  requires array>=2  (1.26 would be installed)",
            "  with wheels alone, the installer found no version of `alone` that goes with it; it says:",
        ]
        assert any("alone" in line and "array" in line for line in lines[3:-2])
        assert lines[-2:] == ["", "hint: `--allow-conflicts` allows it"]


@pytest.mark.parametrize("installer", ["pip", "uv"])
def test_what_fits_as_it_is_is_named_too(run: Session, tmp_path: Path, installer: str) -> None:
    """The other one gives way: without the name, the line would be the refused one. A dry run changes nothing with it."""
    wheel(tmp_path / "wheels", "old", "1.0", ["array<2"])
    run.changed(f"install {OPTIONS} array==1.25 old")
    for more, changing in (("", "changes"), (" --dry-run", "would change")):
        line = f"install {OPTIONS}{more} --with {installer} -U array"
        assert refused(run, line) == [
            "nothing was changed: `old` would no longer have what it needs",
            "  old 1.0  requires array<2  (2.4.1 would be installed)",
            "  instead  array 1.25 → 1.26",
            "",
            f"hint: `%safepip {line} old` {changing} these together; `--allow-conflicts` allows it",
        ]
    run.changed(f"install {OPTIONS} --with {installer} -U array old")
    assert versions(run.prefix) == {"array": "1.26", "old": "1.0"}
    assert refused(run, f"install {OPTIONS} --with {installer} -U array")[1:] == [
        "  old 1.0  requires array<2  (2.4.1 would be installed)",
        "",
        "hint: `--allow-conflicts` allows it",
    ]


@pytest.mark.parametrize("installer", ["pip", "uv"])
def test_an_index_that_is_down_is_asked_once(run: Session, tmp_path: Path, installer: str) -> None:
    """Nobody asked for the search. pip takes such an index for one without the project: what is said of that is pip's word."""
    run.changed(f"install {OPTIONS} frame")
    asked = []

    class Down(BaseHTTPRequestHandler):
        def log_message(self, format: str, *args: object) -> None: ...

        def do_GET(self) -> None:
            asked.append(self.path)
            self.send_error(503)

    with ThreadingHTTPServer(("127.0.0.1", 0), Down) as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        try:
            index = f"--index-url http://127.0.0.1:{server.server_port}/simple --no-cache-dir"
            lines = refused(run, f"install {index} --with {installer} {tmp_path}/wheels/array-1.26-py3-none-any.whl")
        finally:
            server.shutdown()
            thread.join()
    assert lines[1] == "  frame 3.0.1  requires array>=2  (1.26 would be installed)"
    assert lines[2:3] == (
        ["  with wheels alone, the installer found no version of `frame` that goes with it; it says:"]
        if installer == "pip"
        else [""]
    )
    assert lines[-1] == "hint: `--allow-conflicts` allows it"
    assert asked == ["/simple/frame/"]


def test_an_index_that_does_not_have_it_proves_nothing(run: Session, tmp_path: Path) -> None:
    """It may have come from another one."""
    run.changed(f"install {OPTIONS} alone")
    (tmp_path / "wheels" / "alone-1.0-py3-none-any.whl").unlink()
    assert refused(run, f"install {OPTIONS} --with uv array<2")[1:] == [
        "  alone 1.0  requires array>=2  (1.26 would be installed)",
        "",
        "hint: `--allow-conflicts` allows it",
    ]


def test_what_came_from_a_file_is_not_looked_for_in_an_index(run: Session, tmp_path: Path) -> None:
    """A project of the same name there may be a stranger's."""
    run.changed(f"install {OPTIONS} {tmp_path}/wheels/frame-3.0.1-py3-none-any.whl")
    assert refused(run, f"install {OPTIONS} array<2")[1:] == [
        "  frame 3.0.1  requires array>=2  (1.26 would be installed)",
        "",
        "hint: `--allow-conflicts` allows it",
    ]


def test_an_error_is_returned_where_it_is_not_to_be_raised(run: Session) -> None:
    """The same one."""
    run.changed(f"install {OPTIONS} frame")
    line = f"install {OPTIONS} --no-raise array<2"
    assert '"array<2" "frame<3"` changes these together' in refused(run, line)[-1]
