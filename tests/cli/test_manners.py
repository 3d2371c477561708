"""What goes where: programs read standard output, people standard error, and nobody more than is wanted."""

from __future__ import annotations

import csv
import json
import re
import subprocess
import sys
from pathlib import Path

import pytest

from tests.cli.conftest import FAILURE, IMAGE, PROGRAM, Line, Terminal

ESCAPE = "\x1b["


def test_machine_output_is_machine_output(line: Line) -> None:
    line.export("bad", outcome=FAILURE)
    line.export("good")
    waited = line("ops", "wait", "*d", "--json")
    assert {json.loads(one)["metadata"]["description"] for one in waited.lines} == {"good", "bad"}
    assert "bad: FAILED: Export too large" in waited.err
    listed = line("ops", "list", "--json")
    assert [json.loads(one)["metadata"]["state"] for one in listed.lines] == ["SUCCEEDED", "FAILED"]
    assert listed.err == ""
    rows = list(csv.DictReader(line("ops", "list", "--csv").lines))
    assert [(row["description"], row["state"], row["error"]) for row in rows] == [
        ("good", "SUCCEEDED", ""),
        ("bad", "FAILED", "Export too large"),
    ]
    table = line("ops", "list")
    assert table.out.splitlines()[2].endswith("Export too large"), "where there is no terminal nothing is cut"
    assert ESCAPE not in table.out + table.err + waited.err


def test_colour_is_for_terminals_that_want_it(line: Line) -> None:
    line.export(outcome=FAILURE)
    written = [Terminal(line, "ops", "wait", "dem").written]
    written.append(Terminal(line, "ops", "wait", "dem", NO_COLOR="1").written)
    assert "\x1b[31mFAILED" in written[0]
    assert "FAILED" in written[1]
    assert not re.search(r"\x1b\[[\d;]*m", written[1])


def test_on_a_terminal_programs_still_read_a_file(line: Line) -> None:
    line.export("a")
    terminal = Terminal(line, "ops", "wait", "a")
    assert terminal.code == 0
    assert terminal.out.startswith("projects/my-project/operations/")
    assert terminal.out.endswith("\tSUCCEEDED\n")
    assert "projects/" not in "".join(terminal.screen)


def test_on_one_terminal_both_are_seen(line: Line) -> None:
    for number in range(3):
        line.export(f"tile-{number}", run_seconds=100 + 50 * number)
    terminal = Terminal(line, "ops", "wait", "tile-*", columns=100, is_all=True)
    assert terminal.code == 0
    shown = "\n".join(terminal.scrolled + terminal.screen)
    assert shown.count("projects/my-project/operations/") == 3
    for number in range(3):
        assert len(re.findall(rf"^tile-{number} .*100% SUCCEEDED .*0:00:0\d$", shown, re.MULTILINE)) == 1
    assert "RUNNING" not in shown


def test_debug_shows_where(line: Line) -> None:
    assert "Traceback" not in line("ops", "show", "../NOPE").err
    assert "Traceback" in line("--debug", "ops", "show", "../NOPE").err


def test_options_of_the_client_stand_anywhere(line: Line) -> None:
    del line.environment["EARTHENGINE_EMULATOR_HOST"]
    where = ("--base-url", line.emulator.base_url, "--credentials", "anonymous")
    done = line("--project", "early", "ops", *where, "list", "--project", "late")
    assert (done.code, done.lines) == (0, ["ID  STATE    DESCRIPTION  CREATED  ERROR"])
    facts = json.loads(line(*where, "--quota-project", "payer", "whoami", "--json").out)
    assert facts["project"] == "my-project"
    assert facts["quota_project"] == "payer"
    assert facts["host"] == line.emulator.base_url
    assert facts["credentials"].startswith("anonymous")


def test_no_secret_is_repeated(line: Line) -> None:
    secret = '{"private_key": "SECRET"}'
    for words in (("whoami", "--credentials", secret), (*IMAGE, f"--credentials={secret}")):
        done = line(*words)
        assert done.code == 4
        assert "SECRET" not in done.out + done.err


def test_without_the_extra_one_line_says_what_to_install() -> None:
    code = (
        "import sys, importlib.util as util; found = util.find_spec\n"
        "util.find_spec = lambda name, *of: None if name == 'typer' else found(name, *of)\n"
        "import runpy; runpy.run_module('earthengine_export', run_name='__main__')"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr.count("\n") == 1
    assert re.fullmatch(r"The command line needs typer: pip install .*\[cli\]\"\n", done.stderr)


def test_the_package_is_the_program() -> None:
    run = [[PROGRAM, "--version"], [sys.executable, "-m", "earthengine_export", "--version"]]
    installed, module = (subprocess.run(one, capture_output=True, text=True, check=True) for one in run)
    assert installed.stdout == module.stdout
    assert installed.stdout.startswith("earthengine-export 0.")


@pytest.mark.parametrize("shell", ["bash", "zsh", "fish"])
def test_shells_complete_lines(line: Line, shell: str) -> None:
    done = line("completion", shell)
    assert done.code == 0
    assert "_EARTHENGINE_EXPORT_COMPLETE" in done.out
    asked = {
        "bash": {"COMP_WORDS": "earthengine-export image --file", "COMP_CWORD": "2"},
        "zsh": {"_TYPER_COMPLETE_ARGS": "earthengine-export image --file"},
        "fish": {
            "_TYPER_COMPLETE_ARGS": "earthengine-export image --file",
            "_TYPER_COMPLETE_FISH_ACTION": "get-args",
        },
    }[shell]
    line.environment |= asked | {"_EARTHENGINE_EXPORT_COMPLETE": f"complete_{shell}"}
    assert "--filename-prefix" in line().out


def test_bash_does(line: Line) -> None:
    """In a real bash, by the script that is printed."""
    done = line.shell(
        "source <(earthengine-export completion bash)\n"
        "COMP_WORDS=(earthengine-export ops ca) COMP_CWORD=2\n"
        '_earthengine_export_completion earthengine-export; echo "${COMPREPLY[@]}"'
    )
    assert (done.out, done.err) == ("cancel\n", "")


def test_whoever_answers_is_asked_before_several_are_touched(line: Line) -> None:
    names = [line.export(f"dem-{number}", run_seconds=1e9) for number in range(3)]
    nobody = line("ops", "cancel", "dem-*", stdin="y\n")
    assert nobody.code == 2
    assert "Cancel 3 operations?" in nobody.err
    assert "--yes" in nobody.err
    assert {line.state(name) for name in names} <= {"PENDING", "RUNNING"}
    one = line("ops", "cancel", "dem-0", "--wait")
    assert (one.code, one.out) == (0, f"projects/my-project/operations/{names[0]}\tCANCELLED\n")
    rest = line("ops", "cancel", "dem-*", "--yes")
    assert len(rest.lines) == 2
    assert line("ops", "delete", "dem-*", "-y").code == 0
    assert line("ops", "list", "--json").out == ""


def test_it_starts_without_what_it_does_not_need(tmp_path: Path) -> None:
    code = (
        "import sys; sys.argv = ['earthengine-export', '--help']\n"
        "from earthengine_export.cli import main\n"
        "try: main()\n"
        "except SystemExit: print(sorted(set(sys.modules) & {'httpx', 'attrs', 'rich', 'yaml', 'sqlite3'}))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.splitlines()[-1] == "[]"
