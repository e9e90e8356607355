"""``python -m tests.architecture.record_packages`` draws the packages and their imports.

The picture is docs/pictures/packages.svg: one row for each layer, one box for each
package, and an arrow for each import that does not follow from other arrows. A dashed
arrow is a registry row: the import happens when a run needs the row.
"""

from __future__ import annotations

from tests.architecture.layers import LAYERS
from tests.architecture.source import modules, package_of, targets
from tests.support.environment import ROOT

PICTURE = ROOT / "docs" / "pictures" / "packages.svg"

WIDTH, ROW, BOX_WIDTH, BOX_HEIGHT = 980, 72, 132, 32

HEAD = """\
<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {height}" role="img">
<title>The packages of httpcli and their imports</title>
<style>
svg {{ background: #fff; }}
rect {{ fill: #eef4fb; stroke: #3b6ea5; }}
text {{ font: 14px sans-serif; text-anchor: middle; fill: #1b2733; }}
path {{ fill: none; stroke: #9db4cb; marker-end: url(#arrow); }}
.dashed {{ stroke-dasharray: 4 3; }}
</style>
<marker id="arrow" viewBox="0 0 8 8" refX="8" refY="4" markerWidth="7" markerHeight="7" \
orient="auto"><path d="M0 0 L8 4 L0 8 z" style="fill:#9db4cb;stroke:none"/></marker>
"""


def package_imports(*, by_registry: bool = False) -> dict[str, set[str]]:
    """Return the other packages that each package imports, or that its registry rows name."""
    graph: dict[str, set[str]] = {package: set() for layer in LAYERS for package in layer}
    for module in modules():
        for target, line in targets(module):
            if bool(line) is not by_registry:
                graph[module.package].add(package_of(target))
    graph.pop("")
    return {package: imported - {package, ""} for package, imported in graph.items()}


def direct_imports(graph: dict[str, set[str]]) -> dict[str, set[str]]:
    """Leave out each import that a longer path through other packages implies."""

    def reachable(package: str) -> set[str]:
        packages = set(graph[package])
        for imported in graph[package]:
            packages |= reachable(imported)
        return packages

    return {
        package: {
            target
            for target in imported
            if not any(target in reachable(other) for other in imported - {target})
        }
        for package, imported in graph.items()
    }


def _arrow(start: tuple[float, float], end: tuple[float, float], style: str = "") -> str:
    x, top = start[0], start[1] + BOX_HEIGHT / 2
    to_x, bottom = end[0], end[1] - BOX_HEIGHT / 2
    # A straight arrow that passes other rows would seem to start at the boxes in between.
    bend = BOX_WIDTH if x == to_x and bottom - top > ROW else 0
    return (
        f'<path class="{style}" d="M{x:.0f} {top:.0f} C{x - bend:.0f} {top + 30:.0f} '
        f'{to_x - bend:.0f} {bottom - 30:.0f} {to_x:.0f} {bottom:.0f}"/>\n'
    )


def draw() -> str:
    """Return the picture as SVG text."""
    rows = [layer for layer in LAYERS if layer != ("",)]
    places: dict[str, tuple[float, float]] = {}
    for depth, layer in enumerate(rows):
        for index, package in enumerate(layer):
            places[package] = (WIDTH * (index + 1) / (len(layer) + 1), 30 + ROW * depth)
    lines = [HEAD.format(width=WIDTH, height=30 + ROW * len(rows))]
    imports = package_imports()
    for package, imported in direct_imports(imports).items():
        lines += [_arrow(places[package], places[target]) for target in sorted(imported)]
    for package, imported in package_imports(by_registry=True).items():
        registry_only = sorted(imported - imports[package])
        lines += [_arrow(places[package], places[target], "dashed") for target in registry_only]
    for package, (x, y) in places.items():
        lines.append(
            f'<rect x="{x - BOX_WIDTH / 2:.0f}" y="{y - BOX_HEIGHT / 2:.0f}" '
            f'width="{BOX_WIDTH}" height="{BOX_HEIGHT}" rx="5"/>\n'
            f'<text x="{x:.0f}" y="{y + 5:.0f}">{package}</text>\n'
        )
    return "".join([*lines, "</svg>\n"])


if __name__ == "__main__":
    PICTURE.write_text(draw(), "utf-8")
