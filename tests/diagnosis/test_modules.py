"""Any module is diagnosed, and comes out as it went in."""

from __future__ import annotations

import random
from typing import Any

import numpy as np
import pytest
import torch
from tests.diagnosis.modules import (
    CHEAP,
    KINDS,
    PARTS,
    Encoder,
    Recurrent,
    SharedBottom,
    batches,
    diagnosed,
    rows,
)
from torch import Tensor, nn

import graftwork as gw
from graftwork.diagnosis import (
    ALL_METRICS,
    Finding,
    MetricInfo,
    Plan,
    Subject,
    subject_of,
)
from graftwork.errors import InputError


def state(module: nn.Module) -> list[Any]:
    """All that a diagnosis could leave behind, in numbers that compare."""
    legacy = np.random.get_state(legacy=False)["state"]  # noqa: NPY002
    draws = [torch.get_rng_state().tolist(), legacy["key"].tolist(), legacy["pos"], random.getstate()]
    weights = [(name, value.tolist()) for name, value in module.state_dict().items()]
    needs = [(p.requires_grad, None if p.grad is None else p.grad.tolist()) for p in module.parameters()]
    parts = [
        (name, part.training, len(part._forward_hooks), len(part._forward_pre_hooks), "forward" in vars(part))
        for name, part in module.named_modules()
    ]
    return [draws, weights, needs, parts, torch.is_grad_enabled(), torch.backends.mha.get_fastpath_enabled()]


class Raises:
    """A metric that disturbs, and then fails."""

    infos = (MetricInfo("raises", "none", "neither", "nothing"),)

    def measure(self, subject: Subject) -> list[Finding]:
        assert subject.gradients
        subject.disturbed(subject.networks[0], lambda values: values.flip(0))
        subject.disturbed(subject.networks[0], self._fail)
        return []

    def _fail(self, values: Tensor) -> Tensor:
        raise ValueError("in the middle")


@pytest.mark.parametrize("training", [True, False])
@pytest.mark.parametrize("make", [SharedBottom, Encoder])
def test_a_module_comes_out_as_it_went_in(make: type[nn.Module], training: bool) -> None:
    module = make().train(training)
    parts = (
        PARTS if make is SharedBottom else ["embed", "encoder.layers.0", "encoder.layers.1.self_attn", "size"]
    )
    first = next(module.parameters())
    first.requires_grad_(False)
    list(module.parameters())[-1].grad = torch.ones(1)
    before = state(module)
    diagnosed(module, parts, metrics=ALL_METRICS, connections=True, most_repeats=2)
    assert state(module) == before
    with pytest.raises(ValueError, match="in the middle"):
        diagnosed(module, parts, metrics=[Raises()])
    assert state(module) == before


def test_a_module_that_fails_half_way_comes_out_as_it_went_in() -> None:
    class Fails(SharedBottom):
        def forward(self, x: Tensor) -> Any:
            self.branch(x)
            self.trunk[1].running_mean += 1.0
            raise ValueError("not today")

    module = Fails().train()
    before = state(module)
    with pytest.raises(InputError, match="cannot be called with the batches: ValueError: not today"):
        diagnosed(module)
    assert state(module) == before


@pytest.mark.parametrize(
    ("answer", "outputs"),
    [
        ("tuple", KINDS),
        (
            "deep",
            {
                "kind": gw.Target(loss=KINDS["kind"], at=(0, "logits")),
                "size": gw.Target(loss=KINDS["size"], at=(1, 1)),
            },
        ),
    ],
)
def test_outputs_are_found_wherever_they_are(answer: str, outputs: dict[str, Any]) -> None:
    assert diagnosed(SharedBottom(answer), outputs=outputs) == diagnosed(SharedBottom())


def test_inputs_are_arguments_or_named_or_one_mapping() -> None:
    class Named(SharedBottom):
        def forward(self, x: Tensor, shift: Tensor) -> Any:  # type: ignore[override]
            return super().forward(x + shift)

    class Mapped(SharedBottom):
        def forward(self, given: dict[str, Tensor]) -> Any:  # type: ignore[override]
            return super().forward(given["x"] + given["shift"])

    x, targets = rows()
    ways: list[tuple[nn.Module, Any]] = [
        (Named(), (x, torch.zeros(80, 6))),
        (Named(), {"shift": torch.zeros(80, 6), "x": x}),
        (Mapped(), {"shift": torch.zeros(80, 6), "x": x}),
    ]
    found = [
        gw.diagnose(module, [(given, targets)], components=PARTS, outputs=KINDS, metrics=CHEAP, repeats=2)
        for module, given in ways
    ]
    assert found[0] == found[1] == found[2] == diagnosed(SharedBottom())


def test_structure_is_found_by_following_what_parts_give_each_other() -> None:
    found = diagnosed(SharedBottom(), [*PARTS, "heads.size.0"], metrics=["reaches"], connections=True)
    names = dict.fromkeys(finding.component for finding in found.findings)
    assert [name for name in names if "->" in name] == [
        "trunk -> heads.kind",
        "trunk -> heads.size",
        "branch -> heads.size",
        "heads.kind -> kind",
        "heads.size -> size",
    ]
    assert {name: row["kind"] for name, row in found.table("reaches").items()} == {
        name: float(name in ("trunk", "heads.kind", "trunk -> heads.kind", "heads.kind -> kind"))
        for name in names
    }
    assert [found.value(name, "depth") for name in ("trunk", "branch", "idle", "heads.size")] == [1, 1, 1, 2]
    assert [found.value("trunk", name) for name in ("in_degree", "out_degree", "exclusive")] == [0, 2, 0]
    assert found.value("idle", "exclusive") == 0.0


@torch.no_grad()
def test_what_is_reused_changes_nothing() -> None:
    """Every figure of relevance is that of a whole pass with the part's result replaced by a hook."""
    x, targets = rows()
    for module, parts in ((SharedBottom().eval(), PARTS), (Recurrent().eval(), ["read", "cell"])):
        kinds = KINDS if isinstance(module, SharedBottom) else {"size": KINDS["size"]}
        kept = targets if isinstance(module, SharedBottom) else targets["size"]
        subject = subject_of(module, [(x, kept)], components=parts, outputs=kinds, plan=Plan(1, 1, 0))
        for name in parts:
            fixed = [call.leaves[0].flip(0) for call in subject._passes._calls[name]]  # type: ignore[attr-defined]
            came = subject.disturbed(name, lambda values: values.flip(0))
            hook = module.get_submodule(name).register_forward_hook(lambda *_, fixed=fixed: fixed.pop(0))
            answers = module(x)
            hook.remove()
            expected = answers if isinstance(answers, dict) else {"size": answers}
            for output, answer in came.items():
                assert torch.allclose(answer, expected[output], atol=1e-6), (name, output)


def test_what_a_disturbance_does_not_touch_is_not_computed_again() -> None:
    module, calls = SharedBottom().eval(), []
    x, targets = rows()
    subject = subject_of(module, [(x, targets)], components=PARTS, outputs=KINDS, plan=Plan(1, 1, 0))
    for name, part in module.heads.items():
        part.forward = _counted(part.forward, name, calls)  # type: ignore[method-assign]
    subject.disturbed("branch", lambda values: values.flip(0))
    assert calls == ["size"]


def _counted(forward: Any, name: str, calls: list[str]) -> Any:
    def counted(*args: Any) -> Any:
        calls.append(name)
        return forward(*args)

    return counted


@torch.no_grad()
def test_a_connection_is_disturbed_for_its_receiver_alone() -> None:
    module = SharedBottom().eval()
    x, targets = rows()
    subject = subject_of(
        module, [(x, targets)], components=PARTS, outputs=KINDS, plan=Plan(1, 1, 0), connections=True
    )
    shared, branch = module.trunk(x), module.branch(x)
    came = subject.disturbed("trunk -> heads.size", lambda values: values.flip(0))
    assert came.keys() == {"size"}
    expected = module.heads["size"](torch.cat([shared.flip(0), branch], dim=1))
    assert torch.allclose(came["size"], expected, atol=1e-6)
    assert torch.allclose(
        subject.disturbed("heads.kind -> kind", lambda values: values.flip(0))["kind"],
        module.heads["kind"](shared).flip(0),
    )


def test_rows_may_lie_in_any_dimension() -> None:
    parts = ["embed", "encoder.layers.0", "encoder.layers.1", "kind"]
    subject = subject_of(Encoder().eval(), batches(), components=parts, outputs=KINDS, plan=Plan(1, 1, 0))
    assert {name: tuple(subject.activations(name).shape) for name in parts} == {
        "embed": (80, 24),
        "encoder.layers.0": (80, 24),
        "encoder.layers.1": (80, 24),
        "kind": (80, 3),
    }
    assert torch.equal(subject.activations("embed")[:, :8], Encoder().embed(rows()[0]))


def test_a_module_that_draws_is_read_with_the_same_draws() -> None:
    class Noisy(SharedBottom):
        def forward(self, x: Tensor) -> Any:
            return super().forward(x + torch.randn_like(x))

    first, second = (diagnosed(Noisy()) for _ in range(2))
    assert first == second
    assert first.table("relevance_permutation")["idle"] == {"kind": 0.0, "size": 0.0}


@torch.no_grad()
def test_a_part_that_draws_shifts_nobody_elses_draws() -> None:
    class Drawing(nn.Linear):
        def forward(self, input: Tensor) -> Tensor:
            return super().forward(input) + torch.randn(len(input), 4)

    class Noisy(SharedBottom):
        def __init__(self) -> None:
            super().__init__()
            self.branch = Drawing(6, 4)

        def forward(self, x: Tensor) -> Any:
            answer = super().forward(x)
            return answer | {"size": answer["size"] + torch.randn_like(answer["size"])}

    subject = subject_of(Noisy().eval(), batches(), components=PARTS, outputs=KINDS, plan=Plan(1, 1, 0))
    came = subject.disturbed("trunk", lambda values: values.clone())
    assert all(torch.equal(answer, subject.answers[name]) for name, answer in came.items())


def test_parts_within_parts_are_disturbed_too() -> None:
    table = diagnosed(SharedBottom(), ["heads.size", "heads.size.0"]).table("relevance_mean")
    assert abs(table["heads.size.0"]["size"]) > 0.01


def test_parts_that_the_fast_path_of_attention_passes_over_are_heard() -> None:
    layer = nn.TransformerEncoderLayer(6, 2, 8, batch_first=True)
    module = nn.Sequential(nn.Unflatten(1, (1, 6)), layer, nn.Flatten(1), nn.Linear(6, 1))
    x, targets = rows()
    found = gw.diagnose(
        module,
        [(x, targets["size"])],
        components=["1.linear1", "1.self_attn"],
        outputs={"size": KINDS["size"]},
        metrics=["effective_rank"],
    )
    assert all(found.value(name, "effective_rank") > 1.0 for name in ("1.linear1", "1.self_attn"))
