"""A secret never survives; what is not one stays readable."""

from __future__ import annotations

import string
from urllib.parse import quote

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ipython_where.redact import MASK, masked, masked_setting

# Marked by letters that no other part of the text has, so that a secret that stayed can be found.
SECRETS = st.text(string.ascii_letters + string.digits, min_size=8, max_size=30).map(lambda s: f"Zq{s}")
PUNCTUATED = st.text(string.ascii_letters + string.digits + "!$%^&*()_+-=:;.,~@'\"", min_size=8, max_size=30).filter(
    lambda s: not s.isdigit()
)


@given(user=SECRETS, password=PUNCTUATED)
def test_a_password_in_a_url_never_survives(user: str, password: str) -> None:
    """Whatever characters it has, quoted or not, alone or among others."""
    for secret in (f"Zq{password}Zq", quote(password, safe="") + "Zq"):
        shown = masked(f"--index-url https://{user}:{secret}@index.example/simple https://other.example/x")
        assert shown == f"--index-url https://{MASK}@index.example/simple https://other.example/x"


@given(secret=SECRETS, name=st.sampled_from(["token", "access_token", "X-Amz-Signature", "sig", "whatever"]))
def test_a_value_in_a_query_never_survives(secret: str, name: str) -> None:
    """Whatever its name: signed links spell it in many ways."""
    assert (
        masked(f"https://h.example/p?a=1&{name}={secret}#egg=x") == f"https://h.example/p?a={MASK}&{name}={MASK}#egg=x"
    )


@given(secret=SECRETS, name=st.sampled_from(["token", "PASSWORD", "client_secret", "api-key", "Authorization"]))
def test_a_named_secret_never_survives(secret: str, name: str) -> None:
    """In `key = value`, `key: value` and quoted spellings."""
    for text in (f"{name}={secret}", f"{name}: {secret}", f"{name} = '{secret}'", f'"{name}": "{secret}"'):
        assert secret not in masked(text)
    assert secret not in masked(f"{name}: Bearer {secret}")


@given(secret=SECRETS)
def test_a_variable_named_for_a_secret_is_masked_whole(secret: str) -> None:
    """Also in lists and tables."""
    names = (
        "UV_PUBLISH_TOKEN",
        "UV_INDEX_MINE_PASSWORD",
        "UV_INDEX_MINE_USERNAME",
        "PIP_KEYRING_PROVIDER",
        "PIP_API_KEY",
    )
    assert [masked_setting(name, secret) for name in names] == [MASK] * len(names)
    assert masked_setting("index", [{"name": "mine", "token": secret}]) == [{"name": "mine", "token": MASK}]


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("https://tok3n@index.example/simple", f"https://{MASK}@index.example/simple"),
        ("https://me:with/slash@index.example/simple", f"https://{MASK}@index.example/simple"),
        ("https://me:with blank@index.example/simple", f"https://{MASK}@index.example/simple"),
        ("me:pass@proxy.example:3128", f"{MASK}@proxy.example:3128"),
        ("https://h.example/?SECRET", f"https://h.example/?{MASK}"),
        ("git+https://me:pw@h.example/r.git@v1", f"git+https://{MASK}@h.example/r.git@v1"),
        ("Authorization: Bearer abcdefghijklmnop", f"Authorization: {MASK}"),
    ],
)
def test_credentials_are_masked(text: str, shown: str) -> None:
    """The host and what follows it stay."""
    assert masked(text) == shown


@pytest.mark.parametrize(
    "text",
    [
        "",
        "/usr/lib/python3.11/site-packages",
        "https://index.example/simple",
        "http://localhost:8080/simple http://[::1]:8080/simple",
        "git+ssh://git@github.example/team/repo.git@v1.2#subdirectory=x",
        "git+https://h.example/team/repo@main",
        "pandas>=2,<3",
        "basic usage: see the documentation",
        "file:///srv/wheels",
    ],
)
def test_what_is_no_secret_stays(text: str) -> None:
    """Paths, plain URLs, revisions, version ranges."""
    assert masked(text) == text
