"""Draw how the wrapper's rooms import each other, from the imports in the code, as an SVG.

    python tools/design_picture.py docs/_static/design.svg

A room is a sub-package, or a module at the top. An arrow leads to what is imported; those that follow from
others are left out. The same code gives the same bytes.
"""

from __future__ import annotations

import ast
import sys
from collections.abc import Iterator, Mapping
from graphlib import TopologicalSorter
from html import escape
from itertools import pairwise
from pathlib import Path

PACKAGE = Path(__file__).parent.parent / "wrapper" / "earthengine_export"
GENERATED = "earthengine_rest"
WIDTH, HEIGHT, GAP_X, GAP_Y = 200, 56, 26, 34
SAID = {
    GENERATED: "generated from the spec",
    "_batch": "the batch's engine",
    "_connect": "how requests travel",
    "_client": "what both clients share",
    "_describe": "what an export is",
    "_errors": "errors, by what they are about",
    "_files": "names, downloads",
    "_run": "how it runs, without I/O",
    "batch": "thousands, once each",
    "cli": "the command line",
    "client": "Client, AsyncClient",
    "errors": "one tree of errors",
    "files": "what was written",
    "image_export": "ImageExport",
    "operation_state": "a snapshot",
    "operations": "handles",
    "progress_display": "progress()",
    "rest": "the door to the generated",
}
# What has nothing to tell about the design.
LEFT_OUT = {"__init__", "_names", "__main__", "_version", "_extras"}
Graph = dict[str, set[str]]


def imported(path: Path) -> Iterator[str]:
    """The rooms that a module imports."""
    own = path.relative_to(PACKAGE).with_suffix("").parts
    for node in ast.walk(ast.parse(path.read_text("utf-8"))):
        if not isinstance(node, ast.ImportFrom):
            continue
        if not node.level:
            if node.module and node.module.partition(".")[0] == GENERATED:
                yield GENERATED
            continue
        base = own[: len(own) - node.level]
        target = (*base, *(node.module or "").split(".")) if node.module else base
        yield from [target[0]] if target and target[0] else [alias.name for alias in node.names]


def rooms() -> Graph:
    """Each room, and the rooms that it imports."""
    names = {
        path.stem if path.suffix else path.name
        for path in PACKAGE.iterdir()
        if (path.suffix == ".py" or (path / "__init__.py").exists()) and path.stem not in LEFT_OUT
    }
    graph: Graph = {name: set() for name in [*sorted(names), GENERATED]}
    for path in sorted(PACKAGE.rglob("*.py")):
        room = path.relative_to(PACKAGE).with_suffix("").parts[0]
        if room in graph:
            graph[room] |= {name for name in imported(path) if name in graph and name != room}
    return graph


def reduced(graph: Mapping[str, set[str]]) -> Graph:
    """The graph without arrows that follow from others."""

    def reach(room: str) -> set[str]:
        return graph[room].union(*map(reach, graph[room])) if graph[room] else set()

    return {
        room: {one for one in targets if not any(one in reach(other) for other in targets - {one})}
        for room, targets in graph.items()
    }


def rows(graph: Graph) -> list[list[str]]:
    """The rooms from the top, which imports all, to the bottom; in a row, each near what it imports."""
    level: dict[str, int] = {}
    for room in TopologicalSorter(graph).static_order():
        level[room] = max((level[target] + 1 for target in graph[room]), default=0)
    found: list[list[str]] = [
        sorted(room for room in graph if level[room] == number) for number in range(max(level.values()) + 1)
    ]
    for below, row in pairwise(found):
        place = {room: number for number, room in enumerate(below)}
        row.sort(
            key=lambda room: (sum(place.get(one, 0) for one in graph[room]) / (len(graph[room]) or 1), room)
        )
    return found[::-1]


def picture() -> str:
    """The SVG."""
    graph = rooms()
    arrows, lines = reduced(graph), rows(graph)
    width = max(len(row) for row in lines) * (WIDTH + GAP_X) + GAP_X
    height = len(lines) * (HEIGHT + GAP_Y) + GAP_Y // 2
    corner: dict[str, tuple[float, float]] = {}
    for number, row in enumerate(lines):
        left = (width - len(row) * (WIDTH + GAP_X) + GAP_X) / 2
        for place, room in enumerate(row):
            corner[room] = (left + place * (WIDTH + GAP_X), GAP_Y / 4 + number * (HEIGHT + GAP_Y))
    drawn = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width:g} {height:g}" role="img" '
        'font-family="sans-serif" font-size="15" stroke="currentColor" fill="none">',
        "<title>The rooms of the wrapper, and which imports which</title>",
        '<defs><marker id="head" viewBox="0 0 8 8" refX="8" refY="4" markerWidth="8" markerHeight="8" '
        'orient="auto"><path d="M0 0 8 4 0 8z" fill="currentColor" stroke="none"/></marker></defs>',
    ]
    for room in sorted(arrows):
        for number, target in enumerate(sorted(arrows[room], key=lambda name: corner[name])):
            x = corner[room][0] + WIDTH * (number + 1) / (len(arrows[room]) + 1)
            above = sorted((name for name in arrows if target in arrows[name]), key=lambda name: corner[name])
            to = corner[target][0] + WIDTH * (above.index(room) + 1) / (len(above) + 1)
            y, end = corner[room][1] + HEIGHT, corner[target][1]
            bend = GAP_Y * 0.7
            drawn.append(
                f'<path d="M{x:g} {y:g} C{x:g} {y + bend:g} {to:g} {end - bend:g} {to:g} {end:g}" '
                'opacity=".55" marker-end="url(#head)"/>'
            )
    for room, (x, y) in sorted(corner.items()):
        drawn.append(
            f'<rect x="{x:g}" y="{y:g}" width="{WIDTH}" height="{HEIGHT}" rx="8" '
            'style="fill:var(--color-background-primary,#fff)"/>'
            f'<g fill="currentColor" stroke="none" text-anchor="middle"><text x="{x + WIDTH / 2:g}" '
            f'y="{y + 25:g}" font-weight="600">{escape(room)}</text><text x="{x + WIDTH / 2:g}" '
            f'y="{y + 45:g}" font-size="12.5">{escape(SAID.get(room, ""))}</text></g>'
        )
    return "\n".join([*drawn, "</svg>"]) + "\n"


if __name__ == "__main__":
    Path(sys.argv[1]).write_text(picture(), "utf-8")
