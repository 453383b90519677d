"""Histograms of grey levels, a regression target in the pattern of the source paper."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt


def grey_histograms(images: npt.NDArray[np.float32], bins: int) -> npt.NDArray[np.float64]:
    """Share of the pixels of each image in equal bins of the grey levels 0 to 1: (rows, bins)."""
    flat = images.reshape(len(images), -1)
    # Image by image: all levels of 70,000 images at once would take half a gigabyte.
    return np.stack([_counts(pixels, bins) for pixels in flat]) / flat.shape[1]


def _counts(pixels: npt.NDArray[np.float32], bins: int) -> npt.NDArray[np.intp]:
    levels = np.minimum((pixels * bins).astype(np.int64), bins - 1)
    return np.bincount(levels, minlength=bins)
