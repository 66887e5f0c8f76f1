"""Which package a conda spec names."""

from __future__ import annotations

import pytest

from ipython_where.judge.conda_spec import name_in


@pytest.mark.parametrize(
    ("spec", "name"),
    [
        ("numpy", "numpy"),
        ("NumPy>=1.2,<2", "numpy"),
        ("numpy=1.26=*openblas*", "numpy"),
        ("numpy 1.26 *_0", "numpy"),
        ("conda-forge::numpy=1.2", "numpy"),
        ("https://conda.example/t/secret/channel::r-base", "r-base"),
        ("conda-forge/linux-64::_libgcc_mutex", "_libgcc_mutex"),
        ("numpy[version='>=1']", "numpy"),
        ("numpy[url=https://conda.example/x.conda]", "numpy"),
        ("'numpy<2'", "numpy"),
        ("https://conda.example/linux-64/scikit-learn-1.2.0-py311_0.conda#0123", "scikit-learn"),
        ("/pkgs/zlib-1.3-h_0.tar.bz2", "zlib"),
        ("https://conda.example/linux-64/odd.conda", None),
        ("*[md5=0123]", None),
        ("", None),
        ("::", None),
    ],
)
def test_the_package_of_a_spec(spec: str, name: str | None) -> None:
    assert name_in(spec) == name
