"""The formulas of `Image.expression`, as a tree of calls of the service's functions."""

import re
from collections.abc import Callable, Sequence
from typing import Any

from earthengine_emulator.errors import ExportError

_TOKEN = re.compile(
    r"\s*(?:(?P<number>(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?)|(?P<name>[A-Za-z_]\w*)|(?P<text>'[^']*'|\"[^\"]*\")"
    r"|(?P<sign>\*\*|<<|>>|<=|>=|==|!=|&&|\|\||[-+*/%^<>!~?:()\[\],.=&|]))"
)
# From those that bind least; each level's signs and the functions that they call.
_LEVELS: list[dict[str, str]] = [
    {"||": "or"},
    {"&&": "and"},
    {"|": "bitwiseOr"},
    {"&": "bitwiseAnd"},
    {"==": "eq", "!=": "neq"},
    {"<": "lt", "<=": "lte", ">": "gt", ">=": "gte"},
    {"<<": "leftShift", ">>": "rightShift"},
    {"+": "add", "-": "subtract"},
    {"*": "multiply", "/": "divide", "%": "mod"},
]
_FUNCTIONS = {
    "abs", "acos", "asin", "atan", "atan2", "cbrt", "ceil", "cos", "cosh", "exp", "floor", "hypot", "log",
    "log10", "max", "min", "pow", "round", "sin", "sinh", "sqrt", "tan", "tanh", "byte", "short", "int",
    "long", "float", "double", "uint8", "int8", "uint16", "int16", "uint32", "int32", "signum", "cat",
}  # fmt: skip
Call = Callable[[str, Sequence[Any]], Any]
Node = Callable[[dict[str, Any]], Any]


def parse(text: str, image: str, call: Call, select: Callable[[Any, Any], Any]) -> Node:
    """A formula.

    Args:
        text: The formula.
        image: The variable whose bands `b("name")` and `b(0)` are.
        call: Calls a function of images, by its name after `Image.`.
        select: Takes an image's band, by name or number.

    Returns:
        What computes it from its variables.

    Raises:
        ExportError: It cannot be understood.
    """
    return _Parser(text, image, call, select).whole()


class _Parser:
    def __init__(self, text: str, image: str, call: Call, select: Callable[[Any, Any], Any]) -> None:
        self._text, self._image, self._call, self._select = text, image, call, select
        self._tokens: list[tuple[str, str]] = []
        at = 0
        while text[at:].strip():
            found = _TOKEN.match(text, at)
            if not found:
                raise self._error(f"near {text[at : at + 20]!r}")
            kind = str(found.lastgroup)
            self._tokens.append((kind, found[kind]))
            at = found.end()
        self._at = 0

    def _error(self, where: str) -> ExportError:
        return ExportError(f"Image.parseExpression: Cannot parse {self._text!r}: {where}.")

    def _peek(self) -> str:
        return self._tokens[self._at][1] if self._at < len(self._tokens) else ""

    def _take(self, *signs: str) -> str:
        if self._at < len(self._tokens) and self._tokens[self._at][0] == "sign" and self._peek() in signs:
            self._at += 1
            return self._tokens[self._at - 1][1]
        return ""

    def _need(self, sign: str) -> None:
        if not self._take(sign):
            raise self._error(f"{sign!r} is missing before {self._peek()!r}")

    def whole(self) -> Node:
        """All of the formula."""
        name = self._assigned()
        found = self._naming(self._choice(), name) if name else self._choice()
        if self._at < len(self._tokens):
            raise self._error(f"{self._peek()!r} is not expected")
        return found

    def _assigned(self) -> str:
        """The name that the result is given, as in `x = a + b`; "" where it is given none."""
        if [token[1] for token in self._tokens[1:2]] == ["="] and self._tokens[0][0] == "name":
            self._at = 2
            return self._tokens[0][1]
        return ""

    def _naming(self, found: Node, name: str) -> Node:
        return lambda known: self._call("rename", [found(known), name])

    def _choice(self) -> Node:
        test = self._level(0)
        if not self._take("?"):
            return test
        yes = self._choice()
        self._need(":")
        no = self._choice()

        def chosen(known: dict[str, Any]) -> Any:
            return self._call("where", [no(known), test(known), yes(known)])

        return chosen

    def _level(self, number: int) -> Node:
        if number == len(_LEVELS):
            return self._sign()
        left = self._level(number + 1)
        while sign := self._take(*_LEVELS[number]):
            left = self._calling(_LEVELS[number][sign], left, self._level(number + 1))
        return left

    def _calling(self, name: str, *operands: Node) -> Node:
        return lambda known: self._call(name, [operand(known) for operand in operands])

    def _sign(self) -> Node:
        if self._take("-"):
            return self._calling("multiply", self._sign(), lambda _: -1)
        if self._take("+"):
            return self._sign()
        if self._take("!"):
            return self._calling("not", self._sign())
        if self._take("~"):
            return self._calling("bitwiseNot", self._sign())
        base = self._postfix()
        if self._take("**", "^"):
            return self._calling("pow", base, self._sign())
        return base

    def _postfix(self) -> Node:
        found = self._atom()
        while sign := self._take(".", "["):
            if sign == ".":
                kind, name = self._tokens[self._at] if self._at < len(self._tokens) else ("", "")
                if kind != "name":
                    raise self._error(f"{name!r} is no band's name")
                self._at += 1
                found = self._selecting(found, name)
            else:
                found = self._selecting(found, *self._band_names())
        return found

    def _band_names(self) -> list[Any]:
        names: list[Any] = []
        while not self._take("]"):
            kind, value = self._tokens[self._at] if self._at < len(self._tokens) else ("", "")
            if kind not in ("text", "number"):
                raise self._error(f"{value!r} is no band's name or number")
            names.append(value.strip("'\"") if kind == "text" else int(float(value)))
            self._at += 1
            if self._peek() != "]":
                self._need(",")
        return names

    def _selecting(self, image: Node, *bands: Any) -> Node:
        return lambda known: self._selected(image(known), bands)

    def _selected(self, image: Any, bands: Sequence[Any]) -> Any:
        found = [self._select(image, band) for band in bands]
        return image if not found else found[0] if len(found) == 1 else self._call("cat", found)

    def _atom(self) -> Node:
        if self._take("("):
            found = self._choice()
            self._need(")")
            return found
        if self._at >= len(self._tokens):
            raise self._error("it ends too early")
        kind, text = self._tokens[self._at]
        self._at += 1
        if kind == "number":
            value = int(text) if text.isdigit() else float(text)
            return lambda _: value
        if kind == "text":
            return lambda _: text[1:-1]
        if kind != "name":
            raise self._error(f"{text!r} is not expected")
        if not self._take("("):
            return self._variable(text)
        return self._function(text)

    def _variable(self, name: str) -> Node:
        def value(known: dict[str, Any]) -> Any:
            if name in known:
                return known[name]
            constants = {"PI": 3.141592653589793, "E": 2.718281828459045, "true": 1, "false": 0}
            if name in constants:
                return constants[name]
            raise self._error(f"the variable {name!r} is not given")

        return value

    def _function(self, name: str) -> Node:
        operands: list[Node] = []
        while not self._take(")"):
            operands.append(self._choice())
            if self._peek() != ")":
                self._need(",")
        if name == "b":
            return lambda known: self._selected(known[self._image], [operand(known) for operand in operands])
        if name not in _FUNCTIONS:
            raise self._error(f"the function {name!r} is not known")
        return lambda known: self._folded(name, [operand(known) for operand in operands])

    def _folded(self, name: str, values: list[Any]) -> Any:
        if name in ("max", "min") and len(values) > 2:
            first, *others = values
            for other in others:
                first = self._call(name, [first, other])
            return first
        return self._call(name, values)
