"""The examples in docstrings: paragraphs that are Python. The site shows them, and a test runs them."""

from __future__ import annotations

import ast
import re
import textwrap
from collections.abc import Iterator

_SECTION = re.compile(r"(Args|Returns|Raises|Attributes|Yields|Reference):")


def is_code(paragraph: str) -> bool:
    """Whether a paragraph of a docstring is Python; prose does not parse."""
    if _SECTION.match(paragraph) or paragraph.lstrip().startswith(">>>"):
        return False
    try:
        return bool(ast.parse(textwrap.dedent(paragraph).replace("…", "...")).body) and "(" in paragraph
    except SyntaxError:
        return False


def examples(docstring: str) -> Iterator[str]:
    """The examples of a docstring."""
    for paragraph in docstring.split("\n\n"):
        if is_code(paragraph):
            yield textwrap.dedent(paragraph)
