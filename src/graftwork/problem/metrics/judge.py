"""A classifier that has learnt real images says what it makes of generated ones."""

from __future__ import annotations

import math
import warnings
from dataclasses import dataclass
from functools import partial
from typing import Any
from weakref import WeakKeyDictionary

import numpy as np
import torch
from torch import Tensor

from graftwork.problem._random import generator
from graftwork.problem.metrics.generation import equal_samples
from graftwork.problem.metrics.metric import Metric
from graftwork.problem.outputs import Classification, Generation
from graftwork.problem.problem import Problem
from graftwork.problem.split import Split

_HIDDEN, _DECAY = 64, 1e-2
_TRAINING_ROWS, _LEAST_ROWS = 5000, 50
# Right about 0.97 of digits, 0.92 of mnist5k and 0.83 of Fashion-MNIST; six times as many gain 0.01 or less.
_STEPS, _LEAST_EPOCHS, _BATCH = 300, 10, 200
_SURE = 0.9
_metric = partial(Metric, kind="generation")

JUDGE = (
    _metric(
        name="judge_frechet",
        unit="variances of the judge's features",
        direction="lower",
        says="Fréchet distance between Gaussians fitted to what the judge's hidden units make of real and of "
        "generated images; above 0 for real ones too, the more so, the fewer there are. Does not tell a "
        "collapse from noise.",
        source="Heusel et al. 2017, with a judge of our own for Inception",
    ),
    _metric(
        name="judge_score",
        unit="classes",
        direction="higher",
        says="How many classes the judge sees plainly, 1 to their number. Does not see that all images of a "
        "class are one.",
        source="Salimans et al. 2016, with a judge of our own for Inception",
    ),
    _metric(
        name="judge_sure",
        unit="share of generated images",
        direction="higher",
        says="Images whose class the judge is sure of, by a probability above 0.9. Does not see a collapse, "
        "and a judge may be sure of noise.",
        source="ours",
    ),
    _metric(
        name="judge_accuracy",
        unit="share of real images",
        direction="higher",
        says="How often the judge is right about the split's own images: not about the model, but how far to "
        "trust the judge.",
        source="ours",
    ),
)


def judge_metrics(
    problem: Problem, name: str, prediction: Tensor, split: str, wanted: frozenset[str]
) -> dict[str, float]:
    """What a judge says of generated images, encoded (any rows, width); nothing where there can be none.

    A judge is a network of 64 hidden units, trained on at most 5,000 training rows to tell the first
    classification of the problem by the image. There is none for arrays that are no images (of two or three
    dimensions), for a problem without a classification, and where fewer than 50 training rows have both.
    """
    output = problem.outputs[name]
    if not isinstance(output, Generation) or len(output.shape or ()) not in (2, 3):
        return {}
    label = next((key for key, each in problem.outputs.items() if isinstance(each, Classification)), None)
    judge = _judge_of(problem.train, name, label) if label else None
    if judge is None or label is None or not wanted & {metric.name for metric in JUDGE}:
        return {}
    target, codes = problem.split(split).targets[name], problem.split(split).targets[label]
    real, made = equal_samples(prediction, target)
    if len(real) < 2:
        return {}
    log_shares = judge.log_shares(made)
    found = {
        "judge_frechet": frechet_distance(judge.features(real), judge.features(made)),
        "judge_score": _inception_score(log_shares),
        "judge_sure": float((log_shares.exp().max(dim=1).values > _SURE).double().mean()),
    }
    known = _both(target, codes)
    if known.any():
        right = judge.answers(target[known].double()) == codes[known]
        found["judge_accuracy"] = float(right.double().mean())
    return {key: figure for key, figure in found.items() if key in wanted}


@dataclass(frozen=True, eq=False)
class Judge:
    """A classifier of one hidden layer, by the weights that scikit-learn found.

    Attributes:
        weights: Of each layer, (units before, units), float64.
        biases: Of each layer, (units,), float64.
        codes: Class of each unit of the last layer, int64; two classes share one unit.
    """

    weights: tuple[Tensor, Tensor]
    biases: tuple[Tensor, Tensor]
    codes: Tensor

    def features(self, images: Tensor) -> Tensor:
        """What hidden units make of images (rows, width): (rows, 64)."""
        return (images @ self.weights[0] + self.biases[0]).relu()

    def log_shares(self, images: Tensor) -> Tensor:
        """Log probability of each class, (rows, classes)."""
        logits = self.features(images) @ self.weights[1] + self.biases[1]
        if logits.shape[1] == 1:
            logits = torch.cat([torch.zeros_like(logits), logits], dim=1)
        return logits.log_softmax(dim=1)

    def answers(self, images: Tensor) -> Tensor:
        """The code of the most probable class, (rows,)."""
        return self.codes[self.log_shares(images).argmax(dim=1)]


# Judges of training rows, by image and class, as long as the rows live.
_JUDGES: WeakKeyDictionary[Split, dict[tuple[str, str], Judge | None]] = WeakKeyDictionary()


def _judge_of(train: Split, name: str, label: str) -> Judge | None:
    known = _JUDGES.setdefault(train, {})
    if (name, label) not in known:
        known[name, label] = _trained(train.targets[name], train.targets[label])
    return known[name, label]


def _trained(images: Tensor, codes: Tensor) -> Judge | None:
    random = generator("judge")
    rows = _both(images, codes).nonzero()[:, 0].numpy()
    chosen = torch.from_numpy(np.sort(random.permutation(rows)[:_TRAINING_ROWS]))
    if len(rows) < _LEAST_ROWS or len(codes[chosen].unique()) < 2:
        return None
    fitted = _fit(images[chosen].double().numpy(), codes[chosen].numpy(), int(random.integers(2**31)))
    first, second = (torch.from_numpy(np.array(weights)) for weights in fitted.coefs_)
    biases = tuple(torch.from_numpy(np.array(biases)) for biases in fitted.intercepts_)
    return Judge((first, second), (biases[0], biases[1]), torch.from_numpy(np.array(fitted.classes_)))


def _fit(images: Any, codes: Any, seed: int) -> Any:
    from sklearn.exceptions import ConvergenceWarning
    from sklearn.neural_network import MLPClassifier
    from threadpoolctl import threadpool_limits

    epochs = max(_LEAST_EPOCHS, math.ceil(_STEPS / math.ceil(len(images) / _BATCH)))
    judge = MLPClassifier(
        (_HIDDEN,), alpha=_DECAY, batch_size=min(_BATCH, len(images)), max_iter=epochs, random_state=seed
    )
    # Sums on several threads round otherwise; and that it could be trained longer is known.
    with threadpool_limits(1), warnings.catch_warnings():
        warnings.simplefilter("ignore", ConvergenceWarning)
        return judge.fit(images, codes)


def _both(images: Tensor, codes: Tensor) -> Tensor:
    """Which rows have an image and a class."""
    return ~images.isnan().any(dim=1) & (codes >= 0)


def _inception_score(log_shares: Tensor) -> float:
    """The exponential of how far, on average, the classes of an image are from those of all of them."""
    shares = log_shares.exp()
    overall = shares.mean(dim=0).clamp(min=torch.finfo(torch.float64).tiny).log()
    return float((shares * (log_shares - overall)).sum(dim=1).mean().exp())


def frechet_distance(real: Tensor, made: Tensor) -> float:
    """Squared Fréchet distance between Gaussians fitted to two samples, in total variances of the first.

    Source: Heusel, Ramsauer, Unterthiner, Nessler and Hochreiter, "GANs Trained by a Two Time-Scale Update
    Rule Converge to a Local Nash Equilibrium", NeurIPS 2017.

    Args:
        real: Rows (rows, width), two or more, float64.
        made: Rows (other rows, width), two or more.

    Example:
        >>> rows = torch.tensor([[-1.0], [1.0]]).double()
        >>> round(frechet_distance(rows, rows + 2), 6)  # 2 squared, over a variance of 2
        2.0
    """
    covariances = [torch.atleast_2d(torch.cov(rows.T)) for rows in (real, made)]
    variances, axes = torch.linalg.eigh(covariances[0])
    root = (axes * variances.clamp(min=0).sqrt()) @ axes.T
    shared = torch.linalg.eigvalsh(root @ covariances[1] @ root).clamp(min=0).sqrt().sum()
    apart = (real.mean(dim=0) - made.mean(dim=0)).square().sum()
    total = covariances[0].trace()
    return float((apart + total + covariances[1].trace() - 2 * shared) / total)
