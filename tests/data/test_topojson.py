"""The TopoJSON decoder, on the example of the format description and on small cases."""

from __future__ import annotations

import pytest

from evalkit.data.topojson import topology_features

EXAMPLE = {
    "type": "Topology",
    "transform": {"scale": [0.0005000500050005, 0.00010001000100010001], "translate": [100, 0]},
    "objects": {
        "example": {
            "type": "GeometryCollection",
            "geometries": [
                {"type": "Point", "properties": {"prop0": "value0"}, "coordinates": [4000, 5000]},
                {"type": "LineString", "properties": {"prop0": "value0"}, "arcs": [0]},
                {"type": "Polygon", "properties": {"prop0": "value0"}, "arcs": [[1]]},
            ],
        }
    },
    "arcs": [
        [[4000, 0], [1999, 9999], [2000, -9999], [2000, 9999]],
        [[0, 0], [0, 9999], [2000, 0], [0, -9999], [-2000, 0]],
    ],
}


def test_the_quantised_example_of_the_format() -> None:
    shapes = [shape for _, shape in topology_features(EXAMPLE)]
    assert shapes[0]["coordinates"] == pytest.approx((102, 0.5), abs=1e-3)
    assert [position[0] for position in shapes[1]["coordinates"]] == pytest.approx([102, 103, 104, 105], abs=1e-3)
    assert shapes[2]["coordinates"][0][0] == pytest.approx((100, 0))
    assert shapes[2]["coordinates"][0][2] == pytest.approx((101, 1), abs=1e-3)


def test_shared_and_reversed_arcs_join_once() -> None:
    topology = {
        "type": "Topology",
        "objects": {
            "squares": {
                "type": "GeometryCollection",
                "geometries": [
                    {"type": "Polygon", "arcs": [[0, 1]]},
                    {"type": "MultiPolygon", "arcs": [[[2, ~0]]]},
                    {"type": None, "properties": {"id": "x"}},
                ],
            }
        },
        "arcs": [[[1, 0], [1, 1]], [[1, 1], [0, 1], [0, 0], [1, 0]], [[1, 0], [2, 0], [2, 1], [1, 1]]],
    }
    (_, left), (_, right), (properties, none) = topology_features(topology)
    assert left["coordinates"] == [[(1, 0), (1, 1), (0, 1), (0, 0), (1, 0)]]
    assert right["coordinates"] == [[[(1, 0), (2, 0), (2, 1), (1, 1), (1, 0)]]]
    assert (properties, none) == ({"id": "x"}, None)


def test_an_unknown_kind_is_refused() -> None:
    with pytest.raises(ValueError, match="Sphere"):
        list(topology_features({"type": "Topology", "objects": {"x": {"type": "Sphere"}}, "arcs": []}))
