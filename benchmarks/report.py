"""The figures as a table a question, with their ratios, and each goal with whether it was met."""

from __future__ import annotations

from collections.abc import Iterator

from .turns import Figures

Row = tuple[str, ...]


def show(figures: Figures) -> str:
    """Everything that was measured, as text."""
    counts = sorted({count for _, count in figures})
    parts = [_owners(figures, counts), _wholes(figures, counts), _goals(figures, counts)]
    return "\n\n".join(parts)


def _owners(figures: Figures, counts: list[int]) -> str:
    """Who owns a module: every way to an answer, and how many scans of site-packages it costs."""
    names = [name for name in dict.fromkeys(name for name, _ in figures) if name not in WHOLES]
    rows: list[Row] = [("", *(str(count) for count in counts))]
    for name in names:
        rows.append((name, *(_pair(figures, name, count) for count in counts)))
    title = "Which distribution owns a module: ms of CPU, first call / repeated (and how many scans of site-packages)"
    return f"{title}\n{table(rows)}"


def _pair(figures: Figures, name: str, count: int) -> str:
    times, scan = figures.get((name, count)), figures["scan", count]
    if times is None:
        return "-"
    if "repeated" not in times:
        return f"{milliseconds(times['first'])} (x{ratio(times['first'] / scan['first'])})"
    shown = f"{milliseconds(times['first'])} / {milliseconds(times['repeated'])}"
    if name == "scan":
        return shown
    ratios = (times[what] / scan[what] for what in ("first", "repeated"))
    return f"{shown} (x{' / '.join(ratio(each) for each in ratios)})"


WHOLES = ("where numpy", "where yaml", "imported", "others", "load_ext", "environment")


def _wholes(figures: Figures, counts: list[int]) -> str:
    """Whole answers: every time that was taken of them."""
    lines = ["Whole answers: ms of CPU"]
    for name in WHOLES:
        for count in counts:
            times = figures.get((name, count))
            if times is not None:
                told = ", ".join(f"{what} {milliseconds(value)}" for what, value in times.items())
                lines.append(f"  {name:12} {count:5}  {told}")
    return "\n".join(lines)


def _goals(figures: Figures, counts: list[int]) -> str:
    rows: list[Row] = [("goal", "at", "at most", "measured", "")]
    for goal, count, most, measured in _judged(figures, counts):
        rows.append(
            (goal, str(count), milliseconds(most), milliseconds(measured), "met" if measured <= most else "MISSED")
        )
    return "Goals: ms of CPU, or times one scan of site-packages\n" + table(rows)


def _judged(figures: Figures, counts: list[int]) -> Iterator[tuple[str, int, float, float]]:
    """Each goal: what, at how many distributions, the most that it may be, and what it is."""
    for count in counts:
        named, scan = figures["owner numpy", count], figures["scan", count]
        yield "owner of `numpy`, first, x scan", count, 2, named["first"] / scan["first"]
        yield "owner of `numpy`, repeated, x scan", count, 0.2, named["repeated"] / scan["repeated"]
    many = counts[1]
    for (name, count), times in figures.items():
        if name.startswith("owner ") and name != "owner numpy" and count == many:
            yield f"{name.replace('owner ', 'owner of `')}`, first", count, 10, times["first"]
    for name in ("where numpy", "where yaml"):
        times = figures[name, many]
        yield f"`%{name}`, first, faces with it", many, 10, times["first"] + times["first shown"]
        yield f"`%{name}`, first, imports and faces with it", many, 10, _all_first(times)
        yield f"`%{name}`, repeated, faces with it", many, 1, times["repeated"] + times["repeated shown"]
    loaded_modules = figures["imported", many]
    label = f"`%where --imported`, {loaded_modules['modules']:.0f} modules"
    yield f"{label}, first", many, 50, loaded_modules["first"]
    yield f"{label}, repeated", many, 50, loaded_modules["repeated"]
    others, loaded = figures["others", many], figures["load_ext", counts[0]]
    for what in ("first", "repeated"):
        yield f"{others['environments']:.0f} other environments, {what}", many, 3, others[what]
    yield "`%load_ext`, over an extension that does nothing", counts[0], 1, loaded["first"] - loaded["nothing"]
    whole = figures.get(("environment", many))
    if whole is not None:
        yield "`%where`, first", many, 100, whole["first"]
        yield "`%where`, first, imports and faces with it", many, 100, _all_first(whole)
        yield "`%where`, programs run", many, 0, whole["programs run"]


def _all_first(times: dict[str, float]) -> float:
    return times["import"] + times["first"] + times["first shown"]


def show_guard(figures: Figures) -> str:
    """What the guard adds to a cell and to a command."""
    (times,) = figures.values()
    rows: list[Row] = [("", "without", "with the guard", "more")]
    for name, told in (
        ("plain", "a cell of ten lines without a command"),
        ("magic", "a line magic"),
        ("command", "`!ls -la`, before the shell gets it"),
        ("pip", "`!python -m pip install x`, before the shell gets it"),
    ):
        bare, guarded = times[name], times[f"{name} guarded"]
        more = f"{guarded - bare:+.1f}"
        rows.append((told, milliseconds(bare), milliseconds(guarded), more))
    share = (times["plain guarded"] - times["plain"]) / times["transform"]
    return "\n".join(
        (
            "The guard: microseconds of CPU",
            table(rows),
            f"  how often it is asked in a plain cell: {times['asked for a plain cell']:.0f}",
            f"  transforming that cell, by IPython itself: {milliseconds(times['transform'])}; the guard's share: {share:+.1%}",
            f"  the first command with a package manager, imports with it: {milliseconds(times['pip first'] / 1e3)} ms",
        )
    )


def milliseconds(value: float) -> str:
    """To three digits."""
    return f"{value:.0f}" if value >= 100 or value == int(value) else f"{value:.3g}"


def ratio(value: float) -> str:
    """With as many digits as mean something."""
    return f"{value:.0f}" if value >= 20 else f"{value:.1f}" if value >= 2 else f"{value:.2f}"


def table(rows: list[Row]) -> str:
    """Rows as lines, the columns aligned."""
    widths = [max(len(row[column]) for row in rows) for column in range(len(rows[0]))]
    lines = ("  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)) for row in rows)
    return "\n".join(f"  {line}".rstrip() for line in lines)
