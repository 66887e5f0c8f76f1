"""Run in the environment under test: carries out a `%safepip` or `%safeconda` line without a kernel, and can be struck meanwhile.

``driver.py [--effect N] [--strike KIND] LINE``, or ``recover`` for the line. It ends with 1 and the error's own lines where the
line failed; ``--counted`` prints the number of effects that it had on the disk.
"""

from __future__ import annotations

import argparse
import sys

from ipython_where.answer.world import World
from ipython_where.change.commands.install import install
from ipython_where.change.commands.recovery import recover
from ipython_where.change.commands.undo import undo
from ipython_where.change.commands.uninstall import uninstall
from ipython_where.change.conda.commands import carry_out_in
from ipython_where.change.conda.conda_request import parse_conda_request, split_conda_line
from ipython_where.change.installers.progress import Silent
from ipython_where.change.request.request import parse_request
from ipython_where.change.request.safepip_line import split_line
from ipython_where.change.target_environment import TargetEnvironment
from ipython_where.change.transaction.disk import RealDisk
from ipython_where.errors import WhereError
from tests.change.transaction.worlds import Fault, FaultyDisk, broken_disk, cut_power, full_disk, kill


class Told(Silent):
    """Prints each step as it begins."""

    def step(self, name: str) -> None:
        print(name, flush=True)


def lose_disk() -> None:
    """The disk of this environment is not there any more: whatever it is asked for is an error from here on."""
    cut_power(sys.prefix)


def lose_power() -> None:
    """The machine stops here: the file system of this environment, and this process."""
    lose_disk()
    kill()


STRIKES = {"kill": kill, "full": full_disk, "broken": broken_disk, "gone": lose_disk, "power": lose_power}
DURABLE = ("gone", "power")
"""Those that show what was brought down to the medium."""

COMMANDS = {"install": install, "uninstall": uninstall, "undo": undo}


def main() -> int:
    """Do it."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--effect", type=int)
    parser.add_argument("--strike", choices=STRIKES, default="kill")
    parser.add_argument("--counted", action="store_true")
    parser.add_argument("--told", action="store_true")
    parser.add_argument("line")
    asked = parser.parse_args()
    counted = asked.counted or asked.effect is not None
    fault = None if asked.effect is None else Fault(at=asked.effect, strike=STRIKES[asked.strike])
    disk = FaultyDisk(fault, durable=asked.strike in DURABLE)
    progress = Told() if asked.told else Silent()
    place = TargetEnvironment(world=World.here(), progress=progress, disk=disk if counted else RealDisk())
    try:
        if asked.line == "recover":
            for each in recover(place):
                print(each.outcome)
        elif asked.line.startswith("%safeconda "):
            carry_out_in(place, parse_conda_request(split_conda_line(asked.line.removeprefix("%safeconda "))))
        else:
            request = parse_request(split_line(asked.line))
            COMMANDS[request.command](request, place)
    except WhereError as error:
        print("\n".join(error.lines()), file=sys.stderr)
        return 1
    if asked.counted:
        print(disk.count)
    return 0


if __name__ == "__main__":
    sys.exit(main())
