"""Metrics by gradients say what autograd says."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
import torch
from tests.diagnosis.modules import KINDS, SharedBottom, rows
from torch import Tensor, nn

import graftwork as gw
from graftwork.diagnosis import (
    METRICS,
    Plan,
    subject_of,
)

DRAW = torch.Generator().manual_seed(0)


def noise(*shape: int) -> Tensor:
    return torch.randn(*shape, generator=DRAW)


class Tug(nn.Module):
    """Two outputs read one number that a shared part makes."""

    def __init__(self) -> None:
        super().__init__()
        self.shared, self.own = nn.Linear(3, 1), nn.Linear(3, 1)
        nn.init.zeros_(self.shared.weight)
        nn.init.zeros_(self.shared.bias)

    def forward(self, x: Tensor) -> tuple[Tensor, Tensor]:
        """Two numbers a row."""
        shared = self.shared(x)
        return shared, shared + 0.0 * self.own(x)


@pytest.mark.parametrize(("sign", "cosine"), [(-1.0, -1.0), (2.0, 1.0)])
def test_outputs_with_opposing_targets_are_in_conflict(sign: float, cosine: float) -> None:
    x = noise(60, 3)
    y = x @ noise(3, 1)
    found = gw.diagnose(
        Tug(),
        [(x, y, sign * y)],
        components=["shared", "own"],
        outputs={"a": gw.Regression(), "b": gw.Regression()},
        metrics=["gradient_conflict"],
    )
    pair = found.finding("shared", "gradient_cosine", "a / b")
    assert (pair.value, pair.error) == (pytest.approx(cosine), pytest.approx(0.0, abs=1e-5))
    assert found.value("shared", "gradient_conflict", "a") == pytest.approx(-cosine)
    assert found.value("own", "gradient_conflict", "a") == 0.0
    assert [(f.component, a, b) for f, a, b in found.conflicts()] == (
        [("shared", "a", "b")] if cosine < 0 else []
    )


def test_of_several_outputs_the_conflict_is_with_the_worst() -> None:
    class Three(Tug):
        def forward(self, x: Tensor) -> Any:
            return (*super().forward(x), self.shared(x))

    x = noise(60, 3)
    y = x @ noise(3, 1)
    found = gw.diagnose(
        Three(),
        [(x, y, 2 * y, -y)],
        components=["shared"],
        outputs=dict.fromkeys("abc", gw.Regression()),
        metrics=["gradient_conflict"],
    )
    assert found.table("gradient_conflict")["shared"] == pytest.approx(dict.fromkeys("abc", 1.0))


class Passed(nn.Module):
    """Two outputs read what a part with weights makes, through one without."""

    def __init__(self) -> None:
        super().__init__()
        self.shared, self.held = nn.Linear(3, 4), nn.Identity()

    def forward(self, x: Tensor) -> tuple[Tensor, Tensor]:
        """Two numbers a row."""
        read = self.held(self.shared(x))
        return read[:, :2].sum(dim=1), read[:, 1:].sum(dim=1)


def test_the_cosine_of_gradients_is_that_of_all_rows_and_its_error_that_of_the_first_order() -> None:
    module, x = Passed(), noise(80, 3)
    targets = x[:, 0] + noise(80), x[:, 1] - 3 * x[:, 0]
    found = gw.diagnose(
        module,
        [(x, *targets)],
        components=["shared", "held"],
        outputs={"a": gw.Regression(), "b": gw.Regression()},
        metrics=["gradient_cosine"],
    )
    read = module.shared(x)
    made = read[:, :2].sum(dim=1), read[:, 1:].sum(dim=1)
    losses = [(own - target).square() for own, target in zip(made, targets, strict=True)]
    own = list(module.shared.parameters())
    by_weights = [
        torch.stack(
            [
                torch.cat([g.flatten() for g in torch.autograd.grad(fold.sum(), own, retain_graph=True)])
                for fold in loss.split(20)
            ]
        )
        for loss in losses
    ]
    by_rows = [torch.autograd.grad(loss.sum(), read, retain_graph=True)[0] for loss in losses]

    def of_weights(counts: Tensor) -> Tensor:
        return torch.cosine_similarity(*(counts @ folds for folds in by_weights), dim=0)

    def of_rows(counts: Tensor) -> Tensor:
        return torch.cosine_similarity(*((counts.sqrt()[:, None] * r).flatten() for r in by_rows), dim=0)

    for name, cosine, samples in (("shared", of_weights, 4), ("held", of_rows, 80)):
        finding = found.finding(name, "gradient_cosine", "a / b")
        value, error = first_order(cosine, samples)
        assert abs(value) < 0.98
        assert (finding.value, finding.error) == pytest.approx((value, error), rel=1e-3)


def first_order(statistic: Callable[[Tensor], Tensor], samples: int) -> tuple[float, float]:
    """A statistic by how often each sample counts, and its error by how each moves it."""
    counts = torch.ones(samples, requires_grad=True)
    value = statistic(counts)
    (moved,) = torch.autograd.grad(value, counts)
    return float(value.detach()), float(moved.std()) * samples**0.5


def test_saliency_is_what_autograd_says() -> None:
    module = SharedBottom().eval()
    x, targets = rows()
    subject = subject_of(
        module, [(x, targets)], components=["trunk", "branch"], outputs=KINDS, plan=Plan(1, 1, 0)
    )
    size = module(x)["size"]
    scale = float((targets["size"] - targets["size"].mean()).square().mean())
    (size - targets["size"]).square().mean().backward()
    expected = sum(
        float((p.detach() * p.grad).abs().sum()) for p in module.branch.parameters() if p.grad is not None
    )
    found = {(f.component, f.output, f.metric): f.value for f in METRICS["saliency_weights"].measure(subject)}
    assert found["branch", "size", "saliency_weights"] == pytest.approx(expected / scale, rel=1e-4)

    branch = module.branch(x).detach().requires_grad_()
    answer = module.heads["size"](torch.cat([module.trunk(x), branch], dim=1))
    (gradient,) = torch.autograd.grad((answer - targets["size"]).square().sum(), branch)
    effects = (branch - branch.mean(dim=0)).detach() * gradient
    by_row = float(effects.sum(dim=1).abs().mean()) / scale
    assert found["branch", "size", "saliency_activations"] == pytest.approx(by_row, rel=1e-4)
    fisher = {(f.component, f.output): f.value for f in METRICS["saliency_fisher"].measure(subject)}
    expected = float(effects.square().sum(dim=1).mean()) / 2 / scale
    assert fisher["branch", "size"] == pytest.approx(expected, rel=1e-4)
    assert fisher["branch", "kind"] == 0.0


def test_the_error_of_saliency_by_weights_is_that_of_the_first_order_over_folds() -> None:
    module = SharedBottom().eval()
    x, targets = rows()
    subject = subject_of(module, [(x, targets)], components=["branch"], outputs=KINDS, plan=Plan(1, 1, 0))
    losses = (module(x)["size"] - targets["size"].reshape(-1, 1)).square().flatten() / len(x)
    weights = list(module.branch.parameters())
    effects = []
    for fold in losses.split(len(x) // 4):
        gradients = torch.autograd.grad(fold.sum(), weights, retain_graph=True)
        effects.append(torch.cat([(w * g).flatten() for w, g in zip(weights, gradients, strict=True)]))
    by_fold = torch.stack(effects).detach()
    expected = first_order(lambda counts: (counts @ by_fold).abs().sum() / subject.scales["size"], 4)
    found = {(f.component, f.output, f.metric): f for f in METRICS["saliency_weights"].measure(subject)}
    finding = found["branch", "size", "saliency_weights"]
    assert (finding.value, finding.error) == pytest.approx(expected, rel=1e-3)


def test_gradients_by_connections_add_up_to_those_by_the_network() -> None:
    problem = gw.load_problem("digits")
    model = gw.build(gw.random_architecture(problem, gw.SearchSpace.modern(max_networks=6), seed=1), seed=0)
    plan = Plan(1, 1, 0)
    subject = subject_of(model, problem, rows=20, plan=plan, connections=True)
    tried = 0
    for network in model.architecture.networks:
        if network.kind == "discretizer":
            continue  # its connections carry probabilities, itself logits
        for output, whole in subject.gradients.rows[network.name].items():
            out = [
                subject.gradients.rows[f"{c.source} -> {c.target}"][output]
                for c in model.architecture.outgoing(network.name)
                if output in subject.gradients.rows[f"{c.source} -> {c.target}"]
            ]
            assert torch.allclose(sum(out, torch.zeros(1)), whole, atol=1e-6)
            tried += len(out)
    assert tried > 5
