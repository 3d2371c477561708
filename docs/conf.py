"""How Sphinx builds the site: Markdown pages, the reference from docstrings, no other host."""

import ast
import re
import sys
import textwrap
from pathlib import Path
from typing import Any

from docutils import nodes

ROOT = Path(__file__).parent.parent
sys.path[:0] = [str(ROOT / "tools")]

import design_picture  # noqa: E402
import earthengine_export as eex  # noqa: E402

project = "earthengine-export"
copyright = "the authors of earthengine-export, Apache-2.0"  # noqa: A001 - Sphinx's name
version = release = eex.__version__
extensions = ["myst_parser", "sphinx.ext.autodoc", "sphinx.ext.napoleon", "sphinx_copybutton"]
exclude_patterns = ["_build"]
nitpicky = True
# Types of other libraries, and private ones, are not on this site.
nitpick_ignore_regex = [("py:.*", r"(?!earthengine_export\.[A-Z]\w*$).*")]
suppress_warnings = ["misc.highlighting_failure"]  # … in an example

myst_enable_extensions = ["attrs_block", "colon_fence"]
myst_heading_anchors = 3

default_role = "code"  # docstrings write `name`, as Markdown does
autodoc_member_order = "bysource"
autodoc_typehints = "signature"
autodoc_default_options = {"members": True, "inherited-members": "BaseException,object"}
python_use_unqualified_type_names = True
python_maximum_signature_line_length = 90
add_module_names = False
napoleon_numpy_docstring = False
napoleon_use_rtype = False
napoleon_use_ivar = True

pygments_dark_style = "github-dark"
html_theme = "furo"
html_title = f"earthengine-export {version}"
html_static_path = ["_static"]
html_css_files = ["site.css"]
html_copy_source = False
html_show_sourcelink = False
html_show_sphinx = False
html_theme_options = {"navigation_with_keys": True}
copybutton_exclude = ".linenos, .gp, .go"

(Path(__file__).parent / "_static" / "design.svg").write_text(design_picture.picture(), "utf-8")


def _is_code(paragraph: str) -> bool:
    """Whether a paragraph of a docstring is Python; prose does not parse."""
    try:
        return bool(ast.parse(textwrap.dedent(paragraph).replace("…", "...")).body) and "(" in paragraph
    except SyntaxError:
        return False


def _mark_examples(_app: Any, _what: str, _name: str, _obj: Any, _options: Any, lines: list[str]) -> None:
    """Make examples in a docstring code blocks: paragraphs that are Python and belong to no section."""
    marked: list[str] = []
    for paragraph in "\n".join(lines).split("\n\n"):
        if re.match(r"(Args|Returns|Raises|Attributes|Yields):", paragraph):
            marked += [paragraph]
            continue
        code = _is_code(paragraph) and not paragraph.lstrip().startswith(">>>")
        marked += (
            [".. code-block:: python\n\n" + textwrap.indent(textwrap.dedent(paragraph), "    ")]
            if code
            else [paragraph]
        )
    lines[:] = "\n\n".join(marked).split("\n")


def _label_cells(_app: Any, doctree: nodes.document, _name: str) -> None:
    """Let each cell of a table say what column it is of; site.css shows that on a phone, a row as a card."""
    for table in doctree.findall(nodes.table):
        heads = [entry.astext() for head in table.findall(nodes.thead) for entry in head.findall(nodes.entry)]
        for body in table.findall(nodes.tbody):
            for row in body.findall(nodes.row):
                for head, entry in zip(heads[1:], list(row.findall(nodes.entry))[1:], strict=False):
                    if head and entry.astext():
                        entry[0].insert(0, nodes.inline("", head, classes=["column"]))


def setup(app: Any) -> None:
    """Sphinx's hook."""
    app.connect("doctree-resolved", _label_cells)
    app.connect("autodoc-process-docstring", _mark_examples, priority=100)
