"""The page, as a kernel knows it: `%where NAME`, `%safepip page`, and what it asks of the page, in a real kernel.

The tests speak for the page: they tell the kernel what `ui/kernel.js` tells it, and answer what it asks over a comm.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from .claims import carries
from .environments import ROOT
from .kernels import Notebook, Reply, notebook
from .page.extensions import files, package, write

pytestmark = pytest.mark.usefixtures("kernel")

SOURCE = (ROOT / "ipython_where" / "lab_probe.py").read_text(encoding="utf-8")
SERVER = {
    "host": "elsewhere.example",
    "prefix": "/opt/lab",
    "executable": "/opt/lab/bin/python",
    "version": "2.21.1",
    "python": "3.13.0",
    "pid": 5,
    "ipython_where": "0.1.0",
}


@pytest.fixture(scope="module")
def opened(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Notebook]:
    """A kernel whose environment has `plots` with an extension that needs `widgets`, which has another."""
    with notebook(tmp_path_factory.mktemp("page")) as kernel:
        carry(kernel, "plots", "plots-lab", "2.0.0")
        carry(kernel, "widgets", "@widgets/lab", "5.0.1")
        yield kernel


def carry(kernel: Notebook, project: str, extension: str, version: str) -> None:
    """Install a project with a module and a JupyterLab extension, as a wheel's installer leaves it."""
    folder = kernel.prefix / "share" / "jupyter" / "labextensions" / extension
    write(folder, files(package(extension, version)))
    (kernel.site / f"{project}.py").write_text("")
    metadata = kernel.site / f"{project}-{version}.dist-info"
    metadata.mkdir()
    (metadata / "METADATA").write_text(f"Metadata-Version: 2.1\nName: {project}\nVersion: {version}\n")
    data = f"../../../share/jupyter/labextensions/{extension}/package.json"
    (metadata / "RECORD").write_text("".join(f"{each},,\n" for each in (f"{project}.py", data)))


def tell(kernel: Notebook, *extensions: dict[str, Any], verdicts: Any = (), server: Any = None, **more: Any) -> None:
    """What the page says of itself, as `ui/page.js` puts it."""
    page = {
        "client": kernel.client.session.session,
        "application": "JupyterLab",
        "version": "4.6.6",
        "server": server,
        "extensions": list(extensions),
        "verdicts": list(verdicts),
    }
    call = json.dumps(json.dumps({"do": "note", "page": page | more}))
    names = '{"__name__": "ipython_where_kernel_extensions"}'
    asked = f'(lambda ns: (exec({json.dumps(SOURCE)}, ns), ns["answer"]({call}))[1])({names})'
    id = kernel.client.execute("", silent=True, store_history=False, user_expressions={"where": asked})
    while (reply := kernel.client.get_shell_msg(timeout=60))["parent_header"].get("msg_id") != id:
        pass
    assert reply["content"]["user_expressions"]["where"]["status"] == "ok"


def extension(name: str, version: str, source: str | None = "server", *, loaded: bool = True) -> dict[str, Any]:
    return {"name": name, "version": version, "from": source, "loaded": loaded}


def verdict(name: str, version: str, said: str, reason: str | None = None, hint: str | None = None) -> dict[str, Any]:
    return {"name": name, "version": version, "verdict": said, "reason": reason, "hint": hint, "page_version": None}


def page_of(kernel: Notebook, name: str) -> dict[str, Any]:
    """What `%where NAME` says of the page."""
    reply = kernel.run(f"r = %where {name}")
    assert reply.status == "ok", reply.error
    (found,) = kernel.value("r.to_dict()['front_end']['page']")
    return dict(found)


def row_of(kernel: Notebook, name: str) -> str:
    """Its row `page`, as it is shown."""
    lines = kernel.run(f"%where {name}").result.splitlines()
    at = next(number for number, line in enumerate(lines) if line.strip().startswith("page "))
    return " ".join(lines[at].split())


STATES = {
    "loaded": ((extension("plots-lab", "2.0.0", "kernel"),), (), "page loaded: 2.0.0 · from a kernel"),
    "next page": (
        (extension("plots-lab", "2.0.0", "kernel", loaded=False),),
        (),
        "page the page has 2.0.0 after a reload · from a kernel",
    ),
    "available": ((), (verdict("plots-lab", "2.0.0", "offer"),), "page available from this kernel"),
    "other version": (
        (extension("plots-lab", "1.0.0"),),
        (verdict("plots-lab", "2.0.0", "other version", "the page has 1.0.0"),),
        "page another version is loaded: 1.0.0 · from the server's environment",
    ),
    "refused": ((), (verdict("plots-lab", "2.0.0", "refused", "it needs a server part"),), "page refused"),
    "missing": ((), (), "page not loaded"),
}


@carries(
    "`%where NAME` says what the page has of `NAME`: loaded, available from this kernel, another version, or refused.",
)
@pytest.mark.parametrize("state", STATES)
def test_where_says_what_the_page_has(opened: Notebook, state: str) -> None:
    extensions, verdicts, row = STATES[state]
    tell(opened, *extensions, verdicts=verdicts)
    assert page_of(opened, "plots")["state"] == state
    assert row_of(opened, "plots").startswith(row)


def test_what_may_be_loaded_has_the_line_that_loads_it(opened: Notebook) -> None:
    tell(opened, verdicts=[verdict("plots-lab", "2.0.0", "offer")])
    opened.run("r = %where plots")
    (finding,) = opened.value("r.to_dict()['findings']")
    assert finding["id"] == "lab-part-available"
    assert "`%safepip page load plots-lab`" in finding["hint"]


def test_what_was_only_just_installed_can_be_asked_for(opened: Notebook) -> None:
    tell(opened, server=SERVER)
    opened.run("r = %where plots")
    (finding,) = opened.value("r.to_dict()['findings']")
    assert finding["id"] == "lab-part-missing"
    assert finding["hint"].startswith(
        "`%safepip page load plots-lab` asks the page to load it from here, or on elsewhere"
    )
    _, asked, _ = talk(opened, "%safepip page load plots-lab")
    assert asked == {"do": "load", "names": ["plots-lab"]}


def test_another_front_ends_page_is_not_taken_for_this_one(opened: Notebook) -> None:
    tell(opened, extension("plots-lab", "2.0.0"))
    tell(opened, client="somebody else")
    assert page_of(opened, "plots")["state"] == "loaded"


@carries(
    "A server behind a gateway is known to the kernel: `%where` calls it remote, with its machine, environment and version.",
)
def test_a_remote_server_is_known_from_its_page(opened: Notebook) -> None:
    tell(opened, extension("plots-lab", "2.0.0"), server=SERVER)
    opened.run("r = %where")
    server = opened.value("r.to_dict()['server']")
    assert (server["verdict"], server["host"], server["prefix"]) == ("remote", "elsewhere.example", "/opt/lab")
    shown = opened.run("%where").result
    assert "remote: on elsewhere.example" in shown
    assert "JupyterLab extensions into /opt/lab on elsewhere.example" in " ".join(shown.split())
    opened.run("r = %where plots")
    front_end = opened.value("r.to_dict()['front_end']")
    assert front_end["in_server"] == [{"name": "plots-lab", "version": "2.0.0"}]
    assert [each["verdict"] for each in front_end["parts"]] == ["fits"]


def test_a_remote_server_that_lacks_a_part_is_told_what_to_run_there(opened: Notebook) -> None:
    tell(opened, server=SERVER, verdicts=[verdict("plots-lab", "2.0.0", "off", "it is not allowed")])
    opened.run("r = %where plots")
    (finding,) = opened.value("r.to_dict()['findings']")
    hint = "on elsewhere.example, in /opt/lab: `python -m pip install plots==2.0.0`, then reload the page"
    assert (finding["id"], finding["hint"]) == ("lab-part-missing", hint)


def test_a_server_of_the_same_name_is_not_called_remote(opened: Notebook) -> None:
    here = opened.value("__import__('socket').gethostname()")
    tell(opened, server=SERVER | {"host": here})
    opened.run("r = %where")
    server = opened.value("r.to_dict()['server']")
    assert server["verdict"] == "unknown"
    assert f"the page says that its server runs on {here}, in /opt/lab" in server["evidence"]


def test_the_page_lists_both_sides(opened: Notebook) -> None:
    tell(
        opened,
        *(extension("@widgets/lab", "5.0.1"), extension("theme-of-another", "1.0.0", "kernel")),
        verdicts=[verdict("plots-lab", "2.0.0", "offer")],
    )
    opened.run("r = %safepip page")
    answer = opened.value("r.to_dict()")
    assert answer["application"] == "JupyterLab 4.6.6"
    assert [(each["name"], each["state"]) for each in answer["parts"]] == [
        ("@widgets/lab", "loaded"),
        ("plots-lab", "available"),
        ("theme-of-another", "loaded"),
    ]


# -- what is asked of the page -----------------------------------------------------------------------------------------


def talk(kernel: Notebook, line: str, *replies: dict[str, Any]) -> tuple[Reply, dict[str, Any], str]:
    """Run a line, answer what it asks of the page, and give the cell, what was asked, and what its display says at the end."""
    id = kernel.begin(line)
    reply, asked = Reply(), None
    while (message := kernel.client.get_iopub_msg(timeout=60))["content"].get("execution_state") != "idle" or message[
        "parent_header"
    ].get("msg_id") != id:
        reply.take(message)
        if message["msg_type"] == "comm_open":
            asked = message["content"]
    assert asked is not None, reply
    assert asked["target_name"] == "ipython_where"
    shown = ""
    for each in replies:
        content = {"comm_id": asked["comm_id"], "data": each}
        sent = kernel.client.session.msg("comm_msg", content)
        kernel.client.shell_channel.send(sent)
        while True:
            message = kernel.client.get_iopub_msg(timeout=60)
            if message["msg_type"] == "update_display_data":
                shown = message["content"]["data"]["text/plain"]
            of_this = message["parent_header"].get("msg_id") == sent["header"]["msg_id"]
            if of_this and message["content"].get("execution_state") == "idle":
                break
    return reply, asked["data"], " ".join(shown.split())


def said(state: str, name: str | None = None, text: str | None = None) -> dict[str, Any]:
    return {"state": state, "name": name, "text": text}


@carries(
    "`%safepip page` lists both sides, and `%safepip page load NAME` asks the page to load what the kernel's environment has.",
)
def test_a_load_is_asked_of_the_page_and_told_to_its_end(opened: Notebook) -> None:
    tell(opened, verdicts=[verdict("plots-lab", "2.0.0", "offer")])
    reply, asked, shown = talk(
        opened,
        "%safepip page load plots-lab",
        said("copying", "plots-lab", "Copying `plots-lab` from the kernel: 50% of 0.7 MB"),
        said("loaded", "plots-lab"),
        said("end"),
    )
    assert asked == {"do": "load", "names": ["plots-lab"]}
    assert "the page is asked to load" in reply.shown[0]["text/plain"]
    assert shown == "the page has loaded what was asked for plots-lab loaded hint: run the cell that needs it again"


def test_a_refusal_of_the_page_is_shown_with_its_reason(opened: Notebook) -> None:
    tell(opened, verdicts=[verdict("plots-lab", "2.0.0", "offer")])
    _, _, shown = talk(
        opened, "%safepip page load plots-lab", said("refused", "plots-lab", "its hash differs"), said("end")
    )
    assert "not everything could be loaded" in shown
    assert "plots-lab its hash differs" in shown


def test_unload(opened: Notebook) -> None:
    tell(opened, extension("plots-lab", "2.0.0", "kernel"))
    _, asked, shown = talk(opened, "%safepip page unload plots-lab", said("reload", "plots-lab"), said("end"))
    assert asked == {"do": "unload", "names": ["plots-lab"]}
    assert "plots-lab reload the page" in shown


REFUSED = {
    "page load plots-lab": "the page can't load this kernel's `plots-lab`",
    "page load nothing": "neither this kernel's environment nor the page has an extension `nothing`",
    "page load plotslab": "did you mean `plots-lab`?",
    "page unload @widgets/lab": "the page has `@widgets/lab` from the server's environment, not from a kernel",
    "page unload plots-lab": "the page has no `plots-lab` from a kernel",
    "page load": "nothing to load was named",
    "page laod x": "`%safepip page` has no command `laod`",
    "page --server": "`%safepip page` does not take `--server`",
    "page --upgrade": "`%safepip page` has no option `--upgrade`",
}


@pytest.mark.parametrize("line", REFUSED)
def test_what_the_page_would_refuse_is_refused_at_once(opened: Notebook, line: str) -> None:
    refusal = verdict("plots-lab", "2.0.0", "refused", "it needs a server part", "%safepip install --server plots")
    tell(opened, extension("@widgets/lab", "5.0.1"), verdicts=[refusal])
    assert REFUSED[line] in opened.refused(line)


def test_what_is_loaded_is_not_asked_for_again(opened: Notebook) -> None:
    tell(opened, extension("plots-lab", "2.0.0", "kernel"))
    reply = opened.run("%safepip page load plots-lab")
    assert "comm_open" not in reply.order
    assert "plots-lab  loaded already" in reply.shown[0]["text/plain"]


def test_tab_offers_what_can_be_loaded(opened: Notebook) -> None:
    tell(opened, extension("old", "1", "kernel"), verdicts=[verdict("plots-lab", "2.0.0", "offer")])
    for typed, expected in {
        "%safepip page ": ["load", "unload"],
        "%safepip page load ": ["plots-lab"],
        "%safepip page unload ": ["old"],
    }.items():
        id = opened.client.complete(typed, len(typed))
        while (message := opened.client.get_shell_msg(timeout=60))["parent_header"].get("msg_id") != id:
            pass
        assert sorted(set(message["content"]["matches"])) == expected


def test_without_a_page_it_says_what_is_missing(tmp_path: Path) -> None:
    with notebook(tmp_path) as alone:
        text = alone.refused("page")
        assert "has told this kernel nothing about itself" in text
        assert "hint: where the server runs: `python -m pip install ipython-where`" in text


def test_what_a_page_told_is_no_module_of_the_user(opened: Notebook) -> None:
    tell(opened)
    opened.run("r = %where --imported")
    names = opened.value("[each['module'] for each in r.to_dict()['modules']]")
    assert not [name for name in names if "page" in name and name.startswith("_")]
