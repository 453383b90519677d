"""The box of a node: what is written in it, how high it is, how it looks."""

from __future__ import annotations

import textwrap
from collections.abc import Sequence
from dataclasses import dataclass
from html import escape

from graftwork.architecture._graph import InputNode, Layer, Network, OutputNode, Shape
from graftwork.architecture._layout import BOX_WIDTH, Point
from graftwork.architecture._palette import COLOURS, INK, MUTED, mixed

_LINE, _PADDING = 16.0, 11.0
_LETTERS, _SETTING_LETTERS, _MOST_LINES = 26, 30, 8
_NAME_LETTER, _LABEL_LETTER = 7.4, 6.3

_LABELS = {"convolutional_encoder": "conv encoder", "convolutional_decoder": "conv decoder"}

Node = InputNode | Network | OutputNode


@dataclass(frozen=True)
class Box:
    """What a box shows; `value` shades it."""

    name: str
    family: str
    label: str
    lines: tuple[str, ...]
    value: float | None

    @property
    def height(self) -> float:
        """In pixels."""
        return 2 * _PADDING + _LINE * (1 + len(self.lines))


def family(node: Node) -> str:
    """Which colour a node has: that of a network's kind, of inputs or of outputs."""
    if isinstance(node, Network):
        return node.kind
    return "input" if isinstance(node, InputNode) else "output"


def box_of(node: Node, value: float | None) -> Box:
    """The box of a node."""
    label = "input" if isinstance(node, InputNode) else _LABELS.get(node.kind, node.kind)
    lines = _network_lines(node) if isinstance(node, Network) else [_port_line(node)]
    written = [] if value is None else [f"value {value:.2f}"]
    return Box(node.name, family(node), label, (*lines, *written), value)


def box_svg(box: Box, corner: Point) -> str:
    """The box as SVG, its left upper corner at the given point."""
    colour = COLOURS[box.family]
    fill = mixed(colour, 0.1 if box.value is None else 0.02 + 0.5 * box.value)
    ink, muted = (colour, MUTED) if box.value is None else (INK, INK)
    baseline = _PADDING + 11
    parts = [
        f"<title>{escape(' '.join((box.name, box.label, *box.lines)))}</title>",
        f'<rect width="{BOX_WIDTH:.0f}" height="{box.height:.0f}" rx="8" fill="{fill}" '
        f'stroke="{colour}" stroke-width="1.4"/>',
        f'<text x="12" y="{baseline:.0f}" font-weight="600">{escape(_shortened(box.name, box.label))}</text>',
        f'<text x="{BOX_WIDTH - 12:.0f}" y="{baseline:.0f}" text-anchor="end" font-size="11" '
        f'fill="{ink}">{escape(box.label)}</text>',
    ]
    parts += [
        f'<text x="12" y="{baseline + _LINE * row:.0f}" font-size="11" fill="{muted}">{escape(line)}</text>'
        for row, line in enumerate(box.lines, start=1)
    ]
    place = f'transform="translate({corner[0]:.1f} {corner[1]:.1f})"'
    return f'<g data-node="{escape(box.name)}" {place}>{"".join(parts)}</g>'


def _shortened(name: str, label: str) -> str:
    letters = int((BOX_WIDTH - 34 - _LABEL_LETTER * len(label)) / _NAME_LETTER)
    return name if len(name) <= letters else f"{name[: letters - 1]}…"


def _network_lines(network: Network) -> list[str]:
    activations = {layer.activation for layer in network.hidden}
    several = len(activations) > 1
    steps = [_step(layer, named=several) for layer in network.hidden]
    latent = [f"latent {network.latent}"] if network.is_decoder else []
    lines = _wrapped([*latent, *steps, _dimensions(network.shape) or str(network.width)])
    if not network.hidden:
        return lines  # what the settings are about is not there
    settings = [] if several else sorted(activations)
    settings += ["layer norm"] if network.normalisation == "layer" else []
    settings += ["residual"] if any(layer.residual for layer in network.hidden) else []
    settings += [f"dropout {network.dropout:g}"] if network.dropout else []
    return lines + _settings_lines(settings)


def _settings_lines(settings: Sequence[str]) -> list[str]:
    lines: list[str] = []
    for setting in settings:
        longer = f"{lines[-1]} · {setting}" if lines else setting
        if lines and len(longer) <= _SETTING_LETTERS:
            lines[-1] = longer
        else:
            lines.append(setting)
    return lines


def _wrapped(steps: Sequence[str]) -> list[str]:
    # A step must not be torn apart: its own spaces do not break.
    text = " → ".join(step.replace(" ", "\u00a0") for step in steps).replace(" →", "\u00a0→")
    lines = textwrap.wrap(text, _LETTERS, break_long_words=False)
    if len(lines) > _MOST_LINES:
        lines = [*lines[: _MOST_LINES - 2], f"… {len(steps)} layers …", lines[-1]]
    return [line.replace("\u00a0", " ") for line in lines]


def _step(layer: Layer, *, named: bool) -> str:
    stride = f"/{layer.stride}" if layer.stride > 1 else ""
    return f"{layer.width}{stride} {layer.activation}" if named else f"{layer.width}{stride}"


def _port_line(node: InputNode | OutputNode) -> str:
    if isinstance(node, InputNode) and node.categories:
        return f"{node.categories} categories"
    return _dimensions(node.shape) or _units(node.width)


def _dimensions(shape: Shape) -> str:
    return " x ".join(map(str, shape))


def _units(width: int) -> str:
    return f"{width} unit" if width == 1 else f"{width} units"
