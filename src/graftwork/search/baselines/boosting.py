"""Gradient boosting of trees, for each number and each class by itself."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import torch
from torch import Tensor

from graftwork.problem import Categorical, Classification, Output, Problem, Score, Split
from graftwork.runtime import integer_seed
from graftwork.search.baselines._base import Baseline
from graftwork.search.settings import SearchSettings

if TYPE_CHECKING:
    from numpy.typing import NDArray

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
            scores = {
                name: _score(problem, name, integer_seed(seed, name, "boosting"))
                for name, output in problem.outputs.items()
                if output.kind != "generation"
            }
        return Baseline(self.name, scores, None)


def _score(problem: Problem, name: str, seed: int) -> Score:
    output = problem.outputs[name]
    kinds = _categorical(problem)
    train, validation = (_present(output, split, name) for split in (problem.train, problem.validation))
    test = _features(problem.test)
    columns = _classes if isinstance(output, Classification) else _numbers
    return problem.score(name, columns(output, train, validation, test, kinds, seed), "test")


@dataclass(frozen=True)
class Rows:
    """Rows of a split whose target is not missing: features, encoded targets, and weights if rows weigh."""

    features: NDArray[np.float32]
    target: Tensor
    weights: NDArray[np.float32] | None

    def where(self, chosen: NDArray[np.bool_]) -> Rows:
        """Some of them."""
        weights = None if self.weights is None else self.weights[chosen]
        return Rows(self.features[chosen], self.target[torch.from_numpy(chosen)], weights)


def _classes(
    output: Output,
    train: Rows,
    validation: Rows,
    test: NDArray[np.float32],
    categorical: list[int] | None,
    seed: int,
) -> Tensor:
    from sklearn.ensemble import HistGradientBoostingClassifier

    model = HistGradientBoostingClassifier(**_settings(categorical, seed))
    held = validation.where(np.isin(validation.target.numpy(), train.target.numpy()))
    _fit(model, train, held, train.target.numpy(), held.target.numpy())
    # A declared class that no training row holds is as good as ruled out.
    logits = torch.full((len(test), output.width), float(np.log(_LEAST)))
    logits[:, torch.from_numpy(model.classes_)] = torch.from_numpy(
        np.log(np.maximum(model.predict_proba(test), _LEAST))
    ).float()
    return logits


def _numbers(
    output: Output,
    train: Rows,
    validation: Rows,
    test: NDArray[np.float32],
    categorical: list[int] | None,
    seed: int,
) -> Tensor:
    from sklearn.ensemble import HistGradientBoostingRegressor

    found = []
    for column in range(output.width):
        model = HistGradientBoostingRegressor(**_settings(categorical, seed))
        target, held = (rows.target[:, column].numpy() for rows in (train, validation))
        _fit(model, train, validation, target, held)
        found.append(model.predict(test))
    return torch.from_numpy(np.stack(found, axis=1)).float()


def _fit(model: Any, train: Rows, held: Rows, target: NDArray[Any], held_target: NDArray[Any]) -> None:
    weights = {"sample_weight": train.weights, "sample_weight_val": held.weights}
    given = {name: values for name, values in weights.items() if values is not None}
    model.fit(train.features, target, X_val=held.features, y_val=held_target, **given)


def _settings(categorical: list[int] | None, seed: int) -> dict[str, Any]:
    return {
        "max_iter": _TREES,
        "learning_rate": _STEP,
        "early_stopping": True,
        "n_iter_no_change": _PATIENCE,
        "categorical_features": categorical,
        "random_state": seed % 2**32,
    }


def _features(split: Split) -> NDArray[np.float32]:
    """All inputs side by side, (rows, width); a category is its code."""
    columns = [values.reshape(len(values), -1).float() for values in split.inputs.values()]
    return torch.cat(columns, dim=1).numpy()


def _categorical(problem: Problem) -> list[int] | None:
    """Columns of `_features` that are categories; those of too many are left numbers."""
    found, start = [], 0
    for name, asked in problem.inputs.items():
        width = problem.train.inputs[name].reshape(problem.train.rows, -1).shape[1]
        if isinstance(asked, Categorical) and len(asked.categories or ()) <= _MOST_CATEGORIES:
            found += list(range(start, start + width))
        start += width
    return found or None


def _present(output: Output, split: Split, name: str) -> Rows:
    weights = None if split.weights is None else split.weights.numpy()
    rows = Rows(_features(split), split.targets[name], weights)
    return rows.where(output.present(split.targets[name]).numpy())
