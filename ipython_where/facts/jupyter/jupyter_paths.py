"""Where Jupyter keeps its files: ``jupyter_core.paths`` for the Jupyter in any prefix, given its environment variables.

Jupyter's rules are reimplemented because importing `jupyter_core` answers only for the interpreter that imports it.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Mapping

from ipython_where.facts.home import expand_user, home_of
from ipython_where.facts.interpreters.pyvenv_cfg import read_pyvenv_cfg
from ipython_where.judge.pyvenv_cfg import sees_system

_FALSE = frozenset(("no", "n", "false", "off", "0", "0.0"))  # what jupyter_core reads as "not set"


def kernel_directories(*, prefix: str, environ: Mapping[str, str]) -> tuple[str, ...]:
    """Where the Jupyter of ``prefix`` looks for kernelspecs; the first match wins."""
    ipython = environ.get("IPYTHONDIR") or os.path.join(home_of(environ), ".ipython")
    return (
        *(os.path.join(path, "kernels") for path in jupyter_path(prefix=prefix, environ=environ)),
        os.path.join(os.path.normpath(expand_user(ipython, environ)), "kernels"),
    )


def jupyter_path(*, prefix: str, environ: Mapping[str, str], platform: str = sys.platform) -> tuple[str, ...]:
    """The data directories of the Jupyter of ``prefix``: what its ``jupyter_core.paths.jupyter_path()`` returns."""
    wanted = environ.get("JUPYTER_PATH", "")
    paths = [path.rstrip(os.sep) for path in wanted.split(os.pathsep)] if wanted else []
    user = [data_directory(environ=environ, prefix=prefix, platform=platform)]
    user_base = _user_base(prefix, environ)
    if user_base and (shared := os.path.join(user_base, "share", "jupyter")) not in user:
        user.append(shared)
    system = _system_directories(prefix, environ, platform)
    own = os.path.join(prefix, "share", "jupyter")
    env = [own] if system == [own] or own not in system else []
    paths += env + user if _prefers_environment(prefix, environ) else user + env
    paths += [path for path in system if path not in paths]
    return tuple(paths)


def config_path(*, prefix: str, environ: Mapping[str, str], platform: str = sys.platform) -> tuple[str, ...]:
    """The configuration directories of the Jupyter of ``prefix``: what its ``jupyter_core.paths.jupyter_config_path()`` returns.

    Empty with `JUPYTER_NO_CONFIG`, for which Jupyter uses a new, empty folder.
    """
    if environ.get("JUPYTER_NO_CONFIG"):
        return ()
    wanted = environ.get("JUPYTER_CONFIG_PATH", "")
    paths = [path.rstrip(os.sep) for path in wanted.split(os.pathsep)] if wanted else []
    user = [config_directory(environ=environ, prefix=prefix, platform=platform)]
    user_base = _user_base(prefix, environ)
    if user_base and (shared := os.path.join(user_base, "etc", "jupyter")) not in user:
        user.append(shared)
    own = os.path.join(prefix, "etc", "jupyter")
    system = _system_config(own, prefix, environ, platform)
    env = [own] if system == [own] or own not in system else []
    paths += env + user if _prefers_environment(prefix, environ) else user + env
    paths += system if system != [own] else []
    return tuple(paths)


def config_directory(*, environ: Mapping[str, str], prefix: str = "", platform: str = sys.platform) -> str:
    """The user's Jupyter configuration directory, as ``jupyter_core.paths.jupyter_config_dir()`` gives it."""
    if environ.get("JUPYTER_CONFIG_DIR"):
        return environ["JUPYTER_CONFIG_DIR"]
    if not _is_set(environ, "JUPYTER_PLATFORM_DIRS"):
        return os.path.join(os.path.realpath(home_of(environ)), ".jupyter")
    if platform == "darwin":
        return os.path.join(home_of(environ), "Library", "Application Support", _app_name(prefix, platform))
    if platform == "win32":
        return os.path.join(
            environ.get("LOCALAPPDATA") or os.path.join(home_of(environ), "AppData", "Local"), "Jupyter"
        )
    return os.path.join(environ.get("XDG_CONFIG_HOME") or os.path.join(home_of(environ), ".config"), "jupyter")


def _system_config(own: str, prefix: str, environ: Mapping[str, str], platform: str) -> list[str]:
    if platform == "win32":
        trusted = environ.get("PROGRAMDATA") if _is_set(environ, "JUPYTER_USE_PROGRAMDATA") else None
        return [os.path.join(trusted, "jupyter") if trusted else own]
    if not _is_set(environ, "JUPYTER_PLATFORM_DIRS"):
        return ["/usr/local/etc/jupyter", "/etc/jupyter"]
    if platform == "darwin":
        return [os.path.join("/Library/Application Support", _app_name(prefix, platform))]
    shared = environ.get("XDG_CONFIG_DIRS") or "/etc/xdg"
    return [os.path.join(path, "jupyter") for path in shared.split(os.pathsep) if path]


def data_directory(*, environ: Mapping[str, str], prefix: str = "", platform: str = sys.platform) -> str:
    """The user's Jupyter data directory, as ``jupyter_core.paths.jupyter_data_dir()`` gives it."""
    if environ.get("JUPYTER_DATA_DIR"):
        return environ["JUPYTER_DATA_DIR"]
    platform_dirs = _is_set(environ, "JUPYTER_PLATFORM_DIRS")
    home = home_of(environ) if platform_dirs else os.path.realpath(home_of(environ))
    if platform == "darwin":
        if platform_dirs:
            return os.path.join(home, "Library", "Application Support", _app_name(prefix, platform))
        return os.path.join(home, "Library", "Jupyter")
    if platform == "win32":
        if platform_dirs:
            return os.path.join(environ.get("LOCALAPPDATA") or os.path.join(home, "AppData", "Local"), "Jupyter")
        if environ.get("APPDATA"):
            return os.path.join(os.path.realpath(environ["APPDATA"]), "jupyter")
        return os.path.join(environ.get("JUPYTER_CONFIG_DIR") or os.path.join(home, ".jupyter"), "data")
    return os.path.join(environ.get("XDG_DATA_HOME") or os.path.join(home, ".local", "share"), "jupyter")


def runtime_directory(*, environ: Mapping[str, str], platform: str = sys.platform) -> str:
    """Where Jupyter keeps files about running kernels and servers: ``jupyter_core.paths.jupyter_runtime_dir()``."""
    return environ.get("JUPYTER_RUNTIME_DIR") or os.path.join(
        data_directory(environ=environ, platform=platform), "runtime"
    )


def _system_directories(prefix: str, environ: Mapping[str, str], platform: str) -> list[str]:
    platform_dirs = _is_set(environ, "JUPYTER_PLATFORM_DIRS")
    if platform == "win32":
        trusted = environ.get("PROGRAMDATA") if _is_set(environ, "JUPYTER_USE_PROGRAMDATA") else None
        return [os.path.join(trusted, "jupyter") if trusted else os.path.join(prefix, "share", "jupyter")]
    if platform_dirs and platform == "darwin":
        return [os.path.join("/Library/Application Support", _app_name(prefix, platform))]
    if platform_dirs:
        shared = environ.get("XDG_DATA_DIRS") or "/usr/local/share:/usr/share"
        return [os.path.join(path, "jupyter") for path in shared.split(os.pathsep) if path]
    return ["/usr/local/share/jupyter", "/usr/share/jupyter"]


def _app_name(prefix: str, platform: str) -> str:
    return "Jupyter" if platform == "darwin" and not prefix.startswith("/opt/homebrew") else "jupyter"


def _is_set(environ: Mapping[str, str], name: str) -> bool:
    return name in environ and environ[name].lower() not in _FALSE


def _prefers_environment(prefix: str, environ: Mapping[str, str]) -> bool:
    """Whether the environment's directories come before the user's."""
    if "JUPYTER_PREFER_ENV_PATH" in environ:
        return _is_set(environ, "JUPYTER_PREFER_ENV_PATH")
    if _venv_settings(prefix) is not None:
        return _own(prefix)
    conda = environ.get("CONDA_PREFIX")
    return (
        conda is not None
        and prefix.startswith(conda)
        and environ.get("CONDA_DEFAULT_ENV", "base") != "base"
        and _own(prefix)
    )


def _own(path: str) -> bool:
    """jupyter_core's ownership test: by login name if there is one, else by user id, else by write permission."""
    try:
        import pwd

        owner = os.stat(path).st_uid
        try:
            login = os.getlogin()  # first: it fails without a terminal, and a lookup by number is slow
            return pwd.getpwuid(owner).pw_name == login
        except (KeyError, OSError):
            return owner == os.geteuid()
    except (ImportError, AttributeError, OSError):
        return os.access(path, os.W_OK)


def _venv_settings(prefix: str) -> Mapping[str, str] | None:
    """The keys of a virtual environment's ``pyvenv.cfg``; None if ``prefix`` is not one."""
    settings = read_pyvenv_cfg(prefix)
    return settings if settings and "home" in settings else None


def _user_base(prefix: str, environ: Mapping[str, str]) -> str | None:
    """The `--user` base of the Python in ``prefix``; None if its user site is switched off."""
    settings = _venv_settings(prefix)
    closed = settings is not None and not sees_system(settings)
    if closed or environ.get("PYTHONNOUSERSITE"):
        return None
    if environ.get("PYTHONUSERBASE"):
        return environ["PYTHONUSERBASE"]
    if os.name == "nt":
        return os.path.join(environ["APPDATA"], "Python") if environ.get("APPDATA") else None
    return os.path.join(home_of(environ), ".local")
