"""Classification: one of K classes."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import Any, ClassVar, Literal, Self, get_args

import numpy as np
import numpy.typing as npt
import torch
from torch import Tensor
from torch.nn import functional

from graftwork.errors import InputError
from graftwork.problem._arrays import Array
from graftwork.problem._labels import MISSING, tidy_labels
from graftwork.problem._random import generator
from graftwork.problem._weights import Weights
from graftwork.problem.outputs._base import Kind, Output
from graftwork.problem.outputs._means import weighted_mean

Balance = Literal["none", "balanced"]
_LEAST = float(np.log(np.finfo(np.float32).eps))


@dataclass(frozen=True)
class Classification(Output):
    """One of K classes, told by integers or strings.

    Missing labels are -1 in integers, None or NaN among objects, NaN among floats. Encoded targets are
    int64 codes (rows,), -1 where missing; predictions are logits (rows, K).

    Metrics: `error_rate`, the share of rows whose greatest logit is not the class; `log_loss`, minus the
    mean log probability of the class, each log probability held at -15.9 or above (the float32
    epsilon), so that one confident mistake leaves it finite. The trivial baseline answers with the class
    frequencies of the training rows, hence the majority class where one class is asked for.

    Attributes:
        classes: Number of classes. When declared, integer labels are 0 to classes - 1, of which training
            rows need not hold all; else the labels of the training rows are the classes.
        labels: The classes in the order of their codes; fitted.
        frequencies: Share of each class in the training rows; fitted.
        balance: `balanced` multiplies the loss of a row by 1 / (K * share of its class), as scikit-learn's
            `class_weight="balanced"` does, so that a rare class teaches as much as a frequent one. The
            probabilities are then those of a world in which classes are equally frequent. `error_rate` and
            `log_loss` still count every row once; decisions read `balanced_log_loss`, the mean over classes
            of the log loss, whose trivial baseline is equal odds: by the plain log loss a model that was
            trained so can be worse than the class frequencies.

    Raises:
        InputError: A balance that is none of these.

    Example:
        >>> output = Classification().fitted(np.array(["cat", "dog", "cat"]))
        >>> output.labels, output.encode(np.array(["dog", "cat"])).tolist()
        (('cat', 'dog'), [1, 0])
    """

    kind: ClassVar[Kind] = "classification"
    classes: int | None = None
    labels: tuple[Any, ...] = ()
    frequencies: tuple[float, ...] = ()
    balance: Balance = field(default="none", kw_only=True, repr=False)

    def __post_init__(self) -> None:
        if self.balance not in get_args(Balance):
            raise InputError(
                f"balance: expected one of {', '.join(get_args(Balance))}; came {self.balance!r}"
            )

    @property
    def primary(self) -> str:
        """`error_rate`, or `balanced_error_rate` of balanced classes."""
        return "error_rate" if self.balance == "none" else "balanced_error_rate"

    @property
    def decision(self) -> str:
        """`log_loss`, or `balanced_log_loss` of balanced classes."""
        return "log_loss" if self.balance == "none" else "balanced_log_loss"

    @property
    def class_weights(self) -> tuple[float, ...]:
        """Weight of each class in the loss; a class that no training row holds weighs like the rarest.

        Example:
            >>> output = Classification(balance="balanced").fitted(np.array(["a", "b", "b", "b"]))
            >>> output.class_weights
            (2.0, 0.6666666666666666)
        """
        if self.balance == "none":
            return (1.0,) * self.width
        held = [share for share in self.frequencies if share > 0]
        return tuple(1 / (len(held) * (share or min(held))) for share in self.frequencies)

    @property
    def width(self) -> int:
        """Number of classes."""
        return self.classes or 0

    def tidy(self, target: Array) -> Array:
        """Labels (rows,), integers or strings."""
        tidy_labels(target)
        return target

    def fitted(self, target: Array, weights: Weights | None = None) -> Self:
        """Classes and frequencies of training labels (rows,)."""
        values, present = tidy_labels(target)
        found = np.unique(values[present])
        if len(found) < 2:
            raise InputError(f"expected two classes or more in the training rows, came {found.tolist()}")
        labels = found if self.classes is None else _declared(found, self.classes)
        if weights is None:
            counts = np.array([np.count_nonzero(values[present] == label) for label in labels])
        else:
            counts = np.array([weights[present & (values == label)].sum() for label in labels])
        frequencies = tuple((counts / counts.sum()).tolist())
        return replace(self, classes=len(labels), labels=tuple(labels.tolist()), frequencies=frequencies)

    def encode(self, target: Array) -> Tensor:
        """Codes (rows,) of labels (rows,)."""
        values, present = tidy_labels(target)
        known = np.asarray(self.labels)
        if present.any() and values.dtype.kind != known.dtype.kind:
            raise InputError(f"expected labels like {self.labels[0]!r}, came {values[present][0].item()!r}")
        codes = np.minimum(np.searchsorted(known, values), len(known) - 1).astype(np.int64)
        strange = present & (known[codes] != values)
        if strange.any():
            raise InputError(
                f"class {values[strange][0].item()!r} does not occur in the training rows; "
                "merge it with another class, drop its rows or set its label missing"
            )
        codes[~present] = MISSING
        return torch.from_numpy(codes)

    def decode(self, prediction: Tensor) -> Array:
        """Most probable label of each row, (rows,)."""
        return np.take(np.asarray(self.labels), prediction.detach().argmax(dim=1).numpy())

    def present(self, target: Tensor) -> Tensor:
        """Where the code is not -1."""
        return target != MISSING

    def loss(self, prediction: Tensor, target: Tensor, *, complete: bool = False) -> Tensor:
        """Cross-entropy of logits (rows, K); about log K without knowledge."""
        return functional.cross_entropy(prediction, target, ignore_index=MISSING, reduction="none")

    def errors(self, prediction: Tensor, target: Tensor, weights: Tensor | None = None) -> dict[str, float]:
        """Error rate and log loss of logits (rows, K); of balanced classes also their means over classes."""
        present = self.present(target)
        logits, codes = prediction.detach()[present].double(), target[present]
        logs = logits.log_softmax(dim=1).gather(1, codes[:, None]).clamp(min=_LEAST)
        counted = None if weights is None else weights[present]
        wrong = (logits.argmax(dim=1) != codes).double()
        errors = {
            "error_rate": weighted_mean(wrong, counted),
            "log_loss": -weighted_mean(logs[:, 0], counted),
        }
        if self.balance != "none":
            errors["balanced_error_rate"] = _mean_over_classes(wrong, codes, counted)
            errors["balanced_log_loss"] = -_mean_over_classes(logs[:, 0], codes, counted)
        return errors

    def trivial(self, rows: int, random: np.random.Generator) -> Tensor:
        """Log frequencies of the training rows in every row."""
        logits = torch.tensor(self.frequencies, dtype=torch.float64).log().clamp(min=_LEAST)
        return logits.float().repeat(rows, 1)

    def baseline(self, target: Tensor, weights: Tensor | None = None) -> dict[str, float]:
        """Errors of the training frequencies; means over classes are those of equal odds."""
        errors = self.errors(self.trivial(len(target), generator("baseline")), target, weights)
        if self.balance != "none":
            even = self.errors(torch.zeros(len(target), self.width), target, weights)
            errors |= {name: even[name] for name in ("balanced_error_rate", "balanced_log_loss")}
        return errors


def _mean_over_classes(values: Tensor, codes: Tensor, weights: Tensor | None) -> float:
    """Mean over the classes that occur of the mean over the rows of each."""
    counted = torch.ones_like(values) if weights is None else weights.to(values)
    sums = torch.zeros(int(codes.max()) + 1, dtype=values.dtype).index_add_(0, codes, counted)
    kept = counted > 0
    return weighted_mean(values[kept], counted[kept] / sums[codes[kept]])


def _declared(found: npt.NDArray[Any], classes: int) -> npt.NDArray[Any]:
    if found.dtype.kind == "i":
        if found[0] < 0 or found[-1] >= classes:
            raise InputError(f"expected labels 0 to {classes - 1}, came {found[[0, -1]].tolist()}")
        return np.arange(classes, dtype=np.int64)
    if len(found) != classes:
        raise InputError(f"{classes} classes were declared, but the training rows hold {len(found)}")
    return found
