"""Lines that type checkers must refuse, and how a checker's report is compared with them."""

from collections.abc import Iterable
from pathlib import Path

HERE = Path(__file__).parent
ROOT = HERE.parent.parent
FILES = ("wrong.py", "right.py")
Line = tuple[str, int]


def wrong_lines() -> set[Line]:
    """The lines of wrong.py that are marked."""
    lines = (HERE / "wrong.py").read_text(encoding="utf-8").splitlines()
    wrong = {("wrong.py", number) for number, line in enumerate(lines, 1) if "# wrong: " in line}
    assert len(wrong) > 30
    return wrong


def refused(reports: Iterable[tuple[str, int, str]]) -> set[Line]:
    """The lines with an error, from a report's file, line and severity."""
    return {(Path(file).name, line) for file, line, severity in reports if severity == "error"}
