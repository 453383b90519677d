"""What is computed at once, or not again, is what one pass after the other would say."""

from __future__ import annotations

import math

import numpy as np
import pytest
import torch
from torch import Tensor

import graftwork as gw
from graftwork.diagnosis import METRICS, GraphSubject, Plan, subject_of
from graftwork.diagnosis._graph_passes import EntryPasses, WholePasses
from graftwork.diagnosis._strangers import Strangers, _square
from graftwork.errors import InputError, RunError
from graftwork.problem import Problem

SPREAD = Plan(repeats=5, most_repeats=20, seed=3, spread=True)
ROWS = 40
CONVOLUTIONAL = {"convolutional_encoder", "convolutional_decoder"}


@pytest.fixture(scope="module")
def problem() -> Problem:
    return mixed(missing=True)


def mixed(*, missing: bool) -> Problem:
    rng = np.random.default_rng(0)
    image = rng.normal(size=(200, 2)) @ rng.normal(size=(2, 64)) + 0.3 * rng.normal(size=(200, 64))
    image = image.reshape(-1, 1, 8, 8)
    codes = rng.integers(0, 5, 200).astype(str)
    numbers = image.reshape(200, -1)[:, :3] + rng.normal(size=(200, 3))
    numbers[::6] = np.nan if missing else 0.0
    return Problem.from_arrays(
        "mixed",
        inputs={"image": image, "code": (gw.Categorical(), codes)},
        outputs={
            "kind": (gw.Classification(), image[:, 0, 0, 0] > 0),
            "numbers": (gw.Regression(), numbers),
            "array": (gw.Generation(), image),
        },
    )


def models(problem: Problem) -> list[gw.HeterogeneousModel]:
    spaces = (
        gw.SearchSpace.modern(max_networks=8, convolutions=(True,), channels=(2, 6)),
        gw.SearchSpace.modern(max_networks=8),
        gw.SearchSpace.paper(max_networks=8),
    )
    return [
        gw.build(gw.random_architecture(problem, space, seed=seed), seed=seed)
        for space in spaces
        for seed in range(3)
    ]


def test_the_models_of_these_tests_are_of_all_kinds(problem: Problem) -> None:
    kinds = {network.kind for model in models(problem) for network in model.architecture.networks}
    assert {"regressor", "discretizer", "decoder", "embedding"} | CONVOLUTIONAL <= kinds


@torch.no_grad()
def test_entries_answer_as_whole_passes_do(problem: Problem) -> None:
    inputs = problem.validation.first(ROWS).inputs
    rows, draw = slice(5, 17), torch.Generator().manual_seed(0)
    for model in models(problem):
        whole, entries = (way(model, inputs) for way in (WholePasses, EntryPasses))
        for name, raw in whole.clean.raw.items():
            assert torch.allclose(raw, entries.clean.raw[name], atol=1e-5)
            moved = torch.randn(raw.shape, generator=draw)
            for one, other, part in (
                (whole, entries, slice(None)),
                (whole.part(rows), entries.part(rows), rows),
            ):
                expected, came = one.behind(name, moved[part]), other.behind(name, moved[part])
                assert expected.keys() == came.keys()
                for output, answer in expected.items():
                    assert torch.allclose(answer, came[output], atol=1e-4), (name, output)


@torch.no_grad()
def test_a_stranger_is_drawn_as_a_new_model_is(problem: Problem) -> None:
    inputs = problem.validation.first(ROWS).inputs
    blocks = [slice(0, ROWS)] * 60
    for model in models(problem)[::2]:
        handed, names = WholePasses(model, inputs).clean.handed, model.architecture.order
        ways = [
            Strangers(model, plan).units(names, 0, blocks, handed)
            for plan in (SPREAD, Plan(5, 20, 3, spread=False))
        ]
        for name in names:
            spread, built = (way[name].view(60, ROWS, -1).square().mean(dim=(1, 2)) for way in ways)
            error = float((spread.var() / 60 + built.var() / 60).sqrt())
            assert abs(float(spread.mean() - built.mean())) < 4 * error + 1e-6, name


@torch.no_grad()
def test_a_stranger_depends_on_its_repeat_and_on_nobody_beside_it(problem: Problem) -> None:
    inputs = problem.validation.first(ROWS).inputs
    blocks = [slice(0, 9), slice(9, 17), slice(17, 26)]
    model = models(problem)[0]
    handed, strangers = WholePasses(model, inputs).clean.handed, Strangers(model, SPREAD)
    together = strangers.units(model.architecture.order, 4, blocks, handed)
    for name in model.architecture.order:
        # A block of as many rows beside it: how many there are decides how many numbers are drawn.
        pair, place = [slice(0, 9), slice(9, 17)], slice(9, 17)
        alone = strangers.units([name], 4, pair, handed)[name][place]
        assert torch.allclose(alone, together[name][place], atol=1e-5)
        other = strangers.units([name], 5, pair, handed)[name][place]
        assert not torch.allclose(alone, other, atol=1e-3)


def test_the_square_of_rows_is_theirs_however_large_another_one_is() -> None:
    rows = torch.randn(8, 64, generator=torch.Generator().manual_seed(0))
    rows[0] *= 1000.0
    rows[2] = rows[1]
    square, sizes = _square(rows[None])[0].double(), rows.double().norm(dim=1)
    expected = rows.double() @ rows.double().T
    assert torch.allclose(
        square @ square.T / sizes / sizes[:, None], expected / sizes / sizes[:, None], atol=1e-4
    )
    assert not _square(torch.zeros(1, 3, 8)).gt(1e-9).any()
    for far in (
        rows * 1e20,
        3.3 * torch.cat([torch.ones(120, 4000), 1e-9 * torch.ones(120, 4000)]),
    ):  # products overflow, or are rounded by much
        assert torch.allclose(_square(far[None])[0].double().norm(dim=1), far.double().norm(dim=1), rtol=1e-4)
    with pytest.raises(RunError, match="expected finite activations"):
        _square(rows[None] * math.inf)


@pytest.mark.parametrize("missing", [True, False])
def test_what_is_read_of_gradients_by_weights_is_what_autograd_says_row_by_row(missing: bool) -> None:
    problem = mixed(missing=missing)
    # Where no target is missing, some rows tell how sure the sum is.
    told = ROWS if missing else 32
    for model in models(problem):
        subject = subject_of(model, problem, rows=ROWS, plan=SPREAD, connections=True)
        assert isinstance(subject, GraphSubject)
        rows = min(ROWS, SPREAD.few_rows)
        whole = _gradients(model, problem, subject, slice(0, rows))
        first = [_gradients(model, problem, subject, slice(row, row + 1), of=rows) for row in range(told)]
        saliency = {
            (f.component, f.output): f
            for f in METRICS["saliency_weights"].measure(subject)
            if f.metric == "saliency_weights"
        }
        for name, module in model.networks.items():
            found = subject.gradients.weights[name]
            for output, by_row in zip(found.outputs, found.effects[1].T, strict=True):
                error = by_row.std(ddof=1) / rows**0.5 / subject.scales[output]
                assert saliency[name, output].error == pytest.approx(error), name
            assert set(found.outputs) == set(subject.reached(name)), name
            assert found.samples == rows
            flat = torch.cat([weight.detach().flatten() for weight in module.parameters()]).double()
            gradients = torch.stack([whole[name][output] for output in found.outputs])
            parts = torch.stack([torch.stack([own[name][o] for o in found.outputs]) for own in first])
            signed = flat.abs() * gradients.sign()
            expected = {
                "effects": ((gradients * signed).sum(dim=1), torch.linalg.vecdot(parts, signed)),
                "products": (gradients @ gradients.T, torch.einsum("ran,bn->rab", parts, gradients)),
            }
            for what, (figures, of_rows) in expected.items():
                came, came_of_rows = getattr(found, what)
                size = float(figures.abs().max())
                assert came == pytest.approx(figures.numpy(), rel=1e-3, abs=1e-4 * size), (name, what)
                # Where a gradient is all rounding, its sign is anyone's.
                close = pytest.approx(rows * of_rows.numpy(), rel=1e-2, abs=1e-2 * max(size, 1e-6))
                assert came_of_rows == close, (name, what)


def test_frozen_parameters_are_read_as_others_are(problem: Problem) -> None:
    for model in models(problem):
        asked = {"metrics": ["saliency_weights", "gradient_cosine"], "rows": ROWS}
        free = gw.diagnose(model, problem, **asked)
        model.requires_grad_(False)
        assert gw.diagnose(model, problem, **asked) == free
        assert not any(parameter.requires_grad for parameter in model.parameters())


def _gradients(
    model: gw.HeterogeneousModel, problem: Problem, subject: GraphSubject, rows: slice, of: int = 0
) -> dict[str, dict[str, Tensor]]:
    """Of the part that rows have in the mean loss of each output over so many of them: by network, flat."""
    split, count = subject.split, of or rows.stop
    passed = model.run({name: values[rows] for name, values in split.inputs.items()})
    found: dict[str, dict[str, Tensor]] = {}
    for output, kind in problem.outputs.items():
        target = split.targets[output]
        losses = kind.loss(passed.outputs[output], target[rows])
        part = (losses * kind.present(target[rows])).sum() / kind.present(target[:count]).sum()
        for name, module in model.networks.items():
            own = list(module.parameters())
            came = torch.autograd.grad(part, own, retain_graph=True, allow_unused=True)
            filled = [torch.zeros_like(w) if g is None else g for w, g in zip(own, came, strict=True)]
            found.setdefault(name, {})[output] = torch.cat([each.flatten() for each in filled]).double()
    return found


def test_rows_at_the_end_tell_how_sure_the_saliency_of_an_output_is() -> None:
    rng = np.random.default_rng(0)
    x = rng.normal(size=(400, 6))
    few, all_rows = x[:, :1] + rng.normal(size=(400, 1)), x[:, 1:2]
    problem = Problem.from_arrays(
        "few", inputs={"x": x}, outputs={"few": (gw.Regression(), few), "all": (gw.Regression(), all_rows)}
    )
    model = gw.build(gw.random_architecture(problem, gw.SearchSpace.modern(), seed=0), seed=0)
    problem.validation.targets["few"][:36] = np.nan
    found = gw.diagnose(model, problem, rows=40, metrics=["saliency_weights"])
    for name in model.networks:
        finding = found.finding(name, "saliency_weights", "few")
        assert (finding.error > 0.0) == (finding.value > 0.0)


def test_weights_and_rows_of_inference_mode_are_refused_where_gradients_are_asked_for() -> None:
    problem = mixed(missing=False)
    model = models(problem)[3]
    with torch.inference_mode():
        other, rows = gw.build(model.architecture, seed=0), mixed(missing=False)
    with pytest.raises(InputError, match="make or load the model outside"):
        gw.diagnose(other, problem, metrics=["saliency_weights"])
    with pytest.raises(InputError, match="make or load the problem outside"):
        gw.diagnose(model, rows, metrics=["saliency_weights"])
    assert gw.diagnose(other, rows, rows=ROWS, repeats=2).findings


def test_gradients_by_units_are_those_of_the_loss_of_each_row(problem: Problem) -> None:
    for model in models(problem)[::3]:
        subject = subject_of(model, problem, rows=ROWS, plan=SPREAD)
        assert isinstance(subject, GraphSubject)
        clean, inputs, tried = subject.clean, subject.split.inputs, 0
        for name, by_output in subject.gradients.rows.items():
            raw = clean.raw[name].detach().requires_grad_()
            behind = model.architecture.downstream(frozenset({name}))
            known = {other: values for other, values in clean.raw.items() if other not in behind}
            for output, came in by_output.items():
                answers = model.run(inputs, outputs={output}, known={**known, name: raw}).outputs
                (expected,) = torch.autograd.grad(subject.all_losses(answers)[output].sum(), raw)
                assert torch.allclose(came, expected, atol=1e-5), (name, output)
                tried += 1
        assert tried > 3


def _cut(targets: dict[str, Tensor], rows: slice) -> dict[str, Tensor]:
    return {name: values[rows] for name, values in targets.items()}


@torch.no_grad()
@pytest.mark.parametrize("spread", [True, False])
def test_what_one_receiver_alone_is_given_is_disturbed(problem: Problem, spread: bool) -> None:
    tried = 0
    for model in models(problem)[::3]:
        for number, parameter in enumerate(model.outputs.parameters()):
            parameter.fill_(0.5 + number)
        plan = Plan(1, 1, 0, spread=spread)
        subject = subject_of(model, problem, rows=ROWS, plan=plan, connections=True)
        assert isinstance(subject, GraphSubject)
        for name, (source, target) in subject.connections.items():
            came = subject.disturbed(name, lambda values: values.flip(0))
            if target in subject.outputs:
                given = {**subject.clean.raw, source: subject.clean.raw[source].flip(0)}
                expected = {target: model.answer(target, given)}
            else:
                handed = {**subject.clean.handed, source: subject.clean.handed[source].flip(0)}
                raw = model.network_raw(target, handed)
                expected = subject.disturbed(target, lambda _, raw=raw: raw)  # type: ignore[misc]
            assert came.keys() == expected.keys()
            for output, answer in expected.items():
                assert torch.allclose(came[output], answer, atol=1e-4), (name, output)
                tried += 1
    assert tried > 20
