"""All of the scripts."""

from . import analyses, composites
from .writing import SCRIPTS, Script

__all__ = ["SCRIPTS", "Script", "analyses", "composites"]
