"""Mutual information between the activations of a component and an output's target."""

from __future__ import annotations

from typing import ClassVar

import numpy as np
import numpy.typing as npt
import torch
from scipy.special import digamma

from graftwork.diagnosis._diagnosis import Finding
from graftwork.diagnosis._metric import MetricInfo
from graftwork.diagnosis._statistics import mean_and_error
from graftwork.diagnosis.subject import Subject

Array = npt.NDArray[np.float32]
_DIRECTIONS, _NEIGHBOURS = 4, 5


class Information:
    """Mutual information by nearest neighbours, between the first four principal components of each, in nats.

    It finds what no line reads, where a probe would not. Read on at most `Plan.few_rows`; a figure of a fifth
    of a nat or below may be the bias of the estimate.

    Source: Kraskov, Stögbauer and Grassberger (2004), their first estimator, for numbers; Ross (2014) for
    classes.
    """

    infos: ClassVar[tuple[MetricInfo, ...]] = (
        MetricInfo(
            "mutual_information",
            "nats",
            "more needed",
            "mutual information of its activations and the target",
        ),
    )

    @torch.no_grad()
    def measure(self, subject: Subject) -> list[Finding]:
        """Findings for every network and output, reached or not."""
        rows = {output: _rows(subject, output) for output in subject.outputs}
        targets = {output: _target(subject, output, rows[output]) for output in subject.outputs}
        findings: list[Finding] = []
        for name in subject.networks:
            scores = subject.scores(name)[:, :_DIRECTIONS].numpy()
            between: dict[bytes, Array] = {}
            for output in subject.outputs:
                chosen, (codes, apart) = rows[output], targets[output]
                if len(chosen) <= 2 * _NEIGHBOURS or not scores.shape[1]:
                    findings.append(Finding(name, output, "mutual_information", 0.0))
                    continue
                key = chosen.tobytes()
                if key not in between:
                    between[key] = _distances(scores[chosen])
                local = (
                    _of_classes(between[key], codes) if apart is None else _of_numbers(between[key], apart)
                )
                findings.append(Finding(name, output, "mutual_information", *mean_and_error(local)))
        return findings


def _rows(subject: Subject, output: str) -> npt.NDArray[np.int64]:
    asked = subject.asked(output)
    plan = subject.plan
    present = np.flatnonzero(asked.present[: plan.axis_rows].cpu().numpy())[: plan.few_rows]
    if asked.codes is None:
        return present
    # A class of one row alone has no neighbour in it and tells nothing.
    codes = asked.codes.cpu().numpy()[present]
    return np.asarray(present[np.bincount(codes)[codes] > 1], dtype=np.int64)


def _target(
    subject: Subject, output: str, rows: npt.NDArray[np.int64]
) -> tuple[npt.NDArray[np.int64], Array | None]:
    asked = subject.asked(output)
    if asked.codes is not None:
        return asked.codes.cpu().numpy()[rows], None
    scores = subject.target_scores(output)[:, :_DIRECTIONS].numpy()
    places = np.cumsum(asked.present[: subject.plan.axis_rows].cpu().numpy()) - 1
    return rows, _distances(scores[places[rows]])


def _distances(scores: Array) -> Array:
    """Largest difference over columns between any two rows, (rows, rows); infinite from a row to itself."""
    apart = np.zeros((len(scores), len(scores)), dtype=np.float32)
    for column in scores.T:
        np.maximum(apart, np.abs(column[:, None] - column[None, :]), out=apart)
    np.fill_diagonal(apart, np.inf)
    return apart


def _of_numbers(read: Array, asked: Array) -> npt.NDArray[np.float64]:
    joint = np.partition(np.maximum(read, asked), _NEIGHBOURS - 1, axis=1)[:, _NEIGHBOURS - 1, None]
    near = [np.count_nonzero(apart < joint, axis=1) + 1 for apart in (read, asked)]
    local = digamma(_NEIGHBOURS) + digamma(len(read)) - digamma(near[0]) - digamma(near[1])
    return np.asarray(local, dtype=np.float64)


def _of_classes(read: Array, codes: npt.NDArray[np.int64]) -> npt.NDArray[np.float64]:
    same = codes[:, None] == codes[None, :]
    members = np.count_nonzero(same, axis=1)
    k = np.minimum(_NEIGHBOURS, members - 1)
    within = np.sort(np.partition(np.where(same, read, np.inf), _NEIGHBOURS - 1)[:, :_NEIGHBOURS])
    reach = within[np.arange(len(codes)), k - 1][:, None]
    near = np.count_nonzero(read <= reach, axis=1)
    local = digamma(len(codes)) - digamma(members) + digamma(k) - digamma(near)
    return np.asarray(local, dtype=np.float64)
