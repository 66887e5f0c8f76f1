"""Run a notebook in a real kernel of this environment; show it here, and write it as a light and a dark HTML page.

    python examples/run_tour.py [NOTEBOOK] [FOLDER]

NOTEBOOK is `tour.ipynb` beside this file, FOLDER is `build` unless given. Nothing in the home directory is read or
written. A cell that fails ends it with status 1, as does one with the tag `raises-exception` that does not fail.
"""

from __future__ import annotations

import os
import sys
from pathlib import Path
from typing import Any

HERE = Path(__file__).resolve().parent


def main(notebook: Path, folder: Path) -> int:
    """Run ``notebook``, show each cell when it is done, and write ``folder``/NAME.html and NAME-dark.html."""
    _settle_in(folder.resolve())
    import nbformat  # after the settling-in: Jupyter reads its folders' names when it is imported
    from nbclient import NotebookClient
    from nbclient.exceptions import CellExecutionError

    document = nbformat.read(notebook, as_version=4)
    client = NotebookClient(
        document,
        timeout=120,
        kernel_name="python3",
        resources={"metadata": {"path": notebook.parent}},
        extra_arguments=["--log-level=ERROR"],  # ipykernel warns of every kernel on TCP, which is Jupyter's default
    )
    status = 0
    with client.setup_kernel():
        for index, cell in enumerate(document.cells):
            try:
                client.execute_cell(cell, index)
            except CellExecutionError:
                status = 1
            show(cell)
            if _went_well_unasked(cell):
                print("\nthis cell was to fail, and did not")
                status = 1
            if status:
                break
    for page in write_html(document, folder, notebook.stem):
        print(f"\n{page}")
    return status


def _settle_in(folder: Path) -> None:
    """Be a shell in which this environment is active, with Jupyter's and IPython's own files below ``folder``."""
    for variable in ("JUPYTER_CONFIG_DIR", "JUPYTER_DATA_DIR", "JUPYTER_RUNTIME_DIR", "IPYTHONDIR"):
        directory = folder / "jupyter" / variable.lower()
        directory.mkdir(parents=True, exist_ok=True)
        os.environ[variable] = str(directory)
    os.environ["JUPYTER_PREFER_ENV_PATH"] = "1"  # this environment's kernelspec, not one of the user's with its name
    os.environ["PATH"] = os.pathsep.join((str(Path(sys.executable).parent), os.environ.get("PATH", os.defpath)))
    os.environ["VIRTUAL_ENV"] = sys.prefix


def _went_well_unasked(cell: Any) -> bool:
    failed = any(output.output_type == "error" for output in cell.get("outputs", ()))
    return "raises-exception" in cell.metadata.get("tags", ()) and not failed


def show(cell: Any) -> None:
    """Print a cell: prose as it is written, code behind a prompt, then what it answered."""
    if cell.cell_type != "code":
        print(f"\n{cell.source}")
        return
    first, *others = cell.source.splitlines() or [""]
    print(
        "\n"
        + "\n".join(
            [_strong(f"In [{cell.execution_count}]: {first}"), *(_strong(f"   ...: {line}") for line in others)]
        )
    )
    for output in cell.outputs:
        if text := _plain(output).rstrip("\n"):  # a progress display is empty at the end
            print(text, flush=True)


def _plain(output: Any) -> str:
    from nbconvert.filters import strip_ansi

    if output.output_type == "stream":
        return str(output.text)
    if output.output_type == "error":
        return str(strip_ansi("\n".join(output.traceback)))
    return str(output.data.get("text/plain", ""))


def _strong(line: str) -> str:
    return f"\033[1m{line}\033[0m" if sys.stdout.isatty() and not os.environ.get("NO_COLOR") else line


def write_html(document: Any, folder: Path, name: str) -> list[Path]:
    """The pages that were written. They need nothing from elsewhere: no formula is in them, so no MathJax either."""
    from nbconvert import HTMLExporter

    pages = []
    for theme, page in (("light", folder / f"{name}.html"), ("dark", folder / f"{name}-dark.html")):
        exporter = HTMLExporter(theme=theme, mathjax_url="", require_js_url="", mermaid_js_url="")
        page.write_text(exporter.from_notebook_node(document)[0], encoding="utf-8")
        pages.append(page)
    return pages


if __name__ == "__main__":
    arguments = [Path(argument) for argument in sys.argv[1:]]
    sys.exit(main(*(arguments + [HERE / "tour.ipynb", Path("build")][len(arguments) :])))
