"""The ways to run it: the command line, the pytest fixture, the thread."""

import importlib.metadata
import os
import signal
import subprocess
import sys
from pathlib import Path

import httpx
import pytest

from earthengine_emulator import Emulator
from earthengine_emulator.__main__ import arguments

from .conftest import call, request

pytest_plugins = ["pytester"]


def niceness_of_children(process: int) -> set[int]:
    children = " ".join(path.read_text() for path in Path(f"/proc/{process}/task").glob("*/children"))
    return {os.getpriority(os.PRIO_PROCESS, int(child)) for child in children.split()}


def test_the_command_line(assets: Path, tmp_path: Path) -> None:
    options = [
        "--port",
        "0",
        "--assets",
        str(assets),
        "--output",
        str(tmp_path),
        "--speed",
        "1000",
        "--wait",
        "at-once",
    ]
    with subprocess.Popen(
        [sys.executable, "-m", "earthengine_emulator", *options],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        process_group=0,
    ) as process:
        assert process.stdout is not None
        assert process.stderr is not None
        host = process.stdout.readline().removeprefix("export EARTHENGINE_EMULATOR_HOST=").strip()
        with httpx.Client(base_url=f"http://{host}/v1beta") as client:
            body = request(call("Image.load", id="grid"), description="cli")
            name = client.post("/projects/p/image:export", json=body).json()["name"]
            while not client.get(f"/{name}").json().get("done"):
                assert process.poll() is None
        # A worker is kept for requests, and comes before those of exports.
        while niceness_of_children(process.pid) != {0, 5}:
            assert process.poll() is None
        os.killpg(process.pid, signal.SIGINT)  # as Ctrl-C does
        assert process.wait(20) == 0
        assert process.stderr.read() == ""
    # Files stay, and scratch files do not.
    assert [path.relative_to(tmp_path).as_posix() for path in tmp_path.rglob("*") if path.is_file()] == [
        "gs/b/cli.tif"
    ]
    assert {path.name for path in tmp_path.iterdir()} == {"gs"}


def test_every_setting_is_an_option() -> None:
    options = vars(
        arguments().parse_args(["--no-evaluate", "--queue-limit", "5", "--duplicate-request-id", "reject"])
    )
    assert (options["evaluate"], options["queue_limit"], options["duplicate_request_id"]) == (
        False,
        5,
        "reject",
    )
    with pytest.raises(SystemExit):
        arguments().parse_args(["--duplicate-request-id", "forget"])


def test_the_fixture(pytester: pytest.Pytester) -> None:
    pytester.makepyfile(
        """
        import os
        import urllib.request

        def test_it(earthengine_emulator):
            assert os.environ["STORAGE_EMULATOR_HOST"] == earthengine_emulator.base_url
            host = os.environ["EARTHENGINE_EMULATOR_HOST"]
            with urllib.request.urlopen(f"http://{host}/v1/projects/p/operations") as reply:
                assert reply.read() == b"{}"

        def test_afterwards():
            assert "EARTHENGINE_EMULATOR_HOST" not in os.environ
        """
    )
    registered = {point.value for point in importlib.metadata.entry_points(group="pytest11")}
    plugin = (
        []
        if "earthengine_emulator.pytest_plugin" in registered
        else ["-p", "earthengine_emulator.pytest_plugin"]
    )
    pytester.runpytest_subprocess(*plugin, "-W", "error").assert_outcomes(passed=2)


def test_without_what_it_needs_it_says_what_to_install() -> None:
    """Both the command and the fixture, where the extra is not installed."""
    hidden = "import sys; sys.modules['uvicorn'] = None; sys.argv = ['x']; "
    done = subprocess.run(
        [sys.executable, "-c", hidden + "from earthengine_emulator.__main__ import main; main()"],
        capture_output=True,
        text=True,
    )
    assert (done.returncode, done.stdout) == (1, "")
    (line,) = done.stderr.splitlines()
    assert line == (
        "uvicorn is missing: pip install 'earthengine-export[emulator]', or '.[emulator]' in a clone, brings "
        "what is needed."
    )


@pytest.mark.parametrize(
    "options",
    [
        ["--port", "1"],
        ["--users", "/nowhere.json"],
        ["--state", "/nowhere/state"],
        ["--host", "no.such.host.invalid"],
        ["--workers", "0"],
        ["--port", "99999"],
    ],
)
def test_a_start_that_fails_is_told_in_a_line(tmp_path: Path, options: list[str]) -> None:
    if options[0] == "--port":
        with Emulator() as other:
            done = _command(tmp_path, "--port", other.host.rpartition(":")[2])
    else:
        done = _command(tmp_path, "--port", "0", *options)
    assert done.returncode == 1
    assert done.stderr.startswith("The emulator cannot start: ")
    assert len(done.stderr.splitlines()) == 1


def _command(output: Path, *options: str) -> "subprocess.CompletedProcess[str]":
    return subprocess.run(
        [sys.executable, "-m", "earthengine_emulator", f"--output={output}", *options],
        capture_output=True,
        text=True,
        timeout=30,
    )


def test_it_imports_neither_the_client_nor_the_wrapper_nor_what_is_slow() -> None:
    """What is slow is imported in worker processes, where pixels are computed: the server starts at once."""
    code = (
        "import sys; from earthengine_emulator import Emulator; Emulator().start().stop(); "
        "print(*{name.partition('.')[0] for name in sys.modules})"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    found = set(done.stdout.split())
    assert "earthengine_emulator" in found
    slow = {"numpy", "pyproj", "rasterio", "scipy"}
    assert not found & (slow | {"earthengine_export", "earthengine_rest", "ee", "httpx"})


def test_several_side_by_side() -> None:
    with Emulator() as one, Emulator() as other:
        for emulator in (one, other, one):
            httpx.post(f"{emulator.base_url}/v1/projects/p/image:export", json=request())
        assert (one.requests()["operations_created"], other.requests()["operations_created"]) == (2, 1)
        scratch = one.output
        assert scratch.is_dir()
    assert not scratch.exists()
