"""Of the `pip install` lines that notebooks have, uv carries out nearly all, and plans what pip plans."""

from __future__ import annotations

import os
from collections import Counter
from dataclasses import replace
from pathlib import Path

import pytest

from ipython_where.change.installers.interface import Installer, Pin
from ipython_where.change.installers.pip import Pip
from ipython_where.change.installers.uv import Uv
from ipython_where.change.plan.choose import choose
from ipython_where.change.request.request import parse_request
from ipython_where.change.request.safepip_line import split_line
from ipython_where.project_names import normalized
from tests.change.installers import local
from tests.change.sessions import make_environment

LINES = [
    line
    for line in Path(__file__).with_name("notebook_lines.txt").read_text(encoding="utf-8").splitlines()
    if not line.startswith("#")
]


def test_uv_carries_out_nine_in_ten() -> None:
    """The others ask for the user site, for several indexes, or for links beside an index."""
    pip = Pip(start=("/env/bin/python", "-P", "-m", "pip"), how="pip in the environment")
    uv = Uv(path="/bin/uv", how="`/bin/uv`")
    reasons = Counter(choose(parse_request(split_line(line)), (), (pip, uv), pip={})[1] for line in LINES)
    assert len(LINES) == 200
    assert reasons == {
        "the fastest that gives the same answer": 182,
        "uv cannot install into the user site": 12,
        "pip compares the versions of all indexes, uv takes the first that has the project": 5,
        "pip and uv combine `--find-links` with an index differently": 1,
    }


@pytest.mark.usefixtures("installer")
@pytest.mark.parametrize(
    "line",
    [
        "install requests==2.26.0",
        "install html5lib",
        "install beautifulsoup4",
        "install -U 'sqlalchemy<2'",
        "install imageio",
        "install --upgrade nbformat",
        "install numpy>=1.26.0,<2.2.0",
    ],
)
def test_both_plan_the_same(tmp_path: Path, line: str) -> None:
    """From the real index, for an environment with nothing in it."""
    assert line in LINES
    prefix = make_environment(tmp_path / "env")
    kept = ("PIP_CERT", "SSL_CERT_FILE", "UV_SYSTEM_CERTS", "PIP_INDEX_URL", "UV_DEFAULT_INDEX")
    reached = {name: value for name, value in os.environ.items() if name in kept or name.lower().endswith("_proxy")}
    site = replace(local.site_for(prefix, tmp_path / "private", tmp_path), environ={**local.world(), **reached})
    request = parse_request(split_line(line))

    def planned(installer: Installer) -> list[tuple[str, str | None, bool]]:
        pins: tuple[Pin, ...] = installer.parse_plan(local.carry_out(installer.plan(request, site)), request, site)
        return sorted((normalized(pin.name), pin.version, pin.requested) for pin in pins)

    assert planned(local.own_uv()) == planned(local.own_pip(prefix))
