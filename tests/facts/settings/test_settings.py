"""Settings that steer installers and the import system: whole values, in one answer."""

from __future__ import annotations

import os
import sys

from ipython_where.facts.settings.settings import read_settings
from ipython_where.model import Setting
from tests import environments
from tests.facts.installing import World

MASK = "****"


def test_each_setting_says_where_it_stands(world: World) -> None:
    """Name, value, source: whole values, credentials masked."""
    conf = world.write("home/.config/pip/pip.conf", "[global]\nindex-url = https://me:pw@h.example/simple\n")
    toml = world.write(
        "work/pyproject.toml", "[tool.uv]\nindex-url='https://me:pw@h.example/s?t=1'\n[tool.uv.pip]\nprefix='/p'\n"
    )
    world.environ |= {
        "PYTHONPATH": "/x",
        "VIRTUAL_ENV": str(world.a),
        "PIP_TARGET": "/t",
        "UV_PUBLISH_TOKEN": "pypi-secret",
        "PYTHONNOUSERSITE": "",
    }
    settings, findings = world.read()
    assert findings == ()
    mine = tuple(s for s in settings if s.source == "environment" or s.source.startswith(str(world.root)))
    assert mine == (
        Setting(name="PYTHONPATH", value="/x", source="environment", diverts=False),
        Setting(name="VIRTUAL_ENV", value=str(world.a), source="environment", diverts=False),
        Setting(name="global.index-url", value=f"https://{MASK}@h.example/simple", source=str(conf), diverts=False),
        Setting(name="PIP_TARGET", value="/t", source="environment", diverts=True),
        Setting(name="UV_PUBLISH_TOKEN", value=MASK, source="environment", diverts=False),
        Setting(
            name="tool.uv.index-url", value=f"https://{MASK}@h.example/s?t={MASK}", source=str(toml), diverts=False
        ),
        Setting(name="tool.uv.pip.prefix", value="/p", source=str(toml), diverts=True),
    )


def test_pythonhome_diverts_only_outside_a_virtual_environment(world: World) -> None:
    """In one, it moves the standard library and leaves the prefix."""
    world.environ["PYTHONHOME"] = "/elsewhere"
    assert [s.diverts for s in world.read()[0] if s.name == "PYTHONHOME"] == [False]
    system = read_settings(environ=world.environ, cwd="/", prefix="/usr", platform="linux")[0]
    assert [s.diverts for s in system if s.name == "PYTHONHOME"] == [True]


def test_nothing_is_parsed_without_files(world: World) -> None:
    """The parsers are not even imported: this is part of every answer."""
    code = (
        "import sys; from ipython_where.facts.settings.settings import read_settings as r\n"
        f"w = dict(environ={world.environ!r}, cwd='/', prefix={str(world.a)!r}, platform='darwin'); r(**w)\n"
        "print(sorted({'configparser', 'tomllib', 'pathlib', 'subprocess'} & set(sys.modules)))"
    )
    printed = environments.call(sys.executable, "-S", "-c", code, PYTHONPATH=os.pathsep.join(sys.path))
    assert printed == "[]\n"
