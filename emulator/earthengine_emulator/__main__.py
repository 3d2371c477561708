"""`python -m earthengine_emulator`: serve until interrupted."""

import argparse
import dataclasses
import difflib
import inspect
import math
import re
import signal
import sys
import threading
from pathlib import Path
from typing import NoReturn, get_args

from earthengine_emulator.settings import Settings


class _Parser(argparse.ArgumentParser):
    """Says in one line what is wrong, and with what near it."""

    def error(self, message: str) -> NoReturn:
        """End with 2."""
        if found := re.match(r"unrecognized arguments: ([^\s=]+)", message):
            near = difflib.get_close_matches(found[1], self._option_string_actions, 1)
            what = "No such option" if found[1].startswith("-") else "Got an unexpected word"
            message = f"{what}: {found[1]}." + (f" Did you mean {near[0]}?" if near else "")
        else:
            message = re.sub(r"invalid (?:int|float) value: (.*)", r"\1 is no number", message) + "."
        told = message.removeprefix("argument ").replace("expected one argument", "it needs a value")
        self.exit(2, f"{told} `{self.prog} --help` tells more.\n")


def _port(text: str) -> int:
    if not 0 <= (port := int(text)) <= 65_535:
        raise argparse.ArgumentTypeError(f"{text!r} is not from 0 to 65535")
    return port


def _speed(text: str) -> float:
    if not 0 <= (speed := float(text)) < math.inf:
        raise argparse.ArgumentTypeError(f"{text!r} is no number from 0 on")
    return speed


_port.__name__, _speed.__name__ = "int", "float"  # which argparse names


def arguments() -> argparse.ArgumentParser:
    """The options: the emulator's, and one for each field of `Settings`."""
    parser = _Parser(
        prog="python -m earthengine_emulator",
        description="A local stand-in for Earth Engine's image export.",
        formatter_class=argparse.ArgumentDefaultsHelpFormatter,
    )
    parser.add_argument(
        "--host",
        default="127.0.0.1",
        help="address to listen on; 0.0.0.0 lets in everybody who can reach this machine",
    )
    parser.add_argument("--port", type=_port, default=8085, help="0 takes a free one")
    parser.add_argument(
        "--allow-host",
        action="append",
        default=[],
        metavar="NAME",
        help="a name with dots by which clients call this machine; may be given again",
    )
    parser.add_argument(
        "--assets", type=Path, default=Path("assets"), help="folder of GeoTIFFs: <asset id>.tif"
    )
    parser.add_argument(
        "--output", type=Path, default=Path("output"), help="folder that exports are written to"
    )
    parser.add_argument("--state", type=Path, help="file that keeps operations over a restart")
    parser.add_argument("--speed", type=_speed, default=1.0, help="emulated seconds in a second")
    parser.add_argument(
        "--list-functions", action="store_true", help="print the functions that are computed, and end"
    )
    told = dict(re.findall(r"^ {4}(\w+): (.*(?:\n {8}.*)*)", inspect.getdoc(Settings) or "", re.MULTILINE))
    for field in dataclasses.fields(Settings):
        words = " ".join(told.get(field.name, " ").split()).replace("%", "%%") or " "
        option = f"--{field.name.replace('_', '-')}"
        if isinstance(field.default, bool):
            parser.add_argument(
                option, action=argparse.BooleanOptionalAction, default=field.default, help=words
            )
        else:
            choices = None if field.name == "users" else get_args(field.type) or None
            parser.add_argument(
                option, type=type(field.default), default=field.default, choices=choices, help=words
            )
    return parser


def main() -> None:
    """Serve until SIGINT or SIGTERM."""
    options = vars(arguments().parse_args())
    listing = options.pop("list_functions")
    try:
        if listing:
            from earthengine_emulator.functions import FUNCTIONS

            print(*sorted(FUNCTIONS), sep="\n")  # noqa: T201 - what was asked for
            return
        from earthengine_emulator.emulator import Emulator
        from earthengine_emulator.workers import warm
    except ModuleNotFoundError as missing:
        sys.exit(
            f"{missing.name} is missing: pip install 'earthengine-export[emulator]', or '.[emulator]' in a "
            "clone, brings what is needed."
        )
    done = threading.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, lambda *_: done.set())
    options["allow_hosts"] = options.pop("allow_host")
    try:
        emulator = Emulator(options.pop("assets"), options.pop("output"), **options)
    except (OSError, OverflowError, ValueError) as error:
        sys.exit(f"The emulator cannot start: {error}")
    with emulator:
        print(f"export EARTHENGINE_EMULATOR_HOST={emulator.host}", flush=True)  # noqa: T201 - for the shell
        if options["evaluate"]:
            warm()
        done.wait()


if __name__ == "__main__":
    main()
