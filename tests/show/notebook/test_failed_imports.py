"""What is said below the traceback of a failed import: in a real kernel, a terminal, `ipython -c` and nbconvert."""

from __future__ import annotations

import json
import os
import pty
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import nbformat
import pytest
from nbformat.v4 import new_code_cell, new_notebook

from tests import environments
from tests.change.installers import local
from tests.kernels import Notebook, Reply, copy_of, kernel_prefix, notebook, world
from tests.test_safepip_kernel import pack

pytestmark = pytest.mark.usefixtures("kernel", "installer")

OUTPUTS = ("error", "display_data", "stream", "execute_result")


@pytest.fixture(scope="module")
def kernel(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Notebook]:
    """The notebook that most tests share; each has modules of its own."""
    with notebook(tmp_path_factory.mktemp("shared")) as opened:
        yield opened


@pytest.fixture
def note(kernel: Notebook, tmp_path: Path) -> Notebook:
    """The shared notebook in a working directory of the test's own."""
    kernel.cwd = tmp_path / "work"
    kernel.cwd.mkdir()
    kernel.run(f"import os; os.chdir({str(kernel.cwd)!r})")
    return kernel


@pytest.fixture
def wheels(tmp_path: Path) -> Path:
    """An empty folder for wheels."""
    folder = tmp_path / "wheels"
    folder.mkdir()
    return folder


def install(note: Notebook, wheels: Path, *words: str, **environ: str) -> None:
    """Run the environment's own pip, as a terminal beside the notebook would."""
    argv = (note.python, "-m", "pip", "install", "-qq", "--no-index", "-f", str(wheels), *words)
    subprocess.run(argv, check=True, env={**note.environ, **environ}, cwd=note.folder, stdin=subprocess.DEVNULL)


def said(note: Notebook, cell: str) -> str:
    """The hint below the traceback of a cell, "" where there is none; anything else in the output is a failure."""
    reply = note.run(cell)
    kinds = [kind for kind in reply.order if kind in OUTPUTS]
    assert kinds == ["error", "display_data"][: 1 + len(reply.shown)], reply
    return shown(note, reply)


def shown(note: Notebook, reply: Reply) -> str:
    """The hint on one line, as it would be if paths were short and the page were wide; rows after a bar."""
    hints = [each["text/plain"] for each in reply.shown if "text/plain" in each]  # the box of an error of ours has none
    if not hints:
        return ""
    text = hints[0].replace("\n    hint: ", " · hint: ")
    first, *rows = re.split(r"\n  (?! )", text)
    rows = [row.replace(" · ", " ") for row in rows]
    return note.plain(" ".join(" | ".join([first, *rows]).split()))


def outputs(reply: Reply) -> list[str]:
    return [kind for kind in reply.order if kind in OUTPUTS]


# -- when -------------------------------------------------------------------------------------------------------------

SKLEARN = "`sklearn` is not installed in this kernel's environment (`PREFIX`) · hint: `%safepip install scikit-learn`"


def test_one_line_comes_below_the_traceback_and_leaves_it_as_it_is(note: Notebook) -> None:
    with_hint = note.run("import sklearn")
    note.run("%config Hints.enabled = False")
    without = note.run("import sklearn")
    note.run("%config Hints.enabled = True")
    assert (outputs(with_hint), outputs(without)) == (["error", "display_data"], ["error"])
    assert shown(note, with_hint) == SKLEARN
    (bundle,) = with_hint.shown
    assert "<code class=c>%safepip install scikit-learn</code>" in bundle["text/html"]
    unnumbered = [[re.sub(r"In\[\d+\]", "In[]", line) for line in each.error] for each in (with_hint, without)]
    assert unnumbered[0] == unnumbered[1]
    assert (with_hint.status, with_hint.ename) == ("error", "ModuleNotFoundError")


@pytest.mark.parametrize(
    "cell",
    [
        "async def wanting():\n    import sklearn\nawait wanting()",
        "%load_ext sklearn",
        "get_ipython().run_cell('import sklearn');",
        "%%capture\nimport sklearn",
        "%%capture --no-display\nimport sklearn",
        "from sklearn.svm import SVC",
        "__import__('sklearn')",
        "import importlib; importlib.import_module('sklearn.svm')",
        "try:\n    import sklearn\nexcept ImportError as error:\n    raise ImportError('get it with a wish') from error",
        "try:\n    import sklearn\nexcept ImportError:\n    raise ImportError('get it with a wish')",
        "try:\n    import sklearn\nexcept ImportError as error:\n    raise RuntimeError('no wish') from error",
        "try:\n    import nowhere_to_be_found\nexcept ImportError:\n    import sklearn",
    ],
)
def test_it_is_said_once_however_the_import_came_about(note: Notebook, cell: str) -> None:
    assert said(note, cell) == SKLEARN
    assert outputs(note.run("pass")) == []


def test_run_and_time_show_their_own_traceback_and_the_hint_follows(note: Notebook) -> None:
    """They leave no error in the cell's result."""
    (note.cwd / "script.py").write_text("import sklearn\n")
    assert said(note, "%run script.py") == SKLEARN
    timed = note.run("%%time\nimport sklearn")
    assert outputs(timed) == ["stream", "error", "display_data"]
    assert shown(note, timed) == SKLEARN


@pytest.mark.parametrize(
    "cell",
    [
        "raise ModuleNotFoundError('sklearn')",
        "raise ImportError('no wish')",
        "raise ModuleNotFoundError('by hand', name='json')",
        "raise ModuleNotFoundError('by hand', name='sklearn')",
        "import pickle; raise pickle.loads(pickle.dumps(ModuleNotFoundError('No module named sklearn', name='sklearn')))",
        "import pickle; pickle.loads(b'csklearn.svm\\nSVC\\n.')",
        "import importlib.metadata; importlib.metadata.version('scikit-learn')",
        "from concurrent.futures import ProcessPoolExecutor\nimport multiprocessing\n"
        "with ProcessPoolExecutor(1, multiprocessing.get_context('fork')) as pool:\n"
        "    pool.submit(exec, 'import sklearn').result()",
        "1 / 0",
        "try:\n    import sklearn\nexcept ImportError:\n    1 / 0",
        "try:\n    import sklearn\nexcept ImportError:\n    raise ImportError('no wish') from None",
        "from json import nothing_like_it",
        "import sys; sys.modules['blocked'] = None; import blocked",
        "%where --verbos",
    ],
)
def test_nothing_is_said_where_nothing_is_certain(note: Notebook, cell: str) -> None:
    assert said(note, cell) == ""


def test_an_import_that_the_code_handles_is_no_error(note: Notebook) -> None:
    assert outputs(note.run("try:\n    import sklearn\nexcept ImportError:\n    pass")) == []


def test_an_error_from_before_the_extension_was_loaded_is_past(note: Notebook) -> None:
    note.run("%unload_ext ipython_where")
    assert said(note, "import sklearn") == ""
    assert outputs(note.run("%load_ext ipython_where")) == []
    assert said(note, "import sklearn") == SKLEARN


def test_an_error_that_was_shown_between_two_cells_is_neithers(note: Notebook) -> None:
    """As a widget's callback shows it: its place in the page is not below the next cell."""
    note.run(
        "import asyncio, sys\n"
        "def callback():\n    try:\n        import sklearn\n    except ImportError:\n"
        "        get_ipython().showtraceback()\n"
        "asyncio.get_running_loop().call_soon(callback)"
    )
    after = note.run("print(type(sys.last_value).__name__, sys.last_value.name)")
    assert (after.stdout, outputs(after)) == ("ModuleNotFoundError sklearn\n", ["stream"])


def test_reloading_leaves_one_of_each(note: Notebook) -> None:
    note.run("%reload_ext ipython_where\n%reload_ext ipython_where")
    assert said(note, "import sklearn") == SKLEARN
    listed = note.run("%config").stdout.split()
    assert listed.count("Hints") == 1


def test_config_shows_the_switch(note: Notebook) -> None:
    assert note.run("%config Hints").stdout.splitlines()[:1] == ["Hints(Configurable) options"]
    assert note.run("%config Hints.enabled").result == "True"


def test_a_failure_of_its_own_is_silent(note: Notebook) -> None:
    note.run(
        "import sys, ipython_where.answer.failed_import; _kept = sys.modules['ipython_where.answer.failed_import']"
    )
    note.run("sys.modules['ipython_where.answer.failed_import'] = None")
    assert said(note, "import sklearn") == ""
    note.run("sys.modules['ipython_where.answer.failed_import'] = _kept")
    assert said(note, "import sklearn") == SKLEARN


# -- not installed ----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("cell", "expected"),
    [
        ("import nowhere_to_be_found", ""),
        (
            "from StringIO import StringIO",
            f"`StringIO` was removed in Python 3, and this kernel runs {sys.version.split()[0]}: `io` replaces it "
            "· hint: `from io import StringIO`",
        ),
        (
            "import collections; collections.Mapping",
            f"`Mapping` of `collections` was removed in Python 3.10, and this kernel runs {sys.version.split()[0]}: "
            "`collections.abc.Mapping` replaces it · hint: `from collections.abc import Mapping`",
        ),
        (
            "raise ImportError('IProgress not found. Please update jupyter and ipywidgets.')",
            "`ipywidgets` is not installed in this kernel's environment (`PREFIX`) · hint: `%safepip install ipywidgets`",
        ),
        ("import zope", ""),
        (
            "import zope.interface",
            "`zope.interface` is not installed in this kernel's environment (`PREFIX`) · hint: `%safepip install zope.interface`",
        ),
        (
            "import importlib; importlib.import_module('zope.interface')",
            "`zope.interface` is not installed in this kernel's environment (`PREFIX`) · hint: `%safepip install zope.interface`",
        ),
        (
            "from mpl_toolkits import mplot3d",
            "`mpl_toolkits` is not installed in this kernel's environment (`PREFIX`) · hint: `%safepip install matplotlib`",
        ),
        (
            "import cython",
            "`cython` is not installed in this kernel's environment (`PREFIX`) · hint: `%safepip install Cython`",
        ),
        ("import pexpct", "`pexpct` is not installed in this kernel's environment (`PREFIX`); it has `pexpect`"),
        ("import jason", "`jason` is not installed in this kernel's environment (`PREFIX`); it has `json`"),
        ("import json.decodr", f"Python {sys.version.split()[0]} has no module `json.decodr`; it has `json.decoder`"),
        ("import beautifulsoup4", "`beautifulsoup4` is imported as `bs4` · hint: `%safepip install beautifulsoup4`"),
        ("import PyZMQ", "`pyzmq` is imported as `zmq`"),
        (
            "import google.protobuf",
            "`google.protobuf` is not installed in this kernel's environment (`PREFIX`) · hint: `%safepip install protobuf`",
        ),
        (
            "from google import protobuf",
            "`google.protobuf` is not installed in this kernel's environment (`PREFIX`) · hint: `%safepip install protobuf`",
        ),
    ],
)
def test_what_is_certain_about_a_name(note: Notebook, cell: str, expected: str) -> None:
    assert said(note, cell) == expected


def test_where_else_it_is_and_what_pip_reaches(tmp_path: Path) -> None:
    """The environment that `!pip` reaches comes first, then a kernelspec's; only those that have it are shown."""
    pip = environments.make_in(tmp_path / "tools", ["pip"])
    other = environments.make_in(tmp_path / "lab")
    for prefix in (pip, other):
        lay_out(environments.site_packages(prefix), "networkx", "3.5")
    with notebook(tmp_path, PATH=f"{pip}/bin:/usr/bin:/bin") as note:
        spec = note.home / ".local/share/jupyter/kernels/lab/kernel.json"
        spec.parent.mkdir(parents=True)
        spec.write_text(json.dumps({"argv": [f"{other}/bin/python", "-m", "x"], "display_name": "x", "language": "p"}))
        assert said(note, "import networkx") == (
            "`networkx` is not installed in this kernel's environment (`PREFIX`) · hint: `%safepip install networkx` "
            "| !pip FOLDER/tools/bin/python networkx 3.5 | kernelspec lab FOLDER/lab/bin/python networkx 3.5"
        )


def test_a_project_that_the_other_environment_has_from_an_index_is_certain(tmp_path: Path, wheels: Path) -> None:
    """What pip took there by its name, and records as the module's; what came from a folder has no such name."""
    pack(wheels, "odd_project", "1.0", {"oddly_named/__init__.py": ""})
    prefix = environments.make_in(tmp_path / "tools", ["pip"])
    project = local.project(tmp_path / "project", "made_here")
    with notebook(tmp_path, PATH=f"{prefix}/bin:/usr/bin:/bin") as note:
        note.run(f"!pip install -q --no-index -f {wheels} odd_project")
        note.run(f"!pip install -q --no-index --no-build-isolation {project}")
        assert said(note, "import oddly_named") == (
            "`oddly_named` is not installed in this kernel's environment (`PREFIX`) | !pip FOLDER/tools/bin/python"
        )
        assert said(note, "import made_here") == (
            "`made_here` is not installed in this kernel's environment (`PREFIX`) | !pip FOLDER/tools/bin/python made_here 0.1"
        )
        pack(wheels, "well_named", "1.0", {"well_named.py": ""})
        note.run(f"!pip install -q --no-index -f {wheels} well_named")
        assert said(note, "import well_named") == (
            "`well_named` is not installed in this kernel's environment (`PREFIX`) · hint: `%safepip install well_named` "
            "| !pip FOLDER/tools/bin/python well_named 1.0"
        )


def lay_out(site: Path, name: str, version: str, *requires: str, **files: str) -> Path:
    """A distribution as an installer leaves it, with one package or the ``files`` given."""
    files = files or {f"{name}/__init__.py": f"__version__ = {version!r}\n"}
    for path, text in files.items():
        (site / path).parent.mkdir(parents=True, exist_ok=True)
        (site / path).write_text(text)
    metadata = site / f"{name}-{version}.dist-info"
    metadata.mkdir()
    needs = "".join(f"Requires-Dist: {each}\n" for each in requires)
    (metadata / "METADATA").write_text(f"Metadata-Version: 2.1\nName: {name}\nVersion: {version}\n{needs}\n")
    (metadata / "RECORD").write_text("".join(f"{path},,{len(text)}\n" for path, text in files.items()))
    return metadata


# -- required by another package ----------------------------------------------------------------------------------------


def test_a_dependency_that_is_missing_is_named_with_who_requires_it(note: Notebook, wheels: Path) -> None:
    """The requirement is the proof of the project, and its versions are what the line asks for."""
    code = "def read():\n    import inner_needed\n"
    pack(
        wheels,
        "outer",
        "1.2",
        {"outer/__init__.py": code},
        'Requires-Dist: inner-needed (>= 2, <3) ; python_version>"3"',
    )
    install(note, wheels, "--no-deps", "outer")
    assert said(note, "import outer\nouter.read()") == (
        "`inner_needed`, which `outer` 1.2 requires, is not installed in this kernel's environment (`PREFIX`) "
        "· hint: `%safepip install inner-needed>=2,<3`"
    )


def test_an_optional_dependency_is_named_with_who_imports_it(note: Notebook, wheels: Path) -> None:
    """The error is the package's own, and its cause is what is missing."""
    code = (
        "def read():\n    try:\n        import maybe_there\n    except ImportError as error:\n"
        "        raise ImportError('Missing optional dependency') from error\n"
    )
    pack(wheels, "lazy", "1.0", {"lazy/__init__.py": code}, 'Requires-Dist: Maybe.There; extra == "more"')
    install(note, wheels, "--no-deps", "lazy")
    assert said(note, "import lazy\nlazy.read()") == (
        "`maybe_there`, which `lazy` 1.0 imports, is not installed in this kernel's environment (`PREFIX`) "
        "· hint: `%safepip install Maybe.There`"
    )


def test_a_module_of_the_users_own_is_not_said_to_want_anything(note: Notebook) -> None:
    (note.cwd / "own_code.py").write_text("import sklearn\n")
    assert said(note, "import own_code") == SKLEARN


# -- it is there, and this kernel has another one, or none ------------------------------------------------------------


def test_a_file_of_the_users_own_hides_what_is_installed(note: Notebook, wheels: Path) -> None:
    """And when it is renamed, what is loaded is still that file."""
    pack(wheels, "hidable", "2.0", {"hidable/__init__.py": "", "hidable/linear.py": ""})
    install(note, wheels, "hidable")
    own = note.cwd / "hidable.py"
    own.write_text("import sys\n")
    for cell in ("import hidable.linear", "from hidable import linear"):
        assert said(note, cell) == (
            "your `CWD/hidable.py` hides the installed `hidable` 2.0 · hint: rename it, then restart the kernel"
        )
    own.rename(note.cwd / "mine.py")
    assert said(note, "import hidable.linear") == (
        "`hidable` from `CWD/hidable.py` is loaded, but 2.0 is installed · hint: restart the kernel"
    )


def test_an_attribute_that_only_the_hidden_copy_has(note: Notebook, wheels: Path) -> None:
    """`numpy.py` beside the notebook; a name that neither has is a slip, of which the traceback says all."""
    pack(wheels, "covered", "1.0", {"covered/__init__.py": "float64 = float\n"})
    install(note, wheels, "covered")
    (note.cwd / "covered.py").write_text("import covered\nprint(covered.float64)\n")
    hidden = "your `CWD/covered.py` hides the installed `covered` 1.0 · hint: rename it, then restart the kernel"
    assert said(note, "import covered") == hidden
    (note.cwd / "covered.py").write_text("")
    assert said(note, "import covered; covered.float64") == hidden
    assert said(note, "covered.float63") == ""
    assert said(note, "import json; json.float64") == ""


def test_what_is_loaded_is_older_than_what_is_installed(note: Notebook, wheels: Path) -> None:
    """A name or a submodule that only the new version has; after a restart both are there."""
    pack(wheels, "grown", "1.0", {"grown/__init__.py": "__version__ = '1.0'\n", "grown/api.py": ""})
    install(note, wheels, "grown==1.0")
    note.run("import grown.api")
    pack(wheels, "grown", "2.0", {"grown/__init__.py": "__version__ = '2.0'\n", "grown/api.py": "new = 1\n"})
    install(note, wheels, "grown==2.0")
    restart = "`grown` 1.0 is loaded, but 2.0 is installed · hint: restart the kernel"
    assert said(note, "from grown.api import new") == restart
    assert said(note, "import grown.gone") == restart
    note.restart()
    assert outputs(note.run("from grown.api import new")) == []
    assert said(note, "import grown.gone") == "`grown` 2.0 has no module `grown.gone`"


def test_what_is_loaded_is_not_installed_any_more(note: Notebook, wheels: Path) -> None:
    pack(wheels, "leaving", "1.0", {"leaving/__init__.py": "__version__ = '1.0'\n", "leaving/late.py": ""})
    install(note, wheels, "leaving")
    note.run("import leaving")
    subprocess.run([note.python, "-m", "pip", "uninstall", "-qq", "-y", "leaving"], check=True, env=note.environ)
    assert said(note, "import leaving.late") == (
        "`leaving` 1.0 is loaded, but is no longer installed · hint: restart the kernel"
    )


def test_an_editable_installation_since_the_start(note: Notebook, tmp_path: Path, wheels: Path) -> None:
    """Its `.pth` file is read when Python starts: with the restart it can be imported."""
    project = local.project(tmp_path / "project", "linked_late")
    install(note, wheels, "--no-build-isolation", "-e", str(project))
    assert note.plain(said(note, "import linked_late")).replace(str(project), "PROJECT") == (
        "`linked_late` was installed after this kernel started, in `PROJECT`, which it does not search yet "
        "· hint: restart the kernel"
    )
    note.restart()
    assert outputs(note.run("import linked_late")) == []


def test_an_editable_installation_by_a_hook_since_the_start(note: Notebook, tmp_path: Path) -> None:
    """As setuptools makes it for a layout of its own: code in the `.pth` file, and the folder is not on the path."""
    environments.call(environments.uv(), "pip", "install", "-q", "--python", note.python, "setuptools>=70")
    project = tmp_path / "hooked"
    (project / "lib" / "hooked_late").mkdir(parents=True)
    (project / "lib" / "hooked_late" / "__init__.py").write_text("")
    (project / "pyproject.toml").write_text(
        '[build-system]\nrequires = ["setuptools"]\nbuild-backend = "setuptools.build_meta"\n'
        '[project]\nname = "hooked-late"\nversion = "1"\n'
        '[tool.setuptools]\npackages = ["hooked_late"]\npackage-dir = {hooked_late = "lib/hooked_late"}\n'
    )
    install(note, tmp_path, "--no-build-isolation", "-e", str(project))
    assert said(note, "import hooked_late").replace(str(project), "PROJECT") == (
        "`hooked_late` was installed after this kernel started, in `PROJECT`, which it does not search yet "
        "· hint: restart the kernel"
    )
    note.restart()
    assert outputs(note.run("import hooked_late")) == []


def test_a_user_site_that_was_just_born(tmp_path: Path, wheels: Path) -> None:
    """The first `--user` installation makes a folder that this kernel did not put on its path."""
    pack(wheels, "homely", "1.0", {"homely.py": ""})
    with notebook(tmp_path) as note:
        configuration = note.prefix / "pyvenv.cfg"
        shared = configuration.read_text().replace(
            "include-system-site-packages = false", "include-system-site-packages = true"
        )
        configuration.write_text(shared)
        note.restart()
        install(note, wheels, "--user", "homely")
        version = f"python{sys.version_info[0]}.{sys.version_info[1]}"
        assert said(note, "import homely") == (
            f"`homely` was installed after this kernel started, in `~/.local/lib/{version}/site-packages`, "
            "which it does not search yet · hint: restart the kernel"
        )
        note.restart()
        assert outputs(note.run("import homely")) == []


def test_a_folder_of_pythonpath_that_came_later(tmp_path: Path) -> None:
    """The import system remembers that there was no such folder; the hint's line makes it look again."""
    late = tmp_path / "late"
    with notebook(tmp_path, PYTHONPATH=str(late)) as note:
        assert said(note, "import come_late") == ""
        late.mkdir()
        (late / "come_late.py").write_text("")
        assert said(note, "import come_late") == (
            "`come_late` was added to `FOLDER/late` after this kernel cached that directory "
            "· hint: `import importlib; importlib.invalidate_caches()`, then run the cell again"
        )
        note.run("import importlib; importlib.invalidate_caches()")
        assert outputs(note.run("import come_late")) == []


# -- what is installed does not fit -----------------------------------------------------------------------------------


def test_a_requirement_that_is_not_met(note: Notebook, wheels: Path) -> None:
    """Who cannot import a name requires another version of where it should be."""
    pack(wheels, "base_lib", "1.0", {"base_lib.py": ""})
    pack(wheels, "top_lib", "3.0", {"top_lib.py": "from base_lib import newer\n"}, "Requires-Dist: base-lib >=2")
    install(note, wheels, "--no-deps", "base_lib", "top_lib")
    assert said(note, "import top_lib") == (
        "`top_lib` 3.0 requires `base-lib>=2`, but `base_lib` 1.0 is installed "
        "· hint: `%safepip install base-lib>=2`, then restart the kernel"
    )


def test_two_records_of_one_project(note: Notebook) -> None:
    lay_out(note.site, "halfway", "1.0")
    (note.site / "halfway-2.0.dist-info").mkdir()
    (note.site / "halfway-2.0.dist-info" / "METADATA").write_text("Name: halfway\nVersion: 2.0\n\n")
    first, *recorded = said(note, "from halfway import newer").split(" | ")
    assert first == (
        "`halfway` is recorded 2 times: an interrupted install can cause this "
        "· hint: `%safepip install --force-reinstall --no-deps halfway`, then restart the kernel"
    )
    site = note.plain(str(note.site))  # in the order of the folder, as `importlib.metadata` takes them
    assert sorted(recorded) == [f"recorded {site}/halfway-{version}.dist-info" for version in ("1.0", "2.0")]


def test_a_compiled_module_for_another_python(note: Notebook) -> None:
    """As a folder of another Python's packages on the path has them."""
    package = note.cwd / "compiled_elsewhere"
    package.mkdir()
    (package / "__init__.py").write_text("")
    (package / "_core.cpython-399-x86_64-linux-gnu.so").write_bytes(b"")
    (note.cwd / "alone.cpython-399-x86_64-linux-gnu.so").write_bytes(b"")
    for cell, file in (("import compiled_elsewhere._core", "compiled_elsewhere/_core"), ("import alone", "alone")):
        assert said(note, cell) == (
            f"`CWD/{file}.cpython-399-x86_64-linux-gnu.so` was built for Python 3.99, "
            f"but this kernel runs Python {sys.version_info[0]}.{sys.version_info[1]}"
        )


def test_a_compiled_part_for_another_python_is_replaced_by_the_line(note: Notebook, wheels: Path) -> None:
    """`from . import _core` in a package's own code says only that the name is missing."""
    pack(wheels, "half_built", "1.0", {"half_built/__init__.py": "from . import _core\n", "half_built/_core.py": ""})
    install(note, wheels, "half_built")
    (note.site / "half_built" / "_core.py").unlink()
    record = note.site / "half_built-1.0.dist-info" / "RECORD"
    name = "_core.cpython-310-x86_64-linux-gnu.so"
    (note.site / "half_built" / name).write_bytes(b"")
    record.write_text(record.read_text().replace("half_built/_core.py,", f"half_built/{name},"))
    line = "%safepip install --force-reinstall --no-deps half_built==1.0"
    assert said(note, "import half_built") == (
        f"`{note.plain(str(note.site))}/half_built/{name}` was built for Python 3.10, "
        f"but this kernel runs Python {sys.version_info[0]}.{sys.version_info[1]} · hint: `{line}`, then restart the kernel"
    )
    assert note.run(f"{line} --no-index --find-links {wheels}").status == "ok"
    note.restart()
    assert outputs(note.run("import half_built")) == []


def test_a_compiled_part_that_is_cut_off_is_replaced_by_the_line(note: Notebook, wheels: Path) -> None:
    """Python says `file too short` or `invalid ELF header`, and of emptied code that a name is not there."""
    files = {"cut/__init__.py": "from . import _core\nname = 1\n", "cut/_core.abi3.so": "not to be loaded " * 99}
    pack(wheels, "cut", "1.0", files)
    install(note, wheels, "cut")
    line = "%safepip install --force-reinstall --no-deps cut==1.0"
    for file, cell in (("_core.abi3.so", "import cut"), ("__init__.py", "from cut import name")):
        (note.site / "cut" / file).write_bytes(b"")
        assert said(note, cell) == (
            "`cut` 1.0 has truncated files: part of their content is missing "
            f"· hint: `{line}` restores them | record SITE/cut-1.0.dist-info | file cut/{file}"
        ).replace("SITE", note.plain(str(note.site)))
        assert note.run(f"{line} --no-index --find-links {wheels}").status == "ok"


def test_a_module_that_left_its_project(tmp_path: Path, wheels: Path) -> None:
    """The line brings the last version that has it, and not the newest, which has it no more."""
    pack(wheels, "setuptools", "81.0", {"setuptools/__init__.py": "", "pkg_resources/__init__.py": ""})
    pack(wheels, "setuptools", "84.2", {"setuptools/__init__.py": ""})
    with notebook(tmp_path) as note:
        line = "%safepip install setuptools<82"
        assert said(note, "import pkg_resources").partition(" | ")[0] == (
            f"`pkg_resources` is not installed in this kernel's environment (`PREFIX`) · hint: `{line}`"
        )
        install(note, wheels, "setuptools")
        assert said(note, "import pkg_resources").partition(" | ")[0] == (
            f"`pkg_resources` was removed from `setuptools` in version 82, and 84.2 is installed · hint: `{line}`"
        )
        assert note.run(f"{line} --no-index --find-links {wheels}").status == "ok"
        assert outputs(note.run("import pkg_resources")) == []


def test_a_folder_beside_the_notebook_is_taken_for_the_package(note: Notebook, wheels: Path) -> None:
    """Also by an attribute that it has not; once the project is installed, it is the loaded folder that stands in the way."""
    (note.cwd / "plotly").mkdir()
    expected = (
        "`import plotly` finds the folder `CWD/plotly`, which has no `__init__.py`, and `plotly` is not installed "
        "· hint: `%safepip install plotly`, then restart the kernel"
    )
    for cell in ("from plotly import graph_objects", "import plotly.express", "import plotly; plotly.express"):
        assert said(note, cell) == expected
    pack(wheels, "plotly", "6.0", {"plotly/__init__.py": "", "plotly/express.py": ""})
    install(note, wheels, "plotly")
    assert said(note, "from plotly import express") == (
        "`plotly` from `CWD/plotly` is loaded, but 6.0 is installed · hint: restart the kernel"
    )


def test_a_module_that_is_recorded_and_not_there(note: Notebook) -> None:
    lay_out(note.site, "emptied", "1.5")
    (note.site / "emptied" / "__init__.py").unlink()
    (note.site / "emptied").rmdir()
    assert said(note, "import emptied") == (
        "`emptied` 1.5 is recorded as installed, but its `emptied` is missing "
        "· hint: `%safepip install --force-reinstall --no-deps emptied==1.5`"
    )


@pytest.mark.skipif(
    sys.version_info >= (3, 12), reason="pandas 2.0.3, which lets any newer numpy in, has no wheel for it"
)
def test_compiled_parts_that_were_built_for_another_numpy(tmp_path: Path) -> None:
    """A `ValueError` of Cython's. With the numpy that is installed a restart does not help; with one that changed it does."""
    packages = ["ipykernel", "-e", ".", "pandas==2.0.3", "numpy==2.3.5"]
    prefix = copy_of(environments.kept("hints-numpy", packages, compiled=True), tmp_path / "env")
    note = Notebook(prefix, tmp_path)
    note.start()
    try:
        assert said(note, "import pandas") == (
            "`pandas` 2.0.3 was built for a different version of `numpy` than the installed and loaded 2.3.5 "
            "· hint: `%safepip install --upgrade pandas` installs a build that fits, if there is one"
        )
        note.restart()
        note.run("import numpy")
        environments.call(environments.uv(), "pip", "install", "-q", "--python", note.python, "numpy==1.26.4")
        restart = "`numpy` 2.3.5 is loaded, but 1.26.4 is installed · hint: restart the kernel"
        assert said(note, "import pandas") == restart
        assert said(note, "import numpy.ma") == restart
        note.restart()
        assert outputs(note.run("import pandas, numpy.ma")) == []
    finally:
        note.close()


# -- front ends -------------------------------------------------------------------------------------------------------


def test_a_profile_switches_it_off(tmp_path: Path) -> None:
    profile = tmp_path / "home" / "ipython" / "profile_default"
    profile.mkdir(parents=True)
    (profile / "ipython_config.py").write_text("get_config().Hints.enabled = False\n")
    with notebook(tmp_path) as note:
        assert said(note, "import sklearn") == ""
        note.run("%config Hints.enabled = True")
        assert said(note, "import sklearn") == SKLEARN


def test_ipython_with_a_command_prints_it_last(tmp_path: Path) -> None:
    argv = [str(kernel_prefix() / "bin" / "python"), "-m", "IPython", "--colors=NoColor", "--ext", "ipython_where"]
    environ = world(tmp_path)
    done = subprocess.run([*argv, "-c", "import sklearn"], env=environ, cwd=tmp_path, capture_output=True, text=True)
    assert (done.returncode, done.stderr) == (1, "")
    _, traceback, after = done.stdout.partition("ModuleNotFoundError: No module named 'sklearn'\n")
    assert traceback, done.stdout
    said = " ".join(after.split()).replace("`) · hint", "`) hint")  # one line where that is short enough
    assert said == (
        f"`sklearn` is not installed in this session's environment (`{kernel_prefix()}`) "
        "hint: `%safepip install scikit-learn`"
    )


def test_a_terminal_shows_text_below_the_traceback(tmp_path: Path) -> None:
    """IPython at a pty: what is typed, its traceback, the hint; and nothing about the error in the next cell."""
    controller, terminal = pty.openpty()
    argv = [
        str(kernel_prefix() / "bin" / "python"),
        "-m",
        "IPython",
        "--simple-prompt",
        "--no-banner",
        "--colors=NoColor",
    ]
    environ = world(tmp_path, TERM="xterm")
    with subprocess.Popen(argv, env=environ, cwd=tmp_path, stdin=terminal, stdout=terminal, stderr=terminal):
        os.close(terminal)
        os.write(controller, b"%load_ext ipython_where\nimport sklearn\n1 + 1\nexit\n")
        screen = "".join(iter(lambda: _read(controller), "")).replace("\r", "")
    os.close(controller)
    _, traceback, after = screen.partition("ModuleNotFoundError: No module named 'sklearn'\n")
    assert traceback, screen
    assert after.startswith("\n`sklearn`"), screen
    assert " ".join(after.partition("In [3]")[0].split()) == (
        f"`sklearn` is not installed in this session's environment (`{kernel_prefix()}`) · "
        "hint: `%safepip install scikit-learn`"
    )
    assert screen.count("%safepip") == 1


def _read(descriptor: int) -> str:
    try:
        return os.read(descriptor, 65536).decode()
    except OSError:  # Linux: the other end was closed
        return ""


def test_nbconvert_keeps_the_error_and_then_the_hint(tmp_path: Path) -> None:
    cells = [new_code_cell("%load_ext ipython_where"), new_code_cell("import sklearn")]
    (tmp_path / "made.ipynb").write_text(nbformat.writes(new_notebook(cells=cells)))
    convert = [sys.executable, "-m", "nbconvert", "--log-level=ERROR"]
    environ = environments.clean_environ(HOME=str(tmp_path), IPYTHONDIR=str(tmp_path / "ipython"))
    executed = ["--execute", "--allow-errors", "--to", "notebook", "--output", "done", "made.ipynb"]
    for words in (executed, ["--to", "html", "done.ipynb"], ["--to", "markdown", "done.ipynb"]):
        subprocess.run([*convert, *words], check=True, cwd=tmp_path, env=environ)
    done = nbformat.read(tmp_path / "done.ipynb", as_version=4)
    error, hint = done.cells[1].outputs
    assert (error.output_type, error.ename, hint.output_type) == ("error", "ModuleNotFoundError", "display_data")
    assert "`%safepip install scikit-learn`" in hint.data["text/plain"]
    assert '<code class="c">%safepip install scikit-learn</code>' in (tmp_path / "done.html").read_text()
    assert "%safepip install scikit-learn" in (tmp_path / "done.md").read_text()
