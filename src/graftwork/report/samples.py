"""Generated images beside real ones."""

from __future__ import annotations

import base64
import io
from html import escape
from typing import Any

import numpy as np
from numpy.typing import NDArray

from graftwork.errors import InputError
from graftwork.report._format import counted
from graftwork.report._markup import figure
from graftwork.report.section import Section

Images = NDArray[np.floating]
_COLUMNS, _MOST = 8, 48
_GAP, _LEAST_SIDE = 2, 24


def samples_section(real: Images, generated: Images) -> Section:
    """Two grids of images; of many the first are shown, so they should come in no order.

    Args:
        real: Held-out images, of shape (rows, channels, height, width) with 1 or 3 channels; they say what is
            black and what is white.
        generated: What a model made, of the same shape but for the number of rows.

    Raises:
        InputError: The arrays have other shapes, or no rows.
    """
    for name, images in (("real", real), ("generated", generated)):
        if images.ndim != 4 or images.shape[1] not in (1, 3) or not len(images):
            raise InputError(
                f"{name} must have shape (rows, 1 or 3 channels, height, width) and at least one row, "
                f"got {images.shape}"
            )
    if real.shape[1:] != generated.shape[1:]:
        raise InputError(
            f"real and generated must be images of one shape, got {real.shape[1:]} and {generated.shape[1:]}"
        )
    low, high = float(real.min()), float(real.max())
    pictures = "".join(
        _grid(images[:_MOST], low, high, name) for name, images in (("Real", real), ("Generated", generated))
    )
    caption = "As they came, none chosen by hand. The real ones are held out: the model has not seen them."
    lead = "Left (or above) real images, right (or below) what the model makes up."
    return Section("Generated samples", figure(pictures, caption, place="samples"), lead)


def _grid(images: Images, low: float, high: float, name: str) -> str:
    pixels = _tiled(_bytes(images, low, high))
    text = f"{name} images: {counted(len(images), 'sample')} of {images.shape[2]} by {images.shape[3]} pixels"
    data = base64.b64encode(_png(pixels)).decode()
    source = f'src="data:image/png;base64,{data}" width="{pixels.shape[1]}" height="{pixels.shape[0]}"'
    return f'<div class="panel"><p class="name">{escape(name)}</p><img {source} alt="{escape(text)}"></div>'


def _bytes(images: Images, low: float, high: float) -> NDArray[np.uint8]:
    scaled = (np.nan_to_num(images) - low) / (high - low or 1.0)
    return (255 * scaled.clip(0, 1)).round().astype(np.uint8)


def _tiled(images: NDArray[np.uint8]) -> NDArray[np.uint8]:
    """One picture (height, width, 3) of all images, each enlarged so that its pixels can be seen."""
    rows, channels, height, width = images.shape
    times = max(1, round(_LEAST_SIDE * 2 / max(height, width)))
    large = images.repeat(times, axis=2).repeat(times, axis=3)
    if channels == 1:
        large = large.repeat(3, axis=1)
    framed = np.pad(large, ((0, -rows % _COLUMNS), (0, 0), (_GAP, _GAP), (_GAP, _GAP)), constant_values=255)
    high, wide = framed.shape[2:]
    lines = framed.reshape(-1, _COLUMNS, 3, high, wide).transpose(0, 3, 1, 4, 2)
    return np.ascontiguousarray(lines.reshape(-1, _COLUMNS * wide, 3))


def _png(pixels: NDArray[np.uint8]) -> bytes:
    from matplotlib.image import imsave

    buffer = io.BytesIO()
    # Named by default: the version of Matplotlib, by which equal pictures would differ.
    unsigned: dict[str, Any] = {"Software": None}
    imsave(buffer, pixels, format="png", metadata=unsigned)
    return buffer.getvalue()
