"""Each finding, from values alone: its whole message, its evidence and a hint that can be pasted."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from ipython_where.judge.diagnose.environment import EnvironmentFacts, LocalShadow, StaleModule, Twice, diagnose
from ipython_where.judge.diagnose.findings import install_command
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


def test_what_is_unknown_is_no_finding() -> None:
    assert diagnose(replace(CALM, shell=replace(SHELL, pip=command("pip", same_environment=None)))) == ()


def test_the_hint_installs_with_whatever_installer_there_is() -> None:
    uv = PackageManager(name="uv", path="/home/me/bin/uv", version=None)
    conda = PackageManager(name="conda", path="/opt/conda/bin/conda", version=None)
    assert install_command((uv,), "six") == install_command((PIP,), "six") == "%safepip install six"
    assert install_command((conda,), "six") is None


def test_an_environment_that_nothing_can_install_into_is_an_error_with_a_way_out() -> None:
    finding = only(replace(CALM, kernel=replace(KERNEL, installers=())))
    assert (finding.id, finding.severity) == ("no-installer", "error")
    assert finding.hint == "`!/envs/a/bin/python -m ensurepip` installs pip there"


@pytest.mark.parametrize(
    ("kernel", "expected"),
    [
        (replace(KERNEL, writable=False), "not-writable"),
        (replace(KERNEL, externally_managed=True), "externally-managed"),
    ],
)
def test_an_environment_that_installs_do_not_reach_is_a_warning(kernel: Environment, expected: str) -> None:
    finding = only(replace(CALM, kernel=kernel))
    assert (finding.id, finding.severity, finding.evidence[0]) == (expected, "warning", SEEN_KERNEL)
    assert finding.hint is not None


def test_a_kernelspec_whose_interpreter_is_gone_is_an_error() -> None:
    spec = replace(SPEC, interpreter="/gone/python", interpreter_exists=False, starts_this_interpreter=False)
    finding = only(replace(CALM, kernelspec=spec))
    assert (finding.id, finding.severity) == ("kernelspec-missing-interpreter", "error")
    assert finding.evidence == (
        Evidence(label="kernelspec", value="/share/jupyter/kernels/a/kernel.json", note="a"),
        Evidence(label="names", value="/gone/python"),
        SEEN_KERNEL,
    )
    assert finding.hint == (
        "`!/envs/a/bin/python -m ipykernel install --user --name a` registers this kernel's interpreter under that name"
    )


def test_a_kernelspec_of_another_interpreter_is_a_warning_and_a_hidden_one_a_note() -> None:
    other = replace(SPEC, interpreter="/usr/bin/python3", starts_this_interpreter=False)
    assert only(replace(CALM, kernelspec=other)).id == "kernelspec-other-interpreter"
    hiding = only(replace(CALM, kernelspec=replace(SPEC, shadowed=("/usr/share/jupyter/kernels/a/kernel.json",))))
    assert (hiding.id, hiding.severity) == ("kernelspec-shadowed", "note")


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
    assert only(replace(CALM, settings=(key,))).hint == "remove `install.target` from `/home/me/pip.conf`"


def test_harmless_settings_are_no_findings() -> None:
    index = Setting(name="PIP_INDEX_URL", value="https://index", source="environment", diverts=False)
    path = Setting(name="PYTHONPATH", value="/extra", source="environment", diverts=False)
    assert diagnose(replace(CALM, settings=(index, path))) == ()


def test_an_active_environment_that_is_another_one_is_a_note_where_something_follows_it() -> None:
    active = Setting(name="VIRTUAL_ENV", value="/envs/b", source="environment", diverts=True)
    seen = replace(CALM, settings=(active,), other_environments=(active,))
    assert diagnose(seen) == ()
    finding = only(replace(seen, shell=replace(SHELL, uv=command("uv", same_environment=None))))
    assert finding.message == "`VIRTUAL_ENV` names a different environment than this kernel's, and `uv` follows it"
    assert finding.hint == "`import os; del os.environ['VIRTUAL_ENV']` unsets it in this kernel"


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


def test_two_versions_of_one_project_are_told() -> None:
    twice = Twice(project="six", metadata=("/site/six-1.15.dist-info", "/site/six-1.16.dist-info"))
    finding = only(replace(CALM, duplicates=(twice,)))
    assert finding.message == "`six` is recorded 2 times in one directory: an interrupted install can cause this"
    assert finding.hint == "`%safepip install --force-reinstall --no-deps six` replaces them all with one"


def test_the_user_site_that_hides_the_environment_is_told_with_what_it_hides() -> None:
    twice = Twice(project="six", metadata=("/user/six-1.15.dist-info", "/site/six-1.16.dist-info"))
    finding = only(replace(CALM, user_site_shadows=(twice,)))
    assert finding.message == "the user site hides 1 distribution of this kernel's environment"
    assert finding.evidence == (Evidence(label="six", value="/user/six-1.15.dist-info"),)


def test_stale_modules_are_one_finding() -> None:
    stale = StaleModule(module="six", loaded_version="1.15", distribution="six", version="1.16")
    finding = only(replace(CALM, stale=(stale,)))
    assert finding.message == "1 loaded module changed on disk since this kernel loaded it"
    assert finding.evidence == (Evidence(label="six", value="loaded 1.15, installed 1.16"),)
    assert finding.hint == "restart the kernel"


def test_errors_come_before_warnings_and_these_before_notes() -> None:
    active = Setting(name="VIRTUAL_ENV", value="/envs/b", source="environment", diverts=False)
    followed = replace(SHELL, uv=command("uv", same_environment=None))
    kernel = replace(KERNEL, installers=(), writable=False)
    seen = replace(CALM, kernel=kernel, shell=followed, other_environments=(active,))
    assert [each.severity for each in diagnose(seen)] == ["error", "warning", "note"]
