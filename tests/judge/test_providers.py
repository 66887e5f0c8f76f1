"""The table of import names and projects is what `scripts/providers.py` makes from its evidence."""

from __future__ import annotations

import csv
import sqlite3
from contextlib import closing
from pathlib import Path

from ipython_where.judge import providers as table
from ipython_where.judge.names import projects_for
from scripts import providers

ROWS = [
    line.rstrip("\n").split("\t")
    for line in (providers.HERE / "providers.tsv").read_text(encoding="utf-8").splitlines()
]


def test_the_package_has_what_the_evidence_says() -> None:
    """The names are in order, a few on each line, so a change shows as a few lines."""
    made = providers.packed((module, projects) for module, projects, _ in ROWS)
    assert Path(table.__file__).with_suffix(".txt").read_text(encoding="utf-8") == made
    names = {module: tuple(projects.split()) for module, projects, _ in ROWS}
    lines = (line.split() for line in table.PROVIDERS.splitlines() if line)
    assert {module: tuple(projects) or (module.replace("_", "-"),) for module, *projects in lines} == names
    assert [module for module, _, _ in ROWS] == sorted({module for module, _, _ in ROWS})
    assert len(ROWS) >= 2000


def test_each_line_says_what_it_is_taken_from() -> None:
    """The project's own wheel or two tables, also where it was chosen by hand; a hyphen was chosen by hand."""
    known = {each.__name__ for each in providers.TABLES}
    for module, projects, source in ROWS:
        tables = set(source.split()) - {"reviewed"}
        assert tables <= known and (len(tables) > 1 or tables & {"wheels", "confirmed"} or projects == "-"), module
        assert projects_for(module) == (tuple(projects.split()) if projects != "-" else ()), module
    with (providers.HERE / "reviewed.tsv").open(encoding="utf-8", newline="") as file:
        reviewed = [row for row in csv.reader(file, delimiter="\t") if row[0][:1] != "#"]
    assert all(len(row) == 3 and row[2] for row in reviewed)
    rows = {module: projects for module, projects, source in ROWS if source.startswith("reviewed")}
    assert rows == {module: names for module, names, _ in reviewed if names != "-" or "." in module}


def laid_out(folder: Path, *, index: dict[str, list[str]], **tables: str) -> Path:
    """A folder of public tables as the script expects them; ``index`` is project → modules."""
    folder.joinpath("top-pypi-packages.csv").write_text(tables.pop("ranks"))
    for name, text in tables.items():
        folder.joinpath(name.replace("_", "-")).write_text(text)
    with closing(sqlite3.connect(folder / "pigar.sqlite3")) as database, database:
        database.execute("create table distributions (id integer primary key, name)")
        database.execute("create table top_level_module_names (distribution_id, name)")
        for number, (project, modules) in enumerate(index.items()):
            database.execute("insert into distributions values (?, ?)", (number, project))
            database.executemany(
                "insert into top_level_module_names values (?, ?)", [(number, each) for each in modules]
            )
    return folder


def laid_wheel(folder: Path, name: str, record: str, metadata: str = "") -> None:
    """The ``.dist-info`` of an unpacked wheel."""
    made = folder / f"{name}-1.dist-info"
    made.mkdir(parents=True)
    (made / "METADATA").write_text(f"Name: {name}\n{metadata}")
    (made / "RECORD").write_text(record)


def test_two_tables_have_to_agree_and_no_rival_may_have_the_module(tmp_path: Path) -> None:
    """One table alone, a name of one's own files, a rival with as many downloads: nothing is said. A small fork doesn't count."""
    folder = laid_out(
        tmp_path,
        ranks="download_count,project\n9000,big-one\n8000,rival\n7000,torn\n6000,alone\n10,fork\n",
        index={
            "Big_One": ["big", "utils", "_private"],
            "fork": ["big"],
            "rival": ["shared"],
            "torn": ["shared"],
            "alone": ["alone"],
        },
        pipreqs_mapping="big:big-one\nutils:big-one\n_private:big-one\nshared:torn\nelsewhere:unranked\n",
    )
    chosen = {module: found for module, found in providers.table(folder).items() if "reviewed" not in found[1]}
    assert chosen == {"big": ("Big-One", "index pipreqs")}


def test_a_wheel_is_proof_and_a_portion_of_a_shared_package_has_a_line_of_its_own(tmp_path: Path) -> None:
    """`azure` is many projects', `azure.thing` is one's."""
    folder = laid_out(tmp_path, ranks="download_count,project\n9,azure-thing\n", index={})
    record = "azure/thing/__init__.py,,\nazure/thing/deep.py,,\nazure_thing-1.dist-info/RECORD,,\n"
    laid_wheel(folder / "wheels", "azure-thing", record)
    chosen = {module: found for module, found in providers.table(folder).items() if "reviewed" not in found[1]}
    assert chosen == {"azure.thing": ("azure-thing", "wheels")}


def test_what_was_chosen_by_hand_has_to_be_shown(tmp_path: Path) -> None:
    """By a table alone it isn't; a wheel shows it, or those that a wheel without modules requires. They propose nothing else."""
    folder = laid_out(
        tmp_path,
        ranks="download_count,project\n9,wx-other\n",
        index={"wxPython": ["wx"], "can": ["wx_other"]},
        pipreqs_mapping="talib:TA-Lib\n",
    )
    assert not {"wx", "talib", "llama_index"} & providers.table(folder).keys()
    laid_wheel(folder / "confirmed", "wxPython", "wx/__init__.py,,\nwx_other.py,,\n")
    laid_wheel(folder / "confirmed", "llama-index", "", "Requires-Dist: core>=1\nRequires-Dist: more ; extra == 'x'\n")
    laid_wheel(folder / "confirmed", "core", "llama_index/core/__init__.py,,\nmade.py,,\n")
    laid_wheel(folder / "confirmed", "more", "talib.py,,\n")
    found = {module: where for module, where in providers.table(folder).items() if where[0] != "-"}
    assert found == {
        "wx": ("wxPython", "reviewed confirmed index"),
        "llama_index": ("llama-index", "reviewed confirmed"),
    }


def test_a_byway_of_old_archives_is_left_out(tmp_path: Path) -> None:
    """Only lists of whole archives have it, and it is one of several modules: its own wheel has to show it."""
    folder = laid_out(
        tmp_path,
        ranks="download_count,project\n9,black\n8,omegaconf\n",
        index={"black": ["black", "blackd"], "omegaconf": ["omegaconf", "pydevd_plugins"]},
    )
    (folder / "gazelle").mkdir()
    (folder / "gazelle" / "a.yaml").write_text("    blackd: black\n    pydevd_plugins: omegaconf\n")
    laid_wheel(folder / "confirmed", "black", "blackd/__init__.py,,\n")
    chosen = {module: found for module, found in providers.table(folder).items() if "reviewed" not in found[1]}
    assert chosen == {"blackd": ("black", "confirmed index locked")}


def test_what_the_newest_wheel_lacks_is_not_there(tmp_path: Path) -> None:
    """However many tables still have it; but a `.pth` file puts modules where their names don't say so."""
    folder = laid_out(
        tmp_path,
        ranks="download_count,project\n9,cssutils\n8,pywin32\n",
        index={"cssutils": ["cssutils", "encutils"], "pywin32": ["win32api"]},
        pipreqs_mapping="cssutils:cssutils\nencutils:cssutils\nwin32api:pywin32\n",
    )
    laid_wheel(folder / "confirmed", "cssutils", "cssutils/__init__.py,,\n")
    laid_wheel(folder / "confirmed", "pywin32", "pywin32.pth,,\nwin32/win32api.pyd,,\n")
    chosen = {module: found[0] for module, found in providers.table(folder).items() if "reviewed" not in found[1]}
    assert chosen == {"cssutils": "cssutils", "win32api": "pywin32"}
