"""What the metric of generated samples makes of samples whose worth is known beforehand.

Each is made from training rows and judged on validation and test rows, by three distances: the energy
distance of bare pixels, of whitened pixels as a whole, and the product's, the mean over the whole and blocks
of axes. A figure is a skill, 1 - error / error of independent marginals, averaged over seeds and splits.

    python benchmarks/sample_metric.py --problem digits --seeds 10
"""

from __future__ import annotations

import argparse
import itertools
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Self

import numpy as np
import numpy.typing as npt
from rich.console import Console
from rich.table import Table
from scipy.ndimage import gaussian_filter, uniform_filter
from torch import Tensor

from graftwork.problem import BUNDLED, Generation, Problem, energy_distance, load_problem
from graftwork.runtime import generator, one_thread

Array = npt.NDArray[np.float64]
ROWS, SINGLE_IMAGES, JUDGED_ROWS, BASELINE_DRAWS = 600, 20, 1000, 4
ONE = "one image repeated"


@dataclass(frozen=True, eq=False)
class Material:
    """Training images (rows, 1, side, side) and their principal axes by falling variance (pixels, pixels)."""

    output: Generation
    images: Array
    mean: Array
    axes: Array
    deviations: Array

    @classmethod
    def of(cls, problem: Problem) -> Self:
        output = problem.outputs["sample"]
        assert isinstance(output, Generation)
        images = output.decode(problem.train.targets["sample"])
        variances, axes = np.linalg.eigh(np.cov(images.reshape(len(images), -1).T))
        deviations = np.sqrt(variances.clip(min=0))[::-1]
        return cls(output, images, images.mean(axis=0), axes[:, ::-1], deviations)

    def some(self, rows: int, random: np.random.Generator) -> Array:
        """Different training images."""
        return self.images[random.permutation(len(self.images))[:rows]]

    def hazy(self, deviation: float, random: np.random.Generator) -> Array:
        """The mean image in Gaussian noise, of which there may be none."""
        return self.mean + random.normal(scale=deviation, size=(ROWS, *self.mean.shape))

    def gaussian(self, axes: int, random: np.random.Generator) -> Array:
        """A Gaussian with the mean of the images and, on the first axes, their covariance."""
        draws = random.normal(size=(ROWS, axes)) * self.deviations[:axes]
        return self.mean + (draws @ self.axes[:, :axes].T).reshape(ROWS, *self.mean.shape)

    def marginals(self, rows: int, random: np.random.Generator) -> Array:
        """Pixels drawn independently of each other."""
        return self.output.decode(self.output.trivial(rows, random))


def planted(material: Material, random: np.random.Generator) -> Iterator[tuple[str, Array]]:
    """Samples by name, but for single images."""
    real = material.some(ROWS, random)
    yield "other real rows", real
    for deviation in (0.05, 0.1, 0.2):
        yield f"real + noise {deviation}", real + random.normal(scale=deviation, size=real.shape)
    for strength, width in (("mild", real.shape[-1] / 16), ("strong", real.shape[-1] / 8)):
        yield f"real, {strength} Gaussian blur", gaussian_filter(real, (0, 0, width, width))
    yield "real, box blur 3 x 3", uniform_filter(real, (1, 1, 3, 3))
    for axes, text in ((len(material.axes), "full covariance"), (16, "16 axes"), (2, "2 axes")):
        yield f"Gaussian, {text}", material.gaussian(axes, random)
    yield "independent marginals", material.marginals(ROWS, random)
    yield "mean image", material.hazy(0.0, random)
    for deviation in (0.05, 0.1, 0.15, 0.2, 0.3):
        yield f"mean + noise {deviation}", material.hazy(deviation, random)
    for images in (50, 5):
        yield f"{images} real images repeated", np.repeat(real[:images], ROWS // images, axis=0)
    yield "uniform noise", random.uniform(size=real.shape)


def errors(material: Material, sample: Array, held_out: Tensor) -> Array:
    """One error a distance."""
    output, rows = material.output, material.output.encode(sample)
    assert output.whitening is not None
    whole = energy_distance(output.whitening(rows), output.whitening(held_out))
    product = output.errors(rows, held_out)["energy_distance"]
    return np.array([energy_distance(rows, held_out), whole, product])


def skills(material: Material, held_out: Tensor, random: np.random.Generator) -> dict[str, Array]:
    """Skills (samples of that name, distances) by name."""
    held_out = held_out[random.permutation(len(held_out))[:JUDGED_ROWS]]
    draws = [material.marginals(JUDGED_ROWS, random) for _ in range(BASELINE_DRAWS)]
    baseline = np.mean([errors(material, draw, held_out) for draw in draws], axis=0)
    found = {name: errors(material, sample, held_out)[None] for name, sample in planted(material, random)}
    singles = (np.repeat(image[None], ROWS, axis=0) for image in material.some(SINGLE_IMAGES, random))
    found[ONE] = np.stack([errors(material, sample, held_out) for sample in singles])
    return {name: 1 - error / baseline for name, error in found.items()}


def judge(problem: Problem, seeds: int) -> dict[str, Array]:
    """Skills (judgements, samples of that name, distances) by name; a judgement is a seed and a split."""
    material = Material.of(problem)
    judgements = [
        skills(material, problem.split(split).targets["sample"], generator(seed, split, "sample metric"))
        for seed, split in itertools.product(range(seeds), ("validation", "test"))
    ]
    return {name: np.stack([judgement[name] for judgement in judgements]) for name in judgements[0]}


def summary(found: Mapping[str, Array]) -> dict[str, Array]:
    """One figure a distance, by the text of its row."""
    one = found[ONE]
    return {name: skill.mean(axis=(0, 1)) for name, skill in found.items() if name != ONE} | {
        f"{ONE}: median": np.median(one, axis=(0, 1)),
        f"{ONE}: least": one.min(axis=(0, 1)),
        f"{ONE}: greatest": one.max(axis=(0, 1)),
        "share of them behind the mean": (one < found["mean image"]).mean(axis=(0, 1)),
        "share of them behind noise": (one < found["uniform noise"]).mean(axis=(0, 1)),
    }


def main() -> None:
    """Print a table for each problem."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("--problem", nargs="+", choices=sorted(BUNDLED), default=["digits"])
    parser.add_argument("--seeds", type=int, default=3)
    chosen = parser.parse_args()
    if chosen.seeds < 1:
        parser.error(f"--seeds: expected 1 or more, came {chosen.seeds}")
    one_thread()
    for name in chosen.problem:
        table = Table("skill of", "bare pixels", "whitened, whole", "product", title=name)
        for text, figures in summary(judge(load_problem(name), chosen.seeds)).items():
            table.add_row(text, *(f"{figure:7.2f}" for figure in figures))
        Console().print(table)


if __name__ == "__main__":
    main()
