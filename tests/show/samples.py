"""Realistic answers, as the readers would build them: what the faces' tests draw."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from ipython_where.model import (
    Distribution,
    Elsewhere,
    Environment,
    EnvironmentAnswer,
    Evidence,
    Finding,
    FrontEnd,
    FrontEndPart,
    Kernelspec,
    LabExtension,
    Loaded,
    ModuleAnswer,
    Origin,
    PackageManager,
    PathEntry,
    Server,
    Setting,
    Shadow,
    Shell,
    ShellCommand,
    Variable,
)

HOME = "/home/ada"
A = f"{HOME}/envs/a"
SITE = f"{A}/lib/python3.12/site-packages"
PYTHON = f"{A}/bin/python"

KERNEL = Environment(
    executable=PYTHON,
    version="3.12.4",
    implementation="CPython",
    prefix=A,
    base_prefix="/usr",
    kind="venv",
    made_by="python -m venv",
    site_directories=(SITE,),
    system_site_packages=False,
    user_site=f"{HOME}/.local/lib/python3.12/site-packages",
    user_site_enabled=False,
    user_site_in_use=False,
    writable=True,
    externally_managed=False,
    installers=(
        PackageManager(name="pip", path=f"{A}/bin/pip", version="26.3"),
        PackageManager(name="uv", path=f"{HOME}/.local/bin/uv", version="0.13.9"),
    ),
    host="tern",
    container=None,
)

KERNELSPEC = Kernelspec(
    name="python3",
    file=f"{A}/share/jupyter/kernels/python3/kernel.json",
    exists=True,
    display_name="Python 3 (ipykernel)",
    argv=(PYTHON, "-m", "ipykernel_launcher", "-f", "{connection_file}"),
    interpreter=PYTHON,
    interpreter_exists=True,
    starts_this_interpreter=True,
    shadowed=("/usr/share/jupyter/kernels/python3/kernel.json",),
    evidence="the first `python3` on the server's Jupyter path",
)


def command(name: str, path: str | None, interpreter: str | None = None, version: str | None = None) -> ShellCommand:
    same = None if interpreter is None else interpreter.startswith(f"{A}/")
    prefix = interpreter.rpartition("/bin/")[0] if interpreter else None
    evidence = f"the first line of `{path}`" if path else f"`PATH` has no `{name}`"
    return ShellCommand(
        name=name,
        path=path,
        interpreter=interpreter,
        version=version,
        prefix=prefix,
        same_environment=same,
        evidence=evidence,
    )


SHELL = Shell(
    program="/bin/bash",
    pip=command("pip", f"{A}/bin/pip", PYTHON, "3.12.4"),
    python=command("python", PYTHON, PYTHON, "3.12.4"),
    uv=command("uv", f"{HOME}/.local/bin/uv", PYTHON, "3.12.4"),
    conda=command("conda", None),
)

SERVER = Server(
    verdict="local",
    url="http://localhost:8888/",
    pid=4711,
    version="2.21.1",
    interpreter=f"{HOME}/lab/bin/python",
    interpreter_version="3.12.4",
    prefix=f"{HOME}/lab",
    same_environment=False,
    evidence=("it answered for this kernel at http://localhost:8888/", "process 4711 started this kernel"),
)

CALM = EnvironmentAnswer(kernel=KERNEL, kernelspec=KERNELSPEC, shell=SHELL, server=SERVER, settings=(), findings=())

PIP_ELSEWHERE = Finding(
    id="shell-pip",
    severity="warning",
    message="`!pip` in this kernel is not this kernel's pip",
    evidence=(
        Evidence(label="kernel", value=PYTHON, note="3.12.4"),
        Evidence(label="shell", value="/usr/bin/python3", note="3.11.2"),
    ),
    hint="`%pip install pandas` installs into the kernel's environment",
)

DIVERTED = Finding(
    id="pip-target",
    severity="error",
    message="`PIP_TARGET` sends what pip installs to another directory",
    evidence=(Evidence(label="PIP_TARGET", value=f"{HOME}/vendored", note="environment"),),
    hint="`%set_env PIP_TARGET=` empties it for this kernel",
)

TROUBLED = replace(
    CALM,
    shell=replace(SHELL, pip=command("pip", "/usr/bin/pip", "/usr/bin/python3", "3.11.2")),
    settings=(
        Setting(name="PIP_TARGET", value=f"{HOME}/vendored", source="environment", diverts=True),
        Setting(
            name="global.index-url",
            value="https://****@host/simple",
            source=f"{HOME}/.config/pip/pip.conf",
            diverts=False,
        ),
    ),
    findings=(DIVERTED, PIP_ELSEWHERE),
)

CONDA = replace(
    CALM,
    kernel=replace(
        KERNEL,
        executable="/opt/conda/envs/science/bin/python",
        prefix="/opt/conda/envs/science",
        base_prefix="/opt/conda/envs/science",
        kind="conda",
        made_by="conda",
        system_site_packages=None,
        user_site_enabled=True,
        user_site_in_use=True,
        writable=False,
        installers=(PackageManager(name="mamba", path="/opt/conda/bin/mamba", version=None),),
        container="docker",
    ),
    kernelspec=replace(
        KERNELSPEC,
        file=f"{HOME}/.local/share/jupyter/kernels/science/kernel.json",
        name="science",
        interpreter="/opt/conda/envs/old/bin/python",
        interpreter_exists=False,
        starts_this_interpreter=False,
    ),
)

REMOTE = replace(
    CALM,
    kernelspec=None,
    kernel=replace(KERNEL, executable=None, kind="embedded", made_by=None, installers=()),
    shell=replace(
        SHELL,
        program=None,
        pip=command("pip", f"{HOME}/bin/pip"),
        python=command("python", None),
        uv=command("uv", None),
    ),
    server=Server(
        verdict="unknown",
        url=None,
        pid=None,
        version=None,
        interpreter=None,
        interpreter_version=None,
        prefix=None,
        same_environment=None,
        evidence=("a kernel gateway started this kernel, and the server behind it is not visible from here",),
    ),
)

# -- names -------------------------------------------------------------------------------------------------------------

SITE_ENTRY = PathEntry(path=SITE, reason="site-packages")


def distribution(name: str, version: str, **more: Any) -> Distribution:
    stem = f"{name.replace('-', '_')}-{version}"
    known = Distribution(
        name=name,
        version=version,
        location=SITE,
        metadata=f"{SITE}/{stem}.dist-info",
        installer="pip",
        requested=True,
        editable=False,
        origin=None,
        requires=(),
        required_by=(),
    )
    return replace(known, **more)


def nothing_about(query: str) -> ModuleAnswer:
    """What is said of a name of which nothing is known."""
    return ModuleAnswer(
        query=query,
        found=False,
        module=None,
        kind=None,
        file=None,
        path_entry=None,
        standard_library=False,
        zipped=False,
        portions=(),
        finder=None,
        distribution=None,
        owners=(),
        modules=(),
        variable=None,
        loaded=None,
        stale=None,
        shadows=(),
        shell_python=None,
        front_end=None,
        project=None,
        near=(),
        elsewhere=(),
        findings=(),
        kernel=PYTHON,
    )


NUMPY = replace(
    nothing_about("numpy"),
    found=True,
    module="numpy",
    kind="package",
    file=f"{SITE}/numpy/__init__.py",
    path_entry=SITE_ENTRY,
    distribution=distribution(
        "numpy", "2.1.0", requested=False, required_by=("contourpy", "matplotlib", "pandas", "scipy")
    ),
    modules=("numpy",),
    loaded=Loaded(file=f"{SITE}/numpy/__init__.py", version="2.1.0"),
    stale=False,
)

STALE = replace(
    NUMPY,
    loaded=Loaded(file=f"{SITE}/numpy/__init__.py", version="2.0.0"),
    stale=True,
    shadows=(
        Shadow(
            file=f"{HOME}/.local/lib/python3.12/site-packages/numpy/__init__.py",
            path_entry=PathEntry(path=f"{HOME}/.local/lib/python3.12/site-packages", reason="user site"),
            distribution="numpy",
            version="1.26.4",
        ),
    ),
    shell_python=Elsewhere(
        prefix="/usr",
        interpreter="/usr/bin/python3",
        why="!python",
        file="/usr/lib/python3/dist-packages/numpy/__init__.py",
        distribution="numpy",
        version="1.24.2",
    ),
    findings=(
        Finding(
            id="stale",
            severity="warning",
            message="`numpy` 2.0.0 is loaded, but 2.1.0 is installed now",
            evidence=(
                Evidence(label="loaded", value=f"{SITE}/numpy/__init__.py", note="2.0.0"),
                Evidence(label="installed", value=f"{SITE}/numpy/__init__.py", note="2.1.0"),
            ),
            hint="restart the kernel to use `numpy` 2.1.0",
        ),
    ),
)

NAMESPACE = replace(
    nothing_about("google.cloud"),
    found=True,
    module="google.cloud",
    kind="namespace",
    portions=tuple(f"{HOME}/src/portion-{n}/google/cloud" for n in range(1, 9)),
    owners=("google-cloud-core", "google-cloud-storage"),
)

EDITABLE = replace(
    nothing_about("loom"),
    found=True,
    module="loom",
    kind="package",
    file=f"{HOME}/src/loom/src/loom/__init__.py",
    path_entry=PathEntry(path=f"{HOME}/src/loom/src", reason=".pth file", source=f"{SITE}/_loom.pth"),
    distribution=distribution(
        "loom",
        "0.4.dev0",
        editable=True,
        installer="uv",
        origin=Origin(url=f"file://{HOME}/src/loom", editable=True, vcs=None, commit=None),
    ),
    modules=("loom",),
)

WIDGET = replace(
    nothing_about("ipympl"),
    found=True,
    module="ipympl",
    kind="package",
    file=f"{SITE}/ipympl/__init__.py",
    path_entry=SITE_ENTRY,
    distribution=distribution(
        "ipympl", "0.9.4", requires=("ipython<10", "ipywidgets<9,>=7.6.0", "matplotlib<4,>=3.5.0")
    ),
    modules=("ipympl",),
    front_end=FrontEnd(
        lab_extensions=(LabExtension(name="jupyter-matplotlib", version="0.11.4"),),
        server_extensions=(),
        in_server=(),
        parts=(
            FrontEndPart(
                kind="JupyterLab",
                name="jupyter-matplotlib",
                carrier="ipympl",
                carrier_version="0.9.4",
                requirement="ipympl==0.9.4",
                accepts="^0.11",
                in_kernel="0.11.4",
                in_server=None,
                verdict="missing",
            ),
        ),
    ),
)

DATAFRAME = replace(
    nothing_about("df"),
    found=True,
    module="pandas.core.frame",
    kind="source",
    file=f"{SITE}/pandas/core/frame.py",
    path_entry=SITE_ENTRY,
    distribution=distribution("pandas", "2.2.3"),
    modules=("pandas",),
    variable=Variable(name="df", bound_to="class pandas.DataFrame"),
    loaded=Loaded(file=f"{SITE}/pandas/core/frame.py", version="2.2.3"),
    stale=False,
)

SYS = replace(
    nothing_about("sys"),
    found=True,
    module="sys",
    kind="builtin",
    standard_library=True,
    loaded=Loaded(file=None, version=None),
    stale=False,
)

SKLEARN = replace(
    nothing_about("sklearn"),
    project="scikit-learn",
    near=("skimage",),
    elsewhere=(
        Elsewhere(
            prefix=f"{HOME}/envs/b",
            interpreter=f"{HOME}/envs/b/bin/python",
            why="kernelspec `b`",
            file=f"{HOME}/envs/b/lib/python3.11/site-packages/sklearn/__init__.py",
            distribution="scikit-learn",
            version="1.5.0",
        ),
        Elsewhere(
            prefix=f"{HOME}/work/.venv",
            interpreter=None,
            why="beside the notebook",
            file=f"{HOME}/work/.venv/lib/python3.12/site-packages/sklearn/__init__.py",
            distribution=None,
            version=None,
        ),
    ),
)

UNDECIDED = replace(nothing_about("loom.engine"), found=None, module="loom.engine")

DISTRIBUTION = replace(
    nothing_about("setuptools"),
    found=True,
    distribution=distribution("setuptools", "80.1.0", installer=None, requested=None),
    modules=("_distutils_hack", "pkg_resources", "setuptools"),
)

BROKEN = replace(
    NUMPY,
    distribution=replace(distribution("numpy", "2.1.0"), version=None, installer=None, requested=None),
    loaded=None,
    stale=None,
    owners=("numpy", "numpy-mkl"),
    findings=(
        Finding(
            id="broken-metadata",
            severity="note",
            message="`numpy` has metadata that cannot be read",
            evidence=(Evidence(label="file", value=f"{SITE}/numpy-2.1.0.dist-info/METADATA", note="no `Version`"),),
        ),
    ),
)

HOSTILE_NAME = '<script>alert("1")</script>\'&\x1b[31m\n\u202e\udce9'


def hostile(name: str) -> ModuleAnswer:
    """An answer that has ``name`` wherever a package, a path or a message could bring it."""
    evidence = Evidence(label=name, value=name, note=name)
    return replace(
        NUMPY,
        query=name,
        module=f"{name}.x",
        file=f"/tmp/{name}/x.py",
        path_entry=PathEntry(path=name, reason="code"),
        distribution=distribution(name, name, installer=name, requires=(name,)),
        shadows=(Shadow(file=name, path_entry=None, distribution=name, version=name),),
        findings=(
            Finding(id=name, severity="error", message=f"`{name}` is hostile", evidence=(evidence,), hint=f"`{name}`"),
        ),
    )


HOSTILE = hostile(HOSTILE_NAME)

ENVIRONMENTS = {"calm": CALM, "troubled": TROUBLED, "conda": CONDA, "remote": REMOTE}
NAMES = {
    "numpy": NUMPY,
    "stale": STALE,
    "namespace": NAMESPACE,
    "editable": EDITABLE,
    "widget": WIDGET,
    "df": DATAFRAME,
    "sys": SYS,
    "sklearn": SKLEARN,
    "undecided": UNDECIDED,
    "distribution": DISTRIBUTION,
    "broken": BROKEN,
}
