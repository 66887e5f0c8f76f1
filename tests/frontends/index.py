"""An index on this machine that keeps a download waiting until it is let go: an install is then in its middle for certain."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Event, Thread


class Index:
    """The wheels in a folder that has a folder for each project; its address once it is served."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.url = ""
        self.asked = Event()
        self._open = Event()
        self._open.set()

    def hold(self) -> None:
        """Let no wheel out from now on; `asked` is set when one is waited for."""
        self.asked.clear()
        self._open.clear()

    def let_go(self) -> None:
        """Answer what waits, and all that comes."""
        self._open.set()

    def wait(self) -> None:
        """Come back when wheels may go out."""
        self.asked.set()
        self._open.wait()


@contextmanager
def served(index: Index) -> Iterator[Index]:
    """Serve an index: the pages of its projects are lists of files, as this server makes them by itself."""

    class Handler(SimpleHTTPRequestHandler):
        def do_GET(self) -> None:
            if self.path.endswith(".whl"):
                index.wait()
            super().do_GET()

        def log_message(self, format: str, *args: object) -> None: ...

    with ThreadingHTTPServer(("127.0.0.1", 0), partial(Handler, directory=str(index.folder))) as listening:
        thread = Thread(target=listening.serve_forever)
        thread.start()
        index.url = f"http://127.0.0.1:{listening.server_port}/"
        try:
            yield index
        finally:
            index.let_go()
            listening.shutdown()
            thread.join()
