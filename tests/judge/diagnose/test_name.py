"""Each finding about a name, from values alone."""

from __future__ import annotations

from dataclasses import replace

import pytest

from ipython_where.judge.diagnose.missing_module import Lacking
from ipython_where.judge.diagnose.name import NameFacts, diagnose_name
from ipython_where.judge.diagnose.records import Claim, Record
from ipython_where.judge.diagnose.without_module import WithoutModule
from ipython_where.model import Distribution, Evidence, Finding, FrontEnd, FrontEndPart, Loaded, Server

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
    install=(),
)


def test_a_name_with_nothing_wrong_has_no_finding() -> None:
    assert diagnose_name(NAMED) == ()


def test_a_stale_module_shows_both_and_asks_for_a_restart() -> None:
    assert diagnose_name(replace(NAMED, stale=True)) == (
        Finding(
            id="stale",
            severity="warning",
            message="the loaded `six` is not the one that an import would find now",
            evidence=(
                Evidence(label="loaded", value="/site/six.py", note="1.15"),
                Evidence(label="now", value="/site/six.py", note="1.16"),
            ),
            hint="restart the kernel",
        ),
    )
    for portions, now, version in (((), "the file is gone", None), (("/site/six",), "/site/six", "1.16")):
        (finding,) = diagnose_name(replace(NAMED, stale=True, file=None, portions=portions))
        assert finding.evidence[1] == Evidence(label="now", value=now, note=version)
    nothing = replace(NAMED, stale=True, file=None, distribution=None, loaded=Loaded(file=None, version=None))
    assert diagnose_name(nothing)[0].evidence == (
        Evidence(label="loaded", value="unknown"),
        Evidence(label="now", value="unknown"),
    )
    for facts in (replace(NAMED, stale=None), replace(NAMED, stale=True, loaded=None)):
        assert diagnose_name(facts) == ()


def test_an_import_that_is_halted_says_what_lets_it_go_on() -> None:
    assert diagnose_name(replace(NAMED, name="six.moves", halted="six")) == (
        Finding(
            id="halted",
            severity="warning",
            message="`import six.moves` is halted: `sys.modules` has None for `six`",
            hint="`import sys; del sys.modules['six']` allows the import again",
        ),
    )


def test_what_cannot_be_known_is_a_note_with_the_reason() -> None:
    facts = replace(NAMED, undecided="a finder of `x`", doubt="`six` was bound by a loop")
    assert diagnose_name(facts) == (
        Finding(
            id="undecided",
            severity="note",
            message="where `six` comes from cannot be determined without importing it",
            evidence=(Evidence(label="reason", value="a finder of `x`"),),
        ),
        Finding(
            id="unproven",
            severity="note",
            message="what `six` is, or where it comes from, cannot be proven",
            evidence=(Evidence(label="reason", value="`six` was bound by a loop"),),
        ),
    )


def test_several_owners_damage_and_doubt_are_told() -> None:
    record = Record(metadata=SIX.metadata, version="1.16", installer="pip")
    claim = Claim(name="six", record=record, prefix="/env", problems=("its METADATA has no `Name`",))
    facts = replace(NAMED, owners=("six", "six-copy"), claims=(claim,), undecided="because")
    assert [(each.id, each.severity) for each in diagnose_name(facts)] == [
        ("several-owners", "warning"),
        ("broken-metadata", "warning"),
        ("undecided", "note"),
    ]


def test_each_owner_is_told_and_how_to_keep_the_one_that_wrote_the_file() -> None:
    (finding,) = diagnose_name(replace(NAMED, owners=("six-copy", "six", "six-fork")))
    assert finding == Finding(
        id="several-owners",
        severity="warning",
        message="several distributions list the file of `six`: the last one installed overwrote the others",
        evidence=tuple(Evidence(label="listed by", value=each) for each in ("six-copy", "six", "six-fork")),
        hint="uninstalling one also deletes the files of the others: to keep `six`, run "
        "`%safepip uninstall six-copy six-fork`, then `%safepip install --force-reinstall --no-deps six==1.16`",
    )


@pytest.mark.parametrize("writer", [None, replace(SIX, name="other"), replace(SIX, name="six-copy", version=None)])
def test_the_first_owner_is_kept_where_nobody_knows_who_wrote_the_file(writer: Distribution | None) -> None:
    (finding,) = diagnose_name(replace(NAMED, owners=("six-copy", "six"), distribution=writer))
    assert finding.hint == (
        "uninstalling one also deletes the files of the others: to keep `six-copy`, run `%safepip uninstall six`, "
        "then `%safepip install --force-reinstall --no-deps six-copy`"
    )


def test_a_distribution_whose_module_another_copy_hides_is_told() -> None:
    hidden = Finding(
        id="distribution-hidden",
        severity="warning",
        message="`import six` finds a different module than the one of `six`",
        evidence=(Evidence(label="found", value="/work/six.py"), Evidence(label="installed in", value="/site")),
    )
    facts = replace(NAMED, file="/work/six.py")
    assert diagnose_name(replace(facts, hidden=True)) == (hidden,)
    listed = replace(hidden, hint="no distribution lists that file: remove it")
    assert diagnose_name(replace(facts, distribution=None, covers=("six", "/site"))) == (listed,)
    assert diagnose_name(replace(facts, hidden=True, file=None))[0].evidence[0].value == "unknown"
    assert diagnose_name(replace(facts, hidden=True, distribution=None)) == ()


def test_a_file_that_was_changed_since_it_was_installed() -> None:
    facts = replace(NAMED, changed=(12345, 9876))
    assert diagnose_name(facts) == (
        Finding(
            id="changed",
            severity="note",
            message="the file of `six` was changed since `six` was installed",
            evidence=(
                Evidence(label="file", value="/site/six.py", note="12,345 bytes"),
                Evidence(label="recorded", value="9,876 bytes"),
            ),
        ),
    )
    assert diagnose_name(replace(facts, distribution=None)) == ()


def test_a_missing_project_comes_with_the_line_that_installs_it() -> None:
    facts = replace(
        NAMED,
        file=None,
        loaded=None,
        distribution=None,
        missing_project="scikit-learn",
        install=("%safepip install scikit-learn",),
    )
    missing = Finding(
        id="not-installed",
        severity="note",
        message="`scikit-learn` is not installed in this kernel's environment",
        hint="`%safepip install scikit-learn` installs it there",
    )
    assert diagnose_name(facts) == (missing,)
    assert diagnose_name(replace(facts, install=())) == (replace(missing, hint=None),)
    either = replace(facts, install=("%safepip install a", "%safepip install b"))
    hint = "`%safepip install a` or `%safepip install b` installs it there"
    assert diagnose_name(either) == (replace(missing, hint=hint),)


def test_what_explains_a_missing_module_is_told_in_its_own_words() -> None:
    facts = replace(
        NAMED,
        name="bson",
        file=None,
        distribution=None,
        lacking=Lacking(distribution="pymongo", version="9"),
        without_module=WithoutModule(query="bson", distribution="bson", version="0", instead="pymongo"),
        only_caches=("/site/bson",),
        unsearched=2,
        set_aside=("/site/~son",),
    )
    assert [(each.severity, each.id, each.message) for each in diagnose_name(facts)] == [
        ("warning", "no-module", "`bson` 0 is installed and brings no module: `import bson` fails"),
        (
            "warning",
            "only-caches",
            "of `bson` only bytecode is left, in `__pycache__`: `import bson` gives a package with nothing in it",
        ),
        ("note", "not-in-version", "`bson` is not in `pymongo` 9, which is installed"),
        ("note", "unsearched", "2 environments were not searched: time ran out"),
        ("note", "leftovers", "an interrupted `pip` left temporary folders behind: nothing uses them"),
    ]
    silent = WithoutModule(query="types-six", distribution="types-six", version="1")
    assert diagnose_name(replace(NAMED, without_module=silent)) == ()
    (unsearched,) = diagnose_name(replace(NAMED, unsearched=None))
    assert unsearched.message == "some environments were not searched: time ran out"


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
    assert finding.message == (
        "the JupyterLab part of `six` is not in the server's environment: the page cannot load it"
    )
    both = replace(NAMED, front_end=lacking, server=server)
    for without in (replace(both, server=None), replace(both, distribution=None), replace(both, front_end=None)):
        assert diagnose_name(without) == ()
    assert finding.hint == "`%safepip install --server six==1.16.0` installs it there; then reload the page"
    for verdict in ("fits", "unknown"):
        known = replace(lacking, parts=(replace(part, verdict=verdict),))
        assert diagnose_name(replace(NAMED, front_end=known, server=server)) == ()
