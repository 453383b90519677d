"""Every metric says what it should where the answer is known beforehand."""

from __future__ import annotations

import math
import sys
from typing import Any

import numpy as np
import pytest
import torch
from tests.diagnosis.modules import KINDS, SharedBottom, rows
from torch import Tensor, nn

import graftwork as gw
from graftwork.diagnosis import (
    METRICS,
    WHOLE,
    CaptumAttributions,
    Diagnosis,
    ModuleSubject,
    Plan,
    RelevanceByPermutation,
    Subject,
    subject_of,
)
from graftwork.diagnosis._statistics import jackknife, mean_and_error, ratio_and_error, row_blocks
from graftwork.errors import InputError, MissingExtraError

DRAW = torch.Generator().manual_seed(0)


class Parts(nn.Module):
    """Hands each of its inputs through a part of its own; the only output is the mean of all."""

    def __init__(self, names: list[str]) -> None:
        super().__init__()
        self.parts = nn.ModuleDict({name: nn.Identity() for name in names})

    def forward(self, given: dict[str, Tensor]) -> Tensor:
        """One number a row."""
        read = [self.parts[name](values).mean(dim=1) for name, values in given.items()]
        return torch.stack(read).mean(dim=0)


def parts_read(given: dict[str, Tensor], metric: str, target: Tensor | None = None, **more: Any) -> Diagnosis:
    """A metric of parts whose activations are what is given."""
    count = len(next(iter(given.values())))
    asked = torch.zeros(count) if target is None else target
    kind: Any = gw.Classification() if not asked.is_floating_point() else gw.Regression()
    if kind.kind == "classification" or asked.dim() > 1:
        kind = _nothing
    return gw.diagnose(
        Parts(list(given)),
        [(given, asked)],
        components=[f"parts.{name}" for name in given],
        outputs={"y": kind},
        metrics=[metric],
        **more,
    )


def _nothing(prediction: Tensor, target: Tensor) -> Tensor:
    """A loss that says nothing."""
    return prediction * 0.0


def noise(*shape: int) -> Tensor:
    return torch.randn(*shape, generator=DRAW)


# Redundancy


def test_cka_of_a_rotated_and_scaled_copy_is_one_and_of_noise_about_zero() -> None:
    a = noise(200, 30)
    rotation, _ = torch.linalg.qr(noise(30, 30))
    found = parts_read({"a": a, "copy": 3 * a @ rotation + 5, "other": noise(200, 30)}, "cka")
    assert found.value("parts.a", "cka", "parts.copy") == pytest.approx(1.0, abs=1e-4)
    # The biased figure of so many units on so few rows would be 0.35.
    assert abs(found.value("parts.a", "cka", "parts.other")) < 0.05
    assert found.value("parts.copy", "redundancy") == pytest.approx(1.0, abs=1e-4)
    assert abs(found.value("parts.other", "redundancy")) < 0.05
    ((pair, other),) = found.redundant_pairs()
    assert {pair.component, other} == {"parts.a", "parts.copy"}


def test_cka_is_the_formula_of_song_et_al() -> None:
    a, b = noise(15, 4), noise(15, 3)
    b[:, 0] = a[:, 0]

    def hsic(x: Tensor, y: Tensor) -> float:
        k, one = [(v @ v.T).double().fill_diagonal_(0.0) for v in (x, y)], torch.ones(15).double()
        n = 15
        first = float((k[0] * k[1]).sum())
        second = float((one @ k[0] @ one) * (one @ k[1] @ one)) / ((n - 1) * (n - 2))
        third = float(one @ k[0] @ k[1] @ one) * 2 / (n - 2)
        return (first + second - third) / (n * (n - 3))

    expected = hsic(a, b) / (hsic(a, a) * hsic(b, b)) ** 0.5
    assert parts_read({"a": a, "b": b}, "cka").value("parts.a", "cka", "parts.b") == pytest.approx(
        expected, rel=1e-4
    )


def test_what_does_not_vary_is_like_nothing() -> None:
    found = parts_read({"a": noise(50, 3), "flat": torch.full((50, 3), 7.0)}, "cka")
    assert found.value("parts.a", "cka", "parts.flat") == 0.0
    assert found.value("parts.flat", "redundancy") == 0.0


# Capacity


def test_effective_rank_counts_directions() -> None:
    found = parts_read(
        {
            "one": noise(400, 1) @ noise(1, 10),
            "all": torch.linalg.qr(noise(400, 10))[0] * 4,
            "none": torch.ones(400, 10),
        },
        "effective_rank",
    )
    expected = {"one": 1.0, "all": 10.0, "none": 0.0}
    for name, value in expected.items():
        assert found.value(f"parts.{name}", "effective_rank") == pytest.approx(value, abs=0.1)
        assert found.value(f"parts.{name}", "rank_share") == pytest.approx(value / 10, abs=0.01)
        errors = [found.finding(f"parts.{name}", which).error for which in ("effective_rank", "rank_share")]
        assert errors[1] == pytest.approx(errors[0] / 10)


def test_effective_rank_is_the_entropy_of_singular_values() -> None:
    axes, _ = torch.linalg.qr(noise(400, 2) - noise(400, 2).mean(dim=0))
    axes, _ = torch.linalg.qr(axes - axes.mean(dim=0))
    found = parts_read({"a": axes * torch.tensor([3.0, 1.0])}, "effective_rank")
    expected = math.exp(-(0.75 * math.log(0.75) + 0.25 * math.log(0.25)))
    assert found.value("parts.a", "effective_rank") == pytest.approx(expected, abs=1e-3)


def test_dead_and_saturated_units_are_counted() -> None:
    values = noise(300, 8)
    values[:, :2] = 0.3
    values[:, 2:5] = torch.sign(values[:, 2:5])
    values[0, 5] = 1e4  # nearly all rows at one end of the range
    found = parts_read({"a": values}, "dead_units")
    assert found.value("parts.a", "dead_units") == 2 / 8
    assert found.value("parts.a", "saturated_units") == 4 / 8


# What is held


def test_a_probe_reads_what_is_linear_and_nothing_else() -> None:
    a = noise(400, 6)
    target = a[:, :1] * 2 - a[:, 1:2] + 3
    given = {"line": a, "noise": noise(400, 6), "square": a.abs()}
    found = parts_read(given, "probe_skill", target[:, 0])
    assert found.value("parts.line", "probe_skill", "y") > 0.99
    assert found.value("parts.noise", "probe_skill", "y") < 0.05
    classes = (a[:, 0] > 0).long()
    of_classes = parts_read(given, "probe_skill", classes)
    assert of_classes.value("parts.line", "probe_skill", "y") > 0.5
    assert of_classes.value("parts.noise", "probe_skill", "y") < 0.05


def test_mutual_information_is_that_of_gaussians_and_of_classes() -> None:
    a = noise(2000, 1)
    for correlation in (0.0, 0.6, 0.9):
        b = correlation * a + math.sqrt(1 - correlation**2) * noise(2000, 1)
        found = parts_read({"a": a}, "mutual_information", b[:, 0], rows=2000)
        expected = -0.5 * math.log(1 - correlation**2)
        finding = found.finding("parts.a", "mutual_information", "y")
        assert finding.value == pytest.approx(expected, abs=0.15)
    classes = torch.arange(2000) % 4
    apart = classes[:, None] * 10.0 + noise(2000, 1)
    found = parts_read({"apart": apart, "noise": a}, "mutual_information", classes, rows=2000)
    assert found.value("parts.apart", "mutual_information", "y") == pytest.approx(math.log(4), abs=0.05)
    assert found.value("parts.noise", "mutual_information", "y") == pytest.approx(0.0, abs=0.15)


def test_information_finds_what_no_line_reads() -> None:
    a = noise(400, 2)
    target = (a[:, 0] * a[:, 1] > 0).long()
    assert parts_read({"a": a}, "probe_skill", target).value("parts.a", "probe_skill", "y") < 0.05
    assert (
        parts_read({"a": a}, "mutual_information", target).value("parts.a", "mutual_information", "y") > 0.3
    )


# Gradients


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


def test_the_cosine_of_gradients_is_that_of_all_rows_and_its_error_the_jackknife() -> None:
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
    kept = [torch.ones(4), *(1.0 - torch.eye(4))]
    of_weights = [torch.cosine_similarity(*(w @ folds for folds in by_weights), dim=0) for w in kept]
    of_rows = [
        torch.cosine_similarity(*(rows[w.repeat_interleave(20) > 0].flatten() for rows in by_rows), dim=0)
        for w in kept
    ]
    for name, (whole, *without) in (("shared", of_weights), ("held", of_rows)):
        finding, left = found.finding(name, "gradient_cosine", "a / b"), torch.stack(without)
        assert abs(float(whole)) < 0.98
        error = float((3 / 4 * (left - left.mean()).square().sum()).sqrt())
        assert (finding.value, finding.error) == pytest.approx((float(whole), error), rel=1e-3)


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


def test_the_error_of_saliency_by_weights_is_the_jackknife_over_folds() -> None:
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
    without = ((by_fold.sum(dim=0) - by_fold) * 4 / 3).abs().sum(dim=1)
    expected = float((3 / 4 * (without - without.mean()).square().sum()).sqrt()) / subject.scales["size"]
    found = {(f.component, f.output, f.metric): f for f in METRICS["saliency_weights"].measure(subject)}
    assert found["branch", "size", "saliency_weights"].error == pytest.approx(expected, rel=1e-3)


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


# Relevance


class Twins(nn.Module):
    """Two parts of equal weight, and one that weighs three times as much."""

    def __init__(self) -> None:
        super().__init__()
        self.first, self.second, self.large = nn.Identity(), nn.Identity(), nn.Identity()

    def forward(self, x: Tensor) -> Tensor:
        """One number a row."""
        return self.first(x[:, :1]) + self.second(x[:, 1:2]) + 3 * self.large(x[:, 2:])


def twin_rows() -> tuple[Tensor, Tensor]:
    """Numbers of variance 1, so that the twins are worth the same, and what the module makes of them."""
    x = torch.randn(200, 3, generator=torch.Generator().manual_seed(4))
    x = x / x.std(dim=0, correction=0)
    return x, x[:, 0] + x[:, 1] + 3 * x[:, 2]


def twins(**plan: Any) -> Subject:
    x, y = twin_rows()
    outputs = {"y": gw.Regression()}
    arguments = {"repeats": 4, "most_repeats": 20, "seed": 0} | plan
    return subject_of(
        Twins(), [(x, y)], components=["first", "second", "large"], outputs=outputs, plan=Plan(**arguments)
    )


def counted_disturbances(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Where the components that are disturbed are noted."""
    disturbed, calls = ModuleSubject.disturbed, list[str]()

    def counted(subject: ModuleSubject, name: str, change: Any) -> dict[str, Tensor]:
        calls.append(name)
        return disturbed(subject, name, change)

    monkeypatch.setattr(ModuleSubject, "disturbed", counted)
    return calls


@pytest.mark.parametrize("spread", [True, False])
def test_more_repeats_go_where_two_components_cannot_be_told_apart(
    spread: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    calls = counted_disturbances(monkeypatch)
    found = {f.component: f for f in RelevanceByPermutation().measure(twins(spread=spread, seed=6))}
    passes = 1 if spread else 4
    assert calls.count("large") == passes
    assert calls.count("first") == calls.count("second") > passes
    if not spread:  # spread repeats of another limit read other rows
        fewer = twins(spread=False, seed=6, most_repeats=4)
        few = {f.component: f for f in RelevanceByPermutation().measure(fewer)}
        assert found["large"] == few["large"]
        assert found["first"].error < few["first"].error


def test_a_doubt_too_small_to_matter_costs_no_repeats(monkeypatch: pytest.MonkeyPatch) -> None:
    calls = counted_disturbances(monkeypatch)
    x, y = twin_rows()
    # Beside a target of this size, all three are worth next to nothing.
    target = {"y": gw.Target(loss=lambda made, _: (made[:, 0] - y[: len(made)]).square() + 1e4)}
    subject = subject_of(
        Twins(),
        [(x, y)],
        components=["first", "second", "large"],
        outputs=target,
        plan=Plan(4, 20, 0),
    )
    RelevanceByPermutation().measure(subject)
    assert {name: calls.count(name) for name in calls} == {"first": 4, "second": 4, "large": 4}


def test_spread_repeats_say_the_same_within_their_errors() -> None:
    whole, spread = (
        {
            f.component: f
            for f in RelevanceByPermutation().measure(twins(spread=spread, repeats=5, most_repeats=5))
        }
        for spread in (False, True)
    )
    for name, finding in whole.items():
        assert abs(finding.value - spread[name].value) < 3 * math.hypot(finding.error, spread[name].error)


def test_errors_of_spread_repeats_say_how_far_other_seeds_differ() -> None:
    found = [
        next(
            f
            for f in RelevanceByPermutation().measure(
                twins(spread=True, repeats=5, most_repeats=5, seed=seed)
            )
            if f.component == "large"
        )
        for seed in range(30)
    ]
    # They hold the choice of rows too, which other seeds share: they may be too large, not too small.
    ratio = float(np.std([f.value for f in found])) / float(np.mean([f.error for f in found]))
    assert 0.3 < ratio < 1.3


def test_repeats_of_which_no_target_is_known_say_nothing() -> None:
    x, y = twin_rows()
    y[:96] = math.nan  # those of three repeats of five
    subject = subject_of(
        Twins(),
        [(x, y)],
        components=["first", "second", "large"],
        outputs={"y": gw.Regression()},
        plan=Plan(5, 5, 0, spread=True),
    )
    found = {f.component: f for f in RelevanceByPermutation().measure(subject)}
    assert found["large"].value > 1.2  # it would be 0.7, were they counted as no loss


def test_mean_ablation_is_what_the_mean_costs() -> None:
    found = {f.component: f for f in METRICS["relevance_mean"].measure(twins())}
    x, y = twin_rows()
    lost = 9 * (x[:, 2] - x[:, 2].mean()).square()
    assert found["large"].value == pytest.approx(float(lost.mean() / y.var(correction=0)), rel=1e-4)
    assert found["large"].error == pytest.approx(float(lost.std() / 200**0.5 / y.var(correction=0)), rel=1e-4)


def test_mean_ablation_is_of_rows_whose_target_is_known() -> None:
    x, y = twin_rows()
    y[::3] = math.nan
    outputs, parts = {"y": gw.Regression()}, ["first", "second", "large"]
    subject = subject_of(Twins(), [(x, y)], components=parts, outputs=outputs, plan=Plan(1, 1, 0))
    found = {f.component: f for f in METRICS["relevance_mean"].measure(subject)}
    known = ~y.isnan()
    lost = 9 * (x[:, 2] - x[:, 2].mean()).square()[known] / y[known].var(correction=0)
    assert found["large"].value == pytest.approx(float(lost.mean()), rel=1e-4)
    assert found["large"].error == pytest.approx(float(lost.std() / len(lost) ** 0.5), rel=1e-4)


# The whole, and cost


def test_figures_of_the_whole_are_those_of_a_known_curve_and_rows() -> None:
    x, targets = rows(200)
    module = SharedBottom().eval()
    curve = [(step, {"kind": 2.0 - 0.01 * step, "size": 1.0}) for step in range(0, 100, 10)]
    found = gw.diagnose(
        module,
        [(x[:100], {name: values[:100] for name, values in targets.items()})],
        components=["trunk"],
        outputs=KINDS,
        metrics=["skill"],
        curve=curve,
        training=[(x[100:], {name: values[100:] for name, values in targets.items()})],
    )
    skills = []
    for part in (slice(0, 100), slice(100, 200)):
        y = targets["size"][part]
        lost = (module(x[part])["size"] - y).square().mean() / y.var(correction=0)
        skills.append(1 - float(lost.detach()))
    assert found.value(WHOLE, "skill", "size") == pytest.approx(skills[0], rel=1e-3)
    assert found.value(WHOLE, "generalisation_gap", "size") == pytest.approx(skills[1] - skills[0], abs=1e-3)
    assert found.value(WHOLE, "convergence_slope", "size") == pytest.approx(0.0)
    frequencies = torch.bincount(targets["kind"][:100]) / 100
    entropy = -float((frequencies * frequencies.log()).sum())
    assert found.value(WHOLE, "convergence_slope", "kind") == pytest.approx(1.0 / entropy, rel=1e-3)
    gap = abs(found.value(WHOLE, "skill", "size") - found.value(WHOLE, "skill", "kind"))
    assert found.value(WHOLE, "imbalance") == pytest.approx(gap)


def test_cost_is_the_share_of_products() -> None:
    x, targets = rows()
    found = gw.diagnose(
        SharedBottom(),
        [(x, targets)],
        components=["trunk", "branch", "idle"],
        outputs=KINDS,
        metrics=["mac_share"],
    )
    whole = 6 * 8 + 6 * 4 + 6 * 2 + 8 * 3 + 12 * 8 + 8 * 1
    assert found.value("trunk", "mac_share") == pytest.approx(48 / whole)
    assert found.value("branch", "mac_share") == pytest.approx(24 / whole)


# Captum


def test_without_captum_its_metric_says_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "captum", None)
    with pytest.raises(MissingExtraError, match=r"graftwork\[captum\]"):
        CaptumAttributions().measure(twins())


def test_integrated_gradients_of_a_linear_part_are_exact() -> None:
    pytest.importorskip("captum")
    found = {f.component: f.value for f in CaptumAttributions().measure(twins())}
    x, y = twin_rows()
    # The loss of each row is 0, and with the part at its mean the square of what it adds.
    lost = 9 * (x[:, 2] - x[:, 2].mean()).square().mean() / y.var(correction=0)
    assert found["large"] == pytest.approx(float(lost), rel=1e-3)


def test_other_attributions_are_refused() -> None:
    with pytest.raises(InputError, match="method: expected one of IntegratedGradients"):
        CaptumAttributions(method="Lime")  # type: ignore[arg-type]


# Statistics


def test_the_jackknife_of_a_mean_is_its_standard_error() -> None:
    values = np.random.default_rng(0).normal(size=40)
    value, error = jackknife(lambda chosen: float((chosen * values).sum() / chosen.sum()), 40)
    assert (value, error) == (pytest.approx(values.mean()), pytest.approx(values.std(ddof=1) / 40**0.5))
    assert (value, error) == pytest.approx(mean_and_error(values))


def test_the_error_of_a_ratio_is_that_of_repeated_samples() -> None:
    draw = np.random.default_rng(1)
    found = []
    for _ in range(400):
        below = draw.uniform(1, 3, size=50)
        found.append(ratio_and_error(below * 0.4 + draw.normal(size=50) * 0.3, below))
    ratios, errors = np.array(found).T
    assert ratios.std() == pytest.approx(errors.mean(), rel=0.15)


def test_blocks_hold_every_row_once() -> None:
    for count in (1, 2, 7, 40):
        blocks = row_blocks(count, 4, 3)
        assert [row for block in blocks for row in range(count)[block]] == list(range(count))
        assert all(block.stop - block.start >= min(3, count) for block in blocks)
