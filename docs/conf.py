"""How Sphinx builds the site: Markdown pages, the reference from docstrings, no other host."""

import re
import sys
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parent.parent
sys.path[:0] = [str(ROOT / "tools")]

import earthengine_export as eex  # noqa: E402

project = "earthengine-export"
copyright = "the authors of earthengine-export, Apache-2.0"  # noqa: A001 - Sphinx's name
version = release = eex.__version__
extensions = ["myst_parser", "sphinx.ext.autodoc", "sphinx.ext.napoleon", "sphinx_copybutton"]
exclude_patterns = ["_build"]
nitpicky = True
# Types of other libraries, and private ones, are not on this site.
nitpick_ignore_regex = [("py:.*", r"(?!earthengine_export\.[A-Z]\w*$).*")]
suppress_warnings = ["myst.strikethrough"]

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

html_theme = "furo"
html_title = f"earthengine-export {version}"
html_static_path = ["_static"]
html_css_files = ["site.css"]
html_copy_source = False
html_show_sourcelink = False
html_show_sphinx = False
html_theme_options = {"navigation_with_keys": True}
copybutton_exclude = ".linenos, .gp, .go"

_INDENTED = re.compile(r"( {4,})\S")


def _mark_examples(_app: Any, _what: str, _name: str, _obj: Any, _options: Any, lines: list[str]) -> None:
    """Make indented paragraphs of a docstring code blocks, which they are in Markdown."""
    result: list[str] = []
    inside = False
    for line in lines:
        starts = _INDENTED.match(line) and not inside and (not result or not result[-1].strip())
        section = next((text for text in reversed(result) if text.strip() and text[0] != " "), "")
        if starts and not section.endswith(":"):
            result += [".. code-block:: python", ""]
            inside = True
        elif line.strip() and line[0] != " ":
            inside = False
        result.append(line)
    lines[:] = result


def setup(app: Any) -> None:
    """Sphinx's hook."""
    app.connect("autodoc-process-docstring", _mark_examples, priority=100)
