"""Debian's own Python, whose packages lie in `/usr/local/lib/python3.X/dist-packages`: in a copy of `/usr` that goes again."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from tests import environments

from .installers import local
from .sessions import clean_world, make_environment

pytestmark = pytest.mark.usefixtures("installer")

PYTHON = "/usr/bin/python3"
LAYOUT = """
import sys, sysconfig
print(sys.version_info >= (3, 11) and sysconfig.get_path("purelib"), sysconfig.get_python_version())
"""

MOUNTED = """
set -e
mount -t tmpfs none "$1"
mkdir "$1/upper" "$1/work"
mount -t overlay overlay -o "lowerdir=/usr,upperdir=$1/upper,workdir=$1/work" /usr
cd "$1"
shift
exec "$@"
"""

LINES = """
import sys
from ipython_where.change.commands.dispatch import safepip
from ipython_where.errors import WhereError
for line in sys.argv[1:]:
    try:
        answer = safepip(line)
        print(answer.plan.installer, answer.plan.installer_reason, answer.verdict and answer.verdict.importable, sep="; ")
    except WhereError as error:
        print(error.message)
    try:
        import debianish
        print(debianish.__file__)
    except ImportError:
        print("none")
    sys.modules.pop("debianish", None)
"""


def in_a_copy_of_usr(folder: Path, *argv: str, **environ: str) -> list[str]:
    """The lines that a program prints which may change all of `/usr`, for itself alone."""
    folder.mkdir()
    whole = ["unshare", "--mount", "sh", "-c", MOUNTED, "sh", str(folder), *argv]
    done = subprocess.run(whole, env=environ, stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=300)
    if "unshare failed" in done.stderr or "mount:" in done.stderr:
        pytest.skip(f"nothing can be mounted here: {done.stderr}")
    assert done.returncode == 0, done.stderr
    return done.stdout.splitlines()


@pytest.mark.skipif(sys.platform != "linux" or shutil.which("unshare") is None, reason="Debian's Python, and root")
def test_pip_stages_for_debians_layout_and_uv_is_not_asked(tmp_path: Path) -> None:
    """uv's `--prefix` leads elsewhere: that is known before, and said. The user's site has another layout again."""
    if not os.path.exists(PYTHON):
        pytest.skip("the system has no Python")
    site, version = environments.call(PYTHON, "-c", LAYOUT).split()
    if not site.endswith("/dist-packages"):
        pytest.skip("the system's Python is not Debian's, or too old")
    local.wheel(tmp_path / "wheels", "debianish", "1.0")
    here = environments.site_packages(make_environment(tmp_path / "env"))
    shutil.copytree(here / "packaging", tmp_path / "needed" / "packaging")
    world = clean_world(tmp_path / "home", PYTHONPATH=f"{environments.ROOT}:{tmp_path}/needed")
    words = f"--break-system-packages --no-index -f {tmp_path}/wheels debianish"
    lines = (f"install --with uv {words}", f"install {words}", "undo", f"install --user {words}")
    printed = in_a_copy_of_usr(tmp_path / "copy", PYTHON, "-c", LINES, *lines, **world)
    assert printed == [
        "uv does not know Debian's layout of `dist-packages`, so it cannot be used here",
        "none",
        "pip; uv does not know Debian's layout of `dist-packages`; ('debianish',)",
        f"{site}/debianish.py",
        "safepip; what `tx-1` replaced was kept; ()",
        "none",
        "pip; uv cannot install into the user site; ('debianish',)",
        f"{tmp_path}/home/.local/lib/python{version}/site-packages/debianish.py",
    ]
    assert not os.path.exists(f"{site}/debianish.py")
