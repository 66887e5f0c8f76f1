"""Realistic answers of `%safepip`, as it would build them: what the faces' tests draw."""

from __future__ import annotations

from dataclasses import replace

from ipython_where.change.values import (
    Change,
    ChangedModule,
    ChangeKind,
    HistoryAnswer,
    InstallAnswer,
    Invisible,
    Occupant,
    PageVerdict,
    Plan,
    Transaction,
    Verdict,
)
from ipython_where.model import Evidence, Finding, LabExtension

from .samples import HOME, PYTHON, A

WHEN = 1763820300.0  # 2025-11-22 14:05 UTC


def change(
    name: str,
    kind: ChangeKind,
    old: str | None,
    new: str | None,
    *wanted_by: str,
    size: int | None = None,
    source: str | None = None,
    editable: bool = False,
) -> Change:
    """A change that was asked for unless others want it."""
    return Change(
        name=name,
        kind=kind,
        old=old,
        new=new,
        asked_for=not wanted_by,
        wanted_by=wanted_by,
        size=size,
        source=source,
        editable=editable,
    )


def done(
    command: str,
    *changes: Change,
    importable: tuple[str, ...] = (),
    restart: tuple[ChangedModule, ...] = (),
    invisible: tuple[Invisible, ...] = (),
    id: str = "tx-3",
) -> InstallAnswer:
    """An install that was carried out by uv without a remark."""
    return InstallAnswer(
        command=command,
        plan=Plan(
            changes=changes,
            satisfied=(),
            installer="uv",
            installer_reason="the fastest that gives the same answer",
            neutralised=(),
            findings=(),
        ),
        transaction=Transaction(id=id, when=WHEN, command=command, changes=changes, undoable=True),
        verdict=Verdict(importable=importable, restart=restart, invisible=invisible),
        dry_run=False,
        seconds=1.24,
        kernel=PYTHON,
    )


def planned(answer: InstallAnswer) -> InstallAnswer:
    """The same, asked for with `--dry-run`."""
    return replace(answer, transaction=None, verdict=None, dry_run=True)


def loaded(distribution: str, *names: str, native: str | None = None) -> tuple[ChangedModule, ...]:
    return tuple(ChangedModule(name=n, distribution=distribution, extension=n == native) for n in names)


NUMPY = done("%safepip install numpy", change("numpy", "added", None, "2.1.0", size=14_131_200), importable=("numpy",))

LOADED = Finding(
    id="loaded",
    severity="warning",
    message="modules of `numpy`, `pandas` are loaded and would change under this kernel",
    evidence=(
        Evidence(label="numpy", value="numpy, numpy._core", note="including native code"),
        Evidence(label="pandas", value="pandas"),
    ),
    hint="restart the kernel after the install",
)

YANKED = Finding(
    id="yanked",
    severity="warning",
    message="`six` 1.16.1 was yanked by its authors",
    evidence=(Evidence(label="reason", value="broken wheel"),),
)

_UPGRADE = done(
    "%safepip install -U pandas seaborn",
    change("pandas", "upgraded", "2.1.0", "2.2.3", size=13_055_432),
    change("seaborn", "added", None, "0.13.2", size=294_914),
    change("contourpy", "added", None, "1.3.1", "matplotlib", size=323_677),
    change("cycler", "added", None, "0.12.1", "matplotlib", size=8_321),
    change("fonttools", "added", None, "4.55.0", "matplotlib", size=4_897_000),
    change("kiwisolver", "added", None, "1.4.7", "matplotlib", size=1_400_000),
    change("matplotlib", "added", None, "3.9.2", "seaborn", size=8_300_000),
    change("pillow", "added", None, "11.0.0", "matplotlib", size=4_400_000),
    change("numpy", "upgraded", "1.26.4", "2.1.0", "contourpy", "matplotlib", "pandas", "seaborn", size=14_131_200),
    change("six", "downgraded", "1.17.0", "1.16.1", "python-dateutil", size=812),
    change("pytz", "removed", "2024.2", None),
    importable=("seaborn", "contourpy", "cycler", "fontTools", "kiwisolver", "matplotlib", "mpl_toolkits", "PIL"),
    restart=(
        *loaded(
            "numpy", "numpy", "numpy._core", "numpy._core._multiarray_umath", native="numpy._core._multiarray_umath"
        ),
        *loaded("pandas", *(f"pandas.m{n}" for n in range(9))),
    ),
)
UPGRADE = replace(
    _UPGRADE,
    seconds=75.2,
    plan=replace(_UPGRADE.plan, neutralised=("PIP_TARGET", "UV_PYTHON"), findings=(LOADED, YANKED)),
    log=(
        "Resolved 11 packages in 312ms",
        "Prepared 11 packages in 4.1s",
        " + contourpy==1.3.1",
        "",
        "\t+ cycler==0.12.1",
    ),
)

INVISIBLE = done(
    "%safepip install --user loom",
    change("loom", "added", None, "1.0", size=4_321),
    invisible=(
        Invisible(
            name="loom", reason=f"`{HOME}/.local/lib/python3.12/site-packages` is not on this kernel's `sys.path`"
        ),
    ),
)

EDITABLE = done(
    "%safepip install -e ~/src/loom idna @ git+https://host/idna",
    change("loom", "rebuilt", "0.4.dev0", "0.4.dev0", source=f"{HOME}/src/loom", editable=True),
    change("idna", "upgraded", "3.7", "3.10", source="git+https://****@host/idna@0123456789ab"),
    change("tomli", "added", None, "2.2.1", "loom", size=14_257),
    importable=("idna", "loom", "tomli"),
)

SKLEARN = done(
    "%safepip install scikit-learn",
    change("scikit-learn", "added", None, "1.5.2", size=12_900_000),
    change("joblib", "added", None, "1.4.2", "scikit-learn", size=301_817),
    importable=("sklearn", "joblib"),
)

UNINSTALL = done("%safepip uninstall six", change("six", "removed", "1.17.0", None))

SATISFIED = replace(
    NUMPY,
    command="%safepip install numpy>=1.0",
    plan=replace(NUMPY.plan, changes=(), satisfied=("numpy>=1.0 by numpy 2.1.0",)),
    transaction=None,
    verdict=None,
    seconds=0.002,
)

IN_SERVER = replace(
    done(
        "%safepip install --server jupyterlab-git==0.55.0",
        change("jupyterlab_git", "added", None, "0.55.0", size=812),
        change("nbdime", "added", None, "4.0.4", "jupyterlab_git", size=8_321),
    ),
    verdict=None,
    place=Occupant.SERVER,
    kernel=f"{HOME}/lab/bin/python",
    page=PageVerdict(
        lab_extensions=(
            LabExtension(name="@jupyterlab/git", version="0.55.0"),
            LabExtension(name="nbdime-jupyterlab", version=None),
        ),
        server_extensions=("jupyterlab_git", "nbdime"),
        gone=(),
        step="restart",
    ),
)

SAME_ENVIRONMENT = replace(
    done("%safepip install anywidget", change("anywidget", "added", None, "0.11.0"), importable=("anywidget",)),
    page=PageVerdict(
        lab_extensions=(LabExtension(name="anywidget", version="0.11.0"),),
        server_extensions=(),
        gone=("jupyterlab-plotly",),
        step="reload",
    ),
)

INSTALLS = {
    "in the server's environment": IN_SERVER,
    "planned for the server's environment": replace(planned(IN_SERVER), page=None),
    "an environment that serves the page": SAME_ENVIRONMENT,
    "numpy": NUMPY,
    "dry run": planned(UPGRADE),
    "upgrade": UPGRADE,
    "invisible": INVISIBLE,
    "editable": EDITABLE,
    "sklearn": SKLEARN,
    "uninstall": UNINSTALL,
    "satisfied": SATISFIED,
}

HISTORY = HistoryAnswer(
    prefix=A,
    size=61_300_000,
    limit=2_000_000_000,
    transactions=(
        Transaction(
            id="tx-3", when=WHEN, command=UPGRADE.command, changes=UPGRADE.changes, undoable=True, size=61_200_000
        ),
        Transaction(
            id="tx-2",
            when=WHEN - 86_400 * 3,
            command="%safepip undo tx-1",
            changes=UNINSTALL.changes,
            undoable=True,
            undoes="tx-1",
            size=100_000,
        ),
        Transaction(
            id="tx-1",
            when=WHEN - 86_400 * 3 - 130,
            command="%safepip install six",
            changes=(change("six", "added", None, "1.17.0", size=11_050),),
            undoable=False,
        ),
    ),
)
NO_HISTORY = HistoryAnswer(prefix=A, transactions=(), size=0, limit=2_000_000_000)
