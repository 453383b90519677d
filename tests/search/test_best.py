"""Which candidates are trained to the end, and by what."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest
from tests.search.samples import QUICK, SPACE, candidate
from tests.variation.samples import small_problem

from graftwork.architecture import random_architecture
from graftwork.errors import InputError
from graftwork.evaluation import evaluate
from graftwork.model import HeterogeneousModel, build
from graftwork.runtime import Budget, integer_seed
from graftwork.search import Archive, SearchResult, SearchSettings, load_search
from graftwork.search.best import finalists
from graftwork.search.last_training import mean_skill, train_to_the_end
from graftwork.training import train


def _archive(*lines: tuple[float, int | None]) -> Archive:
    """Candidates by skill and parent; the better, the more parameters, so that all are in front."""
    archive = Archive(SPACE)
    families: list[int] = []
    for number, (skill, parent) in enumerate(lines):
        skills = dict.fromkeys(("digit", "type", "image"), skill)
        planted = candidate(number, skills, parameters=int(10 + 10_000 * skill))
        founder = None if parent is None else families[parent]
        descended = replace(planted, parent=parent, founder=founder)
        families.append(descended.family)
        archive.add(descended)
    assert len(archive.front) == len(lines)
    return archive


def test_families_come_before_siblings_and_the_best_first() -> None:
    archive = _archive((0.2, None), (0.5, None), (0.8, 1), (0.3, 0), (0.9, 2), (0.1, None))
    assert [each.number for each in finalists(archive, 6)] == [4, 3, 5, 2, 1, 0]
    assert [each.number for each in finalists(archive, 2)] == [4, 3]
    assert [each.number for each in finalists(archive, 1)] == [4]


def test_mean_skill_asks_for_all_outputs() -> None:
    def skills(*values: float) -> float:
        names = dict(zip(("digit", "type", "image"), values, strict=True))
        return mean_skill(candidate(0, names).outcome.scores)

    assert skills(0.5, 0.5, 0.5) == pytest.approx(0.5)
    assert skills(0.9, 0.9, 0.0) < skills(0.4, 0.4, 0.4)
    assert skills(0.9, 0.9, -5.0) > 0


def test_training_keeps_the_weights_that_the_criterion_likes_best() -> None:
    problem, judged = small_problem(), []
    model = build(random_architecture(problem, SPACE, seed=2), seed=0)

    def norm(trained: HeterogeneousModel) -> float:
        judged.append(sum(float(p.detach().square().sum()) for p in trained.parameters()))
        return float(abs(len(judged) - 4))  # least at the fourth look

    options = replace(QUICK.options, patience=20)
    trained = train(model, problem, budget=Budget(steps=32), seed=0, options=options, criterion=norm)
    assert len(set(judged)) == len(judged) == 9
    assert sum(float(p.detach().square().sum()) for p in trained.model.parameters()) == judged[3]


def test_the_last_training_never_ends_with_less_skill_than_it_began_with() -> None:
    problem = small_problem()
    model = build(random_architecture(problem, SPACE, seed=2), seed=0)
    # Steps so large that most looks are worse than the beginning.
    settings = replace(QUICK, finish_steps=60, finish_learning_rate=0.5)
    trained = train_to_the_end(model, problem, settings, seed=0, judging=0)
    before, after = (mean_skill(evaluate(m, problem)) for m in (model, trained.model))
    assert after >= before


@pytest.mark.parametrize("rate", [0.0, -1.0, float("nan"), float("inf")])
def test_a_learning_rate_that_is_none_is_refused(rate: float) -> None:
    with pytest.raises(InputError, match="finish_learning_rate must be a positive number"):
        SearchSettings(finish_learning_rate=rate)


def test_the_best_has_all_metrics_on_test_rows_and_keeps_them(whole: tuple[Path, SearchResult]) -> None:
    out, result = whole
    judging = integer_seed(result.spec["seed"], 0, "judging")
    told = evaluate(result.best.model, small_problem(), split="test", seed=judging, metrics="all")
    assert result.best.scores["test"] == told == load_search(out).best.scores["test"]
    assert {"balanced_accuracy", "roc_auc"} < set(told["digit"].metrics)
    # What decides is measured by what decides.
    assert set(result.best.scores["validation"]["digit"].metrics) == {"error_rate", "log_loss"}
    assert set(result.candidates[0].outcome.scores["digit"].metrics) == {"error_rate", "log_loss"}
