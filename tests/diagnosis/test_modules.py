"""Any module is diagnosed, and comes out as it went in."""

from __future__ import annotations

import math
import random
from typing import Any

import numpy as np
import pytest
import torch
from tests.diagnosis.modules import KINDS, Encoder, Recurrent, SharedBottom, batches, rows
from torch import Tensor, nn

import graftwork as gw
from graftwork.diagnosis import (
    ALL_METRICS,
    Diagnosis,
    Finding,
    MetricInfo,
    Plan,
    Subject,
    sentences,
    subject_of,
)
from graftwork.errors import InputError, RunError

PARTS = ["trunk", "branch", "idle", "heads.kind", "heads.size"]
CHEAP = ["relevance_permutation", "relevance_mean"]


def diagnosed(module: nn.Module, parts: list[str] = PARTS, **more: Any) -> Diagnosis:
    arguments: dict[str, Any] = {"components": parts, "outputs": KINDS, "repeats": 2, "metrics": CHEAP} | more
    return gw.diagnose(module, batches(), **arguments)


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


@pytest.mark.parametrize("name", ["idle", "unused"])
def test_a_part_in_no_output_has_defined_values(name: str) -> None:
    found = diagnosed(SharedBottom(), [*PARTS, "unused"], metrics=ALL_METRICS)
    own = [f for f in found.findings if f.component == name]
    needs = ("relevance", "saliency", "gradient", "reaches", "exclusive")
    assert all(f.value == f.error == 0.0 for f in own if f.metric.startswith(needs))
    assert {f.metric for f in own} == {f.metric for f in found.findings if f.component == "branch"}
    if name == "unused":
        rest = {f.metric: f.value for f in own if f.value}
        assert rest.keys() == {"dead_units", "depth", "parameter_share"}
        assert rest["dead_units"] == 1.0


def test_one_row_has_defined_values() -> None:
    x, targets = rows()
    found = gw.diagnose(
        SharedBottom(),
        [(x[:1], {name: values[:1] for name, values in targets.items()})],
        components=PARTS,
        outputs=KINDS,
        metrics=ALL_METRICS,
        connections=True,
    )
    assert all(np.isfinite([f.value, f.error]).all() for f in found.findings)
    assert found.metrics == diagnosed(SharedBottom(), metrics=ALL_METRICS, connections=True).metrics


X, TARGETS = rows(12)
BAD: dict[str, tuple[dict[str, Any], str]] = {
    "component": ({"components": ["trnk"]}, "no submodule 'trnk'; did you mean 'trunk'"),
    "no components": ({"components": []}, "components: expected a list"),
    "one name": ({"components": "trunk"}, "components: expected a list"),
    "outputs": ({"outputs": {}}, "outputs: expected a mapping"),
    "output": ({"outputs": {"knd": KINDS["kind"]}}, "target of 'knd': expected 'knd'.*did you mean 'kind'"),
    "kind": ({"outputs": {"kind": 3}}, "output 'kind': expected gw.Classification"),
    "place": (
        {"outputs": {"kind": gw.Target(loss=KINDS["kind"], at="the_size")}},
        "output 'kind': expected 'the_size', but the module returned a mapping.*did you mean 'size'",
    ),
    "classes": (
        {"outputs": {"kind": gw.Target(loss=KINDS["kind"], target="size")}},
        "expected classes as integers",
    ),
    "more classes": ({"problem": [(X, {**TARGETS, "kind": TARGETS["kind"] + 1})]}, "expected classes 0 to 2"),
    "width": ({"problem": [(X, {**TARGETS, "size": X})]}, "of 6 numbers a row"),
    "mean loss": ({"outputs": {"size": nn.functional.mse_loss}}, "reduction='none'"),
    "metric": ({"metrics": ["ckaa"]}, "no metric 'ckaa'; did you mean 'cka'"),
    "metrics": ({"metrics": "cka"}, "use a list"),
    "batch": ({"problem": (X, TARGETS)}, "batch 0: expected"),
    "tensor": ({"problem": X}, "an iterable of"),
    "no batch": ({"problem": []}, "at least one row"),
    "sizes": ({"problem": [(X[:5], TARGETS)]}, "same number of rows first"),
    "shapes": ({"problem": [(X, TARGETS), (X[:, :3], TARGETS)]}, "rows of one shape"),
    "misfit": ({"problem": [(X[:, :3], TARGETS)]}, "cannot be called with the batches: RuntimeError"),
    "infinite": ({"problem": [(X / 0, TARGETS)]}, "output 'kind': expected finite predictions, but 12 of 12"),
    "split": ({"split": "test"}, "split: expected none with batches"),
    "most": ({"most_repeats": 1}, "most_repeats must be at least repeats"),
}


@pytest.mark.parametrize("case", BAD)
def test_bad_input_is_refused(case: str) -> None:
    changed, message = BAD[case]
    arguments: dict[str, Any] = {"problem": [(X, TARGETS)], "components": PARTS, "outputs": KINDS} | changed
    with pytest.raises(InputError, match=message):
        gw.diagnose(SharedBottom(), **arguments)


def test_two_names_of_one_part_are_refused() -> None:
    module = SharedBottom()
    module.again = module.trunk
    with pytest.raises(InputError, match="'again' and 'trunk' are one and the same"):
        diagnosed(module, ["trunk", "again"])


def test_figures_that_are_not_finite_are_no_diagnosis() -> None:
    class Bad(Raises):
        def measure(self, subject: Subject) -> list[Finding]:
            return [Finding("trunk", "kind", "raises", float("nan"))]

    with pytest.raises(RunError, match="raises of trunk for kind came out as nan"):
        diagnosed(SharedBottom(), metrics=[Bad()])


def test_an_output_and_a_part_may_be_of_one_name() -> None:
    class Heads(nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.trunk, self.kind, self.size = nn.Linear(6, 5), nn.Linear(5, 3), nn.Linear(5, 1)

        def forward(self, x: Tensor) -> dict[str, Tensor]:
            read = torch.tanh(self.trunk(x))
            return {"kind": self.kind(read), "size": self.size(read)}

    module, parts = Heads(), ["trunk", "kind", "size"]
    found = diagnosed(module, parts, metrics=["relevance_mean", "in_degree", "reaches"], connections=True)
    table = found.table("relevance_mean")
    connections = ["kind -> kind", "size -> size", "trunk -> kind", "trunk -> size"]
    assert sorted(table) == sorted([*parts, *connections])
    assert table["trunk -> size"]["kind"] == 0.0
    assert table["trunk -> size"]["size"] == pytest.approx(table["trunk"]["size"], abs=1e-6)
    assert table["size -> size"] == pytest.approx(table["size"], abs=1e-6)
    assert [found.value(name, "in_degree") for name in parts] == [0, 1, 1]


def test_gradients_are_found_also_where_the_caller_wants_none() -> None:
    module = SharedBottom()
    expected = diagnosed(module, metrics=["saliency_weights"])
    with torch.inference_mode():
        assert diagnosed(module, metrics=["saliency_weights"]) == expected
        with pytest.raises(InputError, match=r"torch\.inference_mode; make or load the module outside"):
            diagnosed(SharedBottom())


def test_targets_that_are_infinite_and_rows_that_are_no_tensors_are_refused() -> None:
    x, targets = rows()
    wrong = {**targets, "size": targets["size"].clone().index_fill_(0, torch.tensor([3]), math.inf)}
    with pytest.raises(InputError, match=r"target of 'size': .* infinite ones in 1 of 80 rows"):
        gw.diagnose(SharedBottom(), [(x, wrong)], components=PARTS, outputs=KINDS)
    with pytest.raises(InputError, match=r"batch 0: .* ndarray and no tensor; torch.as_tensor"):
        gw.diagnose(SharedBottom(), [(x.numpy(), targets["size"].numpy())], components=PARTS, outputs=KINDS)
    with pytest.raises(InputError, match=r"rows must be a whole number of at least 1, but it is 2\.5"):
        diagnosed(SharedBottom(), rows=2.5)


def test_of_one_row_nothing_is_claimed() -> None:
    x, targets = rows(1)
    found = gw.diagnose(
        SharedBottom(), [(x, targets)], components=PARTS, outputs=KINDS, metrics=ALL_METRICS, connections=True
    )
    assert sentences(found) == ()
