"""What the text of a ``pyvenv.cfg`` says (PEP 405).

Tested in `tests/facts/interpreters/test_pyvenv_cfg.py`.
"""

from __future__ import annotations

from collections.abc import Mapping


def parse_pyvenv_cfg(text: str | None) -> Mapping[str, str] | None:
    """The keys of a ``pyvenv.cfg``, in lower case as ``site`` reads them; None if there is no text."""
    if text is None:
        return None
    pairs = (line.partition("=") for line in text.splitlines() if "=" in line)
    return {key.strip().lower(): value.strip() for key, _, value in pairs}


def sees_system(settings: Mapping[str, str]) -> bool:
    """Whether a virtual environment includes its base's packages."""
    return settings.get("include-system-site-packages", "").lower() == "true"
