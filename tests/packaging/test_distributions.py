"""The wheel and the sdist: what is in them, and that the README's example runs from the wheel."""

import subprocess
import sys
import tarfile
import zipfile
from collections.abc import Iterator
from pathlib import Path

import pytest
import rasterio

from earthengine_export import __version__
from pythons import pythons
from tests.emulator.conftest import write_dem
from tests.packaging.conftest import IMPORT_ALL, ROOT, make_environment, readme_example, run

PACKAGES = {
    "earthengine_emulator": ROOT / "emulator",
    "earthengine_export": ROOT / "wrapper",
    "earthengine_rest": ROOT / "generated",
}
DATA = {
    "earthengine_emulator/image_export.yaml",
    "earthengine_emulator/page.html",
    "earthengine_emulator/py.typed",
    "earthengine_export/py.typed",
    "earthengine_rest/py.typed",
}
METADATA = {"METADATA", "RECORD", "WHEEL", "entry_points.txt", "licenses/LICENSE"}


def test_the_wheel_holds_the_packages_and_nothing_else(wheel: Path) -> None:
    with zipfile.ZipFile(wheel) as archive:
        names = set(archive.namelist())
        spec = archive.read("earthengine_emulator/image_export.yaml")
    modules = {
        path.relative_to(folder).as_posix()
        for package, folder in PACKAGES.items()
        for path in (folder / package).rglob("*.py")
    }
    about = {f"earthengine_export-{__version__}.dist-info/{name}" for name in METADATA}
    assert names == modules | DATA | about
    assert spec == (ROOT / "openapi" / "image_export.yaml").read_bytes()


def test_the_sdist_holds_the_repository_and_nothing_else(distributions: Path) -> None:
    """So that a packager can run the tests; what CI runs stays behind."""
    (path,) = distributions.glob("*.tar.gz")
    with tarfile.open(path) as archive:
        names = {name.removeprefix(f"earthengine_export-{__version__}/") for name in archive.getnames()}
    listed = run("git", "-C", ROOT, "ls-files", "--cached", "--others", "--exclude-standard").splitlines()
    repository = {name for name in listed if (ROOT / name).exists() and not name.startswith(".ci/")}
    assert names == repository | {"PKG-INFO"}


def test_twine_finds_nothing_to_say(distributions: Path) -> None:
    said = run(sys.executable, "-m", "twine", "--no-color", "check", "--strict", *distributions.iterdir())
    assert said.count("PASSED") == 2


def test_the_same_sources_give_the_same_wheel(wheel: Path, tmp_path: Path) -> None:
    run(sys.executable, "-m", "build", "--no-isolation", "--wheel", "--outdir", tmp_path, ROOT)
    assert (tmp_path / wheel.name).read_bytes() == wheel.read_bytes(), (
        "built from a checkout, and by way of the sdist"
    )


PYTHONS = pythons()


@pytest.fixture(
    params=[
        "the tests' dependencies",
        *(pytest.param(version, marks=pytest.mark.network, id=f"Python {version}") for version in PYTHONS),
    ]
)
def installed(request: pytest.FixtureRequest, wheel: Path, tmp_path: Path) -> Path:
    """The Python of an environment into which the wheel was installed, with the extra `emulator`.

    Empty environments, one of each Python that this machine has, get all that the wheel requires.
    """
    if request.param == "the tests' dependencies":
        return make_environment(tmp_path / "env", wheel)
    return install_into_empty(tmp_path / "env", f"{wheel}[emulator,files]", PYTHONS[request.param])


def install_into_empty(folder: Path, requirement: str, python: str | Path = sys.executable) -> Path:
    """The Python of a new environment, into which pip has installed this and what it requires."""
    run(python, "-m", "venv", folder)
    run(folder / "bin" / "python", "-m", "pip", "install", "--quiet", requirement)
    return folder / "bin" / "python"


@pytest.mark.network
@pytest.mark.timeout(600)  # an index may be slow
def test_whatever_the_core_imports_is_required_by_it(wheel: Path, tmp_path: Path) -> None:
    """All but the command line, which the extra `cli` is for."""
    python = install_into_empty(tmp_path / "env", str(wheel))
    imports = (
        f"{IMPORT_ALL}\nimport_all('earthengine_export', 'earthengine_rest', but='earthengine_export.cli')"
    )
    run(python, "-I", "-W", "error", "-c", imports)


@pytest.fixture
def emulator(installed: Path, tmp_path: Path) -> Iterator[str]:
    """The host of an emulator that runs from the wheel, with the asset of the README's example."""
    write_dem(tmp_path / "assets" / "USGS" / "SRTMGL1_003.tif")
    command = [str(installed), "-I", "-m", "earthengine_emulator", "--port=0", "--speed=100"]
    with subprocess.Popen(command, cwd=tmp_path, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout
        yield process.stdout.readline().strip().partition("EARTHENGINE_EMULATOR_HOST=")[2]
        process.terminate()


@pytest.mark.timeout(600)  # an index may be slow
def test_the_readmes_example_runs_as_printed(installed: Path, emulator: str, tmp_path: Path) -> None:
    where = "import earthengine_export; print(earthengine_export.__file__)"
    assert tmp_path in Path(run(installed, "-I", "-c", where).strip()).parents, "not what the wheel brought"
    (tmp_path / "example.py").write_text(readme_example(), encoding="utf-8")
    environment = {"EARTHENGINE_EMULATOR_HOST": emulator, "HOME": str(tmp_path), "PATH": ""}
    printed = run(installed, "-I", "example.py", cwd=tmp_path, env=environment)
    assert "my-bucket" in printed
    with rasterio.open(tmp_path / "output" / "gs" / "my-bucket" / "dem" / "hillshade.tif") as raster:
        assert (raster.crs.to_epsg(), raster.res) == (32616, (90, 90))
        assert raster.read().std() > 10, "a hillshade has light and shadow"
