"""The public names, each from its home; all of them say that they are the package's.

They are not in the package's own `__init__`, so that importing it costs next to nothing. The first name that
a program uses loads the module here that has it, `core` or `further`. Type checkers read both.
"""


def published(found: dict[str, object]) -> list[str]:
    """The names in a module of this package, which become the public package's own."""
    names = [name for name in found if not name.startswith("_")]
    for value in map(found.__getitem__, names):
        if callable(value) and hasattr(value, "__qualname__"):
            value.__module__ = __name__.rpartition(".")[0]
    return names
