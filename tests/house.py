"""The figures of the house, as `docs/design.md` has them: `python -m tests.house [CHECKOUT]` measures the package below it."""

from __future__ import annotations

import ast
import io
import sys
import tokenize
from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping, Sequence
from itertools import pairwise
from pathlib import Path
from typing import TypeVar

T = TypeVar("T")

RUN = 6
"""So many lines of code that stand in two places, the same but for their indentation, are a run."""
SHORT = 25


def main(arguments: Sequence[str]) -> None:
    package = Path(arguments[0] if arguments else ".") / "ipython_where"
    sources = {file.relative_to(package): file.read_text(encoding="utf-8") for file in sorted(package.rglob("*.py"))}
    for name, value in figures(sources).items():
        print(f"| {name} | {value} |")


def figures(sources: Mapping[Path, str]) -> dict[str, str]:
    """Each figure by its name. ``sources``: the text of every file, by its path in the package."""
    trees = {path: ast.parse(text) for path, text in sources.items()}
    lines = {path: text.count("\n") for path, text in sources.items()}
    rooms: Counter[str] = Counter()
    for path, count in lines.items():
        rooms[str(path.parent)] += count
    total, fullest = sum(lines.values()), rooms.most_common(1)[0]
    largest = max(lines, key=lambda path: lines[path])
    lengths = [length for tree in trees.values() for length in function_lengths(tree)]
    imports = {path: set(imported(path, tree, sources)) for path, tree in trees.items()}
    arrows = {(str(a.parent), str(b.parent)) for a, found in imports.items() for b in found if a.parent != b.parent}
    return {
        "lines, files, rooms": f"{total:,} in {len(lines)} files and {len(rooms)} rooms",
        "fullest room": f"`{fullest[0]}`, {fullest[1]:,} lines, {fullest[1] / total:.0%}",
        "largest file": f"`{largest}`, {lines[largest]} lines",
        f"functions of at most {SHORT} lines": f"{sum(each <= SHORT for each in lengths) / len(lengths):.1%}",
        "comments": comments(sources),
        "circles of files": str(len(circles(imports))),
        "arrows between rooms": f"{len(arrows)}, {len(arrows) / (len(rooms) * (len(rooms) - 1)):.0%} of those that could be",
        "names that are classes in two files": str(sum(count > 1 for count in class_names(trees).values())),
        f"runs of {RUN} lines that stand twice": str(duplicated_runs(sources)),
    }


def function_lengths(tree: ast.AST) -> Iterator[int]:
    """The lines of each function, its docstring left out."""
    for node in ast.walk(tree):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            first = node.body[0]
            is_docstring = isinstance(first, ast.Expr) and isinstance(first.value, ast.Constant)
            docstring = (first.end_lineno or 0) - first.lineno + 1 if is_docstring else 0
            yield (node.end_lineno or 0) - node.lineno + 1 - docstring


def comments(sources: Mapping[Path, str]) -> str:
    """The share of lines with a comment, a documented constant's sentence included; linters' marks are left out."""
    lines = sum(text.count("\n") for text in sources.values())
    alone = sum(len(comment_lines(text)) for text in sources.values())
    constants = sum(constant_lines(ast.parse(text)) for text in sources.values())
    return f"{alone / lines:.1%} of lines, {(alone + constants) / lines:.1%} with what is said below constants"


def comment_lines(text: str) -> set[int]:
    tokens = tokenize.generate_tokens(io.StringIO(text).readline)
    marks = ("# type:", "# noqa", "# fmt:", "# pragma", "# --")
    return {each.start[0] for each in tokens if each.type == tokenize.COMMENT and not each.string.startswith(marks)}


def constant_lines(tree: ast.Module) -> int:
    """The lines of strings that stand below an assignment and say why it is so."""
    bodies = [each.body for each in ast.walk(tree) if isinstance(each, ast.Module | ast.ClassDef)]
    said = [
        after
        for body in bodies
        for before, after in pairwise(body)
        if isinstance(before, ast.Assign | ast.AnnAssign)
        and isinstance(after, ast.Expr)
        and isinstance(after.value, ast.Constant)
    ]
    return sum((each.end_lineno or 0) - each.lineno + 1 for each in said)


def imported(path: Path, tree: ast.AST, known: Mapping[Path, object]) -> Iterator[Path]:
    """The files of the package that a file imports, those in functions too, but for annotations alone."""
    package = ("ipython_where", *path.parent.parts)
    for node in walk(tree):
        if not isinstance(node, ast.ImportFrom):
            continue
        start = package[: len(package) - node.level + 1] if node.level else ()
        base = (*start, *(node.module or "").split(".")) if node.module else start
        if base and base[0] == "ipython_where":
            for alias in node.names:
                places = Path(*base[1:], f"{alias.name}.py"), Path(*base[1:], alias.name, "__init__.py")
                module = Path(*base[1:]).with_suffix(".py") if base[1:] else Path("__init__.py")
                yield from [each for each in (*places, module, Path(*base[1:], "__init__.py")) if each in known][:1]


def walk(node: ast.AST) -> Iterator[ast.AST]:
    for child in ast.iter_child_nodes(node):
        if not (isinstance(child, ast.If) and ast.unparse(child.test) == "TYPE_CHECKING"):
            yield child
            yield from walk(child)


def circles(arrows: Mapping[T, set[T]]) -> list[set[T]]:
    """The sets of files that import each other, directly or through others."""
    reached = {start: reachable(start, arrows) for start in arrows}
    found: list[set[T]] = []
    for start in arrows:
        if start in reached[start] and not any(start in circle for circle in found):
            found.append({each for each in reached[start] if start in reached[each]})
    return found


def reachable(start: T, arrows: Mapping[T, set[T]]) -> set[T]:
    seen: set[T] = set()
    waiting = list(arrows[start])
    while waiting:
        if (path := waiting.pop()) not in seen:
            seen.add(path)
            waiting += arrows.get(path, ())
    return seen


def class_names(trees: Mapping[Path, ast.Module]) -> Counter[str]:
    """In how many files a class of a name stands."""
    return Counter(
        name for tree in trees.values() for name in {node.name for node in tree.body if isinstance(node, ast.ClassDef)}
    )


def duplicated_runs(sources: Mapping[Path, str]) -> int:
    """How many runs of lines stand in a second place. Imports, comments, empty lines and bare brackets are left out."""
    windows: defaultdict[tuple[str, ...], list[tuple[Path, int]]] = defaultdict(list)
    for path, text in sources.items():
        code = list(code_lines(text))
        for start in range(len(code) - RUN + 1):
            windows[tuple(code[start : start + RUN])].append((path, start))
    again = {place for places in windows.values() for place in places[1:]}
    return sum((path, start - 1) not in again for path, start in again)


def code_lines(text: str) -> Iterator[str]:
    skipped = {
        line
        for node in ast.walk(ast.parse(text))
        if isinstance(node, ast.Import | ast.ImportFrom)
        or (isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant))
        for line in range(node.lineno, (node.end_lineno or 0) + 1)
    }
    for number, line in enumerate(text.splitlines(), 1):
        stripped = line.strip()
        if number not in skipped and not stripped.startswith("#") and any(map(str.isalnum, stripped)):
            yield stripped


if __name__ == "__main__":
    main(sys.argv[1:])
