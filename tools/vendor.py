"""Copies the wrapper and the generated client into another project, where they import each other alone.

They stand side by side in the folder of vendored packages. One line differs from the originals: the import of
the generated client in `rest.py`, which becomes relative. Needs Python and nothing else, so that it runs in
a bare clone.
"""

import argparse
import hashlib
import re
import runpy
import shutil
import subprocess
import sys
import tempfile
import tomllib
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
FOLDERS = {"earthengine_export": ROOT / "wrapper", "earthengine_rest": ROOT / "generated"}
DOOR = "earthengine_export/rest.py"
RECORD = "earthengine_export/VENDORED.md"

RECORD_TEXT = """\
# Vendored: not to be edited here

`earthengine_export` and `earthengine_rest` in this folder are copies, made by `make vendor` of the project
earthengine-export. Import them as `from your_project._vendor import earthengine_export as eex`.

- version: {version}
- commit: {commit}
- licence: {license}, the text is in `LICENSE` beside this file
- changed: the line of `rest.py` that imports `earthengine_rest`
- Python: {python}
- needs: {needs}
- can use: {can_use}
- sha256 of the files: {digest}

Make what it needs dependencies of your own project, and have your build take `*.json` and `py.typed` along.

To update, in a clone of earthengine-export:

    git checkout VERSION
    make vendor DEST=path/to/this/folder/of/vendored/packages

It puts both folders anew, and refuses to when they were edited here.
"""


def vendor(destination: Path) -> str:
    """Puts the copy into a folder of vendored packages, in place of an earlier copy; returns its record.

    Other packages in the folder are left alone. The same sources give the same bytes.

    Raises:
        SystemExit: What is there under the two names is not a copy as `make vendor` left it.
    """
    refuse_to_lose(destination)
    files = read(FOLDERS)
    files["earthengine_export/LICENSE"] = (ROOT / "LICENSE").read_bytes()
    files[DOOR] = relative_import(files[DOOR])
    record = record_of(files)
    files[RECORD] = record.encode()
    destination.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=destination) as fresh:
        for name, content in files.items():
            path = Path(fresh, name)
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(content)
        for package in FOLDERS:
            shutil.rmtree(destination / package, ignore_errors=True)
            Path(fresh, package).rename(destination / package)
    (destination / "__init__.py").touch()  # so that builds which look for packages find this one
    return record


def read(folders: dict[str, Path]) -> dict[str, bytes]:
    """Returns the files of the packages in these folders, by path, without byte-code."""
    return {
        path.relative_to(folder).as_posix(): path.read_bytes()
        for package, folder in folders.items()
        for path in sorted((folder / package).rglob("*"))
        if path.is_file() and path.parent.name != "__pycache__"
    }


def refuse_to_lose(destination: Path) -> None:
    """Exits where the copy would overwrite what `make vendor` did not write."""
    if destination.exists() and not destination.is_dir():
        sys.exit(f"{destination} is a file. Nothing was copied. DEST is your folder of vendored packages.")
    files = read(dict.fromkeys(FOLDERS, destination))
    record = files.pop(RECORD, b"").decode()
    if files and digest(files) not in record:
        what = "was edited since it was copied" if record else "was not put there by `make vendor`"
        sys.exit(
            f"What is in {' or '.join(FOLDERS)} in {destination} {what}. Nothing was copied. "
            "Bring your changes to earthengine-export itself or keep them elsewhere, remove the two folders, "
            "and run it again."
        )


def relative_import(source: bytes) -> bytes:
    """Returns the module with the generated client imported from beside the wrapper."""
    changed, count = re.subn(
        rb"^from earthengine_rest import ", b"from ..earthengine_rest import ", source, flags=re.M
    )
    if count != 1:
        sys.exit(f"{DOOR} has {count} lines that import earthengine_rest. Nothing was copied. It needs one.")
    return changed


def record_of(files: dict[str, bytes]) -> str:
    """Returns what to know about a copy: where it comes from, what it needs, and how to update it."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    version = runpy.run_path(str(FOLDERS["earthengine_export"] / "earthengine_export" / "_version.py"))
    extras = project["optional-dependencies"]
    return RECORD_TEXT.format(
        version=version["__version__"],
        commit=commit(),
        license=project["license"],
        python=project["requires-python"],
        needs=", ".join(project["dependencies"]),
        can_use=", ".join(extras["files"] + extras["progress"]),
        digest=digest(files),
    )


def digest(files: dict[str, bytes]) -> str:
    """Returns one sha256 over the names and contents."""
    total = hashlib.sha256()
    for name in sorted(files):
        total.update(f"{name} {hashlib.sha256(files[name]).hexdigest()}\n".encode())
    return total.hexdigest()


def commit() -> str:
    """Returns the commit of the sources, and says where they differ from it."""
    if not (ROOT / ".git").exists():
        return "unknown, copied from a source distribution"

    def git(*arguments: str) -> str:
        command = ["git", "-C", str(ROOT), *arguments]
        return subprocess.run(command, stdout=subprocess.PIPE, text=True, check=True).stdout.strip()

    sources = [str(folder / package) for package, folder in FOLDERS.items()]
    changes = git("status", "--porcelain", "--", *sources)
    return git("rev-parse", "HEAD") + (", with changes that were not committed" if changes else "")


def main() -> None:
    """Copies, and prints the record."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("destination", type=Path, help="the other project's folder of vendored packages")
    destination = parser.parse_args().destination
    print(vendor(destination))
    print(f"The copy is in {destination}.")


if __name__ == "__main__":
    main()
