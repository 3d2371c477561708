"""Proves that wheel, sdist and vendored copies hold what they must and run by themselves.

Shared here: the distributions, and Pythons that see only what they are given.
"""

import re
import subprocess
import sys
import sysconfig
import venv
from collections.abc import Callable
from pathlib import Path

import pytest
import rasterio

from earthengine_emulator import Emulator

ROOT = Path(__file__).resolve().parents[2]

IMPORT_ALL = """
import importlib, importlib.util, pkgutil, sys

def import_all(*packages, but=None):
    for name in packages:
        for module in pkgutil.walk_packages(importlib.import_module(name).__path__, name + "."):
            if but is None or not module.name.startswith(but):
                importlib.import_module(module.name)
"""

# Runs in a project `their` that has a vendored copy: imports every module, exports an image, waits for it.
EXPORT = f"""{IMPORT_ALL}
sys.path.insert(0, sys.argv[1])
assert importlib.util.find_spec("earthengine_export") is None, "it is installed: this would prove nothing"

import_all("their._vendor.earthengine_export", "their._vendor.earthengine_rest")
roots = {{name.partition(".")[0] for name in sys.modules}}
assert not roots & {{"earthengine_export", "earthengine_rest"}}, "not only the copies were imported"

from their._vendor import earthengine_export as eex

with eex.Client("my-project", eex.anonymous(), base_url=sys.argv[2]) as client:
    operation = client.export_image(
        eex.call("Image.constant", value=7),
        to=eex.CloudStorage("my-bucket", filename_prefix="seven"),
        grid=eex.PixelGrid("EPSG:32616", (30, 0, 500000, 0, -30, 4000000), (4, 3)),
    )
    print(*operation.wait(timeout=60).destination_uris)
"""


def run(*command: str | Path, **options: object) -> str:
    """The output of a command that succeeds."""
    done = subprocess.run(list(map(str, command)), capture_output=True, text=True, **options)  # type: ignore[call-overload]
    assert done.returncode == 0, done.stdout + done.stderr
    return str(done.stdout)


def make_environment(folder: Path, *packages: str | Path) -> Path:
    """The Python of a new environment that sees these packages, and the dependencies of the tests' own.

    Nothing is downloaded. An editable install is not seen: the files that make it work are read in the site
    folders of one's own environment only.
    """
    venv.create(folder, symlinks=True)
    python = folder / "bin" / "python"
    if packages:
        pip = (sys.executable, "-m", "pip", "--python", python, "install")
        run(*pip, "--quiet", "--no-index", "--no-deps", *packages)
    site = Path(run(python, "-c", "import sysconfig; print(sysconfig.get_path('purelib'), end='')"))
    (site / "dependencies.pth").write_text(sysconfig.get_path("purelib"))
    return python


@pytest.fixture(scope="session")
def distributions(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with the sdist, and the wheel that was built from it."""
    folder = tmp_path_factory.mktemp("dist")
    run(sys.executable, "-m", "build", "--no-isolation", "--outdir", folder, ROOT)
    return folder


@pytest.fixture(scope="session")
def wheel(distributions: Path) -> Path:
    (path,) = distributions.glob("*.whl")
    return path


@pytest.fixture(scope="session")
def bare_python(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A Python with the dependencies, but without earthengine-export."""
    return make_environment(tmp_path_factory.mktemp("bare") / "env")


@pytest.fixture
def export_from(bare_python: Path, tmp_path: Path) -> Callable[[Path], None]:
    """Exports an image with the copy that a project has vendored as `their._vendor`."""

    def export(project: Path) -> None:
        with Emulator(assets=tmp_path, output=tmp_path / "output", speed=100) as emulator:
            command = (bare_python, "-I", "-W", "error", "-c", EXPORT, project, emulator.base_url)
            assert "my-bucket" in run(*command, cwd=tmp_path)
        with rasterio.open(tmp_path / "output" / "gs" / "my-bucket" / "seven.tif") as raster:
            assert (raster.read() == 7).all()

    return export


def readme_example() -> str:
    """The first Python block of README.md, as printed."""
    (example, *_) = re.findall(
        r"```python\n(.*?)```", (ROOT / "README.md").read_text(encoding="utf-8"), re.DOTALL
    )
    return str(example)
