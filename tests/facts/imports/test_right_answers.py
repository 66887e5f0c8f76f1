"""The answers for a big real environment against the real thing: imports in fresh interpreters, and RECORD read slowly."""

from __future__ import annotations

import fcntl
import json
import os
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from ipython_where.answer.name import where
from ipython_where.answer.world import World
from ipython_where.facts.imports.finding import ImportSystem
from tests.big_environment import EDITABLE, BigEnvironment, big_environment, write
from tests.environments import base_python, call, site_packages, uv

INSIDE = Path(__file__).with_name("inside.py")
RUN = "import sys; exec(compile(open(sys.argv[1]).read(), sys.argv[1], 'exec')); main(*sys.argv[2:])"

DOTTED = [
    "by_finder.leaf",
    "by_finder.sub.leaf",
    "by_flit.leaf",
    "by_exact.leaf",
    "by_hatch.leaf",
    "by_link.leaf",
    "by_mapping.leaf",
    "by_meson.leaf",
    "by_space.part",
    "by_space.part.leaf",
    "by_src.leaf",
    "distutils.core",
    "egg_file.leaf",
    "egg_folder.leaf",
    "google.cloud.from_pth",
    "google.from_pythonpath",
    "os.path",
    "passlib.apps",
    "passlib.hash",
    "setuptools.dist",
    "spread.deep.leaf_0",
    "spread.deep.leaf_2",
    "spread.in_archive",
    "spread.part_0",
    "spread.part_1",
    "spread.part_2",
    "tabulate.no_package",
    "zipped_package.leaf",
]
"""Dotted names that no RECORD lists."""

SAMPLED = 1000

Facts = dict[str, Any]
Inside = Callable[..., Any]

pytestmark = [
    pytest.mark.usefixtures("installer"),
    pytest.mark.skipif(not hasattr(os, "fork"), reason="the imports to compare with are made in forked processes"),
]


@pytest.fixture(scope="module")
def big() -> BigEnvironment:
    return big_environment()


def ask_inside(environment: BigEnvironment, task: str, given: Any, folder: Path) -> Any:
    """The result of one of the tasks of `inside.py`, in the environment's own interpreter."""
    arguments, result = folder / "given.json", folder / "result.json"
    arguments.write_text(json.dumps(given))
    environment.run("-W", "ignore", "-c", RUN, INSIDE, task, arguments, result)
    return json.loads(result.read_text())


@pytest.fixture(scope="module")
def inside(big: BigEnvironment, tmp_path_factory: pytest.TempPathFactory) -> Inside:
    return lambda task, given=None: ask_inside(big, task, given, tmp_path_factory.mktemp("inside"))


@pytest.fixture(scope="module")
def names(inside: Inside) -> dict[str, list[str]]:
    """The names to ask about: all at the top, and an even sample of the dotted ones."""
    listed = inside("list_names")
    assert listed["distributions"] >= 100
    step = max(1, len(listed["dotted"]) // SAMPLED)
    return {"top": sorted({*listed["top"], *EDITABLE}), "dotted": sorted({*listed["dotted"][::step], *DOTTED})}


@pytest.fixture(scope="module")
def top(inside: Inside, names: dict[str, list[str]], tmp_path_factory: pytest.TempPathFactory) -> Facts:
    return once("top", lambda: inside("ask_each", names["top"]), tmp_path_factory)


@pytest.fixture(scope="module")
def dotted(inside: Inside, names: dict[str, list[str]], tmp_path_factory: pytest.TempPathFactory) -> Facts:
    return once("dotted", lambda: inside("ask_each", names["dotted"]), tmp_path_factory)


def once(name: str, ask: Callable[[], Facts], tmp_path_factory: pytest.TempPathFactory) -> Facts:
    """What ``ask`` gives, asked by one worker of the run for all of them."""
    base = tmp_path_factory.getbasetemp()
    shared = base.parent if "PYTEST_XDIST_WORKER" in os.environ else base
    kept = shared / f"right-answers-{name}.json"
    with open(f"{kept}.lock", "w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not kept.exists():
            kept.write_text(json.dumps(ask()))
    return dict(json.loads(kept.read_text()))


def is_decided(answer: Facts) -> bool:
    return answer["found"] is False or answer["kind"] is not None


def compare(answers: dict[str, Facts], truth: dict[str, Facts | None]) -> None:
    """No decided answer may differ from the truth, and nearly all must be decided."""
    asked = {name: facts for name, facts in truth.items() if facts is not None}
    unknown = [name for name in asked if not is_decided(answers[name])]
    wrong = {
        name: (_shown(answers[name]), facts)
        for name, facts in asked.items()
        if name not in unknown and _shown(answers[name]) != {key: facts[key] for key in ("exists", "file", "portions")}
    }
    left = len(truth) - len(asked)
    decided = len(asked) - len(unknown)
    print(f"{decided} decided, {len(unknown)} unknown, {len(wrong)} wrong, {left} that nothing can be compared with")
    assert wrong == {}
    assert len(unknown) <= 0.05 * len(asked), unknown


def _shown(answer: Facts) -> Facts:
    return {"exists": answer["found"], "file": answer["file"], "portions": answer["portions"] or None}


def test_each_top_level_module_is_found_where_its_import_takes_it_from(
    inside: Inside, names: dict[str, list[str]], top: Facts
) -> None:
    """Files and namespace portions equal those of a fresh interpreter that imports it; what is not there is not found."""
    truth = inside("import_each", names["top"])
    assert [name for name, facts in truth.items() if "died" in facts] == []
    compare(top["answers"], truth)


def test_each_dotted_module_is_found_where_the_import_system_finds_it(
    inside: Inside, names: dict[str, list[str]], dotted: Facts
) -> None:
    """``find_spec`` imports the parents and then agrees with what was found without importing them."""
    groups: dict[str, list[str]] = {}
    for name in names["dotted"]:
        groups.setdefault(name.partition(".")[0], []).append(name)
    truth = inside("find_below", list(groups.values()))
    compare(dotted["answers"], truth)


def test_each_owner_is_the_distribution_whose_record_lists_the_file(inside: Inside, top: Facts, dotted: Facts) -> None:
    """One lister is the owner; several are all named; where RECORD is silent, an owner must be editable or an egg."""
    records = inside("read_owners")
    answers = [each for each in (*top["answers"].values(), *dotted["answers"].values()) if each["file"]]
    owned = [each for each in answers if records.get(each["file"])]
    unknown = [each["query"] for each in owned if not each["owners"]]
    wrong = {
        each["query"]: (each["owners"], records[each["file"]])
        for each in owned
        if each["owners"] and not _is_right_owner(each, records[each["file"]])
    }
    unproven = {
        each["query"]: each["distribution"]["metadata"]
        for each in answers
        if each["distribution"] and each not in owned and not _is_editable_or_egg(each["distribution"])
    }
    print(f"{len(owned) - len(unknown)} owners decided, {len(unknown)} unknown, {len(wrong)} wrong")
    assert (wrong, unproven) == ({}, {})
    assert len(owned) > 1000
    assert unknown == ["zipped_wheel"]


def _is_right_owner(answer: Facts, metadata: list[str]) -> bool:
    if len(metadata) == 1:
        return bool(answer["distribution"] and answer["distribution"]["metadata"] == metadata[0])
    sole = answer["distribution"]
    return len(answer["owners"]) == len(metadata) and (sole is None or sole["metadata"] in metadata)


def _is_editable_or_egg(distribution: Facts) -> bool:
    return bool(distribution["editable"]) or distribution["metadata"].endswith(("/EGG-INFO", ".egg"))


def test_a_file_that_two_distributions_list_has_both_as_owners(top: Facts) -> None:
    """Neither can be proven to have written it, so there is no distribution, and a finding names them."""
    answer = top["answers"]["claimed"]
    assert (answer["distribution"], sorted(answer["owners"])) == (None, ["first_claim", "second_claim"])
    assert [finding["id"] for finding in answer["findings"]] == ["several-owners"]


def test_what_cannot_have_a_part_for_a_server_has_none(inside: Inside) -> None:
    """What tells that quickly, from names alone, against what reads every marker; and it spares most of the reading."""
    told = inside("ask_parts")
    assert [metadata for metadata, (may, has) in told.items() if has and not may] == []
    having, maybe = sum(has for _, has in told.values()), sum(may for may, _ in told.values())
    print(f"{len(told)} distributions, {maybe} may have a part, {having} have one")
    assert 0 < having <= maybe < len(told) / 2


@pytest.mark.parametrize("name", EDITABLE)
def test_an_editable_module_belongs_to_the_distribution_that_was_installed(
    name: str, top: Facts, dotted: Facts
) -> None:
    """Whatever link the build backend makes: a hook, a mapping, a `.pth` file or an egg-link; submodules alike."""
    project = "by_link" if name == "by_link" else name.replace("_", "-")
    below = {"by_module": [], "by_space": ["by_space.part.leaf"], "by_finder": ["by_finder.sub.leaf"], "by_meson": []}
    answers = [top["answers"][name], *(dotted["answers"][each] for each in below.get(name, [f"{name}.leaf"]))]
    for answer in answers:
        assert (answer["distribution"]["name"], answer["distribution"]["editable"]) == (project, True), answer["query"]


def test_the_contributors_of_a_namespace_package_are_its_owners(inside: Inside, top: Facts) -> None:
    """They are those whose RECORD lists a file below one of its portions."""
    records = inside("read_owners")
    spaces = [each for each in top["answers"].values() if each["kind"] == "namespace" and each["query"] not in EDITABLE]
    expected, told = {}, {}
    for answer in spaces:
        folders = tuple(f"{portion}/" for portion in answer["portions"])
        metadata = {each for file, listers in records.items() if file.startswith(folders) for each in listers}
        expected[answer["query"]] = len(metadata)
        told[answer["query"]] = len(answer["owners"])
    assert told == expected
    assert {"azure", "google", "jaraco", "only_folder", "ruamel", "sphinxcontrib", "spread", "zope"} <= set(told)


def test_the_losers_are_the_other_copies_on_the_path(inside: Inside, names: dict[str, list[str]], top: Facts) -> None:
    """Asked of each entry of the path by itself; the entry that won is the first that has the file."""
    copies = inside("find_copies", names["top"])
    losers, entries, expected_losers, expected_entries = {}, {}, {}, {}
    for name, found in copies.items():
        answer = top["answers"][name]
        losers[name] = [shadow["file"] for shadow in answer["shadows"]]
        expected_losers[name] = list(dict.fromkeys(file for _, file in found if file != answer["file"]))
        if answer["kind"] in ("source", "package", "extension", "bytecode") and answer["finder"] is None:
            entries[name] = answer["path_entry"] and answer["path_entry"]["path"]
            expected_entries[name] = next((entry for entry, file in found if file == answer["file"]), None)
    assert losers == expected_losers
    assert {name for name, files in losers.items() if files} >= {"pytz", "this", "toml", "xlrd", "passlib"}
    for told in (entries, expected_entries):
        told.pop("distutils", None)  # setuptools' copy: the entry of `setuptools` brings it
    assert entries == expected_entries


@pytest.mark.parametrize(
    ("name", "kind", "reason", "standard_library", "zipped"),
    [
        ("_cffi_backend", "extension", "site-packages", False, False),
        ("antigravity", "source", "working directory", False, False),
        ("from_pythonpath", "source", "PYTHONPATH", False, False),
        ("json", "package", "standard library", True, False),
        ("only_bytecode", "bytecode", "site-packages", False, False),
        ("only_folder", "namespace", ".pth file", False, False),
        ("sys", "builtin", None, True, False),
        ("yaml", "package", "site-packages", False, False),
        ("zipped_package", "package", "PYTHONPATH", False, True),
        ("zipped_wheel", "package", ".pth file", False, True),
        ("zipimport", "frozen", None, True, False),
    ],
)
def test_kind_and_reason(
    name: str, kind: str, reason: str | None, standard_library: bool, zipped: bool, top: Facts
) -> None:
    """What it is, and why the entry that brings it is on the path."""
    answer = top["answers"][name]
    told = answer["path_entry"] and answer["path_entry"]["reason"]
    if kind == "frozen":
        told = None  # it also has a file in the standard library's directory
    assert (answer["kind"], told, answer["standard_library"], answer["zipped"]) == (
        kind,
        reason,
        standard_library,
        zipped,
    )


def test_nothing_that_is_asked_about_is_imported(top: Facts, dotted: Facts) -> None:
    """After an answer neither the module nor one of its parents is in ``sys.modules`` that was not there before."""
    brought = {
        name: modules
        for name, modules in (*top["imported"].items(), *dotted["imported"].items())
        if any(name == each or name.startswith(f"{each}.") for each in modules)
    }
    assert brought == {}


@pytest.mark.parametrize("name", ["marked", "marked.inner", "marked.inner.leaf", "marked.missing"])
def test_no_code_of_a_package_runs(name: str, tmp_path: Path) -> None:
    """Packages that would leave a file behind when they are imported leave none."""
    mark = tmp_path / "mark"
    for module in ("__init__", "inner/__init__", "inner/leaf"):
        write(tmp_path / "path" / "marked" / f"{module}.py", f"open({str(mark)!r}, 'a').write(__name__)\n")
    system = ImportSystem.current()
    scratch = ImportSystem(
        path=[str(tmp_path / "path")],
        meta_path=system.meta_path,
        path_hooks=system.path_hooks,
        importer_cache={},
        modules=dict(system.modules),
        cwd=str(tmp_path),
    )
    answer = where(name, replace(World.here(), system=scratch, environ={}, home=None))
    str(answer)
    assert (answer.found, mark.exists()) == (name != "marked.missing", False)


def test_a_loaded_module_is_the_one_that_is_found(big: BigEnvironment, tmp_path: Path) -> None:
    """For hundreds of modules that were really imported: what is loaded is told, and found in the same file."""
    imported = [
        "IPython",
        "PIL",
        "by_exact",
        "by_finder",
        "by_src",
        "cv2",
        "dateutil",
        "google.protobuf",
        "json",
        "numpy",
    ]
    imported += [
        "packaging",
        "pkg_resources",
        "requests",
        "six",
        "spread.part_0",
        "yaml",
        "zope.interface",
        "zipped_package",
    ]
    modules = ask_inside(big, "ask_loaded", imported, tmp_path)
    assert len(modules) > 200
    loaded = {name: facts["answer"]["loaded"]["file"] for name, facts in modules.items()}
    assert loaded == {name: facts["file"] for name, facts in modules.items()}
    other = {
        name: (facts["answer"]["file"], facts["file"])
        for name, facts in modules.items()
        if facts["answer"]["file"] != facts["file"] and is_decided(facts["answer"])
    }
    assert other == {}
    assert {name for name, facts in modules.items() if facts["answer"]["stale"]} == set()


def test_a_copy_in_the_user_site(big: BigEnvironment, tmp_path: Path) -> None:
    """It is found where nothing hides it, and told as a loser where the environment has the same project."""
    prefix, base = tmp_path / "env", tmp_path / "user"
    call(uv(), "venv", "--quiet", "--no-config", "--system-site-packages", "--python", base_python(), prefix)
    site = site_packages(prefix)
    user_site = base / site.relative_to(prefix)
    install = (uv(), "pip", "install", "--quiet", "--no-config", "--no-deps", "--target")
    call(*install, user_site, "xlrd==2.0.1", "tabulate==0.8.10")
    call(*install, site, "tabulate==0.9.0")
    write(site / "checkout.pth", f"{big.prefix / 'checkout'}\n")
    cwd = tmp_path / "work"
    cwd.mkdir()
    environment = BigEnvironment(prefix=prefix, cwd=cwd, variables={"PYTHONUSERBASE": str(base)})
    names = ["xlrd", "tabulate"]
    answers = ask_inside(environment, "ask_each", names, tmp_path)["answers"]
    compare(answers, ask_inside(environment, "import_each", names, tmp_path))
    xlrd, tabulate = answers["xlrd"], answers["tabulate"]
    assert (xlrd["path_entry"]["reason"], xlrd["distribution"]["version"]) == ("user site", "2.0.1")
    assert (tabulate["path_entry"]["reason"], tabulate["distribution"]["version"]) == ("site-packages", "0.9.0")
    losers = [(each["file"], each["version"], each["path_entry"]["reason"]) for each in tabulate["shadows"]]
    assert (str(user_site / "tabulate.py"), "0.8.10", "user site") in losers
