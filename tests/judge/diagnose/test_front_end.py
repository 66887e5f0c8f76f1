"""The two sides of a package, judged: what fits, what the line is that mends it, and what the page needs then."""

from __future__ import annotations

from dataclasses import replace

import pytest

from ipython_where.judge.diagnose.front_end import (
    MANAGER,
    Off,
    RequiredPart,
    anywidget_range,
    diagnose_front_end,
    diagnose_unknown_server,
    judge_lab_part,
    judge_server_part,
    manager_range,
    server_line,
)
from ipython_where.model import Evidence, Finding, FrontEnd, FrontEndPart, LabExtension, PartVerdict, Server

WANTED = RequiredPart(
    extension=LabExtension(name="js", version="1.2.0"), carrier="widget", carrier_version="0.9", accepts="^1.2"
)
PART = FrontEndPart(
    kind="JupyterLab",
    name="js",
    carrier="widget",
    carrier_version="0.9",
    requirement="widget==0.9",
    accepts="^1.2",
    in_kernel="1.2.0",
    in_server=None,
    verdict="missing",
)
EXTENSION = judge_server_part("git", "jupyter-git", "0.5", ())
SERVER = Server(
    verdict="local",
    url=None,
    pid=1,
    version=None,
    interpreter="/srv/bin/python",
    interpreter_version="3.12.4",
    prefix="/srv",
    same_environment=False,
    evidence=("it said so",),
)
FRONT_END = FrontEnd(lab_extensions=(), server_extensions=(), in_server=(), parts=(PART,), step="nothing")


@pytest.mark.parametrize(
    ("served", "fits", "verdict"),
    [
        ("1.3.0", True, "fits"),
        ("2.0.0", False, "misfit"),
        ("1.2.0", None, "fits"),
        ("1.3.0", None, "unknown"),
        (None, None, "unknown"),
    ],
)
def test_a_part_that_is_served(served: str | None, fits: bool | None, verdict: PartVerdict) -> None:
    """The range decides; without one the same version fits, and another may."""
    there = {"js": LabExtension(name="js", version=served)}
    assert judge_lab_part(WANTED, there, fits) == replace(PART, in_server=served, verdict=verdict)


def test_a_part_that_is_not_served_or_not_known() -> None:
    assert judge_lab_part(WANTED, {}, None) == PART
    assert judge_lab_part(WANTED, None, None) == replace(PART, verdict="unknown")
    assert [judge_server_part("git", "x", None, each).verdict for each in (("git",), (), None)] == [
        "fits",
        "missing",
        "unknown",
    ]


def test_which_manager_an_ipywidgets_needs() -> None:
    assert [manager_range(each) for each in ("7.8.5", "8.1.9", "9.0", None)] == [
        ("^3.0.0", "~=1.0"),
        ("^5.0.0", "~=3.0"),
        None,
        None,
    ]


def test_what_anywidget_asks_for_is_computed_as_it_does() -> None:
    assert [anywidget_range(each) for each in ("0.11.0", "0.11.0a1", None, "uninstalled")] == [
        "~0.11.*",
        None,
        None,
        None,
    ]


def test_the_line_names_what_carries_the_parts() -> None:
    """In the kernel's version; the manager that is nowhere here in one that fits; or what the server's side allows alone."""
    assert server_line((PART, PART)) == "%safepip install --server widget==0.9"
    assert server_line((PART, EXTENSION)) == "%safepip install --server widget==0.9 jupyter-git==0.5"
    manager = WANTED._replace(extension=LabExtension(name=MANAGER, version=None), carrier="jupyterlab_widgets")
    absent = manager._replace(carrier_version=None, accepts="^5.0.0")
    assert absent.requirement == "jupyterlab_widgets~=3.0"
    assert absent._replace(accepts="^3.0.0").requirement == "jupyterlab_widgets~=1.0"
    assert judge_lab_part(absent, {}, None, requirement="ipywidgets==8.1.9").requirement == "ipywidgets==8.1.9"


def test_a_server_part_is_there_by_its_name() -> None:
    judged = FrontEndPart(
        kind="server",
        name="git",
        carrier="jupyter-git",
        carrier_version="0.5",
        requirement="jupyter-git==0.5",
        accepts=None,
        in_kernel=None,
        in_server=None,
        verdict="missing",
    )
    assert judge_server_part("git", "jupyter-git", "0.5", ("other",)) == judged
    assert judge_server_part("git", "jupyter-git", "0.5", ("git",)) == replace(judged, verdict="fits")
    assert judge_server_part("git", "jupyter-git", None, None) == replace(
        judged, carrier_version=None, requirement="jupyter-git", verdict="unknown"
    )


def told(*parts: FrontEndPart, **more: str) -> list[Finding]:
    front_end = replace(FRONT_END, parts=parts, **more)  # type: ignore[arg-type]
    return list(diagnose_front_end("widget", front_end, SERVER))


def test_a_part_that_is_missing() -> None:
    assert told(PART) == [
        Finding(
            id="lab-part-missing",
            severity="warning",
            message="the JupyterLab part of `widget` is not in the server's environment: the page cannot load it",
            evidence=(
                Evidence(label="part", value="js", note="provided by widget"),
                Evidence(label="server", value="/srv/bin/python"),
            ),
            hint="`%safepip install --server widget==0.9` installs it there; then reload the page",
        )
    ]


def test_a_server_part_that_is_missing_too() -> None:
    (finding,) = told(PART, EXTENSION)
    assert finding.message == (
        "the JupyterLab and the server part of `widget` are not in the server's environment: the page cannot load them"
    )
    assert finding.hint == (
        "`%safepip install --server widget==0.9 jupyter-git==0.5` installs them there; "
        "then restart the server and open the page again"
    )
    (finding,) = told(EXTENSION)
    assert (
        finding.message == "the server part of `widget` is not in the server's environment: the server cannot start it"
    )


def test_a_part_that_does_not_fit() -> None:
    (finding,) = told(replace(PART, in_server="2.0.0", verdict="misfit"))
    assert (finding.id, finding.message) == (
        "lab-part-misfit",
        "the server's environment has the JupyterLab part that `widget` needs in a version that does not fit",
    )
    assert finding.evidence[0] == Evidence(label="part", value="js 2.0.0", note="needs ^1.2")
    (finding,) = told(replace(PART, in_server=None, verdict="misfit"), EXTENSION)
    assert finding.id == "lab-part-missing"
    assert finding.evidence[:2] == (
        Evidence(label="part", value="js an unknown version", note="needs ^1.2"),
        Evidence(label="server part", value="git", note="provided by jupyter-git"),
    )


def test_a_server_that_is_older_than_its_part() -> None:
    there = replace(EXTENSION, verdict="fits")
    assert told(there) == []
    (finding,) = told(there, replace(PART, verdict="fits"), step="restart")
    assert finding == Finding(
        id="server-older",
        severity="warning",
        message="the server started before the server part of `widget` was installed in its environment",
        evidence=(Evidence(label="server part", value="git"), Evidence(label="server", value="/srv/bin/python")),
        hint="restart the server, then open the page again",
    )


@pytest.mark.parametrize(
    ("interpreter", "prefix", "shown"),
    [("/srv/bin/python", "/srv", "/srv/bin/python"), (None, "/srv", "/srv"), (None, None, "unknown")],
)
def test_the_server_is_named_by_the_best_that_is_known(interpreter: str | None, prefix: str | None, shown: str) -> None:
    server = replace(SERVER, interpreter=interpreter, prefix=prefix)
    (finding,) = diagnose_front_end("widget", FRONT_END, server)
    assert finding.evidence[-1] == Evidence(label="server", value=shown)


def test_what_fits_or_is_not_known_is_no_finding() -> None:
    assert told(replace(PART, verdict="fits"), replace(PART, verdict="unknown"), step="reload") == []


def test_where_the_server_is_not_known() -> None:
    """What to do is said in words; where there is no page at all, nothing is."""
    unknown = replace(SERVER, verdict="unknown")
    front_end = replace(FRONT_END, parts=(replace(PART, verdict="unknown"),))
    (finding,) = diagnose_unknown_server("widget", front_end, unknown)
    assert finding == Finding(
        id="server-unknown",
        severity="note",
        message="`widget` needs a part in the Jupyter server's environment, and it is unknown which server that is",
        evidence=(Evidence(label="server", value="it said so"),),
        hint="where the server runs: `python -m pip install widget==0.9`, then reload the page",
    )
    assert list(diagnose_unknown_server("widget", front_end, replace(SERVER, verdict="none"))) == []


OFF = Off(names=("js",), file="/srv/etc/jupyter/labconfig/page_config.json", locked=None)


def test_a_part_that_is_switched_off_is_there_and_not_loaded() -> None:
    served = {"js": LabExtension(name="js", version="1.3.0")}
    assert judge_lab_part(WANTED, served, True, off=OFF).verdict == "disabled"
    assert judge_lab_part(WANTED, served, True, off=OFF._replace(names=("js:plugin",))).verdict == "fits"
    assert judge_lab_part(WANTED, served, False, off=OFF).verdict == "misfit"
    assert judge_lab_part(WANTED, {}, None, off=None).verdict == "missing"


@pytest.mark.parametrize(
    ("off", "message", "hint"),
    [
        (
            OFF,
            "the JupyterLab part of `widget` is disabled in the server's settings: the page does not load it",
            "`!/srv/bin/jupyter-labextension enable js` enables it; then reload the page",
        ),
        (
            OFF._replace(names=("js:plugin",), locked=OFF.file),
            "a plugin of the JupyterLab part of `widget` is disabled in the server's settings: the page does not load it",
            "`!/srv/bin/jupyter-labextension enable js:plugin` enables it; then reload the page",
        ),
        (
            OFF._replace(file="/home/me/.jupyter/labconfig/page_config.json"),
            "the JupyterLab part of `widget` is disabled in the server's settings: the page does not load it",
            "remove it from that file, then reload the page",
        ),
        (
            OFF._replace(locked="/etc/jupyter/labconfig/page_config.json"),
            "the JupyterLab part of `widget` is disabled in the server's settings: the page does not load it",
            "it is locked there: ask whoever manages the server to enable it",
        ),
    ],
)
def test_what_is_said_of_a_part_that_is_switched_off(off: Off, message: str, hint: str) -> None:
    part = judge_lab_part(WANTED, {"js": LabExtension(name="js", version="1.3.0")}, True, off=off)
    (found,) = diagnose_front_end("widget", replace(FRONT_END, parts=(part,)), SERVER)
    is_whole = "js" in off.names
    assert found == Finding(
        id="lab-part-disabled",
        severity="warning" if is_whole else "note",
        message=message,
        evidence=(
            *(Evidence(label="disabled", value=each) for each in off.names),
            Evidence(label="in", value=off.file),
            *((Evidence(label="locked in", value=off.locked),) if off.locked else ()),
        ),
        hint=hint,
    )


def test_each_part_that_is_switched_off_is_told() -> None:
    """Also behind one that is not; a part without a file that disables it isn't."""
    off = replace(PART, verdict="fits", disabled=("js",), disabled_in=OFF.file)
    two = replace(off, disabled=("js:a", "js:b"), disabled_in="/home/me/page_config.json")
    found = told(replace(PART, verdict="fits"), replace(off, disabled_in=None), off, two)
    assert [each.hint for each in found] == [
        "`!/srv/bin/jupyter-labextension enable js` enables it; then reload the page",
        "remove them from that file, then reload the page",
    ]
    (line,) = told(replace(two, disabled_in=OFF.file))
    assert line.hint == (
        "`!/srv/bin/jupyter-labextension enable js:a` and `!/srv/bin/jupyter-labextension enable js:b` enable them; "
        "then reload the page"
    )
    (unknown,) = diagnose_front_end("widget", replace(FRONT_END, parts=(off,)), replace(SERVER, prefix=None))
    assert unknown.hint == "remove it from that file, then reload the page"
