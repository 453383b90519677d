"""Losses, their sum, batches, and convergence."""

from __future__ import annotations

from itertools import islice

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from tests.variation.samples import rough_model, small_architecture, small_problem

from graftwork.training import Convergence, Static, output_losses, split_losses
from graftwork.training.batches import batches
from graftwork.training.engines import Losses
from graftwork.training.losses import latent_losses, latent_weights


@torch.no_grad()
def test_rows_without_a_target_do_not_count() -> None:
    problem = small_problem(missing=True)
    model = rough_model(small_architecture(0), 0)
    rows = problem.train
    passed = model.run(rows.inputs)
    losses = output_losses(problem, passed, rows.targets)
    for name, output in problem.outputs.items():
        present = output.present(rows.targets[name])
        assert 0 < int(present.sum()) < rows.rows
        alone = output.loss(passed.outputs[name][present], rows.targets[name][present]).mean()
        torch.testing.assert_close(losses[name], alone)


def test_a_missing_target_gives_no_gradient() -> None:
    problem = small_problem(missing=True)
    model = rough_model(small_architecture(0), 0)
    rows = problem.train
    for name, output in problem.outputs.items():
        passed = model.run(rows.inputs, outputs=[name])
        passed.outputs[name].retain_grad()
        output_losses(problem, passed, rows.targets)[name].backward()
        gradient, present = passed.outputs[name].grad, output.present(rows.targets[name])
        assert gradient is not None
        assert not gradient[~present].any()
        assert gradient[present].any()


def test_no_target_at_all_costs_nothing() -> None:
    problem = small_problem(missing=True)
    model = rough_model(small_architecture(0), 0)
    rows = problem.train
    for name, output in problem.outputs.items():
        gone = (~output.present(rows.targets[name])).nonzero()[:4, 0]
        passed = model.run({key: values[gone] for key, values in rows.inputs.items()}, outputs=[name])
        loss = output_losses(problem, passed, {name: rows.targets[name][gone]})[name]
        loss.backward()
        assert loss.item() == 0.0
        assert all(p.grad is None or bool(p.grad.isfinite().all()) for p in model.parameters())


@torch.no_grad()
def test_losses_of_a_split_are_means_over_its_rows() -> None:
    problem, model = small_problem(), rough_model(small_architecture(0), 0)
    answers = model(problem.validation.inputs)
    losses = split_losses(model, problem, problem.validation)
    for name, output in problem.outputs.items():
        assert losses[name] == pytest.approx(
            float(output.loss(answers[name], problem.validation.targets[name]).mean())
        )


@torch.no_grad()
def test_latent_losses_are_beta_times_the_divergence_of_each_decoder() -> None:
    problem, model = small_problem(), rough_model(small_architecture(0), 0)
    passed = model.run(problem.validation.inputs)
    decoders = {n.name for n in model.architecture.networks if n.kind == "decoder"}
    losses = latent_losses(latent_weights(problem, model.architecture), passed.kl)
    assert decoders
    assert losses.keys() == decoders
    beta = problem.outputs["image"].beta  # type: ignore[attr-defined]
    for name in decoders:
        torch.testing.assert_close(losses[name], beta * passed.kl[name].mean())


@given(st.dictionaries(st.sampled_from("abcd"), st.floats(0, 10), min_size=1))
def test_static_weights_make_a_weighted_sum(values: dict[str, float]) -> None:
    losses = Losses(values)
    for fixed, factor in (({}, 1.0), ({"a": 3.0}, 3.0)):
        weights = Static(fixed).start([*values], steps=None).weights(values)
        expected = sum((factor if name == "a" else 1.0) * value for name, value in values.items())
        assert losses.total(weights) == pytest.approx(expected)


@given(st.integers(1, 40), st.integers(1, 60), st.integers(0, 100))
def test_an_epoch_of_batches_holds_no_row_twice(rows: int, size: int, seed: int) -> None:
    generator = torch.Generator().manual_seed(seed)
    made = batches(rows, size=size, generator=generator)
    seen = torch.cat(list(islice(made, rows // min(size, rows))))
    assert len(set(seen.tolist())) == len(seen) == rows // min(size, rows) * min(size, rows)


@given(st.lists(st.floats(0.01, 10), min_size=1, max_size=40), st.integers(1, 5))
def test_convergence_is_patience_looks_without_a_gain(losses: list[float], patience: int) -> None:
    convergence = Convergence(patience, tolerance=0.01)
    stops = [convergence.look(loss) for loss in losses]
    reference, idle = losses[0], 0
    for loss, stop in zip(losses[1:], stops[1:], strict=True):
        reference, idle = (loss, 0) if loss < 0.99 * reference else (reference, idle + 1)
        assert stop == (idle >= patience)
    assert not stops[0]
    assert convergence.best == min(losses)
