"""All checks that scikit-learn has for estimators: of classifiers, of regressors, and where targets are guessed."""

from __future__ import annotations

from typing import Any

import pytest
from sklearn.base import is_classifier, is_regressor
from sklearn.utils.estimator_checks import parametrize_with_checks

from tests.estimator.quick import quick

# Name of a check -> why it fails. docs/estimator.md tells the same. One that begins to pass fails here
# (`xfail_strict`).
EXPECTED_FAILURES: dict[str, str] = {}
ESTIMATORS = [quick(), quick(outputs="classification"), quick(outputs="regression")]


@pytest.mark.filterwarnings("ignore:column 'x0' holds the same values as the target 'y':UserWarning")
@parametrize_with_checks(ESTIMATORS, expected_failed_checks=lambda _: EXPECTED_FAILURES)
def test_it_keeps_to_the_conventions(estimator: Any, check: Any) -> None:
    check(estimator)


def test_the_checks_of_classifiers_and_of_regressors_are_among_them() -> None:
    assert [(is_classifier(each), is_regressor(each)) for each in ESTIMATORS] == [
        (False, False),
        (True, False),
        (False, True),
    ]
