"""What an estimator is once it is fitted: how rows are read, and the model that answers them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
from sklearn.metrics import accuracy_score, r2_score
from sklearn.utils.validation import check_consistent_length

from graftwork.estimator._answers import prediction, probabilities, raw_answers, skill
from graftwork.estimator._features import Features
from graftwork.estimator._kinds import missing
from graftwork.estimator._targets import Targets
from graftwork.model import HeterogeneousModel
from graftwork.problem import Problem
from graftwork.problem._arrays import Array
from graftwork.search import samples

if TYPE_CHECKING:
    import pandas as pd


@dataclass(frozen=True, eq=False)
class Fitted:
    """A model, and what is to be known to ask it.

    Attributes:
        features: How features are read.
        targets: The targets that it answers.
        problem: The problem, which encodes rows and decodes answers.
        row: Name of the output that generates rows, if one does.
        model: The model.
    """

    features: Features
    targets: Targets
    problem: Problem
    row: str | None
    model: HeterogeneousModel

    @property
    def classes(self) -> dict[str, Array]:
        """Labels of each classification."""
        return {each.name: each.classes for each in self.targets.each if each.classes is not None}

    def predictions(self, columns: Mapping[str, Array]) -> dict[str, Array]:
        """Labels or numbers of each target, for columns of features."""
        answers = raw_answers(self.model, self.problem, self.targets, columns)
        return {each.name: prediction(each, self.problem, answers[each.name]) for each in self.targets.each}

    def probabilities(self, columns: Mapping[str, Array]) -> dict[str, Array]:
        """Probabilities (rows, classes) of each classification, for columns of features."""
        answers = raw_answers(self.model, self.problem, self.targets, columns)
        return {
            each.name: probabilities(each, self.problem, answers[each.name])
            for each in self.targets.each
            if each.classes is not None
        }

    def skills(self, columns: Mapping[str, Array], y: Any) -> dict[str, float]:
        """Skill of each target on rows whose targets are known."""
        values = self.targets.read(y)
        check_consistent_length(*columns.values(), *(column for each in values.values() for column in each))
        answers = raw_answers(self.model, self.problem, self.targets, columns)
        return {
            each.name: skill(each, self.problem, answers[each.name], values[each.name])
            for each in self.targets.each
        }

    def score(self, columns: Mapping[str, Array], y: Any) -> float:
        """Accuracy or R2 of one target; the mean skill of several, of those where it is defined."""
        if len(self.targets.each) > 1:
            found = [each for each in self.skills(columns, y).values() if not np.isnan(each)]
            return float(np.mean(found)) if found else float("nan")
        target = self.targets.each[0]
        values = self.targets.read(y)[target.name]
        check_consistent_length(*columns.values(), *values)
        there = ~np.any([missing(column) for column in values], axis=0)
        told = self.predictions(columns)[target.name][there]
        if target.classes is not None:
            return float(accuracy_score(values[0][there].astype(target.classes.dtype), told))
        return float(r2_score(np.stack(values, axis=1)[there].astype(np.float64), told))

    def sample(self, rows: int, seed: int) -> pd.DataFrame:
        """Rows of features and targets that the model makes up."""
        assert self.row is not None
        made: pd.DataFrame = samples(self.model, self.problem, rows, seed=seed)[self.row]
        for target in self.targets.each:
            name = target.columns[0]
            if target.classes is not None and name in made:
                labels = dict(zip(target.texts, target.classes.tolist(), strict=True))
                made[name] = [labels.get(text, text) for text in made[name]]
        order = [*self.features.names, *(name for target in self.targets.each for name in target.columns)]
        return made[[name for name in order if name in made]]
