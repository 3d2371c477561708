"""Say whether what is here can be released as the version it claims.

    python tools/release_check.py      after the distributions and the site were built: make release-check

Each line says what was looked at and what was found; the exit code is 1 where something stands in the way.
"""

from __future__ import annotations

import argparse
import re
import subprocess
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import griffe
from packaging.version import InvalidVersion, Version

from pythons import pythons

ROOT = Path(__file__).parent.parent
PACKAGE = "earthengine_export"


@dataclass(frozen=True)
class Found:
    """What a check found; `stops` where nothing can be released like that."""

    said: str
    stops: bool = False


@dataclass(frozen=True)
class Release:
    """The clone, and the version that it claims."""

    root: Path
    version: str

    def git(self, *arguments: str) -> str:
        """What git prints; "" where it fails."""
        done = subprocess.run(["git", "-C", self.root, *arguments], capture_output=True, text=True)
        return done.stdout.strip() if done.returncode == 0 else ""

    @property
    def tag(self) -> str:
        """The tag of the version."""
        return f"v{self.version}"

    def last_tag(self) -> str:
        """The newest release's tag but this one's, or ""."""
        tags = [tag for tag in self.git("tag", "--merged", "HEAD", "--list", "v*").split() if tag != self.tag]
        return max(tags, key=lambda tag: Version(tag[1:]), default="")


def claimed(root: Path) -> str:
    """The version that `_version.py` states."""
    text = (root / "wrapper" / PACKAGE / "_version.py").read_text("utf-8")
    return str(re.findall(r'__version__ = "([^"]+)"', text)[0])


def version(release: Release) -> Iterator[Found]:
    """The version is one, and newer than the last."""
    try:
        normal = str(Version(release.version))
    except InvalidVersion:
        yield Found(f"{release.version} is no version by PEP 440", stops=True)
        return
    if normal != release.version:
        yield Found(f"{release.version} is written {normal}", stops=True)
    last = release.last_tag()
    if last and Version(last[1:]) >= Version(normal):
        yield Found(f"{normal} is not newer than {last}: raise it in _version.py", stops=True)
    else:
        yield Found(f"{normal}, after {last}" if last else f"{normal}, the first: there is no tag of another")


def changelog(release: Release) -> Iterator[Found]:
    """The changelog has a section of this version, and nothing waits above it."""
    text = (release.root / "CHANGELOG.md").read_text("utf-8")
    sections = dict(re.findall(r"^## (.+)\n((?:(?!## ).*\n?)*)", text, re.MULTILINE))
    waiting = len(re.findall(r"^- ", sections.get("Unreleased", ""), re.MULTILINE))
    if waiting:
        yield Found(f"{waiting} entries stand under Unreleased: move them to {release.version}", stops=True)
    heading = next((title for title in sections if title.split(" ")[0].strip("[]") == release.version), "")
    if not heading:
        yield Found(f"add a section ## {release.version} - YYYY-MM-DD: there is none", stops=True)
    elif not re.search(r" - \d{4}-\d\d-\d\d$", heading):
        yield Found(f"## {heading} has no date", stops=True)
    elif not waiting:
        yield Found(f"## {heading}")


def tag(release: Release) -> Iterator[Found]:
    """Everything is committed; the tag of this version is here or still to be set."""
    if not release.git("rev-parse", "HEAD"):
        yield Found("this is no clone with git: tags cannot be looked at", stops=True)
        return
    if changed := release.git("status", "--porcelain"):
        yield Found(f"{len(changed.splitlines())} files are not committed", stops=True)
    at = release.git("rev-list", "-n1", release.tag)
    if not at:
        yield Found(f"not tagged yet; when all is well: git tag {release.tag}")
    elif at == release.git("rev-parse", "HEAD"):
        yield Found(f"{release.tag} is here")
    else:
        yield Found(f"{release.tag} is another commit, {at[:10]}: raise the version", stops=True)


def distributions(release: Release) -> Iterator[Found]:
    """One wheel and one sdist of this version, which twine accepts."""
    stem = f"{PACKAGE}-{release.version}"
    wanted = {f"{stem}-py3-none-any.whl", f"{stem}.tar.gz"}
    paths = sorted((release.root / "dist").glob("*"))
    if {path.name for path in paths} != wanted:
        names = ", ".join(path.name for path in paths) or "nothing"
        yield Found(f"dist/ holds {names}; wanted: {', '.join(sorted(wanted))}. make dist", stops=True)
        return
    command = [sys.executable, "-m", "twine", "--no-color", "check", "--strict", *map(str, paths)]
    twine = subprocess.run(command, capture_output=True, text=True)
    said = "twine accepts both" if twine.returncode == 0 else f"twine: {twine.stdout.strip()}"
    yield Found(f"{', '.join(sorted(wanted))}: {said}", stops=twine.returncode != 0)


def site(release: Release) -> Iterator[Found]:
    """The site was built, as this version."""
    index = release.root / "site" / "index.html"
    if not index.is_file():
        yield Found("site/ was not built: make docs", stops=True)
    elif f"earthengine-export {release.version}" not in index.read_text("utf-8"):
        yield Found(f"site/ is not of {release.version}: make docs", stops=True)
    else:
        yield Found("site/ is built")


def names(release: Release) -> Iterator[Found]:
    """No public name was lost or changed since the last tag, unless the version says so."""
    here = public(griffe.load(PACKAGE, search_paths=[release.root / "wrapper"]))
    last = release.last_tag()
    if not last:
        yield Found(f"{len(here.exports or [])} public names; there is no tag to compare them with")
        return
    there = public(griffe.load_git(PACKAGE, ref=last, repo=release.root, search_paths=["wrapper"]))
    broken = [
        re.sub(r"\x1b\[\d+m", "", breakage.explain(griffe.ExplanationStyle.ONE_LINE))  # no colours
        for breakage in griffe.find_breaking_changes(there, here)
    ]
    old, new = Version(last[1:]), Version(release.version)
    allowed = new.major > old.major or (new.major == 0 and new.minor > old.minor)
    for line in broken:
        yield Found(f"since {last}: {line.strip()}", stops=not allowed)
    if broken and not allowed:
        yield Found("raise the major version, or the minor one of 0.x, for what breaks", stops=True)
    added = sorted(set(map(str, here.exports or [])) - set(map(str, there.exports or [])))
    yield Found(f"compared with {last}: {len(broken)} break, new: {', '.join(added) or 'none'}")


def public(package: griffe.Module | griffe.Alias | griffe.Object) -> griffe.Module:
    """The package with its public names marked: what it imports of its own that has no underscore."""
    assert isinstance(package, griffe.Module)
    package.exports = [
        name
        for name, member in package.members.items()
        if isinstance(member, griffe.Alias) and member.target_path.startswith(f"{PACKAGE}.")
        if not name.startswith("_") and name != "NAMES"
    ]
    return package


def classifiers(release: Release) -> Iterator[Found]:
    """Each Python that the classifiers name is on this machine, so that make packaging has seen it."""
    text = (release.root / "pyproject.toml").read_text("utf-8")
    named = set(re.findall(r"Programming Language :: Python :: (3\.\d+)", text))
    here = set(pythons())
    if unseen := sorted(named - here):
        yield Found(f"not on this machine, so not tried: Python {', '.join(unseen)}", stops=True)
    if unnamed := sorted(here - named):
        yield Found(f"on this machine, without a classifier: Python {', '.join(unnamed)}")
    yield Found(f"make packaging tries the wheel under Python {', '.join(sorted(named & here))}")


CHECKS: tuple[Callable[[Release], Iterator[Found]], ...] = (
    version,
    changelog,
    tag,
    distributions,
    site,
    names,
    classifiers,
)


def main() -> int:
    """Print what each check found."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("--root", type=Path, default=ROOT, help="the clone")
    root = parser.parse_args().root
    release = Release(root, claimed(root))
    stops = 0
    for check in CHECKS:
        for found in check(release):
            stops += found.stops
            print(f"{'STOP' if found.stops else 'ok  '}  {check.__name__}: {found.said}")
    print(
        f"{release.version} can be released."
        if not stops
        else f"{stops} things stand in the way of {release.version}."
    )
    return int(bool(stops))


if __name__ == "__main__":
    sys.exit(main())
