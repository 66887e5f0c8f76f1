"""What conda's settings mean for a change, and what is said or refused where rattler can't follow them."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

import pytest

from ipython_where.change.conda.conda_request import CondaRequest
from ipython_where.change.conda.conda_settings import (
    channels_for,
    findings_of,
    network_of,
    pins_of,
    platforms_of,
    priority_of,
    refuse_policies,
)
from ipython_where.errors import UsageError, WhereError
from ipython_where.facts.conda.condarc import Condarc
from ipython_where.model import Evidence, Finding

FORGE = "https://conda.anaconda.org"
OWN = (f"{FORGE}/own",)


def asked(**fields: Any) -> CondaRequest:
    return CondaRequest(command="install", specs=("six",), **fields)


def settings(**values: Any) -> Condarc:
    return Condarc(values=values, files=("/home/me/.condarc",))


# -- channels ----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("named", "configured", "own", "expected"),
    [
        (("b",), ["a", "b"], OWN, [f"{FORGE}/b", f"{FORGE}/a"]),
        ((), ["a", "b"], OWN, [f"{FORGE}/a", f"{FORGE}/b"]),
        ((), [], OWN, [*OWN]),
        (("b",), [], OWN, [f"{FORGE}/b"]),
        (("b",), [], (), [f"{FORGE}/b"]),
        (("defaults",), [], (), ["https://repo.anaconda.com/pkgs/main", "https://repo.anaconda.com/pkgs/r"]),
        (("a", f"{FORGE}/a"), [], (), [f"{FORGE}/a"]),
    ],
)
def test_the_channels(named: tuple[str, ...], configured: list[str], own: tuple[str, ...], expected: list[str]) -> None:
    """The line's first, then the settings', or where nothing names one the environment's own; each once."""
    found = channels_for(asked(channels=named), settings(channels=configured), own, cwd="/")
    assert found == tuple(expected)


def test_a_line_overrides_the_channels() -> None:
    """Then its own are all."""
    request = asked(channels=("b",), override_channels=True)
    assert channels_for(request, settings(channels=["a"]), OWN, cwd="/") == (f"{FORGE}/b",)


@pytest.mark.parametrize(
    ("request_", "values", "message"),
    [
        (asked(), {}, "no channel is configured\n\nhint: name one: `-c conda-forge`"),
        (asked(override_channels=True), {"channels": ["a"]}, "`--override-channels` needs a channel: `-c NAME`"),
        (
            asked(override_channels=True, channels=("a",)),
            {"override_channels_enabled": False},
            "conda's setting `override_channels_enabled` forbids `--override-channels`",
        ),
        (
            asked(channels=("local",)),
            {},
            "the channel `local` means packages that you built, and their place isn't known here\n\n"
            "hint: name the folder: `-c file:///…/conda-bld`",
        ),
    ],
)
def test_channels_that_are_refused(request_: CondaRequest, values: dict[str, Any], message: str) -> None:
    """`local` is nobody's channel of that name: somebody else could have it."""
    with pytest.raises(UsageError) as raised:
        channels_for(request_, settings(**values), (), cwd="/")
    assert "\n".join(raised.value.shown()) == message


# -- priority, pins, platforms -----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("said", "expected"),
    [
        (None, "flexible"),
        ("flexible", "flexible"),
        ("strict", "strict"),
        ("disabled", "disabled"),
        (False, "disabled"),
        ("false", "disabled"),
        (True, "flexible"),
    ],
)
def test_the_priority_of_channels(said: object, expected: str) -> None:
    """conda's old settings `true` and `false`, too."""
    assert priority_of(asked(), settings(channel_priority=said)) == expected


def test_a_line_says_the_priority() -> None:
    """Whatever is configured."""
    assert priority_of(asked(strict=True), settings(channel_priority="disabled")) == "strict"
    assert priority_of(asked(no_priority=True), settings(channel_priority="strict")) == "disabled"


def test_pins() -> None:
    """The prefix's and the settings', each once; a line and conda's own setting free them."""
    pinned = settings(pinned_packages=["numpy<2", "six=1.16"])
    assert pins_of(asked(), pinned, ("python 3.12.*", "numpy<2")) == ("python 3.12.*", "numpy<2", "six=1.16")
    assert pins_of(asked(no_pin=True), pinned, ("python 3.12.*",)) == ()
    assert pins_of(asked(), settings(pinned_packages=["six"], ignore_pinned=True), ("python 3.12.*",)) == ()


def test_platforms() -> None:
    """This machine's, but for a setting."""
    here, noarch = platforms_of(settings())
    assert (here.partition("-")[0], noarch) == (
        {"linux": "linux", "darwin": "osx", "win32": "win"}[sys.platform],
        "noarch",
    )
    assert platforms_of(settings(subdir="osx-arm64")) == ("osx-arm64", "noarch")
    assert platforms_of(settings(subdir="osx-arm64", subdirs=["linux-64", "noarch", "linux-32"])) == (
        "linux-64",
        "noarch",
        "linux-32",
    )


# -- the network -------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("verify", [None, True, "true", "Yes", "1"])
def test_certificates_as_usual(verify: object) -> None:
    """Nothing is passed on."""
    found = network_of(asked(), settings(**({} if verify is None else {"ssl_verify": verify})), {})
    assert (found.config, found.environ, found.offline) == ("", {}, False)


@pytest.mark.parametrize("verify", [False, "false", "No", "0", "off"])
def test_certificates_are_not_checked_if_conda_would_not(verify: object) -> None:
    """As YAML and variables spell it; no file is called `no`."""
    found = network_of(asked(), settings(ssl_verify=verify), {})
    assert (found.config, found.environ) == ("tls-no-verify = true", {})


def test_certificates_of_ones_own(tmp_path: Path) -> None:
    """A file, a folder, or the system's."""
    file = tmp_path / "certificates.pem"
    file.touch()
    for path, variable in ((file, "SSL_CERT_FILE"), (tmp_path, "SSL_CERT_DIR")):
        found = network_of(asked(), settings(ssl_verify=str(path)), {"REQUESTS_CA_BUNDLE": "/other.pem"})
        assert (found.config, found.environ) == ('tls-root-certs = "system"', {variable: str(path)})
    found = network_of(asked(), settings(ssl_verify="truststore"), {})
    assert (found.config, found.environ) == ('tls-root-certs = "system"', {})


@pytest.mark.parametrize("variable", ["REQUESTS_CA_BUNDLE", "CURL_CA_BUNDLE"])
def test_certificates_that_only_a_variable_names(variable: str) -> None:
    """conda downloads with a library that follows them, and doesn't if it checks nothing."""
    found = network_of(asked(), settings(), {variable: "/company.pem"})
    assert (found.config, found.environ) == ('tls-root-certs = "system"', {"SSL_CERT_FILE": "/company.pem"})
    assert network_of(asked(), settings(ssl_verify=False), {variable: "/company.pem"}).environ == {}


def test_proxies() -> None:
    """Those of a scheme; the rest is said by a finding."""
    servers = {"http": "http://me:pw@proxy.example:8080", "https": "http://proxy.example", "all": "http://no.example"}
    found = network_of(asked(), settings(proxy_servers=servers, ssl_verify=False), {})
    assert found.config == (
        "tls-no-verify = true\n[proxy-config]\n"
        'http = "http://me:pw@proxy.example:8080"\nhttps = "http://proxy.example"\n'
    )


def test_offline() -> None:
    """The line's, or the settings'."""
    assert network_of(asked(offline=True), settings(), {}).offline
    assert network_of(asked(), settings(offline="yes"), {}).offline
    assert not network_of(asked(), settings(offline="0"), {}).offline


# -- what can't be followed --------------------------------------------------------------------------------------------


@pytest.mark.parametrize("policy", ["allowlist_channels", "denylist_channels", "disallowed_packages", "exclude_newer"])
def test_a_policy_that_only_conda_carries_out(policy: str) -> None:
    """Whoever set it did not mean `unless you use another tool`."""
    with pytest.raises(WhereError) as raised:
        refuse_policies(asked(), settings(**{policy: ["x"]}))
    assert "\n".join(raised.value.shown()) == (
        f"nothing was changed: conda's setting `{policy}` limits what may be installed, and only conda carries that out\n"
        "  set in  /home/me/.condarc\n\nhint: use `%conda` here"
    )
    refuse_policies(asked(), settings(**{policy: [], "channels": ["a"]}))


def test_nothing_is_said_if_all_is_followed() -> None:
    """Ordinary settings."""
    assert [*findings_of(asked(), settings(channels=["a"], proxy_servers={"http": "http://x"}), OWN)] == []


def test_files_that_could_not_be_read() -> None:
    """They may hold a policy: each is named with its reason, and what helps; a line that names its channels goes past them."""
    file = "/etc/conda/.condarc"
    for why, hint in (
        ("PyYAML is not installed", "`%safepip install pyyaml` lets them be read"),
        ("it is no YAML: x", "`-c NAME --override-channels` leaves them out, or use `%conda` here"),
    ):
        unread = Condarc(values={"channels": ["a"]}, unread=((file, why),))
        with pytest.raises(WhereError) as raised:
            refuse_policies(asked(), unread)
        assert raised.value.evidence == (Evidence(label=file, value=why),)
        assert raised.value.hint == hint
        refuse_policies(asked(channels=("a",), override_channels=True), unread)


@pytest.mark.parametrize(
    ("values", "message"),
    [
        ({"client_ssl_cert": "/c.pem"}, "conda's setting `client_ssl_cert` (a client's certificate) is not followed"),
        (
            {"channel_settings": [{"channel": "a", "auth": "x"}]},
            "conda's setting `channel_settings` (a channel's own way to log in) is not followed",
        ),
        ({"track_features": ["mkl"]}, "conda's setting `track_features` (features to track) is not followed"),
        ({"use_local": True}, "conda's setting `use_local` (packages that you built) is not followed"),
        (
            {"migrated_channel_aliases": ["https://old.example"]},
            "conda's setting `migrated_channel_aliases` (channels that moved) is not followed",
        ),
        (
            {"proxy_servers": {"https": "http://x", "all": "http://y", "http://h.example": "http://z"}},
            "conda's setting `proxy_servers` is not followed for `all`, `http://h.example`",
        ),
    ],
)
def test_a_setting_that_is_not_followed(values: dict[str, Any], message: str) -> None:
    """It is said, and the change goes on."""
    assert [*findings_of(asked(), settings(channels=["a"], **values), ())] == [
        Finding(id="condarc-untold", severity="warning", message=message)
    ]


def test_the_environments_own_channels_are_named() -> None:
    """Without a token; not if a line or a setting names one."""
    own = ("https://conda.example/t/tk-4711/chan",)
    assert [*findings_of(asked(), settings(), own)] == [
        Finding(
            id="own-channels",
            severity="note",
            message="no channel is configured: the packages come from where those here came from",
            evidence=(Evidence(label="channel", value="https://conda.example/chan"),),
        )
    ]
    assert [*findings_of(asked(channels=("a",)), settings(), own)] == []
    assert [*findings_of(asked(), settings(channels=["a"]), own)] == []
