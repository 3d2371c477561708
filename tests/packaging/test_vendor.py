"""`make vendor` and pip's `vendoring`: a copy in another project works there, alone."""

import ast
import difflib
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

import vendor
from earthengine_export import __version__
from tests.packaging.conftest import ROOT, run

PACKAGES = ("earthengine_export", "earthengine_rest")


def make_vendor(destination: Path, root: Path = ROOT) -> subprocess.CompletedProcess[str]:
    command = ["make", "--no-print-directory", "-C", str(root), "vendor", f"DEST={destination}"]
    return subprocess.run([*command, f"PYTHON={sys.executable}"], capture_output=True, text=True)


def files(folder: Path) -> dict[str, bytes]:
    return {
        path.relative_to(folder).as_posix(): path.read_bytes() for path in folder.rglob("*") if path.is_file()
    }


@pytest.fixture
def clone(tmp_path: Path) -> Path:
    """The sources without git, which a test may change."""
    clone = tmp_path / "clone"
    for folder in ("wrapper", "generated", "tools"):
        shutil.copytree(ROOT / folder, clone / folder)
    for name in ("Makefile", "pyproject.toml", "LICENSE"):
        shutil.copy(ROOT / name, clone / name)
    return clone


def test_a_copy_exports_an_image(tmp_path: Path, export_from: Callable[[Path], None]) -> None:
    copied = make_vendor(tmp_path / "their" / "_vendor")
    assert copied.returncode == 0, copied.stderr
    assert "needs: anyio" in copied.stdout
    export_from(tmp_path)


def test_a_copy_is_typed_strictly(tmp_path: Path) -> None:
    """Without any setting of ours."""
    vendor.vendor(tmp_path / "their" / "_vendor")
    (tmp_path / "mypy.ini").write_text("[mypy]\nstrict = true\n", encoding="utf-8")
    checked = subprocess.run(
        [sys.executable, "-m", "mypy", "their"], cwd=tmp_path, capture_output=True, text=True
    )
    assert checked.returncode == 0, checked.stdout


def test_one_line_is_all_that_differs(tmp_path: Path) -> None:
    vendor.vendor(tmp_path)
    originals = vendor.read(vendor.FOLDERS)
    copies = files(tmp_path)
    added = {"__init__.py", "earthengine_export/LICENSE", "earthengine_export/VENDORED.md"}
    assert copies.keys() - originals.keys() == added
    different = {name for name, content in originals.items() if copies[name] != content}
    assert different == {"earthengine_export/rest.py"}
    (name,) = different
    before, after = (text[name].decode().splitlines() for text in (originals, copies))
    changes = [line for line in difflib.ndiff(before, after) if line[0] in "+-"]
    assert changes == [
        "- from earthengine_rest import client, models, types, unions",
        "+ from ..earthengine_rest import client, models, types, unions",
    ]


def test_nothing_else_names_the_packages() -> None:
    """Every import but the one that is rewritten is relative, or of something else."""
    absolute = [
        (path.name, node.lineno, name)
        for folder in vendor.FOLDERS.values()
        for path in folder.rglob("*.py")
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if isinstance(node, ast.Import | ast.ImportFrom)
        for name in (
            [alias.name for alias in node.names] if isinstance(node, ast.Import) else [node.module or ""]
        )
        if name.partition(".")[0] in (*PACKAGES, "earthengine_emulator")
        and not (isinstance(node, ast.ImportFrom) and node.level)
    ]
    assert [(file, name) for file, _, name in absolute] == [("rest.py", "earthengine_rest")], absolute


def test_the_record_says_what_it_is_and_how_to_update_it(tmp_path: Path) -> None:
    vendor.vendor(tmp_path)
    record = (tmp_path / "earthengine_export" / "VENDORED.md").read_text()
    commit = run("git", "-C", ROOT, "rev-parse", "HEAD").strip()
    for fact in (
        f"commit: {commit}",
        "licence: Apache-2.0",
        "make vendor DEST=",
        "httpx>=0.28",
        f"version: {__version__}",
    ):
        assert fact in record
    assert str(tmp_path) not in record
    licence = (tmp_path / "earthengine_export" / "LICENSE").read_bytes()
    assert licence == (ROOT / "LICENSE").read_bytes()


def test_changes_that_were_not_committed_are_told(clone: Path, tmp_path: Path) -> None:
    assert "commit: unknown" in vendored(clone, tmp_path / "a")
    git = ("git", "-C", clone, "-c", "user.name=a", "-c", "user.email=a@example.com")
    run(*git, "init", "--quiet")
    run(*git, "add", ".")
    run(*git, "commit", "--quiet", "-m", "all")
    assert "not committed" not in vendored(clone, tmp_path / "b")
    (clone / "wrapper" / "earthengine_export" / "new.py").touch()
    assert "not committed" in vendored(clone, tmp_path / "c")


def vendored(root: Path, destination: Path) -> str:
    done = make_vendor(destination, root)
    assert done.returncode == 0, done.stderr
    return (destination / "earthengine_export" / "VENDORED.md").read_text()


def test_the_same_sources_give_the_same_bytes(clone: Path, tmp_path: Path) -> None:
    vendored(clone, tmp_path / "a")
    vendored(clone, tmp_path / "b" / "c")
    assert files(tmp_path / "a") == files(tmp_path / "b" / "c")


def test_an_update_replaces_the_copy_and_nothing_beside_it(clone: Path, tmp_path: Path) -> None:
    theirs = tmp_path / "_vendor"
    vendored(clone, theirs)
    (theirs / "other.py").write_text("mine = 1\n")
    (theirs / "__init__.py").write_text("'''mine'''\n")
    (theirs / "earthengine_rest" / "__pycache__").mkdir()
    (theirs / "earthengine_rest" / "__pycache__" / "client.pyc").write_bytes(b"made by running it")
    (clone / "wrapper" / "earthengine_export" / "progress_display.py").rename(
        clone / "wrapper" / "earthengine_export" / "renamed.py"
    )
    vendored(clone, theirs)
    names = {path.name for path in (theirs / "earthengine_export").iterdir()}
    assert "renamed.py" in names
    assert "progress_display.py" not in names
    assert (theirs / "other.py").read_text() == "mine = 1\n"
    assert (theirs / "__init__.py").read_text() == "'''mine'''\n"
    assert {path.name for path in theirs.iterdir()} == {"__init__.py", "other.py", *PACKAGES}


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ("earthengine_rest/client.py", "was edited since it was copied"),
        ("earthengine_export/own.py", "was edited since it was copied"),
        ("earthengine_export/VENDORED.md", "was edited since it was copied"),
    ],
)
def test_work_of_others_is_not_overwritten(tmp_path: Path, change: str, words: str) -> None:
    vendor.vendor(tmp_path)
    (tmp_path / change).write_text("# mine\n")
    before = files(tmp_path)
    done = make_vendor(tmp_path)
    assert done.returncode != 0
    assert words in done.stderr
    assert "Nothing was copied" in done.stderr
    assert files(tmp_path) == before


def test_a_package_of_that_name_is_not_overwritten(tmp_path: Path) -> None:
    (tmp_path / "earthengine_rest").mkdir()
    (tmp_path / "earthengine_rest" / "own.py").touch()
    done = make_vendor(tmp_path)
    assert done.returncode != 0
    assert "was not put there by `make vendor`" in done.stderr
    assert files(tmp_path).keys() == {"earthengine_rest/own.py"}


def test_the_destination_is_a_folder_and_is_named(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    assert "is a file" in make_vendor(tmp_path / "file").stderr
    nameless = subprocess.run(["make", "-C", str(ROOT), "vendor"], capture_output=True, text=True)
    assert nameless.returncode != 0
    assert "DEST=" in nameless.stderr


def test_a_second_import_of_the_generated_client_stops_it(clone: Path, tmp_path: Path) -> None:
    with (clone / "wrapper" / "earthengine_export" / "rest.py").open("a") as door:
        door.write("\nfrom earthengine_rest import errors\n")
    done = make_vendor(tmp_path / "a", clone)
    assert done.returncode != 0
    assert "2 lines" in done.stderr
    assert not (tmp_path / "a").exists()


def test_the_vendoring_tool_of_pip_takes_the_wheel(
    distributions: Path, tmp_path: Path, export_from: Callable[[Path], None]
) -> None:
    """As docs/howto/vendor.md shows it, with the wheel from a folder in place of an index."""
    page = (ROOT / "docs" / "howto" / "vendor.md").read_text(encoding="utf-8")
    settings = page.partition("```toml\n")[2].partition("```")[0]
    (tmp_path / "pyproject.toml").write_text(settings)
    theirs = tmp_path / "their" / "_vendor"
    theirs.mkdir(parents=True)
    (tmp_path / "their" / "__init__.py").touch()
    (theirs / "__init__.py").touch()
    (theirs / "vendor.txt").write_text(f"earthengine-export=={__version__}\n")
    environment = {
        "PATH": str(Path(sys.executable).parent),
        "HOME": str(tmp_path),
        "TMPDIR": str(tmp_path),
        "PIP_NO_INDEX": "1",
        "PIP_FIND_LINKS": str(distributions),
        "PIP_CONFIG_FILE": "/dev/null",
    }
    run(sys.executable, "-m", "vendoring", "sync", cwd=tmp_path, env=environment)
    assert {path.name for path in theirs.iterdir()} == {"__init__.py", "vendor.txt", *PACKAGES}
    assert (theirs / "earthengine_export" / "LICENSE").is_file()
    export_from(tmp_path)
