"""What is unusual about environments of workers: whose they are, who sees them, who else changes them, and what is secret."""

from __future__ import annotations

import ast
import base64
import json
import os
import subprocess
import sys
import time
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from threading import Thread

import pytest

from ipython_where.change.request.request import parse_request
from ipython_where.change.request.safepip_line import split_line
from ipython_where.errors import UsageError, WhereError
from ipython_where.workers import launch, parcel
from ipython_where.workers.engine import Answered
from ipython_where.workers.sent import is_look, is_state
from tests.faults.wheels import write_wheel
from tests.users import ALONE_AS_ROOT, SOMEBODY

from .rollouts import Kernel, files, installed, kernel, make, outcomes, python_in

pytestmark = pytest.mark.usefixtures("installer")


# -- whose environment it is -------------------------------------------------------------------------------------------


@ALONE_AS_ROOT
def test_another_users_environment_is_refused(tmp_path: Path, wheels: Path) -> None:
    """Though root could write there: nothing is changed in the others either."""
    prefixes = make(tmp_path, a=None, theirs=None)
    before = {name: files(each) for name, each in prefixes.items()}
    os.chown(prefixes["theirs"], SOMEBODY, -1)
    with kernel(tmp_path, {name: python_in(each) for name, each in prefixes.items()}, wheels) as run:
        error = run.refused("install leaf")
    assert error.message == "nothing was changed anywhere: the environment belongs to another user"
    assert {name: files(each) for name, each in prefixes.items()} == before


@ALONE_AS_ROOT
def test_a_read_only_environment_is_refused(tmp_path: Path, wheels: Path) -> None:
    """As in an image that is mounted without write access: said before anything is resolved."""
    prefixes = make(tmp_path, a=None, image=None)
    before = {name: files(each) for name, each in prefixes.items()}
    image = prefixes["image"]
    mounted = ("unshare", "-m", "sh", "-c", f'mount --bind -o ro {image} {image} && exec "$@"', "sh")
    pythons = {name: python_in(each) for name, each in prefixes.items()}
    with kernel(tmp_path, pythons, wheels, start={"image": mounted}) as run:
        error = run.refused("install leaf")
    assert error.message == "nothing was changed anywhere: a worker's environment is not writable"
    assert {name: files(each) for name, each in prefixes.items()} == before


def test_without_pip_and_uv_it_is_refused(tmp_path: Path, wheels: Path) -> None:
    """One sentence says what is missing."""
    prefixes = make(tmp_path, a=None)
    with kernel(tmp_path, {"a": python_in(prefixes["a"])}, wheels, variables={"PATH": "/usr/bin:/bin"}) as run:
        (stdlib,) = [run.workers["a"]]
        stdlib.send("__import__('sysconfig').get_paths()['stdlib']")
        reply = stdlib.reply(time.monotonic() + 60)
        assert isinstance(reply, Answered)
        if os.path.isdir(os.path.join(reply.text, "ensurepip", "_bundled")):
            assert outcomes(run("install leaf")) == {"a": "changed"}  # the pip that Python bundles does it
        else:
            assert "pip" in run.refused("install leaf").message


# -- one environment, seen from several places -------------------------------------------------------------------------


@ALONE_AS_ROOT
def test_two_containers_that_share_a_volume_change_it_once(tmp_path: Path, wheels: Path) -> None:
    """Each has mounts of its own, so that they may be two environments; the lock proves that they are one."""
    prefixes = make(tmp_path, a=None)
    pythons = {name: python_in(prefixes["a"]) for name in ("one", "two")}
    with kernel(tmp_path, pythons, wheels, start={"two": ("unshare", "-m")}) as run:
        done = run("install tree")
        assert sorted(each.outcome for each in done.parts) == ["changed", "unchanged"]
        assert installed(prefixes["a"]) == {"leaf": "2.0", "tree": "1.0"}
        assert sorted(each.outcome for each in run("undo").parts) == ["changed", "unchanged"]
        assert installed(prefixes["a"]) == {}


def test_two_kernels_that_install_at_once_take_turns(tmp_path: Path, wheels: Path) -> None:
    """In environments that they come to in another order: neither waits for the other for ever, and both are carried out."""
    prefixes = make(tmp_path, a=None, b=None)
    write_wheel(wheels, "other", "1.0")
    pythons = {name: python_in(each) for name, each in prefixes.items()}
    backwards = dict(reversed(pythons.items()))
    found: dict[str, dict[str, str]] = {}

    def install(run: Kernel, name: str) -> None:
        found[name] = outcomes(run(f"install {name}"))

    with kernel(tmp_path, pythons, wheels) as one, kernel(tmp_path, backwards, wheels) as two:
        threads = [Thread(target=install, args=each) for each in ((one, "tree"), (two, "other"))]
        for each in threads:
            each.start()
        for each in threads:
            each.join()
    assert found == {"tree": dict.fromkeys(prefixes, "changed"), "other": dict.fromkeys(prefixes, "changed")}
    assert {tuple(installed(each)) for each in prefixes.values()} == {("leaf", "other", "tree")}


# -- what is secret ----------------------------------------------------------------------------------------------------

TYPED, THEIRS, OURS = "typed-c4n4ry-81f3", "theirs-c4n4ry-52d7", "ours-c4n4ry-94b6"


def test_no_credential_is_shown_or_left_and_none_of_the_kernels_goes_along(
    tmp_path: Path, wheels: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What is typed goes to the leader; the worker's own settings count there; the kernel's stay with it."""
    prefixes = make(tmp_path, a=None, b=None)
    monkeypatch.setenv("PIP_EXTRA_INDEX_URL", f"http://ada:{OURS}@127.0.0.1:9/simple")
    monkeypatch.setenv("TOKEN", OURS)
    settings = {"UV_INDEX_URL": f"http://ada:{THEIRS}@127.0.0.1:9/simple", "TOKEN": THEIRS}
    typed = f"--find-links http://ada:{TYPED}@127.0.0.1:9/more"
    shown: list[str] = []
    with kernel(
        tmp_path, {name: python_in(each) for name, each in prefixes.items()}, wheels, variables=settings
    ) as run:
        for line in (
            f"install {typed} leaf",
            "install --find-links http://ada:$TOKEN@127.0.0.1:9/x leaf -v",
            "install leaf",
        ):
            try:
                answer = run(line)
                shown += [str(answer), str(answer.to_dict()), answer._repr_mimebundle_()["text/html"]]
            except WhereError as error:
                shown += [*error.lines(), error._repr_html_()]
        sent = "\n".join(run.engine.sent)
        assert "\n".join(run.engine.later.values()).count(TYPED) == 0
    assert OURS not in sent and THEIRS not in sent and TYPED in sent
    assert not [each for secret in (TYPED, THEIRS, OURS) for each in shown if secret in each]
    left = subprocess.run(
        ["grep", "-rlE", f"{TYPED}|{THEIRS}|{OURS}", *map(str, prefixes.values()), f"{tmp_path}/home/tmp"],
        capture_output=True,
        text=True,
    )
    assert left.stdout == ""


# -- what a worker may say ---------------------------------------------------------------------------------------------


@pytest.mark.parametrize("answer", ["'['", "'[' * 100_000", "'{}'", "'{\"os\": 3}'", "'x' * 10", "1 / 0"])
def test_a_worker_that_answers_nonsense_is_told_and_the_others_are_changed(
    tmp_path: Path, wheels: Path, answer: str
) -> None:
    """Its environment is left alone: nobody knows which one it is."""
    prefixes = make(tmp_path, a=None)
    pythons = {name: python_in(prefixes["a"]) for name in ("a", "odd")}
    with kernel(tmp_path, pythons, wheels) as run, nonsense(run, "odd", answer):
        done = run("install leaf --dry-run")
    assert outcomes(done) == {"a": "planned"}
    assert [each.name for each in done.silent] == ["odd"]


PLAN = {
    "changes": [{"name": "leaf", "kind": "added", "old": None, "new": "2.0", "asked_for": True, "wanted_by": []}],
    "satisfied": [],
    "installer": "uv",
    "installer_reason": "it is there",
    "neutralised": [],
    "findings": [],
}
PIN: dict[str, object] = {"name": "leaf", "version": "2.0", "hashes": [], "extras": [], "requires": None}
FOUND: dict[str, object] = {
    "id": "error",
    "severity": "error",
    "message": "`leaf` is not installed",
    "evidence": [],
    "hint": None,
}
READY = {"state": "ready", "step": "", "about": None, "plan": PLAN, "pins": [PIN], "modules": ["leaf"]}


def test_a_state_that_no_leader_writes_is_no_answer() -> None:
    """Of each field, the type counts: whatever is wrong would only come to light after others were changed."""
    assert is_state(READY) and is_state(READY | {"pins": None}) and is_state(READY | {"pins": []})
    odd: list[dict[str, object]] = [
        {"pins": [3]},
        {"pins": [PIN | {"version": 2}]},
        {"pins": 0},
        {"modules": [["leaf"]]},
        {"about": 3},
        {"step": None},
        {"plan": PLAN | {"changes": [{"name": 3, "kind": "added", "old": None, "new": None, "asked_for": True}]}},
        {"plan": PLAN | {"changes": [PLAN["changes"][0] | {"kind": "eaten"}]}},  # type: ignore[operator]
        {"plan": PLAN | {"satisfied": "leaf"}},
        {"plan": PLAN | {"more": 1}},
    ]
    assert [each for each in odd if is_state(READY | each)] == []
    done: dict[str, object] = {"state": "done", "outcome": "not part"}
    assert is_state(done) and is_state(done | {"error": FOUND})
    assert not is_state(done | {"error": 3}) and not is_state(done | {"outcome": "refused"})


def test_a_look_that_no_worker_gives_is_no_answer() -> None:
    """A list is one of texts, or of numbers."""
    look = json.loads(launch.answer("look", json.dumps({"runs_on": ["json"], "digest": ""})))
    assert is_look(look)
    for odd in ({"series": ["3", "12"]}, {"machine": [None, 3]}, {"runs_on": {"json": None}}, {"carries": [3]}):
        assert not is_look(look | odd)


@contextmanager
def nonsense(run: Kernel, name: str, answer: str) -> Iterator[None]:
    """Meanwhile a worker gives this for whatever it is asked."""
    worker = run.workers[name]
    send = worker.send
    worker.send = lambda expression: send(answer)  # type: ignore[method-assign]
    yield
    worker.send = send  # type: ignore[method-assign]


# -- the line ----------------------------------------------------------------------------------------------------------


def test_the_kernels_environment_is_changed_if_that_is_asked_for(tmp_path: Path, wheels: Path) -> None:
    """Its leader runs from the code that is installed there, so that nothing has to be sent."""
    prefixes = make(tmp_path, a=None)
    with kernel(tmp_path, {"a": python_in(prefixes["a"])}, wheels) as run:
        done = run("install leaf --dry-run --and-here")
        assert [(each.with_kernel, each.workers, each.outcome) for each in done.parts] == [
            (True, (), "planned"),
            (False, ("a",), "planned"),
        ]
        assert done.parts[0].prefix == sys.prefix
        assert [len(each.parts) for each in (run("install leaf --dry-run"),)] == [1]


@pytest.mark.parametrize(
    ("words", "message"),
    [
        ("install six --on client --server", "`--on` and `--server` select different environments"),
        ("undo --on client --user", "`--on` and `--user` select different environments"),
        ("install six --on 1client", "`--on` takes the name of a variable, not `1client`"),
        ("sync wanted.txt --on client", "`%safepip sync` has no option `--on`"),
        ("history --on client", "`%safepip history` has no option `--on`"),
        (
            "install -e . --on client",
            "`%safepip install --on` takes no project of this kernel's: the workers may be on other machines",
        ),
    ],
)
def test_what_a_line_cannot_ask_of_workers_is_refused(words: str, message: str) -> None:
    """Before anybody is asked."""
    with pytest.raises(UsageError) as error:
        parse_request(split_line(words))
    assert error.value.message == message


def test_this_package_travels_as_a_megabyte() -> None:
    """Without what only a front end needs, and with what a change imports of others."""
    files = json.loads(zlib.decompress(base64.b64decode(parcel.parcel())))
    assert len(parcel.parcel()) < 1_300_000  # `packaging` alone grows by tens of kilobytes a release
    assert {each.partition("/")[0] for each in files} == {"ipython_where", "packaging", "importlib_metadata", "zipp"}
    assert not [
        each
        for each in files
        if "/page/" in each or "/notebook/" in each or not each.endswith((".py", ".txt", ".json"))
    ]


def test_what_a_worker_runs_is_written_in_the_syntax_of_old_pythons() -> None:
    """The oldest one is told about, at least."""
    ast.parse(Path(launch.__file__).read_text(encoding="utf-8"), feature_version=(3, 6))
