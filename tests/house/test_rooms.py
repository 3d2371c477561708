"""The rooms of the wrapper: imports go one way, and there is no circle, not even for type checking."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from graphlib import CycleError, TopologicalSorter
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
WRAPPER = ROOT / "wrapper" / "earthengine_export"
# Each may import those before it. `_connect` and `_describe` know nothing of each other.
ORDER = (
    "_version", "rest", "operation_state", "_extras", "_errors", "errors", "_connect", "_describe",
    "image_export", "_run", "_files", "operations", "_client", "client", "_batch", "batch",
)  # fmt: skip
APART = {("_connect", "_describe"), ("_describe", "_connect")}


def name_of(path: Path) -> str:
    """The module's name within the wrapper: "_run.flows", and "" for the package itself."""
    return ".".join(path.relative_to(WRAPPER).with_suffix("").parts).removesuffix("__init__").rstrip(".")


MODULES = {name_of(path): path for path in sorted(WRAPPER.rglob("*.py"))}


def imported(name: str) -> Iterator[str]:
    """The wrapper's modules that one imports anywhere: at its top, in functions, for type checking."""
    path = MODULES[name]
    package = name.split(".") if path.name == "__init__.py" and name else name.split(".")[:-1]
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.ImportFrom) and node.level:
            base = package[: len(package) - node.level + 1]
            target = ".".join([*base, *(node.module.split(".") if node.module else [])])
            members = {f"{target}.{alias.name}".lstrip(".") for alias in node.names}
            yield from (members & MODULES.keys()) or {target}
        elif isinstance(node, ast.Import | ast.ImportFrom):
            names = [node.module] if isinstance(node, ast.ImportFrom) else [one.name for one in node.names]
            assert not any(str(one).split(".")[0] == "earthengine_export" for one in names), (
                f"{name} imports the wrapper by its full name, which a vendored copy has not"
            )


def room_of(module: str) -> str:
    return module.split(".")[0]


def test_there_is_no_circle() -> None:
    # What the package itself hands out is made of all the others; none of them asks it for more.
    graph = {name: set(imported(name)) - {"", name} for name in MODULES if name}
    rooms: dict[str, set[str]] = {}
    for name, targets in graph.items():
        rooms.setdefault(room_of(name), set()).update(map(room_of, targets))
    for edges in (graph, {room: targets - {room} for room, targets in rooms.items()}):
        try:
            TopologicalSorter(edges).prepare()
        except CycleError as error:
            pytest.fail(f"a circle: {' > '.join(error.args[1])}")


@pytest.mark.parametrize("room", ORDER)
def test_a_room_imports_only_what_stands_before_it(room: str) -> None:
    modules = [name for name in MODULES if room_of(name) == room]
    assert modules, f"there is no {room}"
    allowed = set(ORDER[: ORDER.index(room) + 1])
    for name in modules:
        targets = {room_of(target) for target in imported(name) if target}
        assert targets <= allowed, f"{name} imports {targets - allowed}"
        assert not {(room, target) for target in targets} & APART, f"{name} imports {targets}"


def foreign_imports(path: Path) -> set[str]:
    """The top packages that a module imports by name."""
    found = set()
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            found |= {alias.name.split(".")[0] for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and not node.level:
            found.add(str(node.module).split(".")[0])
    return found


def test_there_is_one_door_to_the_generated_client() -> None:
    doors = [name for name, path in MODULES.items() if "earthengine_rest" in foreign_imports(path)]
    assert doors == ["rest"]


def test_the_emulator_imports_neither_the_client_nor_the_wrapper() -> None:
    for path in (ROOT / "emulator" / "earthengine_emulator").rglob("*.py"):
        assert not {"earthengine_rest", "earthengine_export"} & foreign_imports(path), path.name


def test_each_folder_of_tests_says_what_it_proves() -> None:
    folders = [folder for folder in (ROOT / "tests").iterdir() if any(folder.glob("test_*.py"))]
    assert len(folders) > 8
    for folder in folders:
        first = folder / "conftest.py"
        assert first.is_file(), f"{folder.name} has no conftest.py that says what the folder proves"
        said = ast.get_docstring(ast.parse(first.read_text(encoding="utf-8")))
        assert (said or "").startswith("Proves "), f"tests/{folder.name}/conftest.py: {said!r}"
