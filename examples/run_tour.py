"""Run a notebook in a real kernel of this environment; show it here as it runs, and write it as an HTML page.

    python examples/run_tour.py [NOTEBOOK] [FOLDER]

NOTEBOOK is `tour.ipynb` beside this file, FOLDER is `build` unless given. The page follows the light or dark theme of the
system. Nothing in the home directory is read or written. A cell that fails ends it with status 1, as does one with the tag
`raises-exception` that does not fail.
"""

from __future__ import annotations

import os
import sys
from pathlib import Path
from typing import Any

HERE = Path(__file__).resolve().parent


def main(notebook: Path, folder: Path) -> int:
    """Run ``notebook``, show each cell when it starts and its answer when it is done, and write ``folder``/NAME.html."""
    print(f"starting a kernel of {sys.prefix} …", flush=True)  # the imports and the kernel take seconds
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
            show_source(cell, client.code_cells_executed + 1)
            try:
                client.execute_cell(cell, index)
            except CellExecutionError:
                status = 1
            show_outputs(cell)
            if _went_well_unasked(cell):
                print("\nthis cell was to fail, and did not")
                status = 1
            if status:
                break
    print(f"\n{write_html(document, folder / f'{notebook.stem}.html')}")
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


def show_source(cell: Any, number: int) -> None:
    """Print prose as it is written, code behind the prompt that it will have."""
    if cell.cell_type != "code":
        print(f"\n{cell.source}", flush=True)
        return
    first, *others = cell.source.splitlines() or [""]
    lines = [_strong(f"In [{number}]: {first}"), *(_strong(f"   ...: {line}") for line in others)]
    print("\n" + "\n".join(lines), flush=True)


def show_outputs(cell: Any) -> None:
    """Print what a cell answered."""
    for output in cell.get("outputs", ()):
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


_FOLLOW = """<script>
const dark = matchMedia("(prefers-color-scheme: dark)");
const follow = () => {
  document.body.dataset.jpThemeLight = String(!dark.matches);
  document.body.dataset.jpThemeName = dark.matches ? "JupyterLab Dark" : "JupyterLab Light";
};
dark.addEventListener("change", follow);
follow();
</script>
"""


def write_html(document: Any, page: Path) -> Path:
    """The page that was written. It needs nothing from elsewhere: no formula is in it, so no MathJax either.

    nbconvert writes it for one theme. The dark theme's colours stand behind the light one's, for a dark system alone.
    """
    from nbconvert import HTMLExporter

    exporter = HTMLExporter(theme="light", mathjax_url="", require_js_url="", mermaid_js_url="")
    html = exporter.from_notebook_node(document)[0]
    colours, _, _ = exporter.environment.loader.get_source(exporter.environment, "static/theme-dark.css")
    style = f'<style media="(prefers-color-scheme: dark)">\n{colours}\n</style>\n'
    scheme = '<meta name="color-scheme" content="light dark">\n'
    html = html.replace("</head>", f"{scheme}{style}</head>", 1).replace("<main>", f"{_FOLLOW}<main>", 1)
    page.write_text(html, encoding="utf-8")
    return page


if __name__ == "__main__":
    arguments = [Path(argument) for argument in sys.argv[1:]]
    sys.exit(main(*(arguments + [HERE / "tour.ipynb", Path("build")][len(arguments) :])))
