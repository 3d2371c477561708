"""Values that the service will compute, and how a graph of them is written as JSON.

A node is written when it is made: as pieces of JSON with a gap between two for each node that it needs. So
nothing is looked at twice, and equal nodes have equal pieces.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Mapping, Sequence
from json.encoder import encode_basestring_ascii as quoted

from ..errors import InvalidArgument
from . import graphs
from .graphs import Json

CALL = '{"functionInvocationValue":{"functionName":'


class Node:
    """A value that the service will compute; `load`, `call`, `function` and `geometry` make them.

    It cannot be changed, and can be used in any number of places: it is sent once.

    Attributes:
        pieces: The ValueNode as JSON, without what stands in `needs`: each of these comes after a piece.
        needs: Other nodes.
        by_name: How many of `needs`, from the first on, are written as the name of a value; the others are
            written as ValueNodes.
        level: How deep functions are nested inside, which makes the names of their arguments unique.
    """

    __slots__ = ("by_name", "level", "needs", "pieces")

    pieces: tuple[str, ...]
    needs: tuple[Node, ...]
    by_name: int
    level: int

    def __init__(self, pieces: Sequence[str], needs: Sequence[Node] = (), by_name: int = 0) -> None:
        set_slot = object.__setattr__
        set_slot(self, "pieces", tuple(pieces))
        set_slot(self, "needs", tuple(needs))
        set_slot(self, "by_name", by_name)
        set_slot(self, "level", max([need.level for need in needs]) if needs else 0)

    def __setattr__(self, name: str, value: object) -> None:
        raise AttributeError(f"A {type(self).__name__} cannot be changed.")

    def to_dict(self) -> Json:
        """The Expression as the reference documents its JSON.

        Raises:
            InvalidArgument: An argument of a mapped function is used outside of it.
        """
        graph: Json = json.loads(written(self))
        return graph

    def own(self) -> Json:
        """The ValueNode, with None in place of what it needs."""
        value: Json = json.loads("null".join(self.pieces))
        return value

    def __reduce__(self) -> tuple[Callable[[str], Node], tuple[str]]:
        # As JSON, which knows no limit to the depth of a graph; pickle does.
        return Graph, (written(self),)

    def __repr__(self) -> str:
        ((kind, content),) = self.own().items()
        if kind == "functionDefinitionValue":
            return f"<function of {len(content['argumentNames'])}>"
        if kind != "functionInvocationValue":
            return f"<{kind}>"
        shown = (
            f"{name}={value['constantValue']!r}" if value and "constantValue" in value else name
            for name, value in content["arguments"].items()
        )
        arguments = ", ".join(part if len(part) < 80 else f"{part[:80]}…" for part in shown)
        return f"<{content.get('functionName') or 'function'}({arguments})>"


class Argument(Node):
    """What a mapped function is given for each element. Its JSON is known when the function is built."""

    __slots__ = ()

    def __repr__(self) -> str:
        return "<argument of a function>"


Item = Node | str
"""A node, or a constant's ValueNode as JSON."""


class Function(Node):
    """A function for the service to call, such as one that is mapped over a collection.

    Attributes:
        parameters: What stands for its arguments inside.
    """

    __slots__ = ("parameters",)

    parameters: frozenset[Argument]

    def __init__(self, parameters: Sequence[Argument], result: Item) -> None:
        body = Node([result]) if isinstance(result, str) else result
        names = [f"_MAPPING_VAR_{body.level}_{index}" for index in range(len(parameters))]
        for parameter, name in zip(parameters, names, strict=True):
            # The name, which depends on what is inside as in the official client, is known only now.
            object.__setattr__(parameter, "pieces", (f'{{"argumentReference":"{name}"}}',))
        head = f'{{"functionDefinitionValue":{{"argumentNames":{graphs.compact(names)},"body":'
        super().__init__([head, "}}"], [body], 1)
        object.__setattr__(self, "level", body.level + 1)
        object.__setattr__(self, "parameters", frozenset(parameters))


class Graph(Node):
    """An expression that was there already, as a value.

    Attributes:
        values: All its values, as JSON.
        names: Their names.
        result: The name of the one that is the result.
        further: Its other fields, as JSON.
    """

    __slots__ = ("further", "names", "result", "values")

    values: str
    names: frozenset[str]
    result: str
    further: str

    def __init__(self, graph: Json | str, is_checked: bool = True) -> None:
        given: Json = json.loads(graph) if isinstance(graph, str) else graph
        given, values, further = graphs.encoded(given)
        if not is_checked:
            graphs.check_references(given["values"])
        object.__setattr__(self, "values", values)
        object.__setattr__(self, "names", frozenset(given["values"]))
        object.__setattr__(self, "result", given["result"])
        object.__setattr__(self, "further", further)
        call = given["values"][given["result"]].get("functionInvocationValue", {})
        super().__init__([f"{CALL}{quoted(call.get('functionName', ''))}"])  # read by kind_of, not written

    def __repr__(self) -> str:
        return f"<expression of {len(self.names)} values>"


def constant(value: object) -> str:
    """The ValueNode of a constant, which must be JSON."""
    return f'{{"constantValue":{graphs.compact(value)}}}'


def invocation(name: str, arguments: Mapping[str, Item | None]) -> Node:
    """A call of a function of the service; None is an argument that is not given."""
    return Node(*_filled(f'{CALL}{quoted(name)},"arguments":{{', arguments))


def invocation_of(function: Node, arguments: Mapping[str, Item | None]) -> Node:
    """A call of a function that is in the graph."""
    pieces, needs = _filled(',"arguments":{', arguments)
    return Node(['{"functionInvocationValue":{"functionReference":', *pieces], [function, *needs], 1)


def _filled(head: str, arguments: Mapping[str, Item | None]) -> tuple[list[str], list[Node]]:
    pieces: list[str] = []
    needs: list[Node] = []
    comma = ""
    for name, item in arguments.items():
        if item is None:
            continue
        head = f"{head}{comma}{quoted(name)}:"
        comma = ","
        if isinstance(item, str):
            head += item
        else:
            pieces.append(head)
            needs.append(item)
            head = ""
    pieces.append(head + "}}}")
    return pieces, needs


def dictionary(items: Mapping[str, Item]) -> Node:
    """A dictionary of which some is computed."""
    return Node(*_filled('{"dictionaryValue":{"values":{', items))


def array(items: Iterable[Item]) -> Node:
    """A list of which some is computed."""
    pieces, needs, comma = ['{"arrayValue":{"values":['], [], ""
    for item in items:
        pieces[-1] += comma
        comma = ","
        if isinstance(item, str):
            pieces[-1] += item
        else:
            needs.append(item)
            pieces.append("")
    pieces[-1] += "]}}"
    return Node(pieces, needs)


def written(root: Node) -> str:
    """The graph of a node as compact JSON. What is used more than once, or nests deep, is referred to.

    Raises:
        InvalidArgument: An argument of a mapped function is used outside of it.
    """
    if isinstance(root, Graph):
        return f'{{"result":{quoted(root.result)},"values":{root.values}{root.further}}}'
    order = _needed_first(root)
    _check_arguments(order)
    return _Writer(order).write(root)


class _Writer:
    """Writes each node once, after what it needs, and what is used once into its place."""

    def __init__(self, order: list[Node]) -> None:
        self.order = order
        self.numbers: dict[tuple[object, ...], int] = {}  # by content
        self.references: dict[tuple[str, str], str] = {}  # to graphs that were given, by content
        self.nodes: list[Node] = []  # by number
        self.needs: list[Sequence[int | str]] = []
        self.uses: list[int] = []

    def write(self, root: Node) -> str:
        given = [node for node in self.order if isinstance(node, Graph)]
        # The largest graph goes in as it is; the names of the others give way.
        largest = max(given, key=lambda graph: len(graph.names), default=None)
        self.names = graphs.unused_names(largest.names if largest else ())
        values = [largest.values[1:-1]] if largest and len(largest.values) > 2 else []
        of: dict[int, int | str] = {}  # by identity
        for node in self.order:
            if isinstance(node, Graph):
                of[id(node)] = self._insert(node, largest, values)
            elif type(node) is Argument:
                of[id(node)] = node.pieces[0]
            else:
                of[id(node)] = self._number(node, [of[id(need)] for need in node.needs] if node.needs else ())
        result = of[id(root)]
        texts = self._nested(result, values)
        name = texts[result] if isinstance(result, int) else json.loads(result)["valueReference"]
        return f'{{"result":{quoted(name)},"values":{{{",".join(values)}}}}}'

    def _insert(self, graph: Graph, largest: Graph | None, values: list[str]) -> str:
        key = (graph.result, graph.values)
        if key not in self.references:
            result = graph.result
            if largest and graph.values != largest.values:
                copy = graphs.renamed(graph.values, graph.result, self.names)
                result = copy["result"]
                values.append(graphs.compact(copy["values"])[1:-1])
            self.references[key] = f'{{"valueReference":{quoted(result)}}}'
        return self.references[key]

    def _number(self, node: Node, needs: Sequence[int | str]) -> int:
        by_name = node.by_name
        if by_name and isinstance(first := needs[0], str) and not first.startswith('{"valueReference"'):
            needs = [self._number(Node([first]), ()), *needs[1:]]  # an argument, which needs a name
        key = (node.pieces, *needs) if needs else node.pieces
        number = self.numbers.get(key)
        if number is None:
            number = self.numbers[key] = len(self.nodes)
            self.nodes.append(node)
            self.needs.append(needs)
            self.uses.append(0)
            for need in needs:
                if isinstance(need, int):
                    self.uses[need] += 1
            if by_name and isinstance(needs[0], int):
                self.uses[needs[0]] += 1  # so that it is not written into its place: it must have a name
        return number

    def _nested(self, result: int | str, values: list[str]) -> dict[int, str]:
        """Write the nodes; returns the names of those that have one."""
        texts: list[str] = []
        depths: list[int] = []
        named: dict[int, str] = {}
        limit = graphs.NESTING - 1
        for number, node in enumerate(self.nodes):
            depth = 0
            pieces = node.pieces
            parts = [pieces[0]]
            for index, need in enumerate(self.needs[number]):
                if isinstance(need, int):
                    parts.append(texts[need])
                    depth = max(depth, depths[need] + 1)
                else:
                    parts.append(need)
                if index < node.by_name:
                    parts[-1] = parts[-1][len('{"valueReference":') : -1]
                parts.append(pieces[index + 1])
            text = "".join(parts)
            if self.uses[number] == 1 and depth < limit and number != result:
                texts.append(text)
                depths.append(depth)
            else:
                name = named[number] = next(self.names)
                values.append(f'"{name}":{text}')
                texts.append(f'{{"valueReference":"{name}"}}')
                depths.append(-1)
        return named


def _needed_first(root: Node) -> list[Node]:
    """All nodes, each once and after what it needs."""
    order: list[Node] = []
    seen: set[int] = set()
    stack: list[Node | None] = [root]
    waiting: list[Node] = []
    while stack:
        node = stack.pop()
        if node is None:
            order.append(waiting.pop())
        elif id(node) not in seen:
            seen.add(id(node))
            if node.needs:
                waiting.append(node)
                stack.append(None)
                stack.extend(node.needs)
            else:
                order.append(node)
    return order


def _check_arguments(order: list[Node]) -> None:
    """Refuse a graph that needs the argument of a function from outside of the function."""
    free: dict[int, set[Argument]] = {}
    if not any(type(node) is Argument for node in order):
        return
    for node in order:
        outside = set[Argument]().union(*(free[id(need)] for need in node.needs if id(need) in free))
        if isinstance(node, Argument):
            outside = {node}
        elif isinstance(node, Function):
            outside -= node.parameters
        if outside:
            free[id(node)] = outside
    if id(order[-1]) in free:
        rule = "It uses an argument of a mapped function outside of the function."
        raise InvalidArgument("image", order[-1], rule)
