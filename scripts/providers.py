"""Writes the table of import names and the projects that provide them, from evidence.

    python scripts/providers.py FOLDER

reads the public tables that were laid out in FOLDER (each function below says where its file comes from; a missing one
counts as no evidence), and writes `scripts/providers.tsv`, which says for each pair where it comes from, and
`ipython_where/judge/providers.txt`, which is what the package reads.

A pair counts if the project's own wheel has the module, or if two of the tables, made independently, agree and no wheel
of the project lacks it. The project must be among the most downloaded, and no other of these may have the module, unless
it is downloaded ten times less.
A project that is not must be packaged by a distribution whose people review what they take, be called like the module, and be
the only one in the index that has it.
`scripts/reviewed.tsv` decides between several by hand; what it says counts if the same evidence shows it.
Whatever remains is a closed list: a name that merely resembles a project's is how squatters live.
"""

from __future__ import annotations

import ast
import csv
import json
import re
import sqlite3
import sys
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Iterator
from contextlib import closing
from itertools import groupby
from pathlib import Path

HERE = Path(__file__).parent
MOST_DOWNLOADED = 10_000
"""How many projects may be proposed at all, unless one was reviewed."""
RIVAL = 10
"""Another project with the same module counts unless it has this many times fewer downloads."""

Pair = tuple[str, str]
"""An import name and a project's name."""
Ranks = dict[str, tuple[int, int]]
"""Normalized project name → rank and downloads a month."""


def normalized(name: str) -> str:
    """A project's name as indexes compare it (PEP 503)."""
    return re.sub(r"[-_.]+", "-", name).lower()


def text_of(file: Path) -> str:
    return file.read_text(encoding="utf-8", errors="replace") if file.is_file() else ""


# ---- the tables: each is somebody else's answer to the same question


def wheels(folder: Path) -> Iterator[Pair]:
    """The projects' own wheels, unpacked: `uv pip install --no-deps --target FOLDER/wheels NAME…`."""
    for project, modules in wheels_in(folder / "wheels").values():
        yield from ((module, project) for module in modules)


def confirmed(folder: Path) -> Iterator[Pair]:
    """More of the projects' own wheels, in FOLDER/confirmed: these show that a pair is right, and propose none.

    A wheel without a module brings those of what it requires, as that of llama-index does.
    """
    found = wheels_in(folder / "confirmed")
    for metadata, (project, modules) in found.items():
        required = re.findall(r"^Requires-Dist: ([\w.-]+)(?!.*;)", text_of(metadata), re.MULTILINE)
        names = {normalized(each) for each in required} if not modules else {normalized(project)}
        for other, brought in found.values():
            if normalized(other) in names:
                yield from ((module, project) for module in brought)


def wheels_in(folder: Path) -> dict[Path, tuple[str, list[str]]]:
    """The project and the modules of each unpacked wheel."""
    found = {}
    for metadata in sorted(folder.glob("*.dist-info/METADATA")):
        name = re.search(r"^Name: (.+)$", text_of(metadata), re.MULTILINE)
        if name is not None:
            found[metadata] = name[1].strip(), list(recorded_modules(text_of(metadata.with_name("RECORD"))))
    return found


def listed(folder: Path) -> dict[str, set[str]]:
    """All that the wheels of a project have, where these say it: one with a `.pth` file has modules elsewhere, too."""
    found: dict[str, set[str]] = defaultdict(set)
    for metadata, (project, modules) in (wheels_in(folder / "wheels") | wheels_in(folder / "confirmed")).items():
        if not re.search(r"^[^/,]+\.pth,", text_of(metadata.with_name("RECORD")), re.MULTILINE):
            found[normalized(project)].update(modules)
    return found


def recorded_modules(record: str) -> Iterator[str]:
    for row in csv.reader(record.splitlines()):
        parts = row[0].split("/")
        if parts[-1].endswith((".py", ".so", ".pyd")) and not parts[0].endswith((".dist-info", ".data", "..")):
            modules = [*parts[:-1], parts[-1].partition(".")[0]]
            for length in range(1, min(len(modules), 5) + 1):
                if modules[length - 1] != "__init__":
                    yield ".".join(modules[:length])


def index(folder: Path) -> Iterator[Pair]:
    """Top-level names of the newest archive of every project: `pigar/.db.sqlite3` in the wheel of pigar."""
    file = folder / "pigar.sqlite3"
    if file.is_file():
        with closing(sqlite3.connect(file)) as database:
            yield from database.execute(
                "select modules.name, distributions.name from top_level_module_names as modules "
                "join distributions on distributions.id = modules.distribution_id"
            )


def installed(folder: Path) -> Iterator[Pair]:
    """What became importable when each project was installed, and the likeliest for each name, from Replit's upm (MIT):

    `internal/backends/python/regression_tests/module_to_pypi.legacy.json`.
    """
    yield from json.loads(text_of(folder / "upm.json") or "{}").items()


def locked(folder: Path) -> Iterator[Pair]:
    """Modules of locked wheels, listed by rules_python's Gazelle: `gazelle_python.yaml` of public repositories."""
    for file in sorted(folder.glob("gazelle/*.yaml")):
        yield from re.findall(r'^ {4}([\w.]+): "?([\w.-]+)"?$', text_of(file), re.MULTILINE)


def pyodide(folder: Path) -> Iterator[Pair]:
    """What Pyodide's wheels can import: `pyodide-lock.json` in the npm package pyodide."""
    packages = json.loads(text_of(folder / "pyodide-lock.json") or "{}").get("packages", {})
    for each in packages.values():
        yield from ((module, each["name"]) for module in each["imports"])


def easybuild(folder: Path) -> Iterator[Pair]:
    """What EasyBuild imports after it has installed a project: the `.eb` files of easybuild-easyconfigs."""
    for file in sorted(folder.glob("easybuild/**/*.eb")):
        text = text_of(file)
        if re.search(r"^easyblock = ['\"]Python(Bundle|Package)['\"]|^exts_defaultclass = ['\"]PythonP", text, re.M):
            yield from _easyconfig(ast.parse(text))


def _easyconfig(tree: ast.Module) -> Iterator[Pair]:
    values = {
        each.targets[0].id: each.value
        for each in tree.body
        if isinstance(each, ast.Assign) and isinstance(each.targets[0], ast.Name)
    }
    extensions = values.get("exts_list")
    if not isinstance(extensions, ast.List):
        yield from _checked(values.get("name"), values.get("options"))
        return
    for each in extensions.elts:
        if isinstance(each, ast.Tuple) and each.elts:
            name, options = each.elts[0], each.elts[2] if len(each.elts) > 2 else None
            yield from _checked(values.get("name") if isinstance(name, ast.Name) else name, options)


def _checked(name: ast.expr | None, options: ast.expr | None) -> Iterator[Pair]:
    """The module that EasyBuild imports: `modulename`, else the name in small letters, with underscores."""
    if not isinstance(name, ast.Constant) or not isinstance(name.value, str):
        return
    module: object = name.value.lower().replace("-", "_")
    if isinstance(options, ast.Dict):
        for key, value in zip(options.keys, options.values, strict=True):
            if isinstance(key, ast.Constant) and key.value == "modulename":
                module = value.value if isinstance(value, ast.Constant) else None
    if isinstance(module, str):
        yield module, name.value


def typeshed(folder: Path) -> Iterator[Pair]:
    """The stubs of typeshed, which stubtest compares with the project; `git ls-tree -r --name-only HEAD stubs` lists them."""
    for line in text_of(folder / "typeshed.txt").splitlines():
        parts = line.split("/")
        if len(parts) > 2 and line.endswith(".pyi") and not parts[2].startswith(("@", "_")):
            yield parts[2].removesuffix(".pyi"), parts[1]


def pipreqs(folder: Path) -> Iterator[Pair]:
    """The table kept by hand in pipreqs: `pipreqs/mapping` in its wheel."""
    for line in text_of(folder / "pipreqs-mapping").splitlines():
        module, colon, project = line.partition(":")
        if colon:
            yield module, project


def pants(folder: Path) -> Iterator[Pair]:
    """The table kept by hand in Pants: `default_module_mapping.py` of its Python backend."""
    for each in ast.walk(ast.parse(text_of(folder / "pants.py"))):
        if isinstance(each, ast.AnnAssign) and getattr(each.target, "id", "") == "DEFAULT_MODULE_MAPPING":
            for project, modules in ast.literal_eval(each.value or "").items():
                yield from ((module, project) for module in modules)


TABLES: tuple[Callable[[Path], Iterable[Pair]], ...] = (
    wheels,
    confirmed,
    index,
    installed,
    locked,
    pyodide,
    easybuild,
    typeshed,
    pipreqs,
    pants,
)


PACKAGED = (pyodide, easybuild)
"""Distributions of reviewed recipes: what they packaged is well known to somebody, however rarely it is downloaded."""


def downloads(folder: Path) -> Ranks:
    """Rank and downloads a month of the most downloaded projects: `top-pypi-packages.csv` of hugovk/top-pypi-packages."""
    rows = csv.DictReader(text_of(folder / "top-pypi-packages.csv").splitlines())
    return {normalized(row["project"]): (rank, int(row["download_count"])) for rank, row in enumerate(rows, 1)}


# ---- what is never proposed

REVIEW = dict(line.split("\t")[:2] for line in text_of(HERE / "reviewed.tsv").splitlines() if line[:1] not in ("", "#"))
"""Pairs decided by hand, each with what was seen of it: the usual one of several, two usual ones, or none (`-`).

None for a part of a package says that other projects have what is in it, whoever has the package.
"""

PORTIONS = frozenset(
    "airflow airflow.providers azure azure.ai azure.appconfiguration azure.communication azure.containerregistry "
    "azure.data azure.digitaltwins azure.eventhub azure.eventhub.extensions azure.health azure.iot azure.keyvault "
    "azure.maps azure.mgmt azure.mixedreality azure.monitor azure.search azure.security azure.storage azure.synapse "
    "backports databricks google google.ads google.ai google.analytics google.api google.apps google.area120 google.cloud "
    "google.cloud.devtools google.cloud.sql google.geo google.iam google.identity google.logging google.maps google.monitoring "
    "google.rpc google.shopping google.type jaraco jupyter llama_index llama_index.embeddings llama_index.llms "
    "llama_index.readers llama_index.vector_stores logilab mpl_toolkits mysql nvidia opentelemetry opentelemetry.exporter "
    "opentelemetry.exporter.otlp opentelemetry.exporter.otlp.proto opentelemetry.instrumentation "
    "opentelemetry.propagators opentelemetry.proto opentelemetry.sdk.extension opentelemetry.util oslo paste repoze ruamel "
    "snowflake sphinxcontrib zope zc".split()
)
"""Packages that several projects share: what is in them has one provider, they don't."""

GENERIC = frozenset(
    """
    access account action actions admin agent agents ago api app apps args assets audio auth aws base batch bench
    benchmark benchmarks bin binary bot build cache calculator calendar callbacks canvas cart cli client clients cloud
    cmd code color command commands common compose conditional conf config configs configuration configurations cons
    consent constants controller converter cookies core counter curator cursor cyclic data database databases dataset
    db debug demo design dev dist dl docs documents download downloader editor em emails emperor engine ensure
    enterprise env environment envs eval evaluation events example examples exceptions executor expects explorer
    export exporter extern external extra extrap extras face favicon features file files filters first folder form
    forms foundation func functional functions g game garden gen generator graph graphics groups gui handler handlers
    helper helpers history hits home hooks host id ignore image images img include inequality info init inject
    injector input install integration integrations interface interfaces intern internal interpret interval intervals
    job jobs lang language later layer layers lazy lib library libs limits linear load loader loaders local log logger
    logic login logs losses main manage manager mandrake map maps measurement memoization menu message messages
    metadata metric metrics migrations misc mixer ml mod mode model models module modules moment monitor move name
    names net network networks nn node nodes note notes nothing notifications notifiers notion objects odbc optimizer
    options order output package packages page pages paginate parallel parser parsers particle patch path paths
    payments person pick pid pipeline pipelines planet player plot plots plotting plugin plugins point polling
    portfolio postgres preprocess preprocessing prim priority process processing processor product profile profiles
    project promise prompts properties prototype proxy public publication pusher queries query read reader records
    redo regions reliability repo report reports request resource resources result results rising robot routes rules
    run runner sample samples schema schemas scrape scraper script scripts search secure security segments segregation
    sequences serializers server servers service services session sessions settings setup shared signals simulation
    site solution solver source sources spam spec spectre spint sql src start state static stats status storage store
    strategy string style styles support system table task taskflow tasks template templates test test_cookies
    test_utils testing tests text textile third_party threaded timedelta timer times token tokens tool toolbox tools
    topaz track train trainer training trampoline transaction transformations transforms translate tree triangle
    tutorial tutorials ty types ui unit update url urls us user username users util utilities utility utils validate
    validation validator vector vendor version video view views visitor visual visualization waiter waiting web webapp
    website widget widgets worker workers workflow workflows wrapper
    """.split()
)
"""Names that people give their own files: who misses one misses that file."""

STANDARD = frozenset(
    """
    ConfigParser HTMLParser Queue SocketServer StringIO Tkinter UserDict __builtin__ _winreg anydbm asynchat asyncore
    audioop binhex cPickle cStringIO cgi cgitb chunk commands contextvars cookielib copy_reg crypt dataclasses distutils
    dummy_thread dummy_threading enum formatter future_builtins gdbm htmlentitydefs httplib imghdr imp imputil ipaddress
    lib2to3 macpath mailcap md5 mimetools msilib new nis nntplib ossaudiodev parser pathlib pipes readline repr robotparser
    rexec sets sgmllib sha smtpd sndhdr spwd sunau telnetlib thread tkMessageBox typing urllib2 urlparse user uu uuid
    whichdb xdrlib xmlrpclib
    """.split()
)
"""What was in the standard library once: a project of the same name isn't what is missed."""


def may_be_proposed(module: str) -> bool:
    """Whether a module's name says which project is meant, if somebody lacks it."""
    top = module.partition(".")[0]
    parts = module.split(".")
    if top.startswith(("mypy_boto3", "types_")):  # stubs
        return False
    return (
        all(each.isidentifier() and not each.startswith("_") for each in parts)
        and not top.endswith(
            ("__mypyc", "_test", "_tests", "_stubs", "_example", "_examples", "_demo", "_docs", "_rust")
        )
        and not re.search("[tT]ests?$", top)
        and top not in sys.stdlib_module_names | STANDARD | GENERIC
        and top.lower() not in GENERIC
    )


# ---- the choice


def spellings(folder: Path) -> dict[str, str]:
    """How projects spell their names: `PyYAML`; hyphens for underscores, which PEP 503 takes for the same."""
    return {normalized(project): project.replace("_", "-") for _, project in index(folder)}


def evidence(folder: Path, known: set[str]) -> dict[str, dict[str, list[str]]]:
    """Import name → project → the tables that have the pair, of the known projects."""
    found: dict[str, dict[str, list[str]]] = defaultdict(dict)
    for table in TABLES:
        for module, project in sorted(set(table(folder))):
            if (name := normalized(project)) in known:
                tables = found[module].setdefault(name, [])
                if table.__name__ not in tables:
                    tables.append(table.__name__)
    return found


def is_proven(tables: list[str]) -> bool:
    """The project's own wheel, or two tables."""
    return "wheels" in tables or len([each for each in tables if each != "confirmed"]) > 1


def choose(projects: dict[str, list[str]], ranks: Ranks) -> str | None:
    """The one project that provides a module, if just one does."""
    ranked = {each: tables for each, tables in projects.items() if each in ranks}
    proven = [each for each, tables in ranked.items() if is_proven(tables)]
    best = max(proven, key=lambda each: ranks[each][1], default=None)
    if best is None or ranks[best][0] > MOST_DOWNLOADED:
        return None
    rivals = [each for each in ranked if each != best and ranks[each][1] * RIVAL > ranks[best][1]]
    return None if rivals else best


def table(folder: Path) -> dict[str, tuple[str, str]]:
    """Import name → the projects that provide it, and where that comes from."""
    ranks = downloads(folder)
    packaged = {normalized(project) for each in PACKAGED for _, project in each(folder)} - ranks.keys()
    ranks |= dict.fromkeys(packaged, (MOST_DOWNLOADED, 1))
    reviewed = {normalized(each) for names in REVIEW.values() for each in names.split()}
    found, spelt = evidence(folder, ranks.keys() | reviewed), spellings(folder)
    sole, carriers = sole_modules(folder), Counter(module for module, _ in index(folder))
    own = listed(folder)
    chosen: dict[str, tuple[str, str]] = {}
    for module, projects in sorted(found.items()):
        is_portion = "." in module and module.rpartition(".")[0] in PORTIONS
        if (
            module in REVIEW
            or module in PORTIONS
            or not (is_portion or "." not in module)
            or not may_be_proposed(module)
        ):
            continue
        project = choose(projects, ranks)
        if project in packaged and (normalized(module) != project or carriers[module] > 1):
            continue
        if own.get(project or "") and module not in own[project or ""]:
            continue  # older releases had it
        if project is not None and not is_byway(module, project, projects[project], sole):
            chosen[module] = spelt.get(project, project), " ".join(projects[project])
    for module, names in REVIEW.items():
        tables = [found[module].get(normalized(name), []) for name in names.split() if name != "-"]
        if (tables or "." in module) and all(is_proven(each) or "confirmed" in each for each in tables):
            chosen[module] = names, " ".join(["reviewed", *dict.fromkeys(each for some in tables for each in some)])
    return chosen


def sole_modules(folder: Path) -> dict[str, str]:
    """The projects whose archive has one module that may be proposed, and that module."""
    modules: dict[str, set[str]] = defaultdict(set)
    for module, project in index(folder):
        if may_be_proposed(module):
            modules[normalized(project)].add(module)
    return {project: next(iter(found)) for project, found in modules.items() if len(found) == 1}


def is_byway(module: str, project: str, tables: list[str], sole: dict[str, str]) -> bool:
    """Whether only what lists whole archives has the pair, and it is one of several modules: newer releases drop such."""
    if "." in module or normalized(module) == project or not {*tables} <= {"index", "installed", "locked"}:
        return False
    return sole.get(project) != module


def word(module: str, projects: str) -> str:
    """A name in the package's table, with its projects if they aren't called the same."""
    return module if projects == module.replace("_", "-") else f"{module}:{projects.replace(' ', ',')}"


def packed(chosen: Iterable[tuple[str, str]]) -> str:
    """The package's table: in order, with a line for each two letters that names begin with, so that a change shows as one."""
    lines = groupby(chosen, key=lambda pair: pair[0][:2])
    return "".join(" ".join(word(*pair) for pair in pairs) + "\n" for _, pairs in lines)


def main() -> None:
    chosen = table(Path(sys.argv[1]))
    with (HERE / "providers.tsv").open("w", encoding="utf-8") as file:
        file.writelines(f"{module}\t{names}\t{source}\n" for module, (names, source) in sorted(chosen.items()))
    package = HERE.parent / "ipython_where" / "judge" / "providers.txt"
    package.write_text(packed((module, names) for module, (names, _) in sorted(chosen.items())), encoding="utf-8")
    print(f"{len(chosen)} import names")


if __name__ == "__main__":
    main()
