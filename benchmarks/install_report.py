"""The figures of `%safepip` as a table, beside bare pip and bare uv, and each goal with whether it was met."""

from __future__ import annotations

from collections.abc import Iterator

from .installs import Installs
from .report import Row, milliseconds, ratio, table

WHAT = {"numpy": "`numpy` is there", "five": "five are there", "largest": "`jupyterlab` is there"}


def show_installs(found: Installs) -> str:
    """Everything that was measured, as text."""
    wholes = {**WHAT, "small": "one small package", "set": f"{found.packages} packages, {found.files} files"}
    rows: list[Row] = [("", "", "wall", "x %safepip", "CPU", "undo, wall")]
    for (what, how), times in found.times.items():
        ours = found.times[what, "%safepip" if what in WHAT else "%safepip with uv"]
        undo = milliseconds(times["undo wall"]) if "undo wall" in times else ""
        share = ratio(times["wall"] / ours["wall"])
        rows.append((wholes[what], how, milliseconds(times["wall"]), share, milliseconds(times["cpu"]), undo))
    title = (
        f"Installs: ms, what is there among {found.count} distributions (pip compiles what it installs, uv does not)"
    )
    goals: list[Row] = [("goal", "at most", "wall", "", "CPU", "")]
    for goal, most, wall, cpu in _judged(found):
        shown = milliseconds if "ms" in goal else ratio
        goals.append((goal, shown(most), shown(wall), _verdict(wall, most), shown(cpu), _verdict(cpu, most)))
    return f"{title}\n{table(rows)}\n\nGoals of installs: ms, or times something else\n{table(goals)}"


def _verdict(measured: float, most: float) -> str:
    return "met" if measured <= most else "MISSED"


def _judged(found: Installs) -> Iterator[tuple[str, float, float, float]]:
    """Each goal: what, the most that it may be, and what it is by wall clock and in CPU time."""
    for what, most in (("numpy", 3.0), ("five", 5.0)):
        times = found.times[what, "%safepip"]
        yield f"{WHAT[what]}, nothing known yet, ms", most, times["wall"], times["cpu"]
        yield f"{WHAT[what]}, asked again, ms", most, times["wall again"], times["cpu again"]
    small, bare = found.times["small", "%safepip with uv"], found.times["small", "uv"]
    most = 1.5 * bare["wall"] + 60
    yield (
        "one small package through uv, over 1.5 x uv + 60 ms",
        1,
        small["wall"] / most,
        small["cpu"] / (1.5 * bare["cpu"] + 60),
    )
    for what, name in (("small", "one small package"), ("set", "the set")):
        ours, pip = found.times[what, "%safepip with pip"], found.times[what, "pip"]
        yield f"{name} through pip, x pip", 1.1, ours["wall"] / pip["wall"], ours["cpu"] / pip["cpu"]
    ours, pip = found.times["set", "%safepip with uv"], found.times["set", "pip"]
    yield "the set through uv, x pip (a twentieth)", 0.05, ours["wall"] / pip["wall"], ours["cpu"] / pip["cpu"]
    bare, copying = found.times["set", "uv"], found.times["set", "uv, copying"]
    own = {clock: ours[clock] - bare[clock] for clock in ("wall", "cpu")}
    yield "the transaction alone, x uv that copies", 0.5, own["wall"] / copying["wall"], own["cpu"] / copying["cpu"]
    yield "undo of the set, ms", 500, ours["undo wall"], ours["undo cpu"]
