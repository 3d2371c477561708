"""Look over the built site: each link leads somewhere, and nothing is fetched from another host.

    python tools/docs_links.py site

Sphinx checks the links between the pages' sources; this checks what it made of them.
"""

from __future__ import annotations

import sys
from html.parser import HTMLParser
from pathlib import Path
from urllib.parse import unquote, urlsplit

_FETCHED = {"script": "src", "img": "src", "link": "href", "iframe": "src", "source": "src"}


class Page(HTMLParser):
    """A page's anchors, its links, and what a browser fetches for it."""

    def __init__(self, path: Path) -> None:
        super().__init__()
        self.anchors: set[str] = set()
        self.links: set[str] = set()
        self.fetched: set[str] = set()
        self.feed(path.read_text("utf-8"))

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Take in one tag."""
        given = {name: value for name, value in attrs if value}
        self.anchors |= {given[name] for name in ("id", "name") if name in given}
        if tag == "a" and "href" in given:
            self.links.add(given["href"])
        if (attribute := _FETCHED.get(tag)) in given and given.get("rel") != "canonical":
            self.fetched.add(given[str(attribute)])


def problems(site: Path) -> list[str]:
    """What is wrong with a site, a line each."""
    pages = {path.resolve(): Page(path) for path in site.rglob("*.html")}
    found = [] if pages else [f"{site}: there is no page"]
    for path, page in pages.items():
        for link in sorted(page.links | page.fetched):
            target = urlsplit(link)
            if target.scheme in ("http", "https", "mailto", "data") or target.netloc:
                if link in page.fetched and target.scheme != "data":
                    found.append(f"{path.name}: {link} is fetched from another host")
                continue
            file = (path.parent / unquote(target.path)).resolve() if target.path else path
            if not file.is_file():
                found.append(f"{path.name}: {link} leads to no file")
            elif target.fragment and file in pages and unquote(target.fragment) not in pages[file].anchors:
                found.append(f"{path.name}: {link} leads to no place on that page")
    found += [
        f"{style.name}: fetches from another host"
        for style in site.rglob("*.css")
        if any(mark in style.read_text("utf-8") for mark in ("url(http", "url(//", "@import"))
    ]
    return found


def main() -> int:
    """Print what is wrong; 1 where something is."""
    found = problems(Path(sys.argv[1]))
    print("\n".join(found) or "Every link leads somewhere, and nothing comes from another host.")
    return int(bool(found))


if __name__ == "__main__":
    sys.exit(main())
