"""conda's records as they stay on the disk: without a token, and otherwise what rattler wrote."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from ipython_where.change.conda.public_address import spec_without_token, without_token
from ipython_where.change.conda.settled_records import settle_records
from ipython_where.change.transaction.disk import RealDisk


def record(stage: Path, text: str, *, mode: int = 0o600) -> Path:
    """A record with that text."""
    path = stage / "conda-meta" / "six-1-0.json"
    path.parent.mkdir(exist_ok=True)
    path.write_text(text)
    path.chmod(mode)
    return path


def test_tokens_and_passwords_are_taken_out(tmp_path: Path) -> None:
    """Of both fields; what else it says, its order and its mode stay."""
    said = {
        "name": "six",
        "channel": "https://me:hunter2@conda.example/t/tk-4711/chan",
        "files": ["t/tk-4711/x"],
        "url": "https://conda.example/t/tk-4711/chan/noarch/six-1-0.conda",
    }
    path = record(tmp_path, json.dumps(said), mode=0o640)
    settle_records(RealDisk(), str(tmp_path), ["six-1-0.json"])
    now = json.loads(path.read_text())
    assert now == {
        **said,
        "channel": "https://conda.example/chan",
        "url": "https://conda.example/chan/noarch/six-1-0.conda",
    }
    assert [*now] == [*said]
    assert path.stat().st_mode & 0o777 == 0o640
    assert [each.name for each in path.parent.iterdir()] == ["six-1-0.json"]


@pytest.mark.parametrize(
    "text",
    [
        '{"url": "https://conda.example/chan/noarch/six-1-0.conda",   "channel": "https://conda.example/chan"}\n\n',
        '{"url": null, "channel": 3}',
        "{}",
    ],
)
def test_a_record_without_one_stays_as_it_is(tmp_path: Path, text: str) -> None:
    """To the byte, and the file itself."""
    path = record(tmp_path, text)
    before = path.stat()
    settle_records(RealDisk(), str(tmp_path), ["six-1-0.json"])
    assert path.read_text() == text
    assert (path.stat().st_ino, path.stat().st_mtime_ns) == (before.st_ino, before.st_mtime_ns)


def test_only_the_records_that_came_are_touched(tmp_path: Path) -> None:
    """What was there before is conda's."""
    path = record(tmp_path, '{"channel": "https://conda.example/t/tk-4711/chan"}')
    settle_records(RealDisk(), str(tmp_path), [])
    assert "tk-4711" in path.read_text()


@pytest.mark.parametrize(
    ("url", "kept"),
    [
        ("https://conda.example/t/tk-1/chan", "https://conda.example/chan"),
        ("https://conda.example/t/tk-1", "https://conda.example"),
        ("https://me:pw@conda.example/chan", "https://conda.example/chan"),
        ("https://me@conda.example:8443/chan", "https://conda.example:8443/chan"),
        ("https://me:pw@conda.example/api/t/tk-1/chan", "https://conda.example/api/chan"),
        ("https://me:p@ss@conda.example/chan", "https://conda.example/chan"),
        ("https://me:pw@conda.example/@scope/chan", "https://conda.example/@scope/chan"),
        ("https://conda.example/chan?sig=S3cret", "https://conda.example/chan"),
        ("https://conda.example/x-1-0.conda?sig=S3cret&a=b/c@d#0123", "https://conda.example/x-1-0.conda#0123"),
        ("https://conda.example?sig=S3cret", "https://conda.example"),
        ("https://conda.example/t/tk-1?sig=S3cret", "https://conda.example"),
        ("https://conda.example/chan/t", "https://conda.example/chan/t"),
        ("https://conda.example/it/x", "https://conda.example/it/x"),
        ("file:///srv/chan", "file:///srv/chan"),
        ("file:///srv/t/chan", "file:///srv/t/chan"),
        ("conda-forge", "conda-forge"),
    ],
)
def test_an_address_as_it_may_be_kept(url: str, kept: str) -> None:
    """Without token, user and password, and nothing else is missing."""
    assert without_token(url) == kept
    assert spec_without_token(url) == kept


@pytest.mark.parametrize(
    ("spec", "kept"),
    [
        ("https://conda.example/t/tk-1::six", "https://conda.example::six"),
        ("https://me:p@ss@conda.example/chan?sig=S3cret::six >=1,<2", "https://conda.example/chan::six >=1,<2"),
        ("six[channel='https://me:pw@conda.example/t/tk-1/chan?sig=a']", "six[channel='https://conda.example/chan']"),
        ("conda-forge::six=1.*", "conda-forge::six=1.*"),
        ("six[version='>=1']", "six[version='>=1']"),
    ],
)
def test_a_spec_as_it_may_be_kept(spec: str, kept: str) -> None:
    """What it names besides the address stays."""
    assert spec_without_token(spec) == kept


def test_what_was_asked_for_is_kept_without_a_token(tmp_path: Path) -> None:
    """rattler writes the specs into the record, too."""
    spec = "https://conda.example/t/tk-4711/chan::six"
    path = record(tmp_path, json.dumps({"requested_spec": spec, "requested_specs": [spec]}))
    settle_records(RealDisk(), str(tmp_path), ["six-1-0.json"])
    kept = "https://conda.example/chan::six"
    assert json.loads(path.read_text()) == {"requested_spec": kept, "requested_specs": [kept]}
