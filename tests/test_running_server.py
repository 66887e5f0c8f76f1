"""`%safepip install --server` of a server extension: a server that has this package loads it as it runs."""

from __future__ import annotations

import json
import sys
import urllib.error
from collections.abc import Iterator
from pathlib import Path

import pytest

from .claims import carries
from .faults.wheels import write_wheel
from .lab import Lab, Served, lab
from .page.servers import server_prefix

pytestmark = [
    pytest.mark.usefixtures("server", "kernel", "installer"),
    pytest.mark.skipif(sys.platform != "linux", reason="the server is told from /proc here"),
]

EXTENSION = """
from jupyter_server.base.handlers import APIHandler


class Ping(APIHandler):
    def get(self):
        self.finish({{"version": {version!r}}})


def _jupyter_server_extension_points():
    return [{{"module": {name!r}}}]


def _load_jupyter_server_extension(app):
    {body}
    app.web_app.add_handlers(".*$", [(app.base_url + {name!r}, Ping)])
"""


@pytest.fixture(scope="module")
def running(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Lab]:
    folder = tmp_path_factory.mktemp("running")
    with lab(folder, environ={}, server_of=server_prefix()) as server:
        yield server


@pytest.fixture
def notebook(running: Lab) -> Iterator[Served]:
    with running.notebook() as opened:
        yield opened


def extension(wheels: Path, name: str, version: str = "1.0", body: str = "pass") -> str:
    """A wheel with a server extension, and the options that find it."""
    enabled = {"ServerApp": {"jpserver_extensions": {name: True}}}
    files = {
        f"{name}/__init__.py": EXTENSION.format(name=name, version=version, body=body),
        f"{name}-{version}.data/data/etc/jupyter/jupyter_server_config.d/{name}.json": json.dumps(enabled),
    }
    write_wheel(wheels, name, version, files, package=False)
    return f"--no-index --find-links {wheels}"


def findings(notebook: Served, name: str) -> list[str]:
    notebook.run(f"r = %where {name}")
    return [each["id"] for each in notebook.value("r.to_dict()['findings']")]


@carries(
    "A new server extension answers at once after `%safepip install --server NAME`; an upgrade still needs a restart.",
)
def test_a_new_server_part_answers_at_once(running: Lab, notebook: Served, tmp_path: Path) -> None:
    options = extension(tmp_path, "meter")
    notebook.safepip(f"install meter {options}")
    assert findings(notebook, "meter") == ["lab-part-missing"]
    brought = notebook.safepip(f"install --server meter {options}")
    assert (brought["page"]["step"], brought["page"]["server_extensions"]) == ("nothing", ["meter"])
    assert json.loads(running.get("meter")) == {"version": "1.0"}
    assert findings(notebook, "meter") == []  # though the server is older than its part

    extension(tmp_path, "meter", "2.0")
    newer = notebook.safepip(f"install --server --upgrade meter {options}")
    assert newer["page"]["step"] == "restart"
    assert json.loads(running.get("meter")) == {"version": "1.0"}
    notebook.safepip(f"install --upgrade meter {options}")
    assert findings(notebook, "meter") == ["server-older"]
    removed = notebook.safepip("uninstall --server meter")
    assert removed["page"]["step"] == "restart"


@pytest.mark.parametrize("body", ["raise RuntimeError('broken')", "import nothing_of_this_name"])
def test_one_that_cannot_be_loaded_needs_a_restart_and_harms_nothing(
    running: Lab, notebook: Served, tmp_path: Path, body: str
) -> None:
    name = f"broken{len(body)}"
    options = extension(tmp_path, name, body=body)
    brought = notebook.safepip(f"install --server {name} {options}")
    assert brought["page"]["step"] == "restart"
    with pytest.raises(urllib.error.HTTPError, match="404"):
        running.get(name)
    assert json.loads(running.get("api/status"))["kernels"] == 1
