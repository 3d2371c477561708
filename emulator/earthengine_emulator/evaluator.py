"""From an expression's graph of values to the value of its result.

The graph may be ten thousand values deep, so nothing here recurses over it: `_value` is a generator that
yields the nodes whose values it needs, and `Evaluator._run` keeps the waiting ones on a list.
"""

import base64
from collections.abc import Callable, Generator, Mapping
from dataclasses import dataclass, field
from typing import Any

from earthengine_emulator.assets import Assets
from earthengine_emulator.errors import ExportError
from earthengine_emulator.functions import FUNCTIONS
from earthengine_emulator.functions.controls import truth
from earthengine_emulator.placeholders import stand_in
from earthengine_emulator.values import Algorithm

Node = Mapping[str, Any]
_PENDING = object()


@dataclass
class _Scope:
    """The arguments that are known in a function's body, and the values that were computed with them."""

    arguments: dict[str, Any] = field(default_factory=dict)
    values: dict[str, Any] = field(default_factory=dict)


class Evaluator:
    """Evaluates one expression.

    Args:
        expression: The request's expression.
        assets: What `Image.load` and its like look in.
        placeholders: Whether functions that are not known have stand-ins, rather than be errors.

    Attributes:
        unknown: The functions that were not known and have stand-ins.
    """

    def __init__(self, expression: Mapping[str, Any], assets: Assets, *, placeholders: bool = False) -> None:
        self._named: Mapping[str, Node] = expression["values"]
        self._result: str = expression["result"]
        self._assets, self._placeholders = assets, placeholders
        self.unknown: list[str] = []

    def value(self) -> Any:
        """The value of the result.

        Raises:
            ExportError: It cannot be computed: a function is not known or refuses its arguments, or a
                reference leads nowhere or in a circle.
        """
        return self._run({"valueReference": self._result}, _Scope())

    def _run(self, node: Node, scope: _Scope) -> Any:
        waiting: list[Generator[Node, Any, Any]] = [self._value(node, scope)]
        value: Any = None
        while waiting:
            try:
                waiting.append(self._value(waiting[-1].send(value), scope))
                value = None
            except StopIteration as done:
                waiting.pop()
                value = done.value
        return value

    def _value(self, node: Node, scope: _Scope) -> Generator[Node, Any, Any]:
        (kind, content), *_ = node.items()
        match kind:
            case "constantValue":
                return content
            case "integerValue":
                return int(content)
            case "bytesValue":
                return base64.b64decode(content)
            case "arrayValue":
                items = []
                for item in content.get("values", []):
                    items.append((yield item))  # noqa: PERF401 - a comprehension cannot yield
                return items
            case "dictionaryValue":
                return (yield from self._each(content.get("values", {})))
            case "functionInvocationValue" if content.get("functionName") == "If":
                return (yield from self._choice(content.get("arguments", {})))
            case "functionInvocationValue":
                function = yield from self._function(content)
                return function((yield from self._each(content.get("arguments", {}))))
            case "functionDefinitionValue":
                return self._lambda(content, scope)
            case "argumentReference":
                if content not in scope.arguments:
                    raise ExportError(f"Expression: The argument '{content}' is not defined here.")
                return scope.arguments[content]
            case _:
                return (yield from self._reference(content, scope))

    def _choice(self, arguments: Mapping[str, Node]) -> Generator[Node, Any, Any]:
        """`If`, which computes only the case that it answers."""
        null: Node = {"constantValue": None}
        condition = yield arguments.get("condition", null)
        return (yield arguments.get("trueCase" if truth(condition) else "falseCase", null))

    def _each(self, nodes: Mapping[str, Node]) -> Generator[Node, Any, dict[str, Any]]:
        values = {}
        for name, node in nodes.items():
            values[name] = yield node
        return values

    def _reference(self, name: str, scope: _Scope) -> Generator[Node, Any, Any]:
        if name not in scope.values:
            if name not in self._named:
                raise ExportError(f"Expression: The value '{name}' is not defined.")
            scope.values[name] = _PENDING
            scope.values[name] = yield self._named[name]
        elif scope.values[name] is _PENDING:
            raise ExportError(f"Expression: The value '{name}' refers to itself.")
        return scope.values[name]

    def _function(
        self, invocation: Mapping[str, Any]
    ) -> Generator[Node, Any, Callable[[dict[str, Any]], Any]]:
        if "functionReference" in invocation:
            found = yield {"valueReference": invocation["functionReference"]}
            if not isinstance(found, Algorithm):
                raise ExportError(
                    f"Expression: The value '{invocation['functionReference']}' is not a function."
                )
            return found.call
        return lambda arguments: self._call(invocation["functionName"], arguments)

    def _call(self, name: str, arguments: dict[str, Any]) -> Any:
        function = FUNCTIONS.get(name)
        if function is None and not self._placeholders:
            raise ExportError(
                f"Function '{name}' is not supported by the emulator. The README.md of earthengine_emulator "
                "and its option --list-functions list those that are; the real service may know it. With "
                "--unknown placeholder the export has a checkerboard for pixels instead."
            )
        if function is None:
            self.unknown.append(name)
            return stand_in(name, arguments)
        try:
            return function(arguments, self._assets)
        except ExportError:
            # Behind a stand-in nothing needs to fit.
            if not self.unknown:
                raise
            return stand_in(name, arguments)

    def _lambda(self, definition: Mapping[str, Any], scope: _Scope) -> Algorithm:
        def call(arguments: dict[str, Any]) -> Any:
            inner = _Scope(scope.arguments | arguments)
            return self._run({"valueReference": definition["body"]}, inner)

        return Algorithm(definition.get("argumentNames", []), call)
