"""Each finding about a name, from values alone."""

from __future__ import annotations

from dataclasses import replace

from ipython_where.judge.diagnose.name import NameFacts, diagnose_name
from ipython_where.judge.diagnose.records import Claim, Record
from ipython_where.model import Distribution, Evidence, FrontEnd, FrontEndPart, Loaded, Server

SIX = Distribution(
    name="six",
    version="1.16",
    location="/site",
    metadata="/site/six-1.16.dist-info",
    installer="pip",
    requested=True,
    editable=False,
    origin=None,
    requires=(),
    required_by=(),
)
NAMED = NameFacts(
    name="six",
    file="/site/six.py",
    undecided=None,
    halted=None,
    doubt=None,
    loaded=Loaded(file="/site/six.py", version="1.15"),
    stale=False,
    distribution=SIX,
    owners=("six",),
    claims=(),
    set_aside=(),
    hidden=False,
    front_end=None,
    server=None,
    missing_project=None,
    install=None,
)


def test_a_name_with_nothing_wrong_has_no_finding() -> None:
    assert diagnose_name(NAMED) == ()


def test_a_stale_module_shows_both_and_asks_for_a_restart() -> None:
    (finding,) = diagnose_name(replace(NAMED, stale=True))
    assert finding.evidence == (
        Evidence(label="loaded", value="/site/six.py", note="1.15"),
        Evidence(label="now", value="/site/six.py", note="1.16"),
    )
    assert finding.hint == "restart the kernel"


def test_an_import_that_is_halted_says_what_lets_it_go_on() -> None:
    (finding,) = diagnose_name(replace(NAMED, name="six.moves", halted="six"))
    assert finding.message == "`import six.moves` is halted: `sys.modules` has None for `six`"
    assert finding.hint == "`import sys; del sys.modules['six']` allows the import again"


def test_several_owners_damage_and_doubt_are_told() -> None:
    record = Record(metadata=SIX.metadata, version="1.16", installer="pip")
    claim = Claim(name="six", record=record, prefix="/env", problems=("its METADATA has no `Name`",))
    facts = replace(NAMED, owners=("six", "six-copy"), claims=(claim,), undecided="because")
    assert [(each.id, each.severity) for each in diagnose_name(facts)] == [
        ("several-owners", "warning"),
        ("broken-metadata", "warning"),
        ("undecided", "note"),
    ]


def test_a_distribution_whose_module_another_copy_hides_is_told() -> None:
    (finding,) = diagnose_name(replace(NAMED, file="/work/six.py", hidden=True))
    assert finding.message == "`import six` finds a different module than the one of `six`"
    assert [each.value for each in finding.evidence] == ["/work/six.py", "/site"]


def test_a_missing_project_comes_with_the_line_that_installs_it() -> None:
    facts = replace(
        NAMED,
        file=None,
        loaded=None,
        distribution=None,
        missing_project="scikit-learn",
        install="%safepip install scikit-learn",
    )
    (finding,) = diagnose_name(facts)
    assert finding.message == "`scikit-learn` is not installed in this kernel's environment"
    assert finding.hint == "`%safepip install scikit-learn` installs it there"


def test_what_the_server_lacks_is_told_with_the_line_that_brings_it() -> None:
    server = Server(
        verdict="local",
        url=None,
        pid=1,
        version="2.21",
        interpreter="/lab/bin/python",
        interpreter_version="3.12.4",
        prefix="/lab",
        same_environment=False,
        evidence=(),
    )
    part = FrontEndPart(
        kind="JupyterLab",
        name="js-six",
        carrier="six",
        carrier_version="1.16.0",
        requirement="six==1.16.0",
        accepts=None,
        in_kernel="5.0",
        in_server=None,
        verdict="missing",
    )
    lacking = FrontEnd(lab_extensions=(), server_extensions=(), in_server=(), parts=(part,))
    (finding,) = diagnose_name(replace(NAMED, front_end=lacking, server=server))
    assert finding.hint == "`%safepip install --server six==1.16.0` installs it there; then reload the page"
    for verdict in ("fits", "unknown"):
        known = replace(lacking, parts=(replace(part, verdict=verdict),))
        assert diagnose_name(replace(NAMED, front_end=known, server=server)) == ()
