"""The estimator."""

from __future__ import annotations

import warnings
from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal, Self

from sklearn.base import BaseEstimator
from sklearn.utils import ClassifierTags, RegressorTags, Tags
from sklearn.utils.metaestimators import available_if
from sklearn.utils.validation import check_consistent_length, check_is_fitted

from graftwork.architecture import SearchSpace
from graftwork.documents import short
from graftwork.errors import InputError
from graftwork.estimator._errors import value_errors
from graftwork.estimator._features import Features
from graftwork.estimator._fitted import Fitted
from graftwork.estimator._kinds import Kinds, declared_kind
from graftwork.estimator._problem import problem_of, worth_a_warning
from graftwork.estimator._seeds import RandomState, seed_of
from graftwork.estimator._targets import Targets
from graftwork.guidelines import Guidelines
from graftwork.problem._arrays import Array
from graftwork.problem.tables import ColumnKind
from graftwork.runtime import Budget
from graftwork.search import SearchSettings, search

if TYPE_CHECKING:
    import pandas as pd

_TYPES = {"classification": "classifier", "regression": "regressor"}
_SPACES = {"modern": SearchSpace.modern, "paper": SearchSpace.paper}


def _classifies(estimator: GraftworkEstimator) -> bool:
    fitted = getattr(estimator, "_fitted", None)
    return declared_kind(estimator.outputs) != "regression" if fitted is None else bool(fitted.classes)


def _generates(estimator: GraftworkEstimator) -> bool:
    return bool(estimator.generate)


class GraftworkEstimator(BaseEstimator):  # type: ignore[misc] # scikit-learn ships no types
    """One compact model for one target or several of different kinds, found by a search.

    `fit` holds validation and test rows back by itself (`fractions`): validation rows decide which model it
    is, test rows score it once (`scores_`).

    Args:
        outputs: What the targets are: "classification", "regression", `gw.Classification()` or
            `gw.Regression(...)` for all of them, or a mapping of these by the target's name. A target that is
            not named is guessed by its values: text, booleans and at most 20 different whole numbers are
            classes, other numbers are a regression.
        generate: Whether rows of all columns, features and targets, are generated too; see `sample`.
        kinds: `number`, `boolean`, `date` or `category` by name of a feature, where the guess would be wrong.
            Features of an array are numbers.
        fractions: Shares of training, validation and test rows among those that are fitted to.
        policy: Policy of the search: `guided`, `random` or `relevance`.
        evaluations: Budget of the search in candidates; None for no limit.
        steps: Budget in training steps of all candidates.
        seconds: Budget in seconds of work, over all workers; with it, a result depends on the machine.
        space: Where architectures are drawn from: "modern", "paper" or a `gw.SearchSpace`; that of `settings`
            unless told.
        settings: How the search is done, and how models are trained.
        guidelines: What `guided` is guided by; those that come with Graftwork unless told.
        workers: How many candidates are worked on side by side.
        out: Folder of the run, which can be reported on and gone on with; a temporary one unless told.
        random_state: Seed of the splits and of the search: the same whole number gives the same result. None
            draws one, which `seed_` tells.

    Attributes:
        n_features_in_: Number of features.
        feature_names_in_: Their names, where all are text.
        classes_: Sorted labels of the classification; of several targets a list of them, for those that are
            classifications, or a dict by name where `y` was a frame or a dict.
        seed_: The seed that was used.
        problem_: The problem, with its preprocessing and splits; `problem_.table.notes` says what was left
            out.
        result_: What the search ended with.
        model_: The one model, a `torch.nn.Module`.
        scores_: Score of every output on the test rows that `fit` held back, among them `skill`.

    Raises:
        ValueError: An argument or the data are bad; it is an `InputError` too.

    Example:
        >>> import numpy as np
        >>> import graftwork as gw
        >>> X = np.random.default_rng(0).normal(size=(200, 3))
        >>> y = {"side": np.where(X[:, 0] > 0, "right", "left"), "sum": X.sum(axis=1)}
        >>> quick = gw.SearchSettings(initial=2, initial_steps=50, steps=50, finish_steps=200)
        >>> estimator = gw.GraftworkEstimator(evaluations=3, settings=quick, random_state=0).fit(X, y)
        >>> answers = estimator.predict(X[:5])
        >>> answers["side"].dtype.kind, answers["sum"].shape
        ('U', (5,))
        >>> estimator.predict_proba(X[:5])["side"].shape, estimator.classes_["side"].tolist()
        ((5, 2), ['left', 'right'])
        >>> estimator.score(X, y) > 0.5
        True
    """

    def __init__(
        self,
        *,
        outputs: Kinds = None,
        generate: bool = False,
        kinds: Mapping[str, ColumnKind] | None = None,
        fractions: Sequence[float] = (0.6, 0.2, 0.2),
        policy: str = "guided",
        evaluations: int | None = 60,
        steps: int | None = None,
        seconds: float | None = None,
        space: Literal["modern", "paper"] | SearchSpace | None = None,
        settings: SearchSettings | None = None,
        guidelines: Guidelines | None = None,
        workers: int = 1,
        out: str | Path | None = None,
        random_state: RandomState = None,
    ) -> None:
        self.outputs = outputs
        self.generate = generate
        self.kinds = kinds
        self.fractions = fractions
        self.policy = policy
        self.evaluations = evaluations
        self.steps = steps
        self.seconds = seconds
        self.space = space
        self.settings = settings
        self.guidelines = guidelines
        self.workers = workers
        self.out = out
        self.random_state = random_state

    @value_errors()
    def fit(self, X: Any, y: Any) -> Self:
        """Search for a model.

        Args:
            X: Features: a frame of pandas or polars, whose columns may be of any kind, or an array of numbers
                (rows, features). Both may have gaps.
            y: One target (rows,), or several: a frame, an array (rows, targets), or a dict of arrays by name,
                of which one (rows, numbers) is one regression. A missing target, None or NaN, is left out of
                account for that output alone. At least ten rows.

        Raises:
            ValueError: The data or an argument are bad; the message names the culprit.
            RunError: No candidate could be evaluated.
        """
        asked = self._search_arguments()
        features = Features.of(self, X)
        targets = Targets.of(y, self.outputs, set(features.names))
        columns, values = features.read(self, X), targets.read(y)
        check_consistent_length(*columns.values(), *(column for each in values.values() for column in each))
        problem, row = problem_of(
            features,
            targets,
            {**columns, **targets.encode(values)},
            generate=self.generate,
            kinds=self.kinds,
            fractions=self.fractions,
            seed=asked["seed"],
        )
        for note in problem.table.notes if problem.table else ():
            if worth_a_warning(note, framed=features.framed):
                warnings.warn(note, stacklevel=2)
        result = search(problem, **asked)
        self._fitted = Fitted(features, targets, problem, row, result.best.model)
        self.seed_, self.problem_ = asked["seed"], problem
        self.result_, self.model_ = result, result.best.model
        self.scores_ = dict(result.best.scores["test"])
        self.__dict__.pop("classes_", None)
        if self._fitted.classes:
            self.classes_ = targets.listed(self._fitted.classes)
        return self

    @value_errors()
    def predict(self, X: Any) -> Any:
        """The most probable label, or the number in the target's own units, of each row.

        Args:
            X: Features, as in `fit`.

        Returns:
            An array (rows,) where there is one target, (rows, numbers) where that is a vector. Of several,
            as `y` was: an array (rows, targets), of objects where text and numbers are mixed; a frame of the
            same library; or a dict of arrays.

        Raises:
            ValueError: The features are others, or hold what they cannot.
        """
        columns = self._columns(X)
        told = self._fitted.predictions(columns)
        return self._fitted.targets.joined(told, index=X.index if hasattr(X, "iloc") else None)

    @available_if(_classifies)  # type: ignore[untyped-decorator]
    @value_errors()
    def predict_proba(self, X: Any) -> Any:
        """Probability of every class, in the order of `classes_`.

        Args:
            X: Features, as in `fit`.

        Returns:
            An array (rows, classes) where there is one target; of several those of the classifications, in a
            list where `y` was an array, else in a dict by name. A class that no training row holds has
            probability 0.

        Raises:
            ValueError: The features are others, or hold what they cannot.
        """
        columns = self._columns(X)
        return self._fitted.targets.listed(self._fitted.probabilities(columns))

    @value_errors()
    def score(self, X: Any, y: Any) -> float:
        """How good predictions are: 1 is perfect.

        Accuracy of one classification, R2 of one regression, as scikit-learn's own estimators tell; of
        several targets the mean of `skills`. Rows whose target is missing do not count for that target.

        Args:
            X: Features, as in `fit`.
            y: Targets, as in `fit`.

        Raises:
            ValueError: Features or targets are others than were fitted to.
        """
        columns = self._columns(X)
        return self._fitted.score(columns, y)

    @value_errors()
    def skills(self, X: Any, y: Any) -> dict[str, float]:
        """Skill of each target: 1 - error / error of the trivial answer on the same rows.

        The error is the error rate of a classification, whose trivial answer is the most frequent class of
        the training rows, and the mean squared error of a regression, whose trivial answer is the training
        mean. 0 is no better than trivial, 1 perfect. NaN, with a warning, where the trivial answer makes no
        error.

        Args:
            X: Features, as in `fit`.
            y: Targets, as in `fit`.

        Raises:
            ValueError: Features or targets are others than were fitted to.
        """
        columns = self._columns(X)
        return self._fitted.skills(columns, y)

    @available_if(_generates)  # type: ignore[untyped-decorator]
    @value_errors()
    def sample(
        self,
        n_samples: int = 1,
        random_state: RandomState = None,
    ) -> pd.DataFrame:
        """New rows of features and targets, each in its own form; needs `generate=True`.

        Columns of one value, with gaps in most rows or of more than 20 categories are not among them, and
        `(other)` stands for rare categories.

        Args:
            n_samples: How many.
            random_state: Seed of the draws; None draws one.

        Raises:
            ValueError: There is no such number of rows.
        """
        check_is_fitted(self, "model_")
        return self._fitted.sample(n_samples, seed_of(random_state))

    def __sklearn_tags__(self) -> Tags:
        tags = super().__sklearn_tags__()
        tags.estimator_type = {"classification": "classifier", "regression": "regressor", None: None}[
            self._kind()
        ]
        tags.classifier_tags = (
            ClassifierTags(multi_label=True) if tags.estimator_type == "classifier" else None
        )
        tags.regressor_tags = RegressorTags() if tags.estimator_type == "regressor" else None
        tags.target_tags.required = True
        tags.target_tags.multi_output = True
        tags.input_tags.allow_nan = True
        tags.input_tags.categorical = True
        return tags

    def _kind(self) -> str | None:
        """The kind of all targets: as declared, or as fitted."""
        fitted = getattr(self, "_fitted", None)
        if fitted is None:
            return declared_kind(self.outputs)
        return declared_kind({target.name: target.declared for target in fitted.targets.each})

    def _search_arguments(self) -> dict[str, Any]:
        """The arguments of `search` but for the problem."""
        settings = SearchSettings() if self.settings is None else self.settings
        if isinstance(self.space, str) and self.space not in _SPACES:
            raise InputError(
                f"space: expected {', '.join(_SPACES)} or a SearchSpace, came {short(self.space)}"
            )
        space = _SPACES[self.space]() if isinstance(self.space, str) else self.space
        return {
            "policy": self.policy,
            "budget": Budget(evaluations=self.evaluations, steps=self.steps, seconds=self.seconds),
            "seed": seed_of(self.random_state),
            "workers": self.workers,
            "out": self.out,
            "guidelines": self.guidelines,
            "settings": settings if space is None else replace(settings, space=space),
        }

    def _columns(self, X: Any) -> dict[str, Array]:
        check_is_fitted(self, "model_")
        return self._fitted.features.read(self, X)
