"""Graftwork as an estimator of scikit-learn."""

from graftwork.estimator._estimator import GraftworkEstimator

__all__ = ["GraftworkEstimator"]
