"""Takes extensions from a kernel: proves where it runs, judges, copies, checks, and lets JupyterLab see them."""

from __future__ import annotations

import asyncio
import json
import logging
import os
import secrets
import stat
import tempfile
from collections import defaultdict
from collections.abc import AsyncGenerator, Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import ExitStack, aclosing, contextmanager, suppress
from dataclasses import dataclass
from typing import IO, Any, TypeVar

from .archive import FilesRefused, ReadyExtension, read_package, unpack
from .kernel_source import KernelFailed, shown
from .kernels import Connection, connected
from .mirror import Mirror
from .offered import BadListing, KernelExtension, KernelPlace, parse_offers, parse_place
from .policy import ExtensionVerdict, Present, TakenFrom, judge, why_gone
from .settings import KernelExtensions

_Value = TypeVar("_Value")

_CHUNK = 1 << 20
"""Bytes asked for at once: at a quarter of it 30 MB take twice as long, at four times it no less."""
_LONG_PATIENCE = 10.0
"""Seconds that an idle kernel may need to look through its environment, or to pack an extension."""
_CHUNK_PATIENCE = 2.0
_AS_THEY_ARE: Mapping[str, str] = {}
_MOST_NEEDED = 100
"""Extensions that others need: a lying kernel would name ever more."""


@dataclass(frozen=True, slots=True, kw_only=True)
class _MetKernel:
    """A kernel that is asked: what it said of itself and of the wanted extensions, and whether it is proven to be here."""

    connection: Connection
    is_local: bool
    place: KernelPlace
    found: Mapping[str, KernelExtension]


@dataclass(frozen=True, slots=True, kw_only=True)
class Copying:
    """How far a copy is, in bytes."""

    name: str
    done: int
    total: int


class Loading:
    """The extensions that this server has from kernels, and the way in for others.

    ``served`` says what JupyterLab serves without them, ``proof_directory`` is a folder that only this user can write:
    who can, has JupyterLab load what he likes.
    """

    def __init__(
        self,
        mirror: Mirror,
        settings: KernelExtensions,
        kernels: Any,
        *,
        served: Callable[[], Mapping[str, tuple[Present, str]]],
        proof_directory: str,
        log: logging.Logger,
    ) -> None:
        self._mirror = mirror
        self._settings = settings
        self._kernels = kernels
        self._served = served
        self._proof_directory = proof_directory
        self._log = log
        self._locks: defaultdict[str, asyncio.Lock] = defaultdict(asyncio.Lock)

    def present(self) -> dict[str, Present]:
        """What JupyterLab serves now; what came from a kernel gives way to the server's own, and to the server's settings."""
        served, mirrored, rules = self._served(), self._mirror.present(), self._settings.rules()
        for name, taken in [*mirrored.items()]:
            why = "the server's environment has it now" if name in served else None
            why = why or why_gone(taken, self._mirror.origin(name), rules)
            if why is not None:
                self.remove(name, why)
                del mirrored[name]
        return mirrored | {name: each for name, (each, _) in served.items()}

    async def judge(self, kernel_id: str, offers: Iterable[KernelExtension]) -> tuple[bool, list[ExtensionVerdict]]:
        """Whether the kernel is proven to be here, and a verdict on each extension; what is said is only a preview."""
        async with connected(self._kernels, kernel_id) as connection:
            is_local = await self._prove(connection)
        rules, present = self._settings.rules(), await asyncio.to_thread(self.present)
        return is_local, [judge(each, present, is_local=is_local, rules=rules) for each in offers]

    def remove(self, name: str, why: str = "the page gives it up") -> bool:
        """Take away what came from a kernel; whether it was there."""
        removed = self._mirror.remove(name)
        if removed:
            self._log.info("ipython_where: %s, which came from a kernel, is removed: %s", name, why)
        return removed

    async def load(
        self, kernel_id: str, names: list[str], versions: Mapping[str, str] = _AS_THEY_ARE
    ) -> AsyncGenerator[Copying | ReadyExtension | ExtensionVerdict, None]:
        """Take extensions and what they need, those first; each ends as ready or with a verdict that says why not.

        ``versions`` were chosen by a person: what the kernel has in another one by now is not taken. Nothing stays of a load
        that is cancelled.
        """
        async with connected(self._kernels, kernel_id) as connection:
            kernel = await self._meet(connection, names)
            for name in names:
                if name not in kernel.found:
                    yield _refusal(name, "", "the kernel's environment doesn't have it")
            with self._undone_if_cancelled() as placed:
                for extension in in_order(names, kernel.found):
                    if versions.get(extension.name, extension.version) != extension.version:
                        yield _changed(extension, versions[extension.name])
                        continue
                    # two windows may ask for the same
                    async with self._locks[extension.name], aclosing(self._take(kernel, extension, placed)) as steps:
                        async for step in steps:
                            yield step

    @contextmanager
    def _undone_if_cancelled(self) -> Iterator[list[str]]:
        """The names of what is placed meanwhile."""
        placed: list[str] = []
        try:
            yield placed
        except (asyncio.CancelledError, GeneratorExit):
            for name in placed:
                self.remove(name, "the page has cancelled")
            raise

    async def _meet(self, connection: Connection, names: Sequence[str]) -> _MetKernel:
        """What the kernel says of the named extensions, and of those that they need, however far away."""
        wanted = set(names)
        with self._proof() as proof:
            said = {"prove": proof.asked} if proof is not None else {}
            place, listed = await self._list(connection, wanted, **said)
            is_local = proof is not None and proof.is_given()
        found = {each.name: each for each in listed if each.name in wanted}
        asked = set(wanted)
        while wanted := {need for each in listed if each.name in wanted for need in each.needs} - asked:
            asked |= wanted
            if len(asked) > len(names) + _MOST_NEEDED:
                raise KernelFailed("the kernel names too many extensions that others need")
            _, listed = await self._list(connection, wanted)
            found |= {each.name: each for each in listed if each.name in wanted}
        return _MetKernel(connection=connection, is_local=is_local, place=place, found=found)

    async def _prove(self, connection: Connection) -> bool:
        """Whether the kernel's code can change this user's files on this machine: it writes into one when asked to.

        A kernel elsewhere, or of another user, has no such file or may not write it, whatever it says.
        """
        with self._proof() as proof:
            if proof is None:
                return False
            try:
                await connection.ask({"do": "prove", **proof.asked})
            except KernelFailed as error:
                self._log.debug("ipython_where: a kernel is not proven to be local: %s", error)
            return proof.is_given()

    @contextmanager
    def _proof(self) -> Iterator[_Proof | None]:
        with ExitStack() as stack:
            try:
                file = stack.enter_context(_private_file(self._proof_directory))
            except OSError as error:
                self._log.warning("ipython_where: no kernel can prove that it runs here: %s", error)
                yield None
            else:
                yield _Proof(file)

    async def _list(
        self, connection: Connection, names: Iterable[str], **more: Any
    ) -> tuple[KernelPlace, tuple[KernelExtension, ...]]:
        value, _ = await connection.ask({"do": "list", "names": sorted(names), **more}, patience=_LONG_PATIENCE)
        try:
            return parse_place(value), parse_offers(value.get("extensions") if isinstance(value, dict) else None)
        except BadListing as error:
            raise KernelFailed(f"the kernel's answer can't be read: {error}") from error

    async def _take(
        self, kernel: _MetKernel, extension: KernelExtension, placed: list[str]
    ) -> AsyncGenerator[Copying | ReadyExtension | ExtensionVerdict, None]:
        rules = self._settings.rules()
        verdict = judge(extension, await _in_thread(self.present), is_local=kernel.is_local, rules=rules)
        if verdict.verdict == "there":
            yield await _in_thread(self._ready, extension)
        elif verdict.verdict != "offer":
            yield verdict
        else:
            with tempfile.TemporaryFile() as archive, self._mirror.stage() as stage:
                async with aclosing(self._copy(kernel.connection, extension, archive, rules.max_bytes)) as steps:
                    async for step in steps:
                        yield step
                yield await _in_thread(self._place, archive, stage, extension, kernel, placed)

    async def _copy(
        self, connection: Connection, extension: KernelExtension, archive: IO[bytes], most: int
    ) -> AsyncGenerator[Copying, None]:
        asked = {"name": extension.name, "sha256": extension.digest}
        done = total = 0
        try:
            while not done or done < total:
                call = {"do": "chunk", **asked, "offset": done, "size": _CHUNK}
                value, piece = await connection.ask(call, patience=_CHUNK_PATIENCE if done else _LONG_PATIENCE)
                total = _whole(extension.name, value, piece, done, total, most)
                done += len(piece)
                await _in_thread(archive.write, piece)
                yield Copying(name=extension.name, done=done, total=total)
        finally:
            if connection.may_ask_again or not done or done < total:
                await connection.tell({"do": "forget", **asked})

    def _place(
        self, archive: IO[bytes], stage: str, extension: KernelExtension, kernel: _MetKernel, placed: list[str]
    ) -> ReadyExtension | ExtensionVerdict:
        name, version = extension.name, extension.version
        archive.seek(0)
        filled = os.path.join(stage, "filled")
        os.mkdir(filled, 0o700)
        try:
            ready = unpack(archive, filled, extension, max_bytes=self._settings.max_bytes)
            check_served(stage, name)
            if name in self._served():
                raise FilesRefused("the server's environment has it now")
            self._mirror.place(filled, ready, TakenFrom(is_local=kernel.is_local, digest=extension.digest or ""))
            placed.append(name)
        except (FilesRefused, OSError) as error:
            self._log.warning("ipython_where: %s %s of a kernel is refused: %s", name, version, shown(error))
            return _refusal(name, version, shown(error))
        self._log.info(
            "ipython_where: %s %s, sha256 %s, is taken from a kernel that says it runs on %s in %s (%s)",
            *(name, version, extension.digest, kernel.place.host, kernel.place.prefix),
            "proven to be here" if kernel.is_local else "allowed by the configuration",
        )
        return ready

    def _ready(self, extension: KernelExtension) -> ReadyExtension | ExtensionVerdict:
        """What the page needs of an extension that JupyterLab serves already."""
        own = self._served().get(extension.name)
        folder = own[1] if own is not None else self._mirror.path(extension.name)
        try:
            file = os.path.join(folder, "package.json")
            return read_package(file, extension, files_below(folder), is_servers=own is not None)
        except (FilesRefused, OSError) as error:
            return _refusal(extension.name, extension.version, str(error))


def _whole(name: str, value: Any, piece: bytes, done: int, total: int, most: int) -> int:
    """How many bytes an archive has, by the answer for one of its parts, which has to fit the parts before."""
    said = value.get("total") if isinstance(value, dict) else None
    if not isinstance(said, int) or (done and said != total) or not 0 < len(piece) == min(_CHUNK, said - done):
        raise KernelFailed(f"the kernel sends something else than the files of `{name}`")
    if said > most + _CHUNK:
        raise KernelFailed(f"the files of `{name}` are larger than `KernelExtensions.max_bytes` allows")
    return said


def check_served(root: str, name: str) -> None:
    """Let JupyterLab's own reader look at what lies below ``root``, before a page does; `FilesRefused` if it falls over."""
    try:
        from jupyterlab_server.config import get_federated_extensions

        found = get_federated_extensions([root])
        json.dumps(found, allow_nan=False)
    except Exception as error:  # whatever it is, `/lab` would answer with it
        raise FilesRefused(f"JupyterLab can't read it: {type(error).__name__}") from error
    if list(found) != [name]:
        raise FilesRefused("JupyterLab would not find it under its name")


def _refusal(name: str, version: str, reason: str) -> ExtensionVerdict:
    return ExtensionVerdict(name=name, version=version, verdict="refused", reason=reason)


def _changed(extension: KernelExtension, chosen: str) -> ExtensionVerdict:
    reason = f"the kernel's environment has {extension.version} of it now, not {chosen}"
    return _refusal(extension.name, extension.version, reason)


def in_order(names: Iterable[str], found: Mapping[str, KernelExtension]) -> list[KernelExtension]:
    """The extensions, each after those that it needs; a circle is cut where it is met again."""
    ordered: dict[str, KernelExtension] = {}
    begun: set[str] = set()
    pending = list(reversed([*names]))
    while pending:
        name = pending[-1]
        needs = [] if name in begun or name not in found else [each for each in found[name].needs if each not in begun]
        begun.add(name)
        if needs:
            pending += reversed(needs)
            continue
        pending.pop()
        if name in found:
            ordered.setdefault(name, found[name])
    return list(ordered.values())


def files_below(folder: str) -> set[str]:
    """The files of a folder, as paths in it."""
    found: set[str] = set()
    for root, _, files in os.walk(folder):
        found.update(os.path.relpath(os.path.join(root, each), folder).replace(os.sep, "/") for each in files)
    return found


async def _in_thread(function: Callable[..., _Value], *arguments: Any) -> _Value:
    """What a function returns in a thread. Who cancels waits for its end: it may still write."""
    running = asyncio.ensure_future(asyncio.to_thread(function, *arguments))
    try:
        return await asyncio.shield(running)
    except asyncio.CancelledError:
        await asyncio.wait([running])
        running.exception()  # or it would be logged as one that nobody has seen
        raise


@contextmanager
def _private_file(directory: str) -> Iterator[str]:
    """An empty file that only this user can write, closed: Windows lets nobody else write into an open one."""
    os.makedirs(directory, mode=0o700, exist_ok=True)
    descriptor, path = tempfile.mkstemp(prefix=".ipython-where-", dir=directory)
    os.close(descriptor)
    try:
        yield path
    finally:
        with suppress(FileNotFoundError):
            os.unlink(path)


class _Proof:
    """A word that only a kernel with this user's files can write where it has to be."""

    def __init__(self, file: str) -> None:
        self._word = secrets.token_hex(32)
        self.asked = {"file": file, "word": self._word}

    def is_given(self) -> bool:
        """Whether the word is in the file: twice, if a slow kernel was asked again."""
        word = self._word.encode()
        return _read_private(self.asked["file"], 2 * len(word) + 1) in (word, 2 * word)


def _read_private(path: str, most: int) -> bytes:
    """The file's first bytes, or none if it is another's as well, or gone."""
    with suppress(OSError), open(path, "rb") as file:
        status = os.fstat(file.fileno())
        return file.read(most) if stat.S_ISREG(status.st_mode) and status.st_nlink == 1 else b""
    return b""
