"""Colours and strokes of a drawing."""

from __future__ import annotations

from collections.abc import Mapping

from graftwork.architecture._graph import Role

INK, MUTED = "#16202e", "#5b6675"
FONT = "system-ui, 'Segoe UI', 'DejaVu Sans', Helvetica, Arial, sans-serif"
COLOURS: Mapping[str, str] = {
    "input": "#55657a",
    "regressor": "#2a62c9",
    "discretizer": "#0c8a68",
    "decoder": "#7a3fc4",
    "embedding": "#1d7f9c",
    "convolutional_encoder": "#3b55d9",
    "convolutional_decoder": "#9b3fb0",
    "output": "#b3560b",
}
STROKES: Mapping[Role, str] = {
    "input": 'stroke-width="1.6"',
    "residual": 'stroke-width="3.4"',
    "stochastic": 'stroke-width="1.8" stroke-dasharray="8 5"',
    "condition": 'stroke-width="2.2" stroke-linecap="round" stroke-dasharray="0.1 5"',
}


def mixed(colour: str, share: float) -> str:
    """This share of a colour, the rest white."""
    parts = [int(colour[index : index + 2], 16) for index in (1, 3, 5)]
    return "#" + "".join(f"{round(255 + (part - 255) * share):02x}" for part in parts)
