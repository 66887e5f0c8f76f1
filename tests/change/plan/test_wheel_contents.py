"""What wheels on this machine would bring, by the names in them."""

from __future__ import annotations

import zipfile
from pathlib import Path

from ipython_where.change.installers.interface import Pin
from ipython_where.change.plan.clashes import Ground
from ipython_where.change.plan.wheel_contents import read_archives

GROUND = Ground(sites=("lib/site",), scripts="bin")


def test_each_file_goes_where_an_installer_puts_it(tmp_path: Path) -> None:
    """The schemes of its data, its entry points, odd spellings; what leads outside is left out, as no installer puts it there."""
    names = {
        "a/__init__.py": "lib/site/a/__init__.py",
        "./b.py": "lib/site/b.py",
        "x/../c//d.py": "lib/site/c/d.py",
        "a-1.data/purelib/p.py": "lib/site/p.py",
        "a-1.data/platlib/q.so": "lib/site/q.so",
        "a-1.data/scripts/s": "bin/s",
        "a-1.data/data/share/t": "share/t",
        "a-1.data/data/LICENSE": "LICENSE",
        "a-1.data/headers/h.h": None,
        "a-1.data/stdlib/os.py": None,
        "../../../outside.py": None,
        "/etc/outside": None,
        "a-1.dist-info/RECORD": "lib/site/a-1.dist-info/RECORD",
        "a-1.dist-info/entry_points.txt": "lib/site/a-1.dist-info/entry_points.txt",
    }
    with zipfile.ZipFile(tmp_path / "a-1-py3-none-any.whl", "w") as wheel:
        for name in names:
            points = "[console_scripts]\npip = a:b\n[gui_scripts]\nwin=a:c\n[other]\nno = a:d\n"
            wheel.writestr(name, points if name.endswith("points.txt") else "")
    (tmp_path / "broken-1-py3-none-any.whl").write_text("no archive")
    pins = [Pin(name=name, version="1") for name in ("a", "broken", "elsewhere")]
    (brought,), unknown = read_archives(pins, [str(tmp_path)], ground=GROUND)
    assert set(brought.files) == {each for each in names.values() if each} | {"bin/pip", "bin/win"}
    assert unknown == ["broken", "elsewhere"]
