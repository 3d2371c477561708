"""Each part of `make bench` measures something and holds it against its bounds."""

import os
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from benchmarks import exporting, installs, running
from benchmarks.report import Report
from benchmarks.sizes import TINY, Size


def _at_once(report: Report, size: Size) -> None:
    exporting.submitting_at_once(report, size, 0.01)
    exporting.submitting_at_once(report, size, 0.0)


def _growing(report: Report, size: Size) -> None:
    exporting.growing(report, size, Path("growth.svg"))
    assert "</svg>" in Path("growth.svg").read_text(encoding="utf-8")


def _starting(report: Report, size: Size) -> None:
    places = os.pathsep.join(sys.path)
    assert installs.imports(places)["earthengine-export, and a client"]().wall > 0
    assert not installs.loaded_by("earthengine-export, and a client", places)
    running.helping(report, size)


@pytest.mark.filterwarnings("ignore:getTaskStatus:DeprecationWarning")  # what users of the peer still call
@pytest.mark.parametrize(
    "part",
    [
        exporting.submitting,
        _at_once,
        exporting.waiting_for_many,
        exporting.large_graphs,
        _growing,
        _starting,
        running.computing,
        running.serving_large,
        running.batching,
    ],
)
def test_it_runs(
    part: Callable[[Report, Size], None], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    report = Report()
    part(report, TINY)
    assert report.bounds
    text = report.text()
    assert all(what in text for _, what, *_ in report.bounds)
