"""What scikit-learn calls X, as columns."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Self

import numpy as np
import numpy.typing as npt
from sklearn.utils.validation import validate_data

from graftwork.errors import InputError
from graftwork.problem.tables import as_frame
from graftwork.problem.tables.usefulness import LEAST_ROWS

Columns = dict[str, npt.NDArray[Any]]


@dataclass(frozen=True)
class Features:
    """How rows of features are read.

    Attributes:
        names: A name for each column: that of the frame, or its place, `x0`, `x1` and so on.
        framed: Whether they came as a frame, whose columns may be of any kind.
    """

    names: tuple[str, ...]
    framed: bool

    @classmethod
    def of(cls, estimator: Any, X: Any) -> Self:
        """Read what an estimator is fitted to, and note its features at the estimator.

        Raises:
            ValueError: It is no two-dimensional array of numbers, and no frame.
        """
        if is_frame(X):
            validate_data(estimator, X, skip_check_array=True)
        else:
            _numbers(estimator, X, reset=True)
        found = getattr(estimator, "feature_names_in_", None)
        names = (
            [f"x{place}" for place in range(estimator.n_features_in_)] if found is None else found.tolist()
        )
        if double := next((name for name in names if names.count(name) > 1), None):
            raise InputError(f"column {double!r} occurs {names.count(double)} times; give each its own name")
        return cls(tuple(names), is_frame(X))

    def read(self, estimator: Any, X: Any) -> Columns:
        """Columns by name, of the rows that were fitted to or of others, which have the same columns.

        Raises:
            ValueError: The columns are others, or hold what they cannot.
        """
        if not is_frame(X):
            return dict(zip(self.names, _numbers(estimator, X, reset=False).T, strict=True))
        validate_data(estimator, X, reset=False, skip_check_array=True)
        frame = as_frame({name: _column(X, place) for place, name in enumerate(self.names)})
        return dict(frame.columns)


def is_frame(values: Any) -> bool:
    """Whether it is a frame of pandas or polars."""
    return hasattr(values, "columns") and hasattr(values, "dtypes")


def _numbers(estimator: Any, X: Any, *, reset: bool) -> npt.NDArray[np.float64]:
    array = validate_data(
        estimator,
        X,
        reset=reset,
        dtype="numeric",
        ensure_all_finite="allow-nan",
        ensure_min_samples=LEAST_ROWS if reset else 1,
    )
    return np.asarray(array, dtype=np.float64)


def _column(frame: Any, place: int) -> Any:
    return frame.iloc[:, place] if hasattr(frame, "iloc") else frame[:, place]
