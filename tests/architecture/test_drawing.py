"""A drawing shows every node once, none over another, and is well-formed whatever things are called."""

from __future__ import annotations

from dataclasses import replace
from itertools import combinations
from xml.etree import ElementTree

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.architecture.samples import WHOLE, architectures, chain

from graftwork.architecture import Architecture, Layer, Network, draw_svg
from graftwork.architecture._boxes import box_of
from graftwork.architecture._layout import BOX_WIDTH, Layout, arrange
from graftwork.errors import InputError, NotViableError

SVG = "{http://www.w3.org/2000/svg}"


def laid_out(architecture: Architecture) -> tuple[Layout, dict[str, float]]:
    heights = {name: box_of(node, None).height for name, node in architecture.by_name.items()}
    return arrange(architecture, heights), heights


@given(architectures)
def test_every_node_is_drawn_once(architecture: Architecture) -> None:
    root = ElementTree.fromstring(draw_svg(architecture))
    names = [node.get("data-node") for node in root.iter(f"{SVG}g") if node.get("data-node")]
    assert sorted(map(str, names)) == sorted(architecture.by_name)
    edges = [
        g for g in root.iter(f"{SVG}g") if " to " in g.findtext(f"{SVG}title", "") and not g.get("data-node")
    ]
    assert len(edges) == len(architecture.connections)
    for network in architecture.networks:
        shown = next(g for g in root.iter(f"{SVG}g") if g.get("data-node") == network.name)
        text = " ".join(shown.itertext())
        assert network.kind in text
        assert str(network.width) in text


@given(architectures)
def test_boxes_do_not_overlap_and_stand_in_the_order_of_the_graph(architecture: Architecture) -> None:
    layout, heights = laid_out(architecture)
    for one, other in combinations(layout.corners, 2):
        (x, y), (other_x, other_y) = layout.corners[one], layout.corners[other]
        apart = abs(x - other_x) >= BOX_WIDTH
        assert apart or y + heights[one] < other_y or other_y + heights[other] < y
    for connection in architecture.connections:
        assert layout.corners[connection.source][0] + BOX_WIDTH < layout.corners[connection.target][0]
    for (x, y), height in ((layout.corners[name], heights[name]) for name in heights):
        assert 0 <= x <= layout.width - BOX_WIDTH
        assert -1e-6 <= y <= layout.height - height + 1e-6


@given(architectures)
def test_no_edge_passes_through_a_box(architecture: Architecture) -> None:
    layout, heights = laid_out(architecture)
    for connection, route in layout.routes.items():
        ends = {connection.source, connection.target}
        for x, y in route:
            for name, (left, top) in layout.corners.items():
                inside = left <= x <= left + BOX_WIDTH and top <= y <= top + heights[name]
                assert name in ends or not inside


def test_the_same_architecture_gives_the_same_drawing() -> None:
    assert draw_svg(WHOLE, title="a") == draw_svg(Architecture.from_json(WHOLE.to_json()), title="a")


def test_roles_are_told_apart_and_explained() -> None:
    drawing = draw_svg(WHOLE)
    for mark in ('stroke-dasharray="8 5"', 'stroke-dasharray="0.1 5"', 'stroke-width="3.4"'):
        # Once in the graph, once in the legend.
        assert drawing.count(mark) == 2
    for word in ("stochastic", "condition", "residual", "discretizer", "decoder"):
        assert f">{word}</text>" in drawing


def test_nothing_outside_the_document_is_asked_for() -> None:
    drawing = draw_svg(WHOLE).replace("http://www.w3.org/2000/svg", "")
    for reference in ("http", "href", "url(", "<script", "@import"):
        assert reference not in drawing


@given(st.text(st.characters(exclude_categories=("Cs", "Cc"))))
def test_a_title_is_text(title: str) -> None:
    root = ElementTree.fromstring(draw_svg(WHOLE, title=title))
    assert root.get("aria-label") == (title or "Architecture")


def test_long_names_are_cut_in_the_box_and_whole_in_its_tooltip() -> None:
    name = "temperature_of_the_upper_atmosphere"
    outputs = (replace(WHOLE.outputs[0], name=name), *WHOLE.outputs[1:])
    connections = tuple(replace(c, target=name) if c.target == "digit" else c for c in WHOLE.connections)
    drawing = draw_svg(replace(WHOLE, outputs=outputs, connections=connections))
    assert f"<title>{name} classification" in drawing
    assert f">{name}<" not in drawing


def test_values_are_written_and_shade() -> None:
    def fill(value: float) -> str:
        root = ElementTree.fromstring(draw_svg(WHOLE, values={"n0": value}))
        box = next(g for g in root.iter(f"{SVG}g") if g.get("data-node") == "n0")
        assert f"value {value:.2f}" in "".join(box.itertext())
        rect = box.find(f"{SVG}rect")
        assert rect is not None
        return str(rect.get("fill"))

    light = [sum(int(fill(value)[i : i + 2], 16) for i in (1, 3, 5)) for value in (0.0, 0.4, 1.0)]
    assert light == sorted(light, reverse=True)
    assert len(set(light)) == 3


@pytest.mark.parametrize(
    ("values", "message"),
    [
        ({"n9": 0.5}, "'n9', which is no node"),
        ({"n0": 1.5}, "between 0 and 1, got 1.5"),
        ({"n0": float("nan")}, "between 0 and 1, got nan"),
    ],
)
def test_values_that_make_no_sense_are_refused(values: dict[str, float], message: str) -> None:
    with pytest.raises(InputError, match=message):
        draw_svg(WHOLE, values=values)


def test_what_is_not_viable_is_not_drawn() -> None:
    with pytest.raises(NotViableError):
        draw_svg(WHOLE.without_network("n0"))


def test_a_large_architecture_is_drawn() -> None:
    assert draw_svg(chain(60, 200)).count("data-node") == 62


def test_no_line_is_wider_than_its_box() -> None:
    layers = tuple(Layer(width, "softplus", width == 32) for width in (128, 64, 32, 99))
    busy = Network("n9", "regressor", 99, layers, normalisation="layer", dropout=0.25, initialiser="he")
    lines = box_of(busy, None).lines
    told = " ".join(lines)
    assert all(words in told for words in ("softplus", "layer norm", "residual", "dropout 0.25"))
    # A letter takes about 5.6 pixels: 30 of them fill the box.
    assert max(map(len, lines)) <= 30


def test_a_network_without_hidden_layers_shows_no_settings_of_them() -> None:
    linear = Network("n9", "regressor", 9, (), normalisation="layer", dropout=0.2)
    assert box_of(linear, None).lines == ("9",)
