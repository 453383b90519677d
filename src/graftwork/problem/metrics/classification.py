"""Metrics of classifications."""

from __future__ import annotations

from dataclasses import replace
from functools import partial

import numpy as np
import numpy.typing as npt
import torch
from torch import Tensor

from graftwork.problem.metrics.metric import Metric
from graftwork.problem.outputs import Classification

_metric = partial(Metric, kind="classification")

CLASSIFICATION = (
    _metric(
        name="error_rate",
        unit="share of rows",
        direction="lower",
        says="Rows whose most probable class is not theirs; where classes are unbalanced, a rare one hardly "
        "counts.",
        source="standard",
    ),
    _metric(
        name="log_loss",
        unit="nats",
        direction="lower",
        says="Minus the mean log probability of the class, each held at -15.9 or above; sees whether "
        "probabilities are right.",
        source="Good 1952",
    ),
    _metric(
        name="balanced_log_loss",
        unit="nats",
        direction="lower",
        says="The mean over classes of the log loss of their rows, by which balanced classes are decided; "
        "log of the number of classes without knowledge.",
        source="ours, after balanced_accuracy",
    ),
    _metric(
        name="balanced_accuracy",
        unit="mean share of rows of a class",
        direction="higher",
        says="Share of rows that are classified right, the mean over the classes that the split holds, so "
        "that each counts alike; 1 / classes without knowledge.",
        source="Brodersen et al. 2010; recall_score of scikit-learn",
    ),
    _metric(
        name="roc_auc",
        unit="probability",
        direction="higher",
        says="Chance that a row of a class is given a higher probability of it than a row of another; 0.5 "
        "without knowledge. Of two classes it is that of the second; of more the mean, each against the "
        "rest, over those that the split holds.",
        source="Hand and Till 2001; roc_auc_score of scikit-learn",
    ),
)


def classification_metrics(
    output: Classification, prediction: Tensor, target: Tensor, wanted: frozenset[str]
) -> dict[str, float]:
    """Metrics beside `errors` of logits (rows, K) over the rows whose class is not missing.

    Balanced accuracy is absent where no row is left, the area under the curve where all rows left are of one
    class.
    """
    present = output.present(target)
    logits, codes = prediction.detach()[present].double(), target[present].numpy()
    found: dict[str, float] = {}
    if len(codes) and "balanced_log_loss" in wanted and output.balance == "none":
        name = "balanced_log_loss"
        found[name] = replace(output, balance="balanced").errors(prediction, target)[name]
    if len(codes) and "balanced_accuracy" in wanted:
        found["balanced_accuracy"] = _balanced_accuracy(logits, codes)
    if len(np.unique(codes)) > 1 and "roc_auc" in wanted:
        found["roc_auc"] = _roc_auc(logits, codes)
    return found


def _balanced_accuracy(logits: Tensor, codes: npt.NDArray[np.int64]) -> float:
    from sklearn.metrics import recall_score

    # balanced_accuracy_score warns of classes that are predicted but do not occur; the figure is the same.
    answers = logits.argmax(dim=1).numpy()
    return float(recall_score(codes, answers, labels=np.unique(codes), average="macro"))


def _roc_auc(logits: Tensor, codes: npt.NDArray[np.int64]) -> float:
    from sklearn.metrics import roc_auc_score

    classes = [1] if logits.shape[1] == 2 else np.unique(codes).tolist()
    return float(np.mean([roc_auc_score(codes == each, _log_odds(logits, each)) for each in classes]))


def _log_odds(logits: Tensor, code: int) -> npt.NDArray[np.float64]:
    # Probabilities near 1 are all 1 in floating point; their odds still tell rows apart.
    others = torch.cat([logits[:, :code], logits[:, code + 1 :]], dim=1)
    odds: npt.NDArray[np.float64] = (logits[:, code] - others.logsumexp(dim=1)).numpy()
    return odds
