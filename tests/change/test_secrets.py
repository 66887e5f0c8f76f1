"""No secret of a request gets into an answer, an error, a progress line, a file, or the words of a program that is started."""

from __future__ import annotations

import itertools
import json
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import unquote

import pytest

from tests import environments
from tests.secrets import CANARY, FORMS

from .installers.local import standard_wheels
from .sessions import clean_world, make_environment, session

pytestmark = pytest.mark.usefixtures("installer")

_numbers = itertools.count()
OFFLINE = "--no-index --retries 0 --timeout 1"
URLS = tuple(form for form in FORMS if form.startswith(("https://", "http://")) and " " not in form)
INSTALLED = "https://h.example/files/beta-2.0-py3-none-any.whl"
DIGEST = "a" * 64
ENDING = "K3yX9wC7"
"""Of each canary."""


class Canaries:
    """Forms with canaries of their own, and where these were seen."""

    def __init__(self) -> None:
        self.given: dict[str, str] = {}

    def forms(self, template: str, forms: tuple[str, ...] = FORMS) -> list[str]:
        """A line for each form."""
        return [self.line(template, form) for form in forms]

    def line(self, template: str, form: str) -> str:
        canary = f"Zq{next(_numbers):05}{ENDING}"
        line = template.replace("{}", form.replace(CANARY, canary).replace(CANARY.upper(), canary.upper()))
        self.given[canary.lower()] = line
        return line

    def seen(self, text: str, where: str) -> list[str]:
        """The lines whose canary is in a text."""
        together = f"{text}\n{unquote(text)}".lower()
        if ENDING.lower() not in together:  # thousands of files have none
            return []
        return [f"{where}: {line}" for canary, line in self.given.items() if canary in together]


@pytest.fixture(scope="module")
def prefix(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An environment in which `beta` came from a URL; `packaging` is there, so that nothing has to be built."""
    folder = tmp_path_factory.mktemp("secrets")
    prefix = make_environment(folder / "env")
    standard_wheels(folder / "wheels")
    return prefix


def carried_out(prefix: Path, folder: Path, canaries: Canaries, lines: list[str]) -> list[str]:
    """What leaks when the lines are carried out: from what is shown and started, and from files that stay."""
    with session(prefix, clean_world(folder / "home", UV_HTTP_RETRIES="0"), folder) as run:
        found = [json.dumps(run(line), ensure_ascii=False) for line in lines]
    leaks = [leak for text in found for leak in canaries.seen(text, "shown or started")]
    for path in files_below(prefix, folder / "home"):
        leaks += canaries.seen(path.read_bytes().decode("utf-8", "replace"), str(path))
    return leaks


def files_below(*tops: Path) -> Iterator[Path]:
    """What a line may have written: not what was there before it."""
    for top in tops:
        for path in top.rglob("*"):
            if path.is_file() and (".safepip" in path.parts or "lib" not in path.parts):
                yield path


@pytest.mark.parametrize(
    ("template", "forms"),
    [
        (f"install --with uv {OFFLINE} {{}}", FORMS),
        (f"install --with uv {OFFLINE} 'x @ {{}}' --dry-run", URLS),
        (f"install --with uv {OFFLINE} --extra-index-url {{}} --find-links {{}} no-such", URLS),
        (f"install --with pip {OFFLINE} --proxy {{}} no-such", URLS[:2]),
        ("list --with uv --index-url {}", URLS),
        ("list --with uv --outdated --index-url={} --no-index", URLS[:4]),
        ("show {}", FORMS[3::40]),
        ("uninstall {}", FORMS),
        ("lock --index-url {} --find-links {}", URLS[:4]),
        ("sync {}", FORMS),
        ("undo {}", FORMS),
        ("tree {}", FORMS),
        ("index versions {}", FORMS[3::40]),
        ("download --no-index --with pip {}", FORMS[3::40]),
    ],
)
def test_what_fails_shows_no_secret(prefix: Path, tmp_path: Path, template: str, forms: tuple[str, ...]) -> None:
    """Wherever it stands in a line, whoever is to carry it out."""
    canaries = Canaries()
    assert carried_out(prefix, tmp_path, canaries, canaries.forms(template, forms)) == []


def test_what_stands_in_a_file_of_requirements_shows_no_secret(prefix: Path, tmp_path: Path) -> None:
    canaries = Canaries()
    lines = []
    for number, text in enumerate(canaries.forms("{}")):
        (tmp_path / f"{number}.txt").write_text(f"{text}\n")
        lines += [f"install --with uv {OFFLINE} -r {number}.txt", f"uninstall -r {number}.txt"]
    assert carried_out(prefix, tmp_path, canaries, lines) == []


def test_what_is_satisfied_shows_no_secret(prefix: Path, tmp_path: Path) -> None:
    """A URL that is installed already, given by name, in a file, and as a dry run."""
    wheels = prefix.parent / "wheels"
    canaries = Canaries()
    with session(prefix, clean_world(tmp_path / "home"), tmp_path) as run:
        run.changed(f"install --with uv --no-index --find-links {wheels} --no-deps beta")
        (metadata,) = environments.site_packages(prefix).glob("beta-*.dist-info")
        origin = {"url": INSTALLED, "archive_info": {"hashes": {"sha256": DIGEST}}}
        (metadata / "direct_url.json").write_text(json.dumps(origin))
        shown = []
        for form in ("me:{}@", "us/er:{}@", "{}@", "me:a%2F{}@"):
            url = f"{INSTALLED}#sha256={DIGEST}".replace("://", f"://{form}")
            (tmp_path / "1.txt").write_text(f"{canaries.line(f'beta @ {url}', CANARY)}\n")
            given = (f"beta@{url}", f"--dry-run 'beta @ {url}'", "-r 1.txt")
            for template in (f"install {each}" for each in given):
                answer = run(canaries.line(template, CANARY))
                shown.append(json.dumps(answer, ensure_ascii=False))
                assert answer["error"] is None, answer["error"]
        shown += [json.dumps(run(line)) for line in ("history -v", "freeze", "list", "tree", "check")]
    assert [leak for text in shown for leak in canaries.seen(text, "shown")] == []


@pytest.mark.parametrize("installer", ["uv", "pip"])
def test_what_is_done_keeps_no_secret(prefix: Path, tmp_path: Path, installer: str) -> None:
    """The store of transactions, the lock file, the history, and the undo."""
    wheels = prefix.parent / "wheels"
    canaries = Canaries()
    forms = URLS if installer == "uv" else URLS[:2]
    options = f"--with {installer} --no-index --no-deps --find-links {wheels}"
    lines = [
        line
        for form in forms
        for line in (
            canaries.line(f"install {options} --extra-index-url {{}} --trusted-host {{}} beta", form),
            canaries.line(f"lock --yes {options} --index-url {{}}", form),
            "undo",
        )
    ]
    leaks = carried_out(prefix, tmp_path, canaries, [*lines, "history -v"])
    assert leaks == []
