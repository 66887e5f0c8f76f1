"""Each finding, from values alone: its whole message, its evidence and a hint that can be pasted."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from ipython_where.judge.diagnose.environment import EnvironmentFacts, LocalShadow, StaleModule, Twice, diagnose
from ipython_where.judge.diagnose.findings import install_command
from ipython_where.judge.diagnose.import_path import PathFolder
from ipython_where.model import Environment, Evidence, Finding, Kernelspec, PackageManager, Setting, Shell, ShellCommand

PIP = PackageManager(name="pip", path="/envs/a/bin/python -m pip", version="26.3")
KERNEL = Environment(
    executable="/envs/a/bin/python",
    version="3.12.4",
    implementation="CPython",
    prefix="/envs/a",
    base_prefix="/usr",
    kind="venv",
    made_by="python -m venv",
    site_directories=("/envs/a/lib/python3.12/site-packages",),
    system_site_packages=False,
    user_site=None,
    user_site_enabled=False,
    user_site_in_use=False,
    writable=True,
    externally_managed=False,
    installers=(PIP,),
    host="here",
    container=None,
)
SEEN_KERNEL = Evidence(label="kernel", value="/envs/a/bin/python", note="3.12.4")


def command(name: str, **facts: Any) -> ShellCommand:
    base: dict[str, Any] = {
        "path": f"/envs/a/bin/{name}",
        "interpreter": "/envs/a/bin/python",
        "version": "3.12.4",
        "prefix": "/envs/a",
        "same_environment": True,
        "evidence": "shebang",
    }
    return ShellCommand(name=name, **{**base, **facts})


SHELL = Shell(
    program="/bin/sh",
    pip=command("pip"),
    python=command("python"),
    uv=command("uv", path=None, same_environment=None),
    conda=command("conda", path=None, same_environment=None),
)
CALM = EnvironmentFacts(kernel=KERNEL, kernelspec=None, shell=SHELL)
SPEC = Kernelspec(
    name="a",
    file="/share/jupyter/kernels/a/kernel.json",
    exists=True,
    display_name="A",
    argv=("/envs/a/bin/python",),
    interpreter="/envs/a/bin/python",
    interpreter_exists=True,
    starts_this_interpreter=True,
    shadowed=(),
    evidence="",
)


def only(seen: EnvironmentFacts) -> Finding:
    (finding,) = diagnose(seen)
    return finding


def test_all_well_is_no_finding() -> None:
    assert diagnose(replace(CALM, kernelspec=SPEC)) == ()


def test_a_pip_of_another_environment_is_a_warning_with_the_line_to_type() -> None:
    elsewhere = command("pip", interpreter="/usr/bin/python3", version="3.10.12", prefix="/usr", same_environment=False)
    assert only(replace(CALM, shell=replace(SHELL, pip=elsewhere))) == Finding(
        id="shell-pip",
        severity="warning",
        message="`!pip` installs into a different environment than this kernel's",
        evidence=(SEEN_KERNEL, Evidence(label="!pip", value="/usr/bin/python3", note="3.10.12")),
        hint="`%safepip install NAME` installs into this kernel's environment",
    )


def test_a_python_of_another_environment_is_a_warning() -> None:
    elsewhere = command("python", interpreter="/usr/bin/python3", version="3.10.12", same_environment=False)
    finding = only(replace(CALM, shell=replace(SHELL, python=elsewhere)))
    assert finding.message == "`!python` belongs to a different environment than this kernel"
    assert finding.hint == "`!{sys.executable}` is this kernel's interpreter"


def test_names_that_reach_the_same_other_environment_are_one_finding() -> None:
    facts = {"interpreter": "/usr/bin/python3", "version": "3.10.12", "prefix": "/usr", "same_environment": False}
    shell = replace(SHELL, pip=command("pip", **facts), python=command("python", **facts))
    finding = only(replace(CALM, shell=shell))
    assert finding.message == "`!pip` and `!python` belong to a different environment than this kernel"
    assert [each.label for each in finding.evidence] == ["kernel", "!pip", "!python"]
    assert finding.hint == (
        "`%safepip install NAME` installs into this kernel's environment, `!{sys.executable}` is its interpreter"
    )


def test_names_that_reach_different_environments_are_a_finding_each() -> None:
    """What is shown of each is the best that is known: its interpreter, its prefix, or where the command is."""
    unknown = {"interpreter": None, "version": None, "same_environment": False}
    shell = replace(
        SHELL,
        pip=command("pip", **{**unknown, "prefix": "/usr"}),
        python=command("python", **{**unknown, "prefix": None, "path": "/opt/bin/python"}),
        uv=command("uv", interpreter="/b/bin/python", version="3.10", prefix="/b", same_environment=False),
    )
    found = diagnose(replace(CALM, shell=shell))
    assert [(each.id, each.evidence[1:]) for each in found] == [
        ("shell-pip", (Evidence(label="!pip", value="/usr"),)),
        ("shell-python", (Evidence(label="!python", value="/opt/bin/python"),)),
        ("shell-uv", (Evidence(label="!uv", value="/b/bin/python", note="3.10"),)),
    ]
    assert found[2].message == "`!uv` installs into a different environment than this kernel's"
    assert found[2].hint == "`%safepip install NAME` installs into this kernel's environment"


def test_three_names_are_listed_and_what_cannot_be_done_is_not_proposed() -> None:
    facts = {"prefix": "/usr", "same_environment": False}
    shell = replace(SHELL, pip=command("pip", **facts), python=command("python", **facts), uv=command("uv", **facts))
    finding = only(replace(CALM, shell=shell))
    assert finding.message == "`!pip`, `!python` and `!uv` belong to a different environment than this kernel"
    (_, without) = diagnose(replace(CALM, shell=shell, kernel=replace(KERNEL, installers=())))
    assert without.hint == "`!{sys.executable}` is this kernel's interpreter"
    (_, neither) = diagnose(replace(CALM, shell=shell, kernel=replace(KERNEL, installers=(), executable=None)))
    assert neither.hint is None


def test_what_is_unknown_is_no_finding() -> None:
    assert diagnose(replace(CALM, shell=replace(SHELL, pip=command("pip", same_environment=None)))) == ()


def test_the_hint_installs_with_whatever_installer_there_is() -> None:
    uv = PackageManager(name="uv", path="/home/me/bin/uv", version=None)
    conda = PackageManager(name="conda", path="/opt/conda/bin/conda", version=None)
    assert install_command((uv,), "six") == install_command((PIP,), "six") == "%safepip install six"
    assert install_command((conda,), "six") is None


def test_an_environment_that_nothing_can_install_into_is_an_error_with_a_way_out() -> None:
    finding = Finding(
        id="no-installer",
        severity="error",
        message="nothing can install into this kernel's environment: it has no pip, and no uv was found",
        evidence=(SEEN_KERNEL,),
        hint="`!/envs/a/bin/python -m ensurepip` installs pip there",
    )
    kernel = replace(KERNEL, installers=())
    assert only(replace(CALM, kernel=kernel)) == finding
    assert only(replace(CALM, kernel=replace(kernel, executable="/my envs/python"))).hint == (
        "`!'/my envs/python' -m ensurepip` installs pip there"
    )
    assert only(replace(CALM, kernel=replace(kernel, executable=None))).hint is None


@pytest.mark.parametrize("name", ["pip", "uv", "conda", "mamba", "micromamba"])
def test_any_package_manager_can_install(name: str) -> None:
    kernel = replace(KERNEL, installers=(PackageManager(name=name, path=f"/bin/{name}", version=None),))
    assert diagnose(replace(CALM, kernel=kernel)) == ()


def test_an_environment_that_installs_do_not_reach_is_a_warning() -> None:
    assert only(replace(CALM, kernel=replace(KERNEL, writable=False), pip_user_site=False)) == Finding(
        id="not-writable",
        severity="warning",
        message="this kernel's environment is not writable: pip would fail",
        evidence=(SEEN_KERNEL, Evidence(label="prefix", value="/envs/a")),
        hint="`python -m venv .venv` creates one of your own; register it as a kernel with `python -m ipykernel install`",
    )
    assert only(replace(CALM, kernel=replace(KERNEL, writable=False, user_site_enabled=True))).message == (
        "this kernel's environment is not writable: pip would install into the user site instead"
    )
    assert only(replace(CALM, kernel=replace(KERNEL, externally_managed=True))) == Finding(
        id="externally-managed",
        severity="warning",
        message="this kernel's environment is managed by the operating system, and pip refuses to change it (PEP 668)",
        evidence=(SEEN_KERNEL,),
        hint="`python3 -m venv .venv` creates one that you may change; install `ipykernel` there and use its kernel",
    )


SPEC_LINE = Evidence(label="kernelspec", value="/share/jupyter/kernels/a/kernel.json", note="a")
REGISTER = (
    "`!/envs/a/bin/python -m ipykernel install --user --name a` registers this kernel's interpreter under that name"
)


def test_a_kernelspec_whose_interpreter_is_gone_is_an_error() -> None:
    spec = replace(SPEC, interpreter="/gone/python", interpreter_exists=False, starts_this_interpreter=False)
    assert only(replace(CALM, kernelspec=spec)) == Finding(
        id="kernelspec-missing-interpreter",
        severity="error",
        message="the kernelspec names an interpreter that does not exist: this kernel cannot be started again",
        evidence=(SPEC_LINE, Evidence(label="names", value="/gone/python"), SEEN_KERNEL),
        hint=REGISTER,
    )


def test_a_kernelspec_of_another_interpreter_is_a_warning() -> None:
    other = replace(SPEC, interpreter="/usr/bin/python3", starts_this_interpreter=False)
    assert only(replace(CALM, kernelspec=other)) == Finding(
        id="kernelspec-other-interpreter",
        severity="warning",
        message="the kernelspec names a different interpreter than the one that is running",
        evidence=(SPEC_LINE, Evidence(label="names", value="/usr/bin/python3"), SEEN_KERNEL),
        hint=REGISTER,
    )
    unknown = replace(other, name="my kernel", file=None, interpreter=None, interpreter_exists=None)
    finding = only(replace(CALM, kernelspec=unknown))
    assert finding.evidence[:2] == (
        Evidence(label="kernelspec", value="my kernel"),
        Evidence(label="names", value="unknown"),
    )
    assert finding.hint == REGISTER.replace("--name a`", "--name 'my kernel'`")
    nowhere = replace(KERNEL, executable=None)
    assert only(replace(CALM, kernelspec=other, kernel=nowhere)).hint is None


def test_a_kernelspec_that_hides_another_is_a_note() -> None:
    hiding = replace(SPEC, shadowed=("/usr/share/jupyter/kernels/a/kernel.json",))
    assert only(replace(CALM, kernelspec=hiding)) == Finding(
        id="kernelspec-shadowed",
        severity="note",
        message="several kernelspecs are named `a`: the first one hides the others",
        evidence=(SPEC_LINE, Evidence(label="hidden", value="/usr/share/jupyter/kernels/a/kernel.json")),
    )


def test_a_setting_that_diverts_installs_is_named_with_the_way_to_take_it_away() -> None:
    variable = Setting(name="PIP_TARGET", value="/elsewhere", source="environment", diverts=True)
    assert only(replace(CALM, settings=(variable,))) == Finding(
        id="diverted",
        severity="warning",
        message="`PIP_TARGET` redirects installs away from this kernel's environment",
        evidence=(Evidence(label="PIP_TARGET", value="/elsewhere"),),
        hint="`import os; del os.environ['PIP_TARGET']` unsets it in this kernel",
    )
    key = Setting(name="install.target", value="/elsewhere", source="/home/me/pip.conf", diverts=True)
    active = Setting(name="CONDA_PREFIX", value="/envs/b", source="environment", diverts=True)
    finding = only(replace(CALM, settings=(active, key)))
    assert finding.hint == "remove `install.target` from `/home/me/pip.conf`"
    assert finding.evidence == (Evidence(label="install.target", value="/elsewhere", note="/home/me/pip.conf"),)


def test_harmless_settings_are_no_findings() -> None:
    index = Setting(name="PIP_INDEX_URL", value="https://index", source="environment", diverts=False)
    path = Setting(name="PYTHONPATH", value="/extra", source="environment", diverts=False)
    assert diagnose(replace(CALM, settings=(index, path))) == ()


@pytest.mark.parametrize(
    ("variable", "tools", "followed"),
    [
        ("VIRTUAL_ENV", ("uv",), "`uv` follows"),
        ("VIRTUAL_ENV", ("uv", "conda"), "`uv` follows"),
        ("CONDA_PREFIX", ("uv",), "`uv` follows"),
        ("CONDA_PREFIX", ("conda",), "`conda` follows"),
        ("CONDA_PREFIX", ("uv", "conda"), "`uv` and `conda` follow"),
        ("VIRTUAL_ENV", ("conda",), None),
        ("CONDA_PREFIX", (), None),
    ],
)
def test_an_active_environment_that_is_another_one_is_a_note_where_something_follows_it(
    variable: str, tools: tuple[str, ...], followed: str | None
) -> None:
    active = Setting(name=variable, value="/envs/b", source="environment", diverts=True)
    known = {name: command(name, same_environment=None) for name in tools}
    shell = replace(SHELL, uv=known.get("uv", SHELL.uv), conda=known.get("conda", SHELL.conda))
    found = diagnose(replace(CALM, settings=(active,), other_environments=(active,), shell=shell))
    note = Finding(
        id="other-environment-active",
        severity="note",
        message=f"`{variable}` names a different environment than this kernel's, and {followed} it",
        evidence=(
            Evidence(label=variable, value="/envs/b"),
            Evidence(label="kernel", value="/envs/a", note="3.12.4"),
        ),
        hint=f"`import os; del os.environ['{variable}']` unsets it in this kernel",
    )
    assert found == ((note,) if followed else ())


def test_an_active_environment_is_not_told_again_where_all_that_follow_it_are_told() -> None:
    active = Setting(name="CONDA_PREFIX", value="/envs/b", source="environment", diverts=True)
    followed = replace(SHELL, uv=command("uv", prefix="/envs/b", same_environment=False))
    seen = replace(CALM, other_environments=(active,), shell=followed)
    assert [each.id for each in diagnose(seen)] == ["shell-uv"]
    both = replace(followed, conda=command("conda", same_environment=None))
    assert [each.id for each in diagnose(replace(seen, shell=both))] == ["shell-uv", "other-environment-active"]


def test_a_file_that_hides_the_standard_library_says_what_to_do() -> None:
    shadow = LocalShadow(module="random", file="/work/random.py", hidden="/usr/lib/random.py", standard_library=True)
    assert only(replace(CALM, local_shadows=(shadow,))) == Finding(
        id="working-directory-shadows",
        severity="warning",
        message="a file in the working directory hides the standard library's module `random`",
        evidence=(
            Evidence(label="found", value="/work/random.py"),
            Evidence(label="hidden", value="/usr/lib/random.py"),
        ),
        hint="rename the file, then restart the kernel",
    )
    installed = replace(shadow, standard_library=False)
    assert only(replace(CALM, local_shadows=(installed,))).message == (
        "a file in the working directory hides an installed module `random`"
    )


def test_the_user_site_that_hides_the_environment_is_told_with_what_it_hides() -> None:
    """The first five by name."""
    shadows = tuple(
        Twice(project=f"p{each}", metadata=(f"/user/p{each}.dist-info", f"/site/p{each}.dist-info"))
        for each in range(6)
    )
    assert only(replace(CALM, user_site_shadows=shadows)) == Finding(
        id="user-site-shadows",
        severity="warning",
        message="the user site hides 6 distributions of this kernel's environment",
        evidence=tuple(Evidence(label=each.project, value=each.metadata[0]) for each in shadows[:5]),
        hint="set `PYTHONNOUSERSITE=1` under `env` in the kernel's `kernel.json`, then restart the kernel",
    )
    assert only(replace(CALM, user_site_shadows=shadows[:1])).message == (
        "the user site hides 1 distribution of this kernel's environment"
    )


def test_stale_modules_are_one_finding() -> None:
    stale = StaleModule(module="six", loaded_version="1.15", distribution="six", version="1.16")
    finding = Finding(
        id="stale-modules",
        severity="warning",
        message="1 loaded module changed on disk since this kernel loaded it",
        evidence=(Evidence(label="six", value="loaded 1.15, installed 1.16"),),
        hint="restart the kernel",
    )
    assert only(replace(CALM, stale=(stale,))) == finding
    unknown = replace(stale, module="yaml", loaded_version=None, version=None)
    two = only(replace(CALM, stale=(stale, unknown)))
    assert two.message == "2 loaded modules changed on disk since this kernel loaded them"
    assert two.evidence == (*finding.evidence, Evidence(label="yaml", value="loaded unknown, installed unknown"))


def test_what_the_import_path_does_and_what_is_broken_is_told_too() -> None:
    broken = Finding(id="settings", severity="error", message="`pip.conf` cannot be read")
    kernel = replace(KERNEL, user_site="/home/me/site")
    folders = (PathFolder(path="/old/site-packages", belongs_to="Python 3.9"),)
    found = diagnose(replace(CALM, kernel=kernel, unseen_in_user_site=2, pythonpath=folders, broken=(broken,)))
    assert [each.id for each in found] == ["settings", "pythonpath-other-python", "user-site-off"]
    assert found[0] == broken
    assert found[1].evidence[1] == SEEN_KERNEL
    assert found[2].message == "this kernel does not search the user site, which holds 2 distributions"


def test_errors_come_before_warnings_and_these_before_notes() -> None:
    active = Setting(name="VIRTUAL_ENV", value="/envs/b", source="environment", diverts=False)
    followed = replace(SHELL, uv=command("uv", same_environment=None))
    kernel = replace(KERNEL, installers=(), writable=False)
    seen = replace(CALM, kernel=kernel, shell=followed, other_environments=(active,))
    assert [each.severity for each in diagnose(seen)] == ["error", "warning", "note"]
