"""The faces of an answer about a command line."""

from __future__ import annotations

import json
from textwrap import dedent

from ipython_where.judge.commands.invocations import CommandAnswer, Invocation, Started, Target
from ipython_where.model import Evidence, Finding
from ipython_where.show.faces import findings, html, text

from .samples import HOME

PANDAS = Invocation(
    text="pip install pandas",
    tool="pip",
    action="install",
    requirements=("pandas",),
    target=Target(interpreter="/usr/bin/python3", prefix="/usr"),
    same_environment=False,
    reason="shebang of /usr/bin/pip",
    started=Started(
        file="/usr/bin/pip", interpreter="/usr/bin/python3", arguments=("install", "pandas"), directory=HOME
    ),
    runs=True,
)
LIST = Invocation(
    text="pip list",
    tool="pip",
    action="read",
    requirements=(),
    target=None,
    same_environment=None,
    reason="on PATH",
    started=None,
    runs=None,
)
FINDING = Finding(
    id="other-environment",
    severity="warning",
    message="`pip install pandas` would install into a different environment than this kernel's",
    evidence=(Evidence(label="kernel", value=f"{HOME}/envs/a/bin/python", note="3.12.4"),),
    hint="`%safepip install pandas` installs into this kernel's environment",
)


def answer(*invocations: Invocation, command: str = "pip install pandas") -> CommandAnswer:
    return CommandAnswer(
        command=command,
        kernel=None,
        kernel_version=None,
        invocations=invocations,
        findings=(FINDING,) * bool(invocations),
    )


def shown(answer: CommandAnswer) -> str:
    return text(answer, home=HOME, width=100)


def test_one_command() -> None:
    assert shown(answer(PANDAS)) == dedent("""\
        pip install pandas
          installs  pandas
          into      /usr/bin/python3 · not this kernel's environment
          starts    /usr/bin/pip · by /usr/bin/python3
          because   shebang of `/usr/bin/pip`

        `pip install pandas` would install into a different environment than this kernel's
          kernel  ~/envs/a/bin/python  (3.12.4)

        hint: `%safepip install pandas` installs into this kernel's environment""")


def test_several_are_named_one_by_one() -> None:
    assert shown(answer(PANDAS, LIST, command="pip install pandas && pip list")).partition("\n\n")[0] == dedent("""\
        pip install pandas && pip list
          command   pip install pandas
          installs  pandas
          into      /usr/bin/python3 · not this kernel's environment
          starts    /usr/bin/pip · by /usr/bin/python3
          because   shebang of `/usr/bin/pip`
          command   pip list
          does      changes no environment
          runs      depends on the command before it
          because   on `PATH`""")


def test_none() -> None:
    assert shown(answer(command="ls")) == "ls · starts no known package manager"


def test_json_is_a_list_with_one_object_an_invocation() -> None:
    told = json.loads(json.dumps(answer(PANDAS).to_dict()))
    assert told == [
        {
            "schema": 1,
            "text": "pip install pandas",
            "tool": "pip",
            "action": "install",
            "requirements": ["pandas"],
            "target": {"interpreter": "/usr/bin/python3", "prefix": "/usr", "directory": None},
            "same_environment": False,
            "reason": "shebang of /usr/bin/pip",
            "started": {
                "file": "/usr/bin/pip",
                "interpreter": "/usr/bin/python3",
                "arguments": ["install", "pandas"],
                "directory": HOME,
            },
            "runs": True,
        }
    ]


def test_html_escapes_the_command() -> None:
    shown = html(answer(PANDAS, command="echo <b>"))
    assert "echo &lt;b&gt;" in shown and "echo <b>" not in shown


def test_findings_alone_are_a_warning() -> None:
    assert findings((FINDING,), home=HOME)["text/plain"] == dedent("""\
        `pip install pandas` would install into a different environment than this kernel's
          kernel  ~/envs/a/bin/python  (3.12.4)

        hint: `%safepip install pandas` installs into this kernel's environment""")
