"""The history as conda reads it: what was asked for, by each version's format, and what no version wrote."""

from __future__ import annotations

from pathlib import Path

import pytest

from ipython_where.facts.conda.history import NOTHING, CondaRevision, parse_history, read_history
from tests import conda_prefix

TEXT = """above the first change nothing counts
# update specs: ['lost']
==> 2016-01-01 00:00:00 <==
# cmd: /opt/conda/bin/conda create -n x python=3.5 numpy
python-3.5.0-0
numpy-1.10-py35_0
# create specs: python=3.5,numpy >=1.10,<2.0
==> 2024-05-01 10:00:00 <==
# cmd: /opt/conda/bin/conda install -c https://conda.example/t/tk-secret-123/c pandas
# conda version: 24.5.0
-defaults::numpy-1.10-py35_0
+conda-forge/linux-64::numpy-1.26.4-py312_0
# update specs: ['conda-forge::pandas[version=">=2"]', 'NumPy']
==> 2024-05-02 10:00:00 <==
# cmd: conda remove pandas
# remove specs: ['pandas']
# neutered specs: ['python']
==> 2024-05-03 10:00:00 <==
# update specs: ['without-a-command']
==> 2024-05-04 10:00:00 <==
# cmd: micromamba install -n x zlib
# conda version: 3.8.0
# update specs: ["zlib", "xz@"]
"""


def test_what_was_asked_for() -> None:
    """Removals, neutered specs, the old format; a change without a command doesn't count, as for conda."""
    history = parse_history(TEXT)
    assert history.asked == {"python": "python", "numpy": "NumPy", "zlib": "zlib"}
    assert history.revisions[0].specs == {"asked": ("python=3.5", "numpy >=1.10,<2.0")}
    assert history.revisions[1] == CondaRevision(
        date="2024-05-01 10:00:00",
        command="/opt/conda/bin/conda install -c https://conda.example/t/tk-secret-123/c pandas",
        conda_version="24.5.0",
        added=("conda-forge/linux-64::numpy-1.26.4-py312_0",),
        removed=("defaults::numpy-1.10-py35_0",),
        specs={"asked": ('conda-forge::pandas[version=">=2"]', "NumPy")},
    )
    assert history.revisions[0].added == ("python-3.5.0-0", "numpy-1.10-py35_0")


@pytest.mark.parametrize(
    "specs",
    [
        "['unclosed",
        "[__import__('os').system('x')]",
        "[1, 2]",
        "{'a': 1}",
        "[" * 5_000,
        "",
        "['a'] * 10**9",
        "[pandas[x]]",
    ],
)
def test_no_list_of_specs(specs: str) -> None:
    """What is no list of texts is nothing, and runs nothing."""
    assert parse_history(f"==> 1 <==\n# cmd: conda\n# update specs: {specs}\n").asked in (None, {})


def test_none_was_written(tmp_path: Path) -> None:
    """rattler and pixi leave it empty: nothing is known, which isn't the same as nothing asked for."""
    (tmp_path / "history").write_text("")
    assert read_history(str(tmp_path / "history")) == read_history(str(tmp_path / "no")) == NOTHING


def test_a_real_one() -> None:
    history = read_history(str(conda_prefix.kept() / "conda-meta" / "history"))
    assert history.asked is not None
    assert list(history.asked) == [each.split()[0] for each in conda_prefix.SPECS]
    assert history.asked["numpy"] == "numpy <2.2"
