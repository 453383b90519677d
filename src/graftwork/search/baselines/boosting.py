"""Gradient boosting of trees, for each number and each class by itself."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import torch
from torch import Tensor

from graftwork.problem import SPLITS, Categorical, Classification, Output, Problem, Split
from graftwork.runtime import integer_seed
from graftwork.search.baselines._base import Baseline
from graftwork.search.settings import SearchSettings

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Features = NDArray[np.float32]

# A larger step and fewer trees than usual: on 576 inputs and ten classes a tree each costs seconds.
_TREES, _STEP, _PATIENCE = 100, 0.2, 5
_MOST_CATEGORIES = 255
_LEAST = 1e-7


class GradientBoosting:
    """scikit-learn's histogram gradient boosting (Ke et al. 2017): a model for each number and each class.

    Its settings are scikit-learn's own but for a learning rate of 0.2 and the number of trees, which
    validation rows decide: at most 100 a class or number, ended after 5 without a gain. It cannot generate.
    """

    name = "boosting"
    title = "gradient boosting"
    says = "scikit-learn's histogram gradient boosting on each target; it cannot generate"

    def fit(self, problem: Problem, *, parameters: int, settings: SearchSettings, seed: int) -> Baseline:
        """Fit a model a target; `parameters` and `settings` have no meaning for trees."""
        import sklearn.ensemble  # noqa: F401  # loads what is then held to one thread
        from threadpoolctl import threadpool_limits

        with threadpool_limits(1):  # whatever the number of workers, sums are taken in one order
            features = {name: _features(problem.split(name)) for name in SPLITS}
            options = _options(problem)
            scores = {}
            for name, output in problem.outputs.items():
                if output.kind != "generation":
                    train, held = (
                        _present(output, features[each], problem.split(each), name)
                        for each in ("train", "validation")
                    )
                    chosen = options | {"random_state": integer_seed(seed, name, "boosting") % 2**32}
                    answer = _classes if isinstance(output, Classification) else _numbers
                    told = answer(output, train, held, features["test"], chosen)
                    scores[name] = problem.score(name, told, "test")
        return Baseline(self.name, scores, None)


@dataclass(frozen=True)
class Rows:
    """Rows of a split whose target is not missing: features, encoded targets, and weights if rows weigh."""

    features: Features
    target: NDArray[Any]
    weights: NDArray[np.float32] | None

    def where(self, chosen: NDArray[np.bool_]) -> Rows:
        """Some of them."""
        weights = None if self.weights is None else self.weights[chosen]
        return Rows(self.features[chosen], self.target[chosen], weights)


def _classes(output: Output, train: Rows, held: Rows, test: Features, options: dict[str, Any]) -> Tensor:
    """Logits of test rows (rows, classes)."""
    from sklearn.ensemble import HistGradientBoostingClassifier

    assert isinstance(output, Classification)
    balance = None if output.balance == "none" else output.balance
    model = HistGradientBoostingClassifier(**options, class_weight=balance)
    known = held.where(np.isin(held.target, train.target))
    _fit(model, train, known, train.target, known.target)
    # A declared class that no training row holds is as good as ruled out.
    logits = torch.full((len(test), output.width), float(np.log(_LEAST)))
    logits[:, torch.from_numpy(model.classes_)] = torch.from_numpy(
        np.log(np.maximum(model.predict_proba(test), _LEAST))
    ).float()
    return logits


def _numbers(output: Output, train: Rows, held: Rows, test: Features, options: dict[str, Any]) -> Tensor:
    """Standardised numbers of test rows (rows, width)."""
    from sklearn.ensemble import HistGradientBoostingRegressor

    found = []
    for column in range(output.width):
        model = HistGradientBoostingRegressor(**options)
        _fit(model, train, held, train.target[:, column], held.target[:, column])
        found.append(model.predict(test))
    return torch.from_numpy(np.stack(found, axis=1)).float()


def _fit(model: Any, train: Rows, held: Rows, target: NDArray[Any], held_target: NDArray[Any]) -> None:
    weights = {"sample_weight": train.weights, "sample_weight_val": held.weights}
    given = {name: values for name, values in weights.items() if values is not None}
    model.fit(train.features, target, X_val=held.features, y_val=held_target, **given)


def _options(problem: Problem) -> dict[str, Any]:
    return {
        "max_iter": _TREES,
        "learning_rate": _STEP,
        "early_stopping": True,
        "n_iter_no_change": _PATIENCE,
        "categorical_features": _categorical(problem),
    }


def _features(split: Split) -> Features:
    """All inputs side by side, (rows, width); a category is its code."""
    return torch.cat([*split.inputs.values()], dim=1).numpy()


def _categorical(problem: Problem) -> list[int] | None:
    """Columns of `_features` that are categories; those of too many are left numbers."""
    found, start = [], 0
    for asked in problem.inputs.values():
        if isinstance(asked, Categorical) and len(asked.categories or ()) <= _MOST_CATEGORIES:
            found += list(range(start, start + asked.width))
        start += asked.width
    return found or None


def _present(output: Output, features: Features, split: Split, name: str) -> Rows:
    target = split.targets[name]
    weights = None if split.weights is None else split.weights.numpy()
    return Rows(features, target.numpy(), weights).where(output.present(target).numpy())
