"""The command line, `earthengine-export`. docs/cli.md tells what it does."""

import sys
from importlib.util import find_spec

from .._extras import how_to_install


def main() -> None:
    """Run the command that the program was called with."""
    missing = [package for package in ("typer", "rich") if find_spec(package) is None]
    if missing:
        sys.stderr.write(
            f"The command line needs {' and '.join(missing)}: {how_to_install('cli', 'typer', 'rich')}\n"
        )
        raise SystemExit(2)
    try:
        from .app import run
    except KeyboardInterrupt:
        raise SystemExit(130) from None
    run()
