"""Three requests in ten break, and still each export has one operation; `make chaos` runs more of it."""

from __future__ import annotations

import logging

import pytest

import chaos


@pytest.mark.parametrize(
    ("duplicate", "tasks"), [("return", False), ("return", True), ("reject", False), ("reject", True)]
)
def test_chaos(caplog: pytest.LogCaptureFixture, duplicate: str, tasks: bool) -> None:
    caplog.set_level(logging.ERROR, "earthengine_export")
    exports = 240
    figures = chaos.run(exports, at_once=20, seed=20, duplicate=duplicate, tasks=tasks)
    assert figures.wrong == []
    assert figures.held + figures.found_again + figures.never_started == exports
    assert figures.held <= figures.operations <= exports
    assert 0.2 < figures.broken.total() / figures.requests < 0.4
    assert set(figures.broken) >= {fate for fate, often in chaos.BREAKS.items() if often >= 1}
