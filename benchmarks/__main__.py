"""Make the environments, let the cases take turns, print the medians with their goals."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Iterator
from pathlib import Path

from tests.environments import clean_environ, uv

from .downloads import measure_downloads
from .environments import Measured, home_with_others, imported_environment, measured_environments
from .install_report import show_installs
from .installs import measure_installs
from .kernel import in_kernels
from .report import show, show_guard
from .turns import Case, Figures, inside, take_turns

NAMES = ("yaml", "dateutil", "PIL", "cv2", "jaraco", "google.cloud.storage")
"""Modules whose distribution bears another name, or shares a namespace package with others."""


def main() -> None:
    """Measure and print; a missed goal is no failure."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description="How quick the answers are.")
    parser.add_argument(
        "part",
        nargs="?",
        choices=("where", "guard", "safepip", "downloads", "conda", "page", "workers"),
        help="one of them alone",
    )
    parser.add_argument("--rounds", type=int, default=7, help="how often each case is measured (default: %(default)s)")
    parser.add_argument("--kernels", type=int, default=5, help="how many kernels are asked (default: %(default)s)")
    parser.add_argument("--workers", type=int, default=64, help="how many there are (default: %(default)s)")
    parser.add_argument(
        "--largest",
        type=int,
        default=5000,
        help="leave out environments with more distributions, but for the two real ones",
    )
    options = parser.parse_args()
    if sys.platform == "win32":
        sys.exit("the environments of this benchmark are made of links that Windows does not have")
    if options.part in (None, "where"):
        print(show(measure(options.rounds, options.kernels, options.largest)))
    if options.part in (None, "guard"):
        print(show_guard(take_turns([inside("guard", 0, Path(sys.executable))], options.rounds, clean_environ())))
    if options.part in (None, "safepip"):
        print(show_installs(measure_installs(options.rounds)))
    if options.part in (None, "downloads"):
        print(measure_downloads())
    if options.part in (None, "conda"):
        from .conda import measure_conda  # its prefix can be made on Linux alone

        print(measure_conda(options.rounds))
    if options.part in (None, "page"):
        from .page import measure_page  # a browser's driver is imported for nothing else

        print(measure_page(options.rounds))
    if options.part in (None, "workers"):
        from .workers import measure_workers

        print(measure_workers(options.rounds, options.workers))

        from .many_workers import measure_many_workers

        print(measure_many_workers(options.rounds))

        from .worker_installs import measure_worker_installs

        print(measure_worker_installs(options.rounds))


def measure(rounds: int, kernels: int, largest: int) -> Figures:
    """All figures: milliseconds by case, number of distributions and what was timed."""
    print("making the environments", file=sys.stderr)
    environments = measured_environments()
    few, many = environments[:2]
    home = home_with_others(few.prefix, many.prefix)
    dropped = ("PYTHONDONTWRITEBYTECODE", "JUPYTER_DATA_DIR", "JUPYTER_PATH", "IPYTHONDIR")
    environ = {name: value for name, value in clean_environ(HOME=str(home)).items() if name not in dropped}
    measured = [
        each for each in environments if each.count <= max(largest, many.count)
    ]  # the goals are about these two
    cases = [case for each in measured for case in _cases(each, many, home)]
    cases.append(inside("imported", many.count, imported_environment().python))
    figures = take_turns(cases, rounds, environ)
    print("kernels", file=sys.stderr)
    for name, times in in_kernels(many.python, kernels, environ).items() if kernels else ():
        figures[name, many.count] = times
    return figures


def _cases(each: Measured, many: Measured, home: Path) -> Iterator[Case]:
    site = str(each.site)
    yield inside("scan", each.count, each.python, site=site)
    yield inside("owner", each.count, each.python, label="owner numpy", name="numpy", site=site)
    yield inside("every_owner", each.count, each.python, label="every owner numpy", name="numpy", site=site)
    for name in NAMES:
        if (each.site / name.replace(".", "/")).is_dir():
            case = "every_owner" if name == "jaraco" else "owner"
            yield inside(case, each.count, each.python, label=f"owner {name}", name=name, site=site)
    rounds = 2 if each.count > 500 else None
    for case in ("packages_distributions", "importlib_metadata"):
        yield inside(case, each.count, each.python, name="numpy", rounds=rounds)
    pip = (str(each.python), "-m", "pip", "show", "numpy")
    yield Case(name="pip show", count=each.count, argv=pip, tells=False, rounds=3)
    uv_pip = (uv(), "pip", "show", "--quiet", "--python", str(each.python), "numpy")
    yield Case(name="uv pip show", count=each.count, argv=uv_pip, tells=False)
    yield inside("where", each.count, each.python, label="where numpy", name="numpy")
    yield inside("where", each.count, each.python, label="where yaml", name="yaml")
    yield inside("load_ext", each.count, each.python)
    if each is many:
        yield inside("others", each.count, each.python, name="numpy", home=str(home))


if __name__ == "__main__":
    main()
