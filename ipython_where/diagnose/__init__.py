"""What is wrong, judged from what was read: values in, findings out, worst first."""

from .environment import ACTIVE_ENVIRONMENT, LocalShadow, StaleModule, Surroundings, Twice, diagnose
from .findings import install_command
from .name import NameFacts, diagnose_name

__all__ = [
    "ACTIVE_ENVIRONMENT",
    "LocalShadow",
    "NameFacts",
    "StaleModule",
    "Surroundings",
    "Twice",
    "diagnose",
    "diagnose_name",
    "install_command",
]
