"""The Python of docs/waiting.md runs."""

import re
from pathlib import Path

import pytest

from earthengine_emulator import Emulator

TEXT = (Path(__file__).parents[2] / "docs" / "waiting.md").read_text(encoding="utf-8")


def test_examples_run(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> None:
    blocks = re.findall(r"```python\n(.*?)```", TEXT, re.DOTALL)
    assert len(blocks) > 7
    with Emulator(evaluate=False, speed=1e5, running_limit=100) as emulator:
        emulator.script()
        emulator.script(run_seconds=1e9)  # the second is the one whose time is up
        monkeypatch.setenv("EARTHENGINE_EMULATOR_HOST", emulator.host)
        exec(compile("\n".join(blocks), "waiting.md", "exec"), {})
    out, err = capsys.readouterr()
    assert "were up before <Operation" in out
    assert out.count(" well\n") == 20
    assert "dem: SUCCEEDED, 100%" in err
    assert "\nCANCELLED\n" in out
    assert "20 tiles: 20 SUCCEEDED, 100%" in err
