"""Print the emulator's table of functions into its README.md; --check only compares."""

import sys
from pathlib import Path

from earthengine_emulator.functions import reference

README = Path(__file__).parents[1] / "emulator" / "README.md"
BEGIN, END = "<!-- functions: printed by tools/emulator_functions.py -->\n", "<!-- end of functions -->"


def expected() -> str:
    """What the README must be."""
    before, _, rest = README.read_text().partition(BEGIN)
    _, _, after = rest.partition(END)
    return f"{before}{BEGIN}{reference.names()}\n{END}{after}"


def main() -> None:
    """Write it, or fail where it differs."""
    if "--check" not in sys.argv:
        README.write_text(expected())
    elif README.read_text() != expected():
        sys.exit("emulator/README.md is not as printed. Run python tools/emulator_functions.py.")


if __name__ == "__main__":
    main()
