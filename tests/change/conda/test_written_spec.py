"""How a wish of conda's history is written: as conda 26.7 does (`conda export --from-history`), but where that loses the wish."""

from __future__ import annotations

import pytest

from ipython_where.change.conda.written_spec import written

AS_CONDA = {
    "numpy": "numpy",
    "NumPy": "numpy",
    "numpy=": "numpy",
    "numpy *": "numpy",
    "numpy=2.1": "numpy=2.1",
    "numpy=2.1.*": "numpy=2.1",
    "numpy 2.1*": "numpy=2.1",
    "numpy==2.1.*": "numpy=2.1",
    "numpy >=2, <3": "numpy[version='>=2,<3']",
    "numpy[version='>=2,<3']": "numpy[version='>=2,<3']",
    "numpy!=2.1": "numpy!=2.1",
    "numpy~=2.1.3": "numpy~=2.1.3",
    "numpy ~=2.1 py39*": "numpy[version='~=2.1',build=py39*]",
    "numpy=1.26|2.1*": "numpy[version='=1.26|2.1.*']",
    "numpy=1.*.3": "numpy=1.*.3",
    "numpy=^1.8.*$": "numpy[version='^1.8.*$']",
    "numpy=1!2.0": "numpy=1!2.0",
    "numpy=2.1=py39_0": "numpy=2.1=py39_0",
    "numpy 2.1 py39_0": "numpy=2.1=py39_0",
    "numpy==2.1=py39_0": "numpy=2.1=py39_0",
    "numpy 2.1.* py39_0": "numpy=2.1[build=py39_0]",
    "numpy=*=py39*": "numpy[build=py39*]",
    "numpy>=2.1=py39*": "numpy[version='>=2.1',build=py39*]",
    'numpy[version=">=2",build="py39*"]': "numpy[version='>=2',build=py39*]",
    "libblas[build='^.*openblas$']": "libblas[build='^.*openblas$']",
    "numpy[build_number='>3']": "numpy[build_number=>3]",
    "numpy=2.1=py39_0[md5=0123]": "numpy=2.1=py39_0[md5=0123]",
    "numpy[license='BSD 3']": "numpy[license='bsd 3']",
    "numpy[subdir=linux-64]": "numpy[subdir=linux-64]",
    "numpy[optional]": "numpy",
    "numpy 2.1 py39_0 (optional)": "numpy=2.1=py39_0",
    "numpy # a comment": "numpy",
    "numpy if python<3": "numpy",
    "*::numpy": "numpy",
    "*/linux-64::numpy": "numpy[subdir=linux-64]",
    "conda-*::numpy": "numpy[channel=conda-*]",
    "num*": "num*",
}
"""What conda writes for each, taken from `MatchSpec(…).conda_env_form()`."""

KEPT = {
    # exactly 2.1, while `numpy=2.1` is any 2.1
    "numpy==2.1": "numpy==2.1",
    "numpy 2.1": "numpy==2.1",
    "numpy[version='2.1']": "numpy==2.1",
    "numpy==2.1=*py39*": "numpy==2.1[build=*py39*]",
    "numpy==1.26|==2.1": "numpy[version='1.26|==2.1']",
    # the channel
    "conda-forge::numpy>=2": "conda-forge::numpy[version='>=2']",
    "conda-forge/linux-64::numpy==2.1=h_0": "conda-forge/linux-64::numpy=2.1=h_0",
    "numpy[channel=conda-forge,subdir=linux-64]": "conda-forge/linux-64::numpy",
    "pkgs/main::numpy": "defaults::numpy",
    "https://conda.anaconda.org/conda-forge::numpy": "conda-forge::numpy",
    "https://conda.example/own/noarch::numpy": "https://conda.example/own/noarch::numpy",
    "https://conda.anaconda.org/own/linux-64/numpy-2.1.0-h_0.conda#0123": "own/linux-64::numpy=2.1.0=h_0",
    "/srv/channel/noarch/numpy-2.1.0-h_0.tar.bz2": "file:///srv/channel/noarch::numpy=2.1.0=h_0",
}
"""What conda itself shortens to another wish, as `MatchSpec` understands it."""

NO_SPECS = (
    "",
    "numpy^1.8",
    "numpy==2.1.0=",
    "foo=bar=baz=qux",
    "numpy>=2 <3",
    "numpy[version='>=2'",
    "numpy[unknown=1]",
)


@pytest.mark.parametrize(("spec", "text"), [*AS_CONDA.items(), *KEPT.items()])
def test_the_spec_as_conda_writes_it(spec: str, text: str) -> None:
    assert written(spec) == text
    assert written(text) == text


@pytest.mark.parametrize("spec", NO_SPECS)
def test_what_conda_refuses_stays(spec: str) -> None:
    assert written(spec) == spec
