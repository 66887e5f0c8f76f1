"""A kernel's JupyterLab extensions where a person logs in: a hub's single-user server, and a server with a password."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from .home import Server, server
from .hub import PROGRAMS, hub
from .lab import SLIDER, Lab, furnish_lab, server_prefix

if TYPE_CHECKING:
    from playwright.sync_api import Browser


def test_a_hubs_single_user_server(browser: Browser, tmp_path: Path) -> None:
    """The user logs in at the hub, which starts the server; both are in another environment than the kernel."""
    prefix = server_prefix("frontends-page-hub", *PROGRAMS)
    home = furnish_lab(tmp_path / "home", prefix)
    with hub(home, tmp_path, prefix) as opened, browser.new_context() as context:
        login = context.new_page()
        login.goto(opened.url)
        login.get_by_label("Username").fill("ada")
        login.get_by_label("Password").fill("any")
        login.get_by_role("button", name="Sign in").click()
        login.wait_for_url("**/user/ada/lab**")
        login.close()
        own = Server(url=f"{opened.url}user/ada/", pid=opened.pid, version="", token="")
        page = Lab(home=home, server=own, context=context).open("hub", [SLIDER], path="lab/tree/project")
        page.becomes_a_slider()
        assert page.errors == []


def test_a_server_with_a_password(browser: Browser, tmp_path: Path) -> None:
    """No token: the cookie of the login page is all that the page's requests have."""
    home = furnish_lab(tmp_path)
    hashed = home.run(
        home.jupyter / "bin" / "python", "-c", "from jupyter_server.auth import passwd; print(passwd('secret'))"
    )
    password = f"--PasswordIdentityProvider.hashed_password={hashed.stdout.strip()}"
    with server(home, "jupyterlab", password, token="") as started, browser.new_context() as context:
        login = context.new_page()
        login.goto(started.url)
        login.get_by_label("Password").fill("secret")
        login.get_by_role("button", name="Log in").click()
        login.wait_for_url("**/lab**")
        login.close()
        page = Lab(home=home, server=started, context=context).open("password", [SLIDER])
        page.becomes_a_slider()
        assert page.errors == []
