"""Who says which files belong to whom: RECORD's lists, and that another kind of list answers the same questions."""

from __future__ import annotations

import json
import os
from collections.abc import Iterable
from pathlib import Path

from ipython_where.facts.distributions.distributions import Distributions
from ipython_where.facts.distributions.editable_names import pth_files
from ipython_where.facts.distributions.integrity import Gone, has_its_sizes, look_at
from ipython_where.facts.distributions.inventory import Claims, Inventory, RecordInventory


def record(site: Path, name: str, **files: str | None) -> str:
    """A metadata directory with files of these names and contents."""
    metadata = site / f"{name}-1.dist-info"
    metadata.mkdir(parents=True)
    for file, content in files.items():
        (metadata / file.replace("__", ".")).write_text(content or "")
    return str(metadata)


def test_what_record_says(tmp_path: Path) -> None:
    """The rows, who lists a file, and who does not say what it has."""
    one = record(tmp_path, "one", RECORD="pkg/a.py,sha256=x,3\n")
    two = record(tmp_path, "two", RECORD="./pkg/a.py,,\n")
    old = record(tmp_path, "old", METADATA="Name: old\n")
    inventory: Inventory = RecordInventory(Distributions().content)
    assert (inventory.base(one), inventory.record(one)) == (str(tmp_path), f"{one}/RECORD")
    assert (inventory.files(one), inventory.files(old)) == (b"pkg/a.py,sha256=x,3\n", None)
    assert (inventory.row(one, b"pkg/a.py"), inventory.row(old, b"pkg/a.py")) == (b"sha256=x,3", None)
    assert inventory.claims([one, two, old], b"pkg/a.py") == Claims(listing=(one, two), silent=(old,))


class CondaMeta:
    """The least that reads `conda-meta/*.json`: whether the Protocol fits it."""

    def base(self, owner: str) -> str:
        return os.path.dirname(os.path.dirname(owner))

    def record(self, owner: str) -> str:
        return owner

    def files(self, owner: str) -> bytes | None:
        paths = json.loads(Path(owner).read_text())["paths_data"]["paths"]
        return b"".join(b"%b,,%d\n" % (each["_path"].encode(), each["size_in_bytes"]) for each in paths)

    def row(self, owner: str, path: bytes) -> bytes | None:
        rows = (line.partition(b",") for line in (self.files(owner) or b"").splitlines())
        return next((rest for listed, _, rest in rows if listed == path), None)

    def lists(self, owner: str, path: bytes) -> bool:
        return self.row(owner, path) is not None

    def claims(self, owners: Iterable[str], path: bytes) -> Claims:
        return Claims(listing=tuple(each for each in owners if self.lists(each, path)), silent=())


def test_condas_lists_fit(tmp_path: Path) -> None:
    """Paths below the prefix, in a list that is no folder: owners and missing files are found by the same code."""
    package = tmp_path / "lib" / "python3.12" / "site-packages" / "pkg"
    package.mkdir(parents=True)
    (package / "__init__.py").write_text("1")
    paths = [
        {"_path": f"lib/python3.12/site-packages/pkg/{name}", "size_in_bytes": 1} for name in ("__init__.py", "a.py")
    ]
    (tmp_path / "conda-meta").mkdir()
    owner = tmp_path / "conda-meta" / "pkg-1-0.json"
    owner.write_text(json.dumps({"paths_data": {"paths": paths}}))
    inventory: Inventory = CondaMeta()
    name = str(owner)
    assert inventory.claims([name], b"lib/python3.12/site-packages/pkg/a.py") == Claims(listing=(name,), silent=())
    look = look_at(inventory.base(name), inventory.files(name) or b"", record=name)
    assert look.gone == Gone(listed=2, files=("lib/python3.12/site-packages/pkg/a.py",))
    (package / "a.py").write_text("1")
    assert look_at(inventory.base(name), inventory.files(name) or b"", record=name).gone is None
    assert has_its_sizes(inventory.base(name), inventory.files(name) or b"", record=name)


def test_a_record_in_quotes_is_read_by_all(tmp_path: Path) -> None:
    """Those that ask for one kind of file read the list in any spelling, too."""
    metadata = record(tmp_path, "quoted", RECORD='"hook.pth","sha256=x","3"\n"./other.pth",,\n"pkg/a.py",,\n')
    assert pth_files(metadata, Distributions()) == ["hook.pth", "other.pth"]
