"""Server extensions that are installed into the environment of a server that runs."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from tests import environments

from .servers import Page, furnish, serving

ROUTE = """
from jupyter_server.base.handlers import APIHandler
from tornado import web

VERSION = {version!r}


class Version(APIHandler):
    @web.authenticated
    def get(self):
        self.finish({{"version": VERSION, "started": STARTED}})


STARTED = []


def _jupyter_server_extension_points():
    return [{{"module": {name!r}}}]


def _load_jupyter_server_extension(app):
    app.web_app.add_handlers(".*$", [(app.base_url + {name!r}, Version)])


async def _start_jupyter_server_extension(app):
    STARTED.append(app.base_url)
"""
BROKEN = "import {name}.inner\nimport there_is_no_such_module_anywhere\n"


@pytest.fixture(scope="module")
def prefix(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The environment of a server, for these tests alone; one extension is in it from the start."""
    folder = tmp_path_factory.mktemp("server") / "env"
    environments.make_in(folder, ["jupyter_server", "-e", "."], compiled=True)
    install(folder, "part_from_start", ROUTE.format(name="part_from_start", version="1"))
    return folder


@pytest.fixture(scope="module")
def running(tmp_path_factory: pytest.TempPathFactory, prefix: Path, server: None) -> Iterator[Page]:
    with serving(furnish(tmp_path_factory.mktemp("parts"), prefix), module="jupyter_server") as page:
        install(prefix, "part_loaded", ROUTE.format(name="part_loaded", version="1"))
        assert load(page, "part_loaded", "part_from_start") == {"part_loaded": None, "part_from_start": None}
        yield page


def install(prefix: Path, name: str, code: str, enabled: bool | None = True, **settings: Any) -> None:
    """Put an extension into the environment, and the file that enables it."""
    package = environments.site_packages(prefix) / name
    package.mkdir(exist_ok=True)
    (package / "__init__.py").unlink(missing_ok=True)
    (package / "__init__.py").write_text(code)
    (package / "inner.py").touch()
    folder = prefix / "etc" / "jupyter" / "jupyter_server_config.d"
    folder.mkdir(parents=True, exist_ok=True)
    if enabled is not None:
        said = {"ServerApp": {"jpserver_extensions": {name: enabled}}, **settings}
        (folder / f"{name}.json").write_text(json.dumps(said))


def load(page: Page, *names: str) -> dict[str, str | None]:
    """Why each part is not loaded; None if it is."""
    parts = page.api("server/load", {"names": names})["parts"]
    assert all(each["loaded"] == (each["reason"] is None) for each in parts)
    return {each["name"]: each["reason"] for each in parts}


def test_a_new_part_answers_at_once(running: Page, prefix: Path) -> None:
    install(prefix, "part_new", ROUTE.format(name="part_new", version="1"))
    assert running.status("part_new") == 404
    assert load(running, "part_new") == {"part_new": None}
    assert running.server.ask("part_new") == {"version": "1", "started": ["/"]}
    assert running.status("part_new", headers={}) == 403
    assert load(running, "part_new") == {"part_new": None}
    assert running.server.ask("part_new") == {"version": "1", "started": ["/"]}


@contextmanager
def replaced(prefix: Path, name: str) -> Iterator[None]:
    """For a while there is another version of an extension."""
    file = environments.site_packages(prefix) / name / "__init__.py"
    file.rename(file.with_name("old"))
    install(prefix, name, ROUTE.format(name=name, version="2"))
    yield
    file.with_name("old").replace(file)


@pytest.mark.parametrize("name", ["part_from_start", "part_loaded"])
def test_one_that_is_replaced_needs_a_restart(running: Page, prefix: Path, name: str) -> None:
    """Whether it was there from the start or came later. So does all else from then on, which may need the new one."""
    install(prefix, "part_later", ROUTE.format(name="part_later", version="1"))
    with replaced(prefix, name):
        assert load(running, name, "part_later") == {
            name: "an older version of it is imported",
            "part_later": f"`{name}` has changed since the server imported it",
        }


def test_what_is_not_enabled_here_is_not_loaded(running: Page, prefix: Path) -> None:
    install(prefix, "part_off", ROUTE.format(name="part_off", version="1"), enabled=False)
    install(prefix, "part_unsaid", ROUTE.format(name="part_unsaid", version="1"), enabled=None)
    why = "no file of this server's environment enables it"
    for name in ("part_off", "part_unsaid", "os", "os.path", "../x", "", "part off"):
        assert load(running, name) == {name: why}
    assert running.status("part_off") == 404


def test_one_that_can_not_be_imported_leaves_nothing(running: Page, prefix: Path) -> None:
    """So that it is loaded once it is mended."""
    install(prefix, "part_broken", BROKEN.format(name="part_broken"))
    assert load(running, "part_broken") == {"part_broken": "it can't be imported here"}
    install(prefix, "part_broken", ROUTE.format(name="part_broken", version="mended"))
    assert load(running, "part_broken") == {"part_broken": None}
    assert running.server.ask("part_broken")["version"] == "mended"


def test_one_that_fails_when_it_is_loaded_is_not_tried_again(running: Page, prefix: Path) -> None:
    install(prefix, "part_failing", "def _load_jupyter_server_extension(app):\n    1 / 0\n")
    for _ in range(2):
        assert load(running, "part_failing") == {"part_failing": "loading it failed: ZeroDivisionError"}
    install(prefix, "part_mute", "")
    assert load(running, "part_mute") == {"part_mute": "it doesn't say how it is loaded"}


def test_one_that_comes_with_settings_needs_a_restart(running: Page, prefix: Path) -> None:
    code = ROUTE.format(name="part_set", version="1")
    install(prefix, "part_set", code, ContentsManager={"allow_hidden": True})
    assert load(running, "part_set") == {"part_set": "its settings are read when the server starts"}
    assert running.status("part_set") == 404


@pytest.mark.parametrize("names", [None, [], "x", [1], ["x"] * 200])
def test_a_request_that_names_nothing_is_refused(running: Page, names: object) -> None:
    assert running.status("ipython-where/api/server/load", "POST", {"names": names}) == 400
