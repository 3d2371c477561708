"""Every exit code that docs/cli.md lists, and what is said with it."""

from __future__ import annotations

import json
import signal
import subprocess

import pytest

from tests.cli.conftest import FAILURE, IMAGE, Line

FOR_EVER = 1e9


def one_paragraph(text: str) -> str:
    assert text.count("\n") == 1, text
    return text


def test_0_done(line: Line) -> None:
    done = line(*IMAGE, "--wait")
    assert done.code == 0
    assert done.lines == [f"projects/my-project/operations/{done.out.strip().rpartition('/')[2]}"]
    assert done.err.splitlines()[-1] == "0:00:00 dem: SUCCEEDED, 100%"


def test_1_failed(line: Line) -> None:
    line.emulator.script(outcome=FAILURE)
    done = line(*IMAGE, "--wait", "--json")
    assert done.code == 1
    assert json.loads(done.out)["error"]["message"] == "Export too large", "its name is not lost"
    assert "Export too large" in done.err.splitlines()[-1]


def test_a_text_of_others_does_nothing_to_the_terminal(line: Line) -> None:
    """The service's words may have been anybody's, and those of other libraries repeat what was given."""
    line.emulator.script(outcome={"error": {"code": 3, "message": "\x1b[2Jgone\x9b31m\nnext"}})
    done = line(*IMAGE, "--wait")
    for told in (done, line("ops", "list"), line("ops", "show", "dem"), line(*IMAGE, "--like", "\x1b[2J")):
        assert "\\x1b[2J" in told.out + told.err
        assert not {"\x1b", "\x9b"} & {*told.out, *told.err}
    assert len(line("ops", "list").lines) == 2


def test_2_bad_arguments(line: Line) -> None:
    done = line("image", "USGS/SRTMGL1_003", "--to", "s3://bucket")
    assert (done.code, done.out) == (2, "")
    assert one_paragraph(done.err).startswith(
        "--to 's3://bucket': It is none of the three places. Give gs://"
    )
    unknown = line("image", "x", "--too", "gs://my-bucket/x")
    assert (unknown.code, unknown.out) == (2, "")
    assert "No such option: --too" in one_paragraph(unknown.err)


def test_3_refused(line: Line) -> None:
    done = line("ops", "show", "NOPE")
    assert (done.code, done.out) == (3, "")
    assert "`earthengine-export ops list`" in one_paragraph(done.err)
    assert line("ops", "wait", "nothing-like-it-*").code == 3
    line.emulator.fail("export", status=403)
    refused = line(*IMAGE)
    assert (refused.code, refused.out) == (3, "")
    assert "No export was started." in one_paragraph(refused.err)


def test_4_no_credentials(line: Line) -> None:
    del line.environment["EARTHENGINE_EMULATOR_HOST"]
    done = line(*IMAGE)
    assert (done.code, done.out) == (4, "")
    assert "earthengine authenticate" in one_paragraph(done.err)


def test_5_timed_out(line: Line) -> None:
    name = line.export(run_seconds=FOR_EVER)
    done = line("ops", "wait", name, "--timeout", "0.1")
    assert done.code == 5
    assert f"`earthengine-export ops wait projects/my-project/operations/{name}`" in done.err
    assert line.state(name) in {"PENDING", "RUNNING"}


def test_6_cancelled(line: Line) -> None:
    name = line.export(run_seconds=FOR_EVER)
    assert line("ops", "cancel", name, "--wait").code == 0, "which is what was wanted"
    assert line("ops", "wait", name).code == 6


def test_7_out_of_reach(line: Line) -> None:
    away = line.emulator.base_url.replace("http:", "https:")
    done = line("whoami", "--base-url", away, "--credentials", "anonymous")
    assert done.code == 7
    assert "(tls)" in one_paragraph(done.err)


def test_130_interrupted(line: Line) -> None:
    done = line.export("done")
    while line.state(done) != "SUCCEEDED":
        assert line.state(done) != "FAILED"
    name = line.export(run_seconds=FOR_EVER)
    with line.start("ops", "wait", done, name, "--project", "my-project") as process:
        line.until(process, "dem: ")
        process.send_signal(signal.SIGINT)
        out, err = process.communicate(timeout=20)
    assert process.returncode == 130
    assert out in {"", f"projects/my-project/operations/{done}\tSUCCEEDED\n"}
    told = one_paragraph("".join(part for part in err.splitlines(keepends=True) if "%" not in part))
    again = f"earthengine-export ops wait {name} --project my-project"
    assert told == f"The export goes on; find it again with: {again}\n"
    assert line.state(name) == "RUNNING"
    line.emulator.script(name, run_seconds=0)
    assert line.shell(again).code == 0


def test_130_by_a_second_ctrl_c_at_once(line: Line) -> None:
    (line.folder / "one.csv").write_text("source,to\nUSGS/SRTMGL1_003,gs://my-bucket/one\n")
    line.emulator.fail("export", status=503, times=None, delay=5.0)  # a reply that is due
    with line.start("batch", "one.csv", "--journal", "j.sqlite") as process:
        while not line.emulator.requests()["requests"].get("projects.image.export"):
            assert process.poll() is None
        process.send_signal(signal.SIGINT)
        with pytest.raises(subprocess.TimeoutExpired):
            process.wait(0.5)
        process.send_signal(signal.SIGINT)
        _, err = process.communicate(timeout=10)
    assert process.returncode in {130, -signal.SIGINT}, "which a shell calls 130 as well"
    assert "Traceback" not in err
    line.emulator.watch.faults.clear()


def test_0_where_the_reader_has_gone(line: Line) -> None:
    """A list ends at once; what waits goes on, and tells its end."""
    line.export(outcome=FAILURE)
    ends = "; echo $? >>code) 2>err | true; done; cat code err"
    gone = line.shell('for what in "list --json" "list" "wait dem"; do (earthengine-export ops $what' + ends)
    assert gone.out.split() == ["0", "0", "1", *gone.out.split()[3:]]
    assert "Export too large" in gone.out
    assert "Pipe" not in gone.out
    headed = line.shell("set -o pipefail; earthengine-export ops list | head -1")
    assert (headed.code, headed.err) == (0, "")
    assert headed.out.startswith("ID ")
