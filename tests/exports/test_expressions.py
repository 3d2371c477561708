"""Graphs: built without `ee`, checked, written once, and of any size."""

import datetime
import json
import math
import pickle
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import shapely
from hypothesis import given
from hypothesis import strategies as st

from earthengine_export._describe import graphs
from earthengine_export._describe.algorithms import check_names
from earthengine_export._describe.destinations import Drive
from earthengine_export._describe.expressions import call, expression, function, load
from earthengine_export._describe.nodes import Node
from earthengine_export.errors import InvalidArgument, InvalidArgumentType
from earthengine_export.image_export import ImageExport
from earthengine_export.rest import Expression


def graph(node: Any, name: str = "0") -> dict[str, Any]:
    return {"result": name, "values": {name: node}}


def invocation(name: str, **arguments: Any) -> dict[str, Any]:
    return {"functionInvocationValue": {"functionName": name, "arguments": arguments}}


def refused(image: Any, error: type[Exception] = InvalidArgument) -> str:
    with pytest.raises(error) as caught:
        ImageExport(image, to=Drive())
    return str(caught.value)


def test_load_and_call() -> None:
    image = call("Image.select", input=load("A", version=3), bandSelectors=["b1", "b2"], newNames=None)
    assert image.to_dict()["values"][image.to_dict()["result"]] == invocation(
        "Image.select",
        input=invocation("Image.load", id={"constantValue": "A"}, version={"constantValue": 3}),
        bandSelectors={"constantValue": ["b1", "b2"]},
    )
    assert repr(image) == "<Image.select(input, bandSelectors=['b1', 'b2'])>"


def test_every_kind_of_argument() -> None:
    node = call(
        "F",
        number=1,
        large=2**62 + 1,
        numpy=np.int16(3),
        array=np.array([[1.5, 2.0]]),
        text="é",
        truth=True,
        data=b"ab",
        date=datetime.datetime(1970, 1, 2, tzinfo=datetime.UTC),
        mixed=[1, load("A")],
        mapping={"a": [1, None], "b": {"c": load("A")}},
        constant={"type": "not GeoJSON"},
        point=shapely.Point(1, 2),
        geojson={"type": "Point", "coordinates": (1, 2)},
    ).to_dict()
    arguments = node["values"][node["result"]]["functionInvocationValue"]["arguments"]
    shared = next(
        name for name, value in node["values"].items() if value == load("A").to_dict()["values"]["0"]
    )
    again = {"valueReference": shared}
    assert arguments == {
        "number": {"constantValue": 1},
        "large": {"integerValue": str(2**62 + 1)},
        "numpy": {"constantValue": 3},
        "array": {"constantValue": [[1.5, 2.0]]},
        "text": {"constantValue": "é"},
        "truth": {"constantValue": True},
        "data": {"bytesValue": "YWI="},
        "date": invocation("Date", value={"constantValue": 86400000.0}),
        "mixed": {"arrayValue": {"values": [{"constantValue": 1}, again]}},
        "mapping": {
            "dictionaryValue": {
                "values": {
                    "a": {"constantValue": [1, None]},
                    "b": {"dictionaryValue": {"values": {"c": again}}},
                }
            }
        },
        "constant": {"constantValue": {"type": "not GeoJSON"}},
        "point": (point := arguments["point"]),
        "geojson": point,
    }


def test_equal_subgraphs_are_written_once() -> None:
    image = load("A")
    total = call(
        "Image.add", image1=call("Image.sqrt", value=image), image2=call("Image.sqrt", value=load("A"))
    )
    assert json.dumps(total.to_dict()).count("Image.sqrt") == 1


def test_functions() -> None:
    images = call("ImageCollection.load", id="C")

    def outer(image: Node) -> Node:
        inner = call(
            "Collection.map",
            collection=images,
            baseAlgorithm=lambda other: call("Image.add", a=image, b=other),
        )
        return call("Image.addBands", dstImg=image, srcImg=inner)

    mapped = call("Collection.map", collection=images, baseAlgorithm=outer).to_dict()
    definitions = {
        tuple(node["functionDefinitionValue"]["argumentNames"]): node["functionDefinitionValue"]["body"]
        for _, node in graphs.nodes(mapped["values"])
        if "functionDefinitionValue" in node
    }
    assert set(definitions) == {("_MAPPING_VAR_0_0",), ("_MAPPING_VAR_1_0",)}
    assert mapped["values"][definitions["_MAPPING_VAR_0_0",]] == invocation(
        "Image.add", a={"argumentReference": "_MAPPING_VAR_1_0"}, b={"argumentReference": "_MAPPING_VAR_0_0"}
    )
    assert json.dumps(mapped).count("ImageCollection.load") == 1


def test_function_that_is_called_or_constant() -> None:
    twice = function(lambda value: call("Number.multiply", left=value, right=2))
    node = call(twice, _MAPPING_VAR_0_0=call(function(lambda: 7))).to_dict()
    graphs.check_references(node["values"])
    assert '"functionReference"' in json.dumps(node)
    assert '{"constantValue": 7}' in json.dumps(node)


def test_argument_outside_of_its_function() -> None:
    kept: list[Node] = []

    def body(image: Node) -> Node:
        kept.append(image)
        return image

    function(body)
    with pytest.raises(InvalidArgument, match="outside"):
        call("F", a=kept[0]).to_dict()


@pytest.mark.parametrize(
    ("body", "reason"), [(lambda image: None, "None"), (lambda *images: images, "positional")]
)
def test_what_is_no_function(body: Any, reason: str) -> None:
    with pytest.raises(InvalidArgument, match=reason):
        function(body)


@pytest.mark.parametrize(
    ("arguments", "name"),
    [
        ({"a": math.nan}, "a"),
        ({"a": [1, {"b": -math.inf}]}, r"a\[1\]\['b'\]"),
        ({"a": 2**63}, "a"),
        ({"a": {1, 2}}, "a"),
        ({"a": np.array([math.nan])}, r"a\[0\]"),
    ],
)
def test_arguments_that_are_refused(arguments: dict[str, Any], name: str) -> None:
    with pytest.raises((InvalidArgument, InvalidArgumentType), match=f"^{name}="):
        call("F", **arguments)


@pytest.mark.parametrize("name", ["", " ", "a b", 5])
def test_names_that_are_refused(name: Any) -> None:
    with pytest.raises((InvalidArgument, InvalidArgumentType)):
        call(name)
    with pytest.raises((InvalidArgument, InvalidArgumentType)):
        load("" if isinstance(name, str) else name)


def test_ee_objects_are_arguments(official: Any) -> None:
    image, point = official.Image("A").add(official.Image("B")), official.Geometry.Point(1, 2)
    ours = call("Image.clip", input=call("Image.add", image1=image, image2=image), geometry=point)
    text = json.dumps(graphs.flattened(ours.to_dict()))
    assert text.count('"Image.load"') == 2
    assert text.count('"GeometryConstructors.Point"') == 1
    graphs.check_references(ours.to_dict()["values"])


def test_given_graphs_keep_their_names_and_do_not_clash() -> None:
    first = {
        "result": "b",
        "values": {"b": invocation("F", x={"valueReference": "0"}), "0": {"constantValue": "s"}},
    }
    second = {
        "result": "0",
        "values": {"0": invocation("G", valueReference={"constantValue": {"valueReference": "0"}})},
    }
    both = call("H", one=expression(first), two=expression(second)).to_dict()
    assert {name: both["values"][name] for name in first["values"]} == first["values"]
    assert (
        json.dumps(both).count('"constantValue": {"valueReference": "0"}') == 1
    )  # a constant is no reference
    graphs.check_references(both["values"])


@pytest.mark.parametrize("form", ["dict", "text", "bytes", "path", "expression"])
def test_forms_of_an_expression(form: str, tmp_path: Path) -> None:
    raw = graph(invocation("Image.load", id={"constantValue": "A"}))
    path = tmp_path / "graph.json"
    path.write_text(json.dumps(raw), encoding="utf-8")
    image: Any = {
        "dict": raw,
        "text": json.dumps(raw, indent=2),
        "bytes": json.dumps(raw).encode(),
        "path": path,
        "expression": Expression.from_dict(raw),
    }[form]
    assert ImageExport(image, to=Drive()).to_dict()["expression"] == raw


def test_graph_goes_to_the_wire_as_it_is() -> None:
    raw = {
        "values": {"zz": {"constantValue": [1, 1.5, None, "é", {"a": True}]}, "unused": {"constantValue": 1}},
        "result": "zz",
        "later": "field",
    }
    export = ImageExport(raw, to=Drive())
    raw["values"] = {}
    assert list(json.loads(export.expression_json)["values"]) == ["zz", "unused"]
    assert export.to_dict()["expression"]["later"] == "field"


def test_text_that_is_an_id() -> None:
    assert "eex.load('USGS/SRTMGL1_003')" in refused("USGS/SRTMGL1_003")


def test_what_is_no_image(tmp_path: Path) -> None:
    assert "image" in refused(5, InvalidArgumentType)
    assert "[1, 2]" in refused([1, 2], InvalidArgumentType)
    assert "cannot be read" in refused(tmp_path / "none.json")
    assert "do not make an Expression" in refused({"type": "CompoundValue", "scope": []})
    assert "too deep" in refused("[" * 100_000 + "]" * 100_000)


def test_result_that_names_no_value() -> None:
    message = refused({"result": "9", "values": {"0": {"constantValue": 1}}})
    assert message.startswith("image='9'")
    assert "'0'" in message
    refused({"result": "0", "values": {}})


@pytest.mark.parametrize(
    ("node", "where"),
    [
        ({"valueReference": "7"}, "7"),
        ({"functionDefinitionValue": {"argumentNames": [], "body": "7"}}, "7"),
        ({"functionInvocationValue": {"functionReference": "7", "arguments": {}}}, "7"),
        ({"arrayValue": {"values": [{"dictionaryValue": {"values": {"a": {"valueReference": "7"}}}}]}}, "7"),
        ({"constantValue": 1, "integerValue": "1"}, "integerValue"),
        ({"functionInvocation": {}}, "functionInvocation"),
        ({}, "constantValue"),
        ({"arrayValue": {"values": [5]}}, "ValueNode"),
        ([], "ValueNode"),
        (None, "ValueNode"),
        ({"arrayValue": 5}, "ValueNode"),
        ({"functionDefinitionValue": {}}, "None"),
        ({"valueReference": ["a"]}, "no name"),
    ],
)
def test_what_is_no_value(node: Any, where: str) -> None:
    message = refused(graph(node, "here"))
    assert where in message
    assert "here" in message


@pytest.mark.parametrize(
    "values",
    [
        {"a": invocation("F", x={"valueReference": "a"})},
        {
            "a": invocation("F", x={"valueReference": "b"}),
            "b": {"arrayValue": {"values": [{"valueReference": "a"}]}},
        },
        {"c": {"constantValue": 1}, "a": {"functionDefinitionValue": {"argumentNames": [], "body": "a"}}},
    ],
)
def test_cycles(values: dict[str, Any]) -> None:
    message = refused({"result": "a", "values": values})
    assert "cycle" in message
    assert "a →" in message


def test_values_in_any_order() -> None:
    count = 2000
    values = {
        str(n): invocation("F", x={"valueReference": str(n + 1)}, y={"valueReference": str(count)})
        for n in range(count)
    }
    export = ImageExport({"result": "0", "values": {**values, str(count): {"constantValue": 1}}}, to=Drive())
    assert len(export.to_dict()["expression"]["values"]) == count + 1


@pytest.mark.parametrize("bad", [math.nan, math.inf, -math.inf])
def test_numbers_that_json_lacks(bad: float) -> None:
    message = refused(graph(invocation("F", x={"constantValue": [0, {"y": bad}]})))
    assert message.startswith(f"image={bad!r}")
    assert "['x']['constantValue'][1]['y']" in message
    assert "NaN" in refused('{"result": "0", "values": {"0": {"constantValue": NaN}}}')


def test_types_that_json_lacks() -> None:
    assert "['0']['constantValue']" in refused(graph({"constantValue": {1, 2}}), InvalidArgumentType)


def test_numpy_inside_a_given_graph() -> None:
    export = ImageExport(graph({"constantValue": np.arange(2)}), to=Drive())
    assert export.to_dict()["expression"]["values"]["0"] == {"constantValue": [0, 1]}


def test_request_of_more_than_ten_megabytes() -> None:
    assert "10485760" in refused(graph({"constantValue": "x" * 10 * 2**20}))
    ImageExport(graph({"constantValue": "x" * (10 * 2**20 - 1000)}), to=Drive())


def chain(depth: int) -> Node:
    image: Node = load("A")
    for number in range(depth):
        image = call("Image.add", image1=image, image2=call("Image.constant", value=number))
    return image


def test_deep_graph() -> None:
    image = chain(10_000)
    export = ImageExport(image, to=Drive(), region=(1, 2, 3, 4), scale=30)
    assert export.expression_json.count("Image.add") == 10_000
    assert pickle.loads(pickle.dumps(image)).to_dict() == image.to_dict()
    assert pickle.loads(pickle.dumps(export)) == export
    assert longest_nesting(export.expression_json) < 100
    del image


def test_deep_dict() -> None:
    node: dict[str, Any] = {"constantValue": 0}
    for number in range(10_000):
        node = [
            invocation("F", deep=node, flat={"constantValue": 1}),
            {"arrayValue": {"values": [{"constantValue": 1}, node]}},
            {"dictionaryValue": {"values": {"a": node}}},
        ][number % 3]
    export = ImageExport(graph(node), to=Drive(), region=(1, 2, 3, 4))
    assert longest_nesting(export.expression_json) < 100
    assert export.expression_json.count('"F"') == 3334


def test_deep_dict_beside_another_graph(official: Any) -> None:
    node: dict[str, Any] = {"constantValue": 0}
    for _ in range(2000):
        node = invocation("F", deep=node)
    shape = official.Geometry.Point(1, 2)
    region = shape.union(shape).buffer(shape.area()).intersection(shape)
    export = ImageExport(graph(node), to=Drive(), region=region)
    assert export.expression_json.count('"F"') == 2000


def test_nan_of_another_graph(official: Any) -> None:
    with pytest.raises(InvalidArgument, match=r"^b=nan"):
        call("F", a=load("A"), b=official.Number(math.nan), c=official.Image("B").add(1)).to_dict()


def longest_nesting(text: str) -> int:
    depth = deepest = 0
    for character in text:
        depth += (character in "{[") - (character in "}]")
        deepest = max(deepest, depth)
    return deepest


def test_dict_that_holds_itself() -> None:
    node: dict[str, Any] = {"arrayValue": {"values": []}}
    node["arrayValue"]["values"].append(node)
    assert "holds itself" in refused(graph(node))
    constant: list[Any] = []
    constant.append(constant)
    assert "too deep" in refused(graph({"constantValue": constant}))


def test_large_graph() -> None:
    parts = [call("Image.add", image1=load(f"A{n}"), image2=load(f"A{n + 1}")) for n in range(25_000)]
    image = call("Image.cat", images=parts)
    export = ImageExport(image, to=Drive())
    assert export.expression_json.count("Image.load") == 25_001


@given(
    st.recursive(st.integers() | st.text(), lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner))
)
def test_constants_survive(value: Any) -> None:
    within = -(2**53) < value < 2**53 if isinstance(value, int) else True
    if within and "type" not in (value if isinstance(value, dict) else ()):
        try:
            node = call("F", a=[value]).to_dict()
        except InvalidArgument:
            return  # an integer of more than 64 bits somewhere
        graphs.check_references(node["values"])


def test_function_names_are_compared(algorithms: dict[str, Any], official: Any, tmp_path: Path) -> None:
    check_names(call("Terrain.hillshade", input=load("A")), algorithms)
    check_names(official.Image("A").multiply(2), algorithms)
    path = tmp_path / "algorithms.json"
    path.write_text(json.dumps(algorithms), encoding="utf-8")
    for names in (algorithms, path, str(path)):
        with pytest.raises(InvalidArgument, match=r"'Image\.multiply'"):
            check_names(ImageExport(call("Image.multipli", a=load("A")), to=Drive()), names)
    with pytest.raises(InvalidArgument, match="'image2'"):
        check_names(call("Image.add", image1=load("A"), imag2=load("A")), algorithms)
    with pytest.raises(InvalidArgument, match="needs the argument 'image2'"):
        check_names(call("Image.add", image1=load("A")), algorithms)
    with pytest.raises(InvalidArgument, match=r"eex\.call\('Image\.constant', value=2\)"):
        check_names(call("Image.add", image1=load("A"), image2=2), algorithms)
    with pytest.raises(InvalidArgument, match=r"'Terrain\.hillshade'"):
        check_names(call("Image.hillshade", input=load("A")), algorithms)
    with pytest.raises(InvalidArgumentType):
        check_names(load("A"), {"algorithms": 5})
