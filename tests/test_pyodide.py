"""In a browser's Python: micropip installs the package, questions are answered, hints name what works, nothing is a traceback.

A real Pyodide under Node, with the shell of a real IPython, like the kernel of JupyterLite. npm brings Pyodide, into `.envs/`.
"""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from . import environments

pytestmark = [
    pytest.mark.usefixtures("kernel"),
    pytest.mark.skipif(shutil.which("node") is None or shutil.which("npm") is None, reason="needs Node and npm"),
]

VERSION, PYTHON = "314.0.7", "3.14"

PAGE = """
import fs from "node:fs";
const [folder, wheel, cells] = process.argv.slice(2);
const file = "/home/pyodide/" + wheel.split("/").pop();
try {
  const { loadPyodide } = await import(folder + "/node_modules/pyodide/pyodide.mjs");
  const python = await loadPyodide();
  const extractDir = python.runPython("import sysconfig; sysconfig.get_path('purelib')");
  python.unpackArchive(new Uint8Array(fs.readFileSync(folder + "/site.zip")), "zip", { extractDir });
  python.FS.writeFile(file, fs.readFileSync(wheel));
  python.globals.set("wheel", "emfs:" + file);
  python.globals.set("cells", cells);
  console.log("\\n" + await python.runPythonAsync(fs.readFileSync(0, "utf8")));
} catch (error) {  // Node would show the line of a million characters
  console.error(String(error), error.message, error.errno);
  process.exitCode = 1;
}
"""

INSIDE = """
import json, micropip
await micropip.install(wheel)
from IPython.core.interactiveshell import InteractiveShell
from IPython.utils.capture import capture_output
shell = InteractiveShell.instance(colors="NoColor")
said = []
for cell in json.loads(cells):
    with capture_output() as shown:
        shell.run_cell(cell)
    said.append("".join((shown.stdout + shown.stderr, *(each.data["text/plain"] for each in shown.outputs))))
json.dumps(said)
"""


def furnish(folder: Path) -> None:
    """Pyodide, and beside it what this package requires there, as uv resolves it for that platform."""
    folder.mkdir()
    options = ("--silent", "--no-audit", "--no-fund", "--fetch-retries=0", "--prefix", folder)
    done = subprocess.run(["npm", "install", *options, f"pyodide@{VERSION}"], capture_output=True, text=True)
    if done.returncode:
        pytest.skip("npm cannot bring Pyodide here")
    platform = ("--python-platform", "wasm32-pyodide2024", "--python-version", PYTHON, "--only-binary", ":all:")
    install = (environments.uv(), "pip", "install", "--quiet", "--no-config", *platform, "--target", folder / "site")
    environments.call(*install, "micropip", *environments.requirements())
    shutil.rmtree(folder / "site" / "jedi" / "third_party")  # nine files in ten, for Tab only
    shutil.make_archive(str(folder / "site"), "zip", folder / "site")


@pytest.fixture(scope="module")
def folder() -> Path:
    """The kept folder with Pyodide."""
    return environments.kept_folder("pyodide", [VERSION, PYTHON, environments.requirements()], furnish)


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The wheel, built now."""
    pytest.importorskip("hatchling", reason="needs a newer packaging than this package does")
    built = tmp_path_factory.mktemp("wheel")
    environments.call(sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", built, cwd=environments.ROOT)
    return next(built.iterdir())


def ran(folder: Path, wheel: Path, cells: list[str]) -> list[str]:
    """What each cell shows, in a new Pyodide."""
    page = wheel.parent / "page.mjs"
    page.write_text(PAGE)
    argv = ["node", str(page), str(folder), str(wheel), json.dumps(cells)]
    done = subprocess.run(argv, input=INSIDE, capture_output=True, text=True, cwd=wheel.parent)
    assert done.returncode == 0, done.stdout + done.stderr
    found: list[str] = json.loads(done.stdout.splitlines()[-1])
    return [each.strip("\n") for each in found]


REFUSED = """\
`%safepip` does not work in a browser's Python (Pyodide, JupyterLite), where no program can be started

hint: `import micropip; await micropip.install('NAME')` installs into this kernel"""

SAID = {
    "%load_ext ipython_where": "",
    "%where": """\
Out[0]: 
interpreter  unknown interpreter · CPython 3.14.2
environment  embedded Python · writable · micropip inside
!pip         `!` cannot run: the shell `sh` is missing
!python      `!` cannot run: the shell `sh` is missing
server       none · not started by Jupyter: this process has no connection file""",
    "%where json numpy": """\
Out[0]: 
json · package · standard library · zipped
  file      /lib/python314.zip/json/__init__.py
  found by  unknown interpreter · standard library
  loaded    yes · unknown whether it matches what is installed

numpy · not found by unknown interpreter
  provided by  the project `numpy`

`numpy` is not installed in this kernel's environment

hint: `import micropip; await micropip.install('numpy')` installs it there""",
    "%where !pip install six": """\
Out[0]: 
pip install six
  does     unknown
  runs     depends on the command before it
  because  `!` cannot run: the shell `sh` is missing""",
    "%safepip install six": REFUSED,
    "%%safepip install\nsix": REFUSED,
    "%safepip undo": REFUSED,
    "%config PipGuard.pip = True": "`%pip` stays as it is: " + REFUSED.splitlines()[0],
}
"""Cells, and all that each shows."""


def test_a_browser(folder: Path, wheel: Path) -> None:
    """Loaded by micropip, which fetches nothing that is missing there; hints below failed imports; the guard is silent."""
    *said, yaml, pip, imported = ran(folder, wheel, [*SAID, "import yaml", "!pip install six", "%where --imported"])
    assert said == list(SAID.values())
    assert yaml.endswith(
        "ModuleNotFoundError: No module named 'yaml'\n\n"
        "`yaml` is not installed in this kernel's environment (`/`)\n"
        "    hint: `import micropip; await micropip.install('PyYAML')`"
    )
    assert pip.splitlines()[0].startswith("---") and pip.endswith("OSError: Not available")  # IPython's own, alone
    assert "ipython-where" in imported
