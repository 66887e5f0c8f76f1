"""The page that shows the notebook, beside the extensions of this kernel's environment.

Tested in `tests/test_page_kernel.py`.
"""

from __future__ import annotations

from ipython_where.errors import WhereError
from ipython_where.facts.jupyter.npm_ranges import satisfies
from ipython_where.facts.jupyter.pages import Page, PageExtension, ToldVerdict
from ipython_where.model import Finding, PageAnswer, PagePart, PageState, Server

from .environment import ask_server
from .world import World


def ask_page(world: World) -> PageAnswer:
    """What the page has, and what this kernel's environment has for it. Raises `WhereError` if no page told of itself."""
    from ipython_where.lab_probe import describe

    page = told_page(world)
    here = describe()
    own = {each["name"]: each["version"] for each in here["extensions"]}
    others = (each for each in page.extensions if each.source == "kernel" and each.name not in own)
    return PageAnswer(
        application=f"{page.application} {page.version}",
        parts=(
            *(page_part(page, name, version) for name, version in sorted(own.items())),
            *(_part_of_another(each) for each in others),
        ),
        findings=tuple(map(_problem, here["problems"])),
    )


def told_page(world: World) -> Page:
    """The page that asks. Raises `WhereError`, with what to run where, if it told this kernel nothing about itself."""
    if world.page is not None:
        return world.page
    if world.connection_file is None:
        raise WhereError("no page shows this session: it does not run in a Jupyter kernel")
    server = ask_server(world)
    raise WhereError(
        "the page that shows this notebook has told this kernel nothing about itself: it is not JupyterLab 4 or Notebook 7, or"
        " its server lacks `ipython-where`",
        evidence=server.evidence if server.verdict != "local" else (),
        hint=_bringing_ours(server),
    )


def _bringing_ours(server: Server) -> str:
    if server.verdict == "local" and server.same_environment:
        return "restart the Jupyter server if it is older than `ipython-where` in its environment, then reload the page"
    if server.verdict == "local":
        return (
            "`%safepip install --server ipython-where` installs it there; then restart the server and reload the page"
        )
    return "where the server runs: `python -m pip install ipython-where`, then restart the server and reload the page"


def page_part(page: Page, name: str, in_kernel: str | None, *, accepts: str | None = None) -> PagePart:
    """What a page has of an extension; ``accepts`` is the npm range that the kernel's widgets ask for."""
    own = next((each for each in page.extensions if each.name == name), None)
    verdict = next((each for each in page.verdicts if each.name == name), None)
    state = _state(own, verdict, in_kernel, accepts)
    told = verdict if state in ("refused", "other version") else None
    return PagePart(
        name=name,
        state=state,
        version=own.version if own is not None else None,
        source=own.source if own is not None else None,
        in_kernel=in_kernel,
        reason=told.reason if told is not None else None,
        hint=told.hint if told is not None else None,
    )


def _state(
    own: PageExtension | None, verdict: ToldVerdict | None, in_kernel: str | None, accepts: str | None
) -> PageState:
    if own is not None and _is_right(own.version, in_kernel, accepts):
        return "loaded" if own.is_loaded else "next page"
    if own is not None:
        return "other version"
    if verdict is None:
        return "missing"
    return "available" if verdict.verdict in ("offer", "there") else "refused"


def _is_right(version: str | None, in_kernel: str | None, accepts: str | None) -> bool:
    """Whether a page's version is the kernel's, or one that the kernel's widgets take."""
    if version is None or version == in_kernel:
        return version is not None
    return accepts is not None and satisfies(version, accepts) is True


def _part_of_another(own: PageExtension) -> PagePart:
    state: PageState = "loaded" if own.is_loaded else "next page"
    return PagePart(name=own.name, state=state, version=own.version, source=own.source)


def _problem(sentence: str) -> Finding:
    return Finding(id="extension-unreadable", severity="note", message=sentence)
