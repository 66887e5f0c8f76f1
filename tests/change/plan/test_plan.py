"""Pins and installed facts judged: changes, findings, and what stops."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import replace

import pytest

from ipython_where.change.installers.interface import Pin
from ipython_where.change.plan.plan import completed_pins, expected, make_plan, surplus
from ipython_where.change.plan.refusals import ALLOWED_BY, Facts, judged, stopping
from ipython_where.change.request.request import Request, parse_request
from ipython_where.change.request.safepip_line import split_line
from ipython_where.change.values import Change, ChangedModule, Occupant, Plan
from ipython_where.facts.distributions.installed import Installed, Provenance
from ipython_where.facts.distributions.requirement import Markers, parse_requirement
from ipython_where.model import Evidence, Finding
from ipython_where.probe import markers

MARKERS = Markers(markers())


def one(name: str, version: str, *requires: str) -> Installed:
    """An installed distribution."""
    return Installed(name=name, project=name, version=version, requires=requires, metadata=f"/site/{name}")


def provenance(installer: str = "pip", *, requested: bool = False, editable: bool = False) -> Provenance:
    """Who installed it."""
    return Provenance(installer=installer, requested=requested, editable=editable, direct_url=None)


WORLD = (
    one("ipykernel", "7.0", "traitlets>=5.4", "tornado>=6"),
    one("traitlets", "5.9"),
    one("tornado", "6.4"),
    one("numba", "0.60", "numpy<2.1"),
    one("numpy", "2.0"),
    one("old", "1.0", "missing"),
)


class Listed(dict[str, Installed]):
    """What is installed, by name."""

    def requiring(self, projects: Collection[str]) -> Collection[Installed]:
        """Those with a requirement that names one of the projects."""
        return [
            each
            for each in self.values()
            if {*projects} & {need.name for need in map(parse_requirement, each.requires) if need}
        ]


def facts(
    *more: Installed,
    by: dict[str, Provenance] | None = None,
    loaded: tuple[ChangedModule, ...] = (),
    managed: bool = False,
    runs: Occupant = Occupant.KERNEL,
    damage: Mapping[str, str] | None = None,
) -> Facts:
    """The world and what is added to it."""
    return Facts(
        installed=Listed({each.project: each for each in (*WORLD, *more)}),
        provenance=by or {},
        kernel=frozenset(("ipykernel", "traitlets", "tornado")),
        markers=MARKERS,
        prefix="/env",
        loaded=loaded,
        externally_managed=managed,
        runs=runs,
        damage=damage or {},
    )


def request(line: str) -> Request:
    """The request of a line."""
    return parse_request(split_line(line))


def plan(line: str, pins: tuple[Pin, ...], known: Facts, removed: tuple[str, ...] = ()) -> Plan:
    """The plan for a line."""
    return make_plan(request(line), pins, known, installer="pip", reason="why", removed=removed)


def stops(line: str, pins: tuple[Pin, ...], known: Facts, removed: tuple[str, ...] = ()) -> list[str]:
    """The ids of what stops it."""
    return [each.id for each in stopping(plan(line, pins, known, removed))]


def test_the_kinds_of_change() -> None:
    """Added, upgraded, downgraded, rebuilt and removed; what was asked for comes first."""
    pins = (
        Pin(name="six", version="1.17.0", requires=()),
        Pin(name="numpy", version="2.0.post1", requires=(), size=7),
        Pin(name="old", version="0.9", requires=()),
        Pin(name="proj", version=None, url="file:///nb/proj", editable=True),
        Pin(name="new", version="1", requires=("six", 'numpy; extra == "x"'), requested=True),
        Pin(name="same", version="1", url="https://me:pw@h.example/same.whl"),
    )
    found = plan(
        "install new rich", pins, facts(one("proj", "1"), one("rich", "1"), one("same", "1")), removed=("numba",)
    )
    assert found.changes == (
        Change(name="new", kind="added", old=None, new="1", asked_for=True),
        Change(name="numba", kind="removed", old="0.60", new=None, asked_for=False),
        Change(name="numpy", kind="upgraded", old="2.0", new="2.0.post1", asked_for=False, size=7),
        Change(name="old", kind="downgraded", old="1.0", new="0.9", asked_for=False),
        Change(name="proj", kind="rebuilt", old="1", new=None, asked_for=False, source="/nb/proj", editable=True),
        Change(
            name="same", kind="rebuilt", old="1", new="1", asked_for=False, source="https://****@h.example/same.whl"
        ),
        Change(name="six", kind="added", old=None, new="1.17.0", asked_for=False, wanted_by=("new",)),
    )
    assert (found.satisfied, found.installer, found.installer_reason) == (("rich by rich 1",), "pip", "why")


def test_the_kernel_keeps_what_it_accepts() -> None:
    """`traitlets` 4 would leave a kernel that cannot start."""
    pins = (Pin(name="traitlets", version="4.3.3", requires=()),)
    found = plan("install traitlets==4.3.3", pins, facts())
    assert found.findings == (
        Finding(
            id="kernel-package",
            severity="error",
            message="this kernel cannot run with `traitlets` 4.3.3",
            evidence=(
                Evidence(label="traitlets", value="5.9 → 4.3.3"),
                Evidence(label="ipykernel", value="requires traitlets>=5.4"),
            ),
            hint="`--allow-kernel` allows it",
        ),
    )
    assert stops("install traitlets==4.3.3", pins, facts()) == ["kernel-package"]
    assert stops("install traitlets==4.3.3 --allow-kernel", pins, facts()) == []


def test_the_kernels_packages_change_only_when_asked() -> None:
    """An upgrade is no danger; a downgrade that nobody asked for is, and so is a removal."""
    down, up = (
        (Pin(name="traitlets", version="5.5", requires=()),),
        (Pin(name="traitlets", version="5.14", requires=()),),
    )
    assert stops("install x", up, facts()) == []
    assert stops("install x", down, facts()) == ["kernel-package"]
    assert stops("install traitlets==5.5", down, facts()) == []
    assert stops("uninstall tornado", (), facts(), removed=("tornado",)) == ["kernel-package"]


def test_a_package_of_the_kernels_that_would_miss_something_is_refused() -> None:
    """`--no-deps` leaves a kernel without what it needs, or with a version that it does not accept."""
    for need in ("traitlets>=6", "absent"):
        pins = (Pin(name="ipykernel", version="8.0", requires=(need,)),)
        (found,) = plan("install -U --no-deps ipykernel", pins, facts()).findings
        assert (found.id, found.severity, found.message) == (
            *("kernel-package", "error"),
            "this kernel cannot run with `ipykernel` 8.0",
        )
        assert found.evidence == (
            Evidence(label="ipykernel", value="7.0 → 8.0"),
            Evidence(label="ipykernel", value=f"requires {need}"),
        )


def test_a_kernel_that_missed_something_before_can_be_changed() -> None:
    """What was broken before is not this plan's doing."""
    again = (Pin(name="traitlets", version="5.0", requires=()),)
    assert stops("install --force-reinstall traitlets", again, facts(one("traitlets", "5.0"))) == []
    still = (Pin(name="ipykernel", version="7.1", requires=("gone",)),)
    assert stops("install -U ipykernel", still, facts(one("ipykernel", "7.0", "gone"))) == []


def test_the_servers_packages_are_told_and_allowed_as_the_servers() -> None:
    """Not as this kernel's."""
    pins = (Pin(name="traitlets", version="4.3.3", requires=()),)
    server = facts(runs=Occupant.SERVER)
    (found,) = plan("install traitlets==4.3.3", pins, server).findings
    assert (found.id, found.message, found.hint) == (
        "server-package",
        "the server cannot run with `traitlets` 4.3.3",
        "`--allow-server` allows it",
    )
    (gone,) = plan("uninstall tornado", (), server, ("tornado",)).findings
    assert gone.message == "the server runs on `tornado`, which would be removed"


def test_what_others_need_of_the_kernels_packages_is_a_conflict() -> None:
    """The kernel runs on; what else needed the old version does not."""
    pins = (Pin(name="traitlets", version="5.14", requires=()),)
    assert stops("install -U traitlets", pins, facts(one("viewer", "1", "traitlets<5.10"))) == ["conflict"]


def test_what_is_brought_without_what_it_needs_stops_unless_it_was_asked_for() -> None:
    pins = (Pin(name="x", version="1", requires=("numpy<1",)),)
    assert stops("install x", pins, facts()) == ["conflict"]
    assert stops("install --no-deps x", pins, facts()) == []


@pytest.mark.parametrize(
    ("id", "option"),
    [
        ("kernel-package", "--allow-kernel"),
        ("server-package", "--allow-server"),
        ("workers-package", "--allow-workers"),
        ("kernel-files", "--allow-kernel"),
        ("server-files", "--allow-server"),
        ("workers-files", "--allow-workers"),
        ("conflict", "--allow-conflicts"),
        ("file-conflict", "--allow-conflicts"),
        ("conda-owned", "--allow-conda"),
        ("pixi-owned", "--allow-conda"),
        ("conda-frozen", "--allow-frozen"),
        ("externally-managed", "--break-system-packages"),
        ("environment-files", None),
    ],
)
def test_each_refusal_is_allowed_by_its_own_option_alone(id: str, option: str | None) -> None:
    """A warning stays as it is."""
    finding = Finding(id=id, severity="error", message="m", evidence=(), hint="h")
    every = {*ALLOWED_BY.values()}
    others = request(f"install x {' '.join(sorted(every - {option}))}")
    assert judged(finding, others) == finding
    allowed = judged(finding, request(f"install x {' '.join(sorted(every))}"))
    assert allowed.severity == ("warning" if option else "error")
    warning = replace(finding, severity="warning")
    assert judged(warning, request(f"install x {option or ''}")) == warning


def test_what_no_deps_leaves_out() -> None:
    """It was asked for, so it is told and stops nothing; what others need still does."""
    pins = (Pin(name="numpy", version="2.2", requires=("absent>=1", "gone")),)
    found = plan("install -U --no-deps numpy", pins, facts())
    alone, others = found.findings
    assert alone == Finding(
        id="no-deps",
        severity="warning",
        message="`numpy` will not have what it needs: `--no-deps` leaves it out",
        evidence=(
            Evidence(label="numpy 2.2", value="requires absent>=1", note="it would be missing"),
            Evidence(label="numpy 2.2", value="requires gone", note="it would be missing"),
        ),
    )
    assert (others.id, others.message) == ("conflict", "`numba` would no longer have what it needs")
    assert stops("install -U numpy", pins, facts()) == ["conflict"]


def test_breakage_that_the_plan_would_leave() -> None:
    """What needs the old version is named; what was broken before is not this plan's doing."""
    pins = (Pin(name="numpy", version="2.2", requires=()),)
    found = plan("install -U numpy", pins, facts())
    assert found.findings == (
        Finding(
            id="conflict",
            severity="error",
            message="`numba` would no longer have what it needs",
            evidence=(Evidence(label="numba 0.60", value="requires numpy<2.1", note="2.2 would be installed"),),
            hint="`--allow-conflicts` allows it",
        ),
    )
    (allowed,) = plan("install -U numpy --allow-conflicts", pins, facts()).findings
    message = "`numba` would no longer have what it needs: allowed by `--allow-conflicts`"
    assert allowed == replace(found.findings[0], severity="warning", message=message, hint=None)
    assert stops("install -U numpy --allow-conflicts", pins, facts()) == []
    assert stops("uninstall numpy", (), facts(), removed=("numpy",)) == ["conflict"]
    assert stops("uninstall numpy numba", (), facts(), removed=("numpy", "numba")) == []
    still_broken = (Pin(name="old", version="2.0", requires=("missing",)),)
    assert stops("install -U old", still_broken, facts()) == []


def test_conda_keeps_its_own() -> None:
    """The hint is conda's command, by `%safeconda`."""
    pins = (Pin(name="numpy", version="2.0.2", requires=()),)
    known = facts(by={"numpy": provenance("conda")})
    (finding,) = plan("install -U numpy", pins, known).findings
    assert (finding.id, finding.message, finding.hint) == (
        "conda-owned",
        "conda installed `numpy` and would not know about the change",
        '`%safeconda install "numpy=2.0.2"`, or allow it with `--allow-conda`',
    )
    assert stops("install -U numpy", pins, known) == ["conda-owned"]
    assert stops("install -U numpy --allow-conda", pins, known) == []
    known = facts(by={"numpy": provenance("conda"), "numba": provenance("conda"), "old": provenance()})
    gone = plan("uninstall numba numpy old", (), known, ("numba", "numpy", "old")).findings[-1]
    assert gone.hint == "`%safeconda remove numba numpy`, or allow it with `--allow-conda`"
    both = plan("install -U numpy", pins, known, ("numba",)).findings[-1]
    assert both.hint == (
        '`%safeconda remove numba` and `%safeconda install "numpy=2.0.2"`, or allow it with `--allow-conda`'
    )


def test_an_externally_managed_environment() -> None:
    """PEP 668 holds for us too."""
    pins = (Pin(name="six", version="1", requires=()),)
    assert stops("install six", pins, facts(managed=True)) == ["externally-managed"]
    assert stops("install six --break-system-packages", pins, facts(managed=True)) == []
    assert plan("install six", (), facts(managed=True)).findings == ()


def test_warnings_do_not_stop() -> None:
    """Yanked, a downgrade of what was asked for before, an editable one replaced, loaded modules."""
    pins = (
        Pin(name="numpy", version="1.26", requires=(), yanked="broken"),
        Pin(name="x", version="1", requires=("numpy<2",)),
    )
    loaded = tuple(ChangedModule(name=f"numpy.{i}", distribution="numpy", extension=i == 5) for i in range(6))
    known = facts(by={"numpy": provenance(requested=True, editable=True)}, loaded=loaded)
    found = plan("install x", pins, known)
    assert [(each.id, each.severity) for each in found.findings] == [
        ("yanked", "warning"),
        ("downgrade", "warning"),
        ("editable-replaced", "warning"),
        ("loaded", "warning"),
    ]
    assert found.findings[1].evidence == (Evidence(label="numpy", value="2.0 → 1.26", note="required by numba, x"),)
    assert found.findings[3].evidence == (
        Evidence(label="numpy", value="numpy.0, numpy.1, numpy.2, numpy.3 and 2 more", note="including native code"),
    )
    assert stopping(found) == ()


@pytest.mark.parametrize(
    ("line", "version", "editable", "by", "ids"),
    [
        ("install x", "1.0", False, provenance(), []),
        ("install x", "3.0", False, provenance(requested=True), []),
        ("install x", "1.0", False, provenance(requested=True), ["downgrade"]),
        ("install numpy==1.0", "1.0", False, provenance(requested=True), []),
        ("install -e ./numpy", "3.0", True, provenance(editable=True), []),
        ("install numpy", "3.0", False, provenance(editable=True), ["editable-replaced"]),
    ],
)
def test_what_came_on_purpose_is_told_when_it_changes(
    line: str, version: str, editable: bool, by: Provenance, ids: list[str]
) -> None:
    """An older version that nobody asked for, in place of one that somebody did; an ordinary copy in place of an editable."""
    pins = (Pin(name="numpy", version=version, requires=(), editable=editable),)
    known = replace(facts(by={"numpy": by}), installed=Listed({"numpy": one("numpy", "2.0")}))
    assert [each.id for each in plan(line, pins, known).findings] == ids


def test_what_is_removed_is_told_of_no_more() -> None:
    """Neither that an editable one goes, nor that its files were gone."""
    known = facts(by={"old": provenance(editable=True)}, damage={"old": "3 files are gone"})
    assert plan("uninstall old", (), known, ("old",)).findings == ()
    (told,) = plan("install old", (Pin(name="old", version="1.0", requires=()),), facts(damage=known.damage)).findings
    assert (told.id, told.severity, told.message) == ("files-gone", "note", "`old` 1.0 was damaged: 3 files are gone")


def test_what_was_never_there_loses_nothing() -> None:
    """A setting can leave out what a new package needs, as the option does."""
    pin = Pin(name="lonely", version="1", requires=("absent",))
    (found,) = plan("install lonely", (pin,), facts()).findings
    assert (found.id, found.message) == ("conflict", "`lonely` would not have what it needs")


def test_a_withdrawn_version_may_have_no_reason() -> None:
    (told,) = plan("install x", (Pin(name="x", version="1", requires=(), yanked=""),), facts()).findings
    assert (told.message, told.evidence) == ("`x` 1 was yanked by its authors", ())


def test_a_folder_is_satisfied_only_where_none_was_brought() -> None:
    """It names no project, so that nothing else tells."""
    folder = Pin(name="mine", version="1", requires=(), url="file:///nb/mine")
    other = Pin(name="other", version="1", requires=())
    assert plan("install ./mine numpy", (folder,), facts()).satisfied == ("numpy by numpy 2.0",)
    assert plan("install ./mine numpy other", (other,), facts()).satisfied == ("./mine", "numpy by numpy 2.0")


def test_what_a_marker_excludes_is_satisfied_by_nothing() -> None:
    """Whatever version is installed."""
    line = "install numpy<1; python_version < '3' numpy<3"
    assert plan(line, (), facts()).satisfied == (
        "numpy<1 ; python_version < '3' by numpy (not needed here)",
        "numpy<3 by numpy 2.0",
    )


def test_what_an_installer_says_was_asked_for_was() -> None:
    """A folder's project is not named in the line."""
    (change,) = plan("install ./mine", (Pin(name="mine", version="1", requires=(), requested=True),), facts()).changes
    assert change.asked_for


def test_what_the_stage_tells_completes_the_pins() -> None:
    """A folder's version is known once it is built; then it is judged again."""
    pins = (Pin(name="numpy", version=None, url="file:///nb/numpy"),)
    assert expected(pins) == {"numpy": None}
    assert stops("install ./numpy", pins, facts()) == []
    built = completed_pins(pins, {"numpy": one("numpy", "2.2")})
    assert expected(built) == {"numpy": "2.2"}
    assert stops("install ./numpy", built, facts()) == ["conflict"]


def test_what_was_not_staged_stays_as_planned() -> None:
    """And what was staged brings its name, its version and what it requires."""
    pins = (Pin(name="NumPy", version=None, url="file:///nb/numpy"), Pin(name="six", version="1.0"))
    assert completed_pins(pins, {"numpy": one("numpy", "2.2", "old>2")}) == (
        replace(pins[0], name="numpy", version="2.2", requires=("old>2",)),
        pins[1],
    )


def test_what_holds_already_is_told_of_an_install_alone() -> None:
    """A removal satisfies nothing; settings that would have led it elsewhere are named."""
    pins = (Pin(name="six", version="1.17.0", requires=()),)
    assert plan("install six numpy", pins, facts()).satisfied == ("numpy by numpy 2.0",)
    assert plan("uninstall six numpy", (), facts(one("six", "1")), removed=("six",)).satisfied == ()
    told = make_plan(request("install six"), pins, facts(), installer="pip", reason="why", neutralised=("PIP_TARGET",))
    assert told.neutralised == ("PIP_TARGET",)


def test_a_version_that_is_none_replaces_another() -> None:
    """`1.post1` is newer than `1`, though `>1` leaves it out; what no version can be read from counts as newer."""
    for old, new, kind in (("1", "1.post1", "upgraded"), ("1.post1", "1", "downgraded"), ("odd", "1", "upgraded")):
        (change,) = plan("install x", (Pin(name="x", version=new, requires=()),), facts(one("x", old))).changes
        assert change.kind == kind


def test_who_wants_it_is_told_by_name_whatever_the_case() -> None:
    """Sorted as people sort."""
    wanting = (one("b", "1", "x"), replace(one("a", "1", "x"), name="A"), one("c", "1", "x"))
    (change,) = plan("install b", (Pin(name="x", version="1", requires=()),), facts(*wanting)).changes
    assert change.wanted_by == ("A", "b", "c")


def test_sync_takes_away_what_nobody_needs() -> None:
    """Neither the wanted, nor the kernel's, nor the installers."""
    installers = (one(name, "1") for name in ("pip", "uv", "setuptools", "wheel"))
    after = {each.project: each for each in (*WORLD, *installers)}
    assert surplus(["NumPy"], after, ["ipykernel", "traitlets", "tornado"]) == ("numba", "old")
