"""What the server's configuration allows, of whom, and what is left of it when a server ends."""

from __future__ import annotations

import http.cookiejar
import json
import os
import shutil
import signal
import stat
import tempfile
import urllib.error
import urllib.parse
import urllib.request
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.faults.strikes import can_mount, small_disk
from tests.frontends.home import Home
from tests.users import ALONE_AS_ROOT, SOMEBODY

from .extensions import files, offer, package
from .servers import Page, furnish, kernel_prefix, put, serving

PINNED = files(package("pinned"))
ANOTHER_USERS = """
folder=$(mktemp -d) && cp "$0" "$folder/connection.json" && chown -R {user} "$folder" && export HOME="$folder" &&
exec setpriv --reuid={user} --regid={user} --clear-groups {python} -m ipykernel_launcher -f "$folder/connection.json"
"""


def option(name: str, *values: str) -> list[str]:
    """A setting on the command line."""
    return [f"--KernelExtensions.{name}={value}" for value in values]


def verdicts(page: Page, id: str, *names: str) -> dict[str, tuple[Any, Any]]:
    """The reason and the hint for each extension that was not taken; nothing for those that were."""
    lines = page.load(id, *names)
    assert lines[-1] == {"end": True}, lines
    page.check()
    refused = {line["refused"]["name"]: line["refused"] for line in lines if "refused" in line}
    return {name: (each["reason"], each["hint"]) for name, each in refused.items()}


# -- another user ------------------------------------------------------------------------------------------------------


@pytest.fixture
def readable() -> Iterator[Path]:
    """A folder that another user can read, who can run this Python."""
    above = Path(kernel_prefix()).parents
    if not all(each.stat().st_mode & stat.S_IXOTH for each in above):
        pytest.skip("another user cannot reach this folder")
    folder = Path(tempfile.mkdtemp(prefix="ipython-where-tests-"))
    folder.chmod(0o755)
    yield folder
    shutil.rmtree(folder)


def in_settings(line: str) -> str:
    """The hint that a line belongs in the server's configuration."""
    return f"in the server's `jupyter_server_config.py`, add `{line}` to what is there, and restart the server"


def start_another_users(page: Page, path: Path) -> str:
    """A kernel that runs as another user."""
    command = ANOTHER_USERS.format(user=SOMEBODY, python=kernel_prefix() / "bin" / "python")
    page.write_kernelspec("nobody", ["bash", "-c", command, "{connection_file}"], JUPYTER_PATH=str(path))
    return page.server.start_kernel("nobody")


@ALONE_AS_ROOT
def test_a_kernel_of_another_user_brings_nothing(page: Page, readable: Path) -> None:
    """Not until it is allowed to."""
    id = start_another_users(page, put(readable, files(package("foreign"))))
    judged = page.api(f"kernels/{id}/judge", {"extensions": [{"name": "foreign", "version": "1.0.0"}]})
    reason = (
        "this kernel is not proven to run on the server's machine as its user, and the server's settings don't allow it"
    )
    hint = in_settings('c.KernelExtensions.allowed = ["foreign"]')
    assert judged["local"] is False
    assert [(each["verdict"], each["reason"], each["hint"]) for each in judged["verdicts"]] == [("off", reason, hint)]
    assert verdicts(page, id, "foreign") == {"foreign": (reason, hint)}
    assert page.mirrored() == []


@ALONE_AS_ROOT
def test_a_kernel_of_another_user_brings_what_it_may(
    tmp_path: Path, readable: Path, server: None, kernel: None
) -> None:
    digest, wrong = offer(PINNED).digest, "0" * 64
    names = ("open-a", "pinned", "repinned", "denied-open", "closed", "open-large")
    extensions = [files(package(name)) for name in names if name != "open-large"]
    put(readable, *extensions, files(package("open-large"), **{"static/large.bin": bytes(2_000_000)}))
    settings = option("allowed", "open-*", f"pinned@sha256:{digest}", f"repinned@sha256:{wrong}", "denied-open")
    settings += option("denied", "denied-*") + option("max_bytes", "100000")
    with serving(furnish(tmp_path / "home"), *settings) as page:
        found = verdicts(page, start_another_users(page, readable), *names)
        assert page.mirrored() == ["open-a", "pinned"]
        assert f"pinned 1.0.0, sha256 {digest}, is taken" in page.log()
    assert set(found) == {"repinned", "denied-open", "closed", "open-large"}
    assert found["repinned"][0].endswith("and `KernelExtensions.allowed` names another one")
    assert found["denied-open"] == ("the server's setting `KernelExtensions.denied` names it", None)
    assert found["open-large"][0] == "its 2.0 MB are more than `KernelExtensions.max_bytes` allows"
    assert found["open-large"][1] is None


# -- other origins, passwords, base addresses --------------------------------------------------------------------------


class Browser:
    """A browser of a person who has logged in, as far as cookies go."""

    def __init__(self, page: Page) -> None:
        self._url = page.server.url
        self._cookies = http.cookiejar.CookieJar()
        handlers = (urllib.request.HTTPCookieProcessor(self._cookies), urllib.request.ProxyHandler({}))
        self._opener = urllib.request.build_opener(*handlers)

    def status(self, path: str, data: Any = None, **headers: str) -> int:
        """The status of an answer to a request with the cookies; ``data`` is sent as JSON."""
        sent = None if data is None else json.dumps(data).encode()
        sending = {name.replace("_", "-"): value for name, value in headers.items()}
        request = urllib.request.Request(self._url + path, sent, {"Content-Type": "application/json", **sending})
        try:
            return int(self._opener.open(request, timeout=60).status)
        except urllib.error.HTTPError as error:
            return error.code

    @property
    def xsrf(self) -> str:
        """The cookie that only a page of the server's own origin can read."""
        return next(str(each.value) for each in self._cookies if each.name == "_xsrf")

    def log_in(self, password: str) -> None:
        self._opener.open(f"{self._url}login", timeout=60)
        form = urllib.parse.urlencode({"password": password, "_xsrf": self.xsrf})
        self._opener.open(f"{self._url}login", form.encode(), timeout=60)


@pytest.fixture(scope="module")
def elsewhere(tmp_path_factory: pytest.TempPathFactory, server: None, kernel: None) -> Iterator[Page]:
    """A server with a password, at another address, that takes nothing from kernels."""
    from jupyter_server.auth.security import passwd

    settings = (f"--PasswordIdentityProvider.hashed_password={passwd('secret')}", "--ServerApp.base_url=/some/base/")
    with serving(furnish(tmp_path_factory.mktemp("elsewhere")), *settings, *option("policy", "off")) as page:
        yield page


def test_only_the_servers_own_pages_may_ask(elsewhere: Page, tmp_path: Path) -> None:
    """Cookies are sent with requests of other origins, too."""
    id = elsewhere.start_kernel(put(tmp_path, files()))
    page, load, names = "ipython-where/api/page", f"ipython-where/api/kernels/{id}/load", {"names": ["sound"]}
    browser = Browser(elsewhere)
    assert browser.status(page) == 403
    browser.log_in("secret")
    assert browser.status(page) == 200
    assert browser.status(load, names) == 403
    assert browser.status(load, names, X_XSRFToken="another") == 403
    assert browser.status(load, names, X_XSRFToken=browser.xsrf) == 200
    assert browser.status(load, names, X_XSRFToken=browser.xsrf, Origin="https://example.org") == 404
    assert browser.status(page, Origin="https://example.org") == 404


def test_a_server_that_takes_nothing(elsewhere: Page, tmp_path: Path) -> None:
    id = elsewhere.start_kernel(put(tmp_path, files()))
    reason, hint = (
        "the server's setting `KernelExtensions.policy` is `off`",
        in_settings('c.KernelExtensions.policy = "ask"'),
    )
    assert verdicts(elsewhere, id, "sound") == {"sound": (reason, hint)}
    assert elsewhere.mirrored() == []


def test_a_server_whose_users_folder_can_not_be_written_knows_its_kernels(
    tmp_path: Path, server: None, kernel: None
) -> None:
    home = furnish(tmp_path / "home")
    (tmp_path / "file").touch()
    home = Home(folder=home.folder, environ={**home.environ, "JUPYTER_DATA_DIR": str(tmp_path / "file" / "data")})
    home = Home(folder=home.folder, environ={**home.environ, "JUPYTER_RUNTIME_DIR": str(home.runtime)})
    kernels = home.runtime.parent
    home = Home(folder=home.folder, environ={**home.environ, "JUPYTER_PATH": str(kernels)})
    with serving(home) as page:
        id = page.start_kernel(put(tmp_path / "path", files()))
        assert page.api(f"kernels/{id}/judge", {"extensions": []}) == {"local": True, "verdicts": []}
        page.check()


@pytest.mark.skipif(not can_mount(), reason="only root can mount a file system")
def test_a_disk_that_is_full_leaves_nothing_and_is_told(tmp_path: Path, server: None, kernel: None) -> None:
    """Where the copy is kept while it comes, and where it would be served from."""
    large = files(package("large"), **{"static/large.bin": os.urandom(4_000_000)})
    for name in ("temporary", "served"):
        home = furnish(tmp_path / name / "home")
        full = home.runtime if name == "served" else tmp_path / name / "full"
        with small_disk(full, 2_000):
            environ = {**home.environ, "TMPDIR": str(full)} if name == "temporary" else home.environ
            with serving(Home(folder=home.folder, environ=environ)) as page:
                id = page.start_kernel(put(tmp_path / name / "path", large, files()))
                lines = page.load(id, "large")
                said = [
                    line.get("error") or line["refused"]["reason"] for line in lines if {"error", "refused"} & {*line}
                ]
                assert said and said[0].endswith(": No space left on device"), lines
                assert page.mirrored() == []
                assert verdicts(page, id, "sound") == {}


# -- a server that ends ------------------------------------------------------------------------------------------------


def take(page: Page, path: Path, *names: str) -> None:
    """Have the server take extensions from a kernel."""
    id = page.start_kernel(put(path, *(files(package(name)) for name in names)))
    assert verdicts(page, id, *names) == {}


def test_what_came_goes_with_the_server(tmp_path: Path, server: None, kernel: None) -> None:
    """However it ends: if it is killed, the next one clears up."""
    home = furnish(tmp_path / "home")
    for signals in ((signal.SIGTERM,), (signal.SIGINT, signal.SIGINT), (signal.SIGKILL,)):
        with serving(home) as page:
            take(page, tmp_path, "sound")
            assert page.mirrored() == ["sound"]
            assert stat.S_IMODE(page.mirrors()[0].stat().st_mode) == 0o700
            for each in signals:
                os.kill(page.server.pid, each)
            os.waitid(os.P_PID, page.server.pid, os.WEXITED | os.WNOWAIT)
            assert len(page.mirrors()) == (signals == (signal.SIGKILL,))
    with serving(home) as page:
        assert page.mirrored() == []


def test_what_is_kept_is_served_again(tmp_path: Path, server: None, kernel: None) -> None:
    """Only as long as the configuration lets it, and the server has none of its own of that name."""
    home = furnish(tmp_path / "home")
    persist = option("persist", "True")
    with serving(home, *persist) as page:
        take(page, tmp_path, "kept", "denied-later", "own-later")
    put(home.runtime.parent, files(package("own-later", "2.0.0")))
    with serving(home, *persist, *option("denied", "denied-*")) as page:
        said = {each["name"]: (each["version"], each["from"]) for each in page.api("page")["extensions"]}
        assert {name: said.get(name) for name in ("kept", "denied-later", "own-later")} == {
            "kept": ("1.0.0", "kernel"),
            "denied-later": None,
            "own-later": ("2.0.0", "server"),
        }
        assert page.status("lab/extensions/kept/package.json") == 200
        assert page.status("lab/extensions/denied-later/package.json") == 404
        assert "denied-later, which came from a kernel, is removed: the server's setting" in page.log()
        assert json.loads(page.text("lab/extensions/own-later/package.json"))["version"] == "2.0.0"
        page.check()
    with serving(home, *persist, *option("policy", "off")) as page:
        assert page.status("lab/extensions/kept/package.json") == 404


@ALONE_AS_ROOT
def test_what_is_kept_goes_when_it_is_not_allowed_any_more(
    tmp_path: Path, readable: Path, server: None, kernel: None
) -> None:
    """It came from a kernel that had to be allowed; what came from one that was proven to be here stays."""
    home = furnish(tmp_path / "home")
    put(readable, *(files(package(name)) for name in ("open-a", "open-b")))
    persist = option("persist", "True")
    with serving(home, *persist, *option("allowed", "open-*")) as page:
        assert verdicts(page, start_another_users(page, readable), "open-a", "open-b") == {}
        take(page, tmp_path / "own", "own")
    with serving(home, *persist, *option("allowed", "open-b")) as page:
        assert page.mirrored() == ["open-b", "own"]
        assert page.status("lab/extensions/open-a/package.json") == 404
        assert "open-a, which came from a kernel, is removed: this kernel is not proven" in page.log()


def test_the_servers_own_settings_of_the_folders_stay(tmp_path: Path, server: None, kernel: None) -> None:
    """What a configuration file or the command line adds is served beside what comes from kernels."""
    home = furnish(tmp_path / "home")
    for name in ("file", "line"):
        put(tmp_path / name, files(package(f"of-the-{name}")))
    config = home.folder / ".jupyter" / "jupyter_lab_config.py"
    config.parent.mkdir()
    config.write_text(f"c.LabApp.extra_labextensions_path = [{str(tmp_path / 'file' / 'labextensions')!r}]")
    with serving(home) as page:
        take(page, tmp_path / "kernel", "sound")
        assert page.status("lab/extensions/of-the-file/package.json") == 200
        assert page.status("lab/extensions/sound/package.json") == 200
    with serving(home, f"--LabApp.extra_labextensions_path={tmp_path / 'line' / 'labextensions'}") as page:
        take(page, tmp_path / "kernel", "sound")
        assert page.status("lab/extensions/of-the-line/package.json") == 200
        assert page.status("lab/extensions/sound/package.json") == 200
