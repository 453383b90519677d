"""All checks of scikit-learn: those of classifiers, those of regressors, and where targets are guessed."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from sklearn.base import is_classifier, is_regressor
from sklearn.utils.estimator_checks import estimator_checks_generator

from tests.estimator.quick import quick

# Name of a check -> why it fails. docs/estimator.md tells the same. One that begins to pass fails here.
EXPECTED_FAILURES: dict[str, str] = {}
ESTIMATORS = {
    "guessed": quick(),
    "classifier": quick(outputs="classification"),
    "regressor": quick(outputs="regression"),
}


def checks() -> Iterator[Any]:
    for kind, asked in ESTIMATORS.items():
        for estimator, check in estimator_checks_generator(asked):
            name = getattr(check, "func", check).__name__
            reason = EXPECTED_FAILURES.get(name)
            marks = [pytest.mark.xfail(reason=reason, strict=True)] if reason else []
            yield pytest.param(estimator, check, id=f"{kind}-{name}", marks=marks)


@pytest.mark.filterwarnings("ignore:column 'x0' holds the same values as the target 'y':UserWarning")
@pytest.mark.parametrize(("estimator", "check"), list(checks()))
def test_it_keeps_to_the_conventions(estimator: Any, check: Any) -> None:
    check(estimator)


def test_the_checks_of_classifiers_and_of_regressors_are_among_them() -> None:
    assert [(is_classifier(each), is_regressor(each)) for each in ESTIMATORS.values()] == [
        (False, False),
        (True, False),
        (False, True),
    ]
