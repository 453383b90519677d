"""Parts and rows at the limits of what can be told, and what is refused."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import pytest
import torch
from tests.diagnosis.modules import (
    KINDS,
    PARTS,
    SharedBottom,
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
    sentences,
    subject_of,
)
from graftwork.errors import InputError, RunError


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
    class Bad:
        infos = (MetricInfo("raises", "none", "neither", "nothing"),)

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
        with pytest.raises(InputError, match=r"torch\.inference_mode; make or load the model outside"):
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


def test_a_part_behind_weights_of_zero_is_in_the_output_all_the_same() -> None:
    module = nn.Sequential(nn.Linear(6, 4), nn.Linear(4, 1), nn.Linear(1, 1))
    nn.init.zeros_(module[1].weight)
    x, targets = rows()
    found = gw.diagnose(
        module,
        [(x, targets["size"])],
        components=["0", "1", "2"],
        outputs={"size": KINDS["size"]},
        metrics=["reaches"],
    )
    assert [found.value(name, "reaches", "size") for name in "012"] == [1.0, 1.0, 1.0]


def test_a_connection_within_a_part_is_disturbed() -> None:
    inner = nn.Sequential(nn.Linear(4, 3), nn.Tanh(), nn.Linear(3, 1))
    x, targets = rows()
    found = gw.diagnose(
        nn.Sequential(nn.Linear(6, 4), inner),
        [(x, targets["size"])],
        components=["1", "1.0", "1.2"],
        outputs={"size": KINDS["size"]},
        metrics=["relevance_mean"],
        connections=True,
    ).table("relevance_mean")
    # The only one who is given it: what the part loses.
    assert found["1.0 -> 1.2"] == pytest.approx(found["1.0"])
    assert abs(found["1.0"]["size"]) > 1e-3


def test_what_chooses_a_code_is_in_the_output_though_no_gradient_says_so() -> None:
    class Chooses(nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.scores, self.values = nn.Linear(6, 5), nn.Embedding(5, 1)

        def forward(self, x: Tensor) -> Tensor:
            made: Tensor = self.values(self.scores(x).argmax(dim=1))
            return made

    x, targets = rows()
    found = gw.diagnose(
        Chooses(),
        [(x, targets["size"])],
        components=["scores"],
        outputs={"size": KINDS["size"]},
        metrics=["reaches", "relevance_permutation"],
    )
    assert found.value("scores", "reaches", "size") == 1.0
    assert found.value("scores", "relevance_permutation", "size") != 0.0


@pytest.mark.parametrize("kept", [1, 79])
def test_an_answer_for_other_rows_is_refused(kept: int) -> None:
    class Loses(SharedBottom):
        def forward(self, x: Tensor) -> Any:
            answers = super().forward(x)
            return {**answers, "size": answers["size"][:kept]}

    with pytest.raises(InputError, match=r"output 'size': expected numbers of floating point for 80 rows"):
        diagnosed(Loses())


def test_a_module_of_few_bits_is_diagnosed_as_one_of_many() -> None:
    x, targets = rows()
    module = SharedBottom().eval()
    names = ["saliency_activations", "saliency_weights", "gradient_conflict", "probe_skill"]
    expected = diagnosed(module, metrics=names)
    half = {"kind": targets["kind"], "size": targets["size"].bfloat16()}
    found = gw.diagnose(
        SharedBottom().bfloat16(), [(x.bfloat16(), half)], components=PARTS, outputs=KINDS, metrics=names
    )
    for one, other in zip(expected.findings, found.findings, strict=True):
        assert other.value == pytest.approx(one.value, rel=0.1, abs=0.05), one


def test_what_numbers_are_made_of_unless_told_changes_nothing() -> None:
    expected = diagnosed(SharedBottom(), metrics=ALL_METRICS)
    module, given = SharedBottom(), rows()
    before = torch.get_default_dtype()
    try:
        torch.set_default_dtype(torch.float64)
        found = gw.diagnose(module, [given], components=PARTS, outputs=KINDS, metrics=ALL_METRICS, repeats=2)
    finally:
        torch.set_default_dtype(before)
    for one, other in zip(expected.findings, found.findings, strict=True):
        if one.metric != "relevance_weights":  # whose draws are others
            assert other.value == pytest.approx(one.value, rel=1e-3, abs=1e-4), one


class Asking(nn.Module):
    """A branch that some rows are read with, and others not."""

    def __init__(self) -> None:
        super().__init__()
        self.trunk, self.branch, self.head = nn.Linear(6, 4), nn.Linear(6, 4), nn.Linear(4, 1)

    def forward(self, x: Tensor) -> Tensor:
        """One number a row."""
        trunk, branch = self.trunk(x), self.branch(x)
        return self.head(trunk + branch if bool(x[0, 0] > 0) else trunk)


def test_a_branch_that_some_folds_leave_out_has_no_gradient_there() -> None:
    x = rows()[0]
    x[:, 0] = torch.where(torch.arange(80) < 40, 1.0, -1.0)
    torch.manual_seed(0)
    module = Asking()
    subject = subject_of(
        module,
        [(x, x[:, 1])],
        components=["trunk", "branch"],
        outputs={"size": gw.Regression()},
        plan=Plan(1, 1, 0),
    )
    by_rows, found = subject.gradients.rows, subject.gradients.weights["branch"]
    assert torch.equal(by_rows["branch"]["size"][:40], by_rows["trunk"]["size"][:40])
    assert by_rows["branch"]["size"].shape == (80, 4)
    assert not by_rows["branch"]["size"][40:].any()
    losses = (module(x[:40]).squeeze(1) - x[:40, 1]).square().sum() / 80
    weights = list(module.branch.parameters())
    gradients = torch.autograd.grad(losses, weights)
    expected = sum(float((w.detach() * g).abs().sum()) for w, g in zip(weights, gradients, strict=True))
    effects, by_fold = found.effects
    assert effects[0] == pytest.approx(expected, rel=1e-4)
    assert by_fold.shape == (4, 1)
    assert not by_fold[2:].any()
