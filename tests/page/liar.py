"""A kernel that answers as it should, but for the lie that a file names; tests start it as a program of its environment."""

from __future__ import annotations

import ast
import base64
import json
import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

from ipykernel.ipkernel import IPythonKernel
from ipykernel.kernelapp import IPKernelApp

Said = tuple[Any, bytes]


def listed(**changes: Any) -> Callable[[Said], Said]:
    """A lie about each extension."""

    def lie(said: Said) -> Said:
        for each in said[0].get("extensions", []):
            each.update(changes)
        return said

    return lie


def chunk(change: Callable[[Said], Said]) -> Callable[[Said], Said]:
    """A lie about a part of an archive alone."""
    return lambda said: change(said) if isinstance(said[0], dict) and "total" in said[0] else said


def needing_more(said: Said) -> Said:
    """Each extension that is asked for needs another one."""
    count = os.environ["COUNT"] = str(int(os.environ.get("COUNT", "0")) + 1)
    for each in said[0].get("extensions", []):
        each.update(needs=[f"more-{count}-{i}" for i in range(20)])
    if not said[0].get("extensions") and "extensions" in said[0]:
        wanted = [word.split("`")[1] for word in said[0]["problems"]]
        said[0]["extensions"] = [{"name": each, "version": "1", "bytes": 1, "sha256": "0" * 64} for each in wanted]
        listed(needs=[f"more-{count}-{i}" for i in range(20)])(said)
    return said


def growing(said: Said) -> Said:
    return {"total": said[0]["offset"] + len(said[1]) + 1}, said[1]


LIES: dict[str, Callable[[Said], Said]] = {
    "nothing": lambda said: said,
    "version": listed(version="2.0.0"),
    "hash": listed(sha256="0" * 64),
    "no hash": listed(sha256=None),
    "small": listed(bytes=1),
    "large": listed(bytes=1 << 40),
    "odd size": listed(bytes="1"),
    "needs itself": listed(needs=["honest"]),
    "needs more": needing_more,
    "server part": listed(server=["\x1b[2Jx"], server_distribution="x; %safepip uninstall numpy"),
    "many": lambda said: ({**said[0], "extensions": [{}] * 3_000}, said[1]) if "extensions" in said[0] else said,
    "no list": lambda said: ({**said[0], "extensions": 5}, said[1]) if "extensions" in said[0] else said,
    "other bytes": chunk(lambda said: (said[0], bytes(reversed(said[1])))),
    "no bytes": chunk(lambda said: (said[0], b"")),
    "too few": chunk(lambda said: (said[0], said[1][:10])),
    "too many": chunk(lambda said: (said[0], said[1] + bytes(1))),
    "growing": chunk(growing),
    "huge": chunk(lambda said: ({"total": 1 << 40}, said[1])),
    "negative": chunk(lambda said: ({"total": -1}, said[1])),
    "no number": chunk(lambda said: ({"total": "x"}, said[1])),
    "no object": chunk(lambda said: ([], said[1])),
}
ANSWERS: dict[str, Callable[[], str]] = {
    "no text": lambda: "5",
    "no base64": lambda: "'?'",
    "no JSON": lambda: repr(base64.b64encode(b"{").decode()),
    "deep JSON": lambda: repr(base64.b64encode(b"[" * 200_000).decode()),
    "deep Python": lambda: "[" * 200_000,
    "long": lambda: repr("A" * (40 << 20)),
    "error": lambda: repr(base64.b64encode(json.dumps({"error": "\x1b[2Jno\n" * 1_000}).encode()).decode()),
}


class Liar(IPythonKernel):
    async def do_execute(self, *args: Any, **kwargs: Any) -> dict[str, Any]:
        reply: dict[str, Any] = await super().do_execute(*args, **kwargs)  # type: ignore[no-untyped-call]
        lie = Path(os.environ["LIE"]).read_text()
        for said in reply.get("user_expressions", {}).values():
            if lie in ANSWERS:
                said["data"]["text/plain"] = ANSWERS[lie]()
            elif lie == "raising":
                said.update(status="error", evalue="\x1b[2J no")
            elif "data" in said:
                said["data"]["text/plain"] = _changed(said["data"]["text/plain"], LIES[lie])
        return reply


def _changed(text: str, lie: Callable[[Said], Said]) -> str:
    line, _, data = base64.b64decode(ast.literal_eval(text)).partition(b"\n")
    answer = json.loads(line)
    if not isinstance(answer.get("ok"), dict):
        return text
    answer["ok"], data = lie((answer["ok"], data))
    return repr(base64.b64encode(json.dumps(answer).encode() + b"\n" + data).decode())


if __name__ == "__main__":
    IPKernelApp.launch_instance(kernel_class=Liar)
