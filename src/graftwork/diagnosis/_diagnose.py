"""The door of the package."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from contextlib import ExitStack
from difflib import get_close_matches
from typing import Any, overload

import torch
from torch import nn

from graftwork.diagnosis._batches import read_batches
from graftwork.diagnosis._diagnosis import Diagnosis, measure
from graftwork.diagnosis._graph_subject import GraphSubject
from graftwork.diagnosis._guard import untouched
from graftwork.diagnosis._metric import ComponentMetric
from graftwork.diagnosis._module_subject import ModuleSubject
from graftwork.diagnosis.registry import DEFAULT_METRICS, METRICS
from graftwork.diagnosis.subject import Curve, Plan, Subject
from graftwork.diagnosis.target import Loss, Target
from graftwork.errors import InputError
from graftwork.model import HeterogeneousModel, common_dtype
from graftwork.problem import Output, Problem

Metrics = Sequence[ComponentMetric | str]
_MORE = 3


@overload
def diagnose(
    model: HeterogeneousModel,
    problem: Problem,
    *,
    split: str = "validation",
    metrics: Metrics = DEFAULT_METRICS,
    connections: bool = False,
    repeats: int = 5,
    most_repeats: int | None = None,
    spread: bool = True,
    rows: int = 1000,
    seed: int = 0,
    curve: Curve = (),
) -> Diagnosis: ...


@overload
def diagnose(
    model: nn.Module,
    problem: Iterable[Any],
    *,
    components: Sequence[str],
    outputs: Mapping[str, Output | Loss | Target],
    metrics: Metrics = DEFAULT_METRICS,
    connections: bool = False,
    repeats: int = 5,
    most_repeats: int | None = None,
    spread: bool = True,
    rows: int = 1000,
    seed: int = 0,
    curve: Curve = (),
    training: Iterable[Any] | None = None,
) -> Diagnosis: ...


def diagnose(
    model: nn.Module,
    problem: Problem | Iterable[Any],
    *,
    split: str = "validation",
    components: Sequence[str] = (),
    outputs: Mapping[str, Output | Loss | Target] | None = None,
    metrics: Metrics = DEFAULT_METRICS,
    connections: bool = False,
    repeats: int = 5,
    most_repeats: int | None = None,
    spread: bool = True,
    rows: int = 1000,
    seed: int = 0,
    curve: Curve = (),
    training: Iterable[Any] | None = None,
) -> Diagnosis:
    """How good each part of a model is for each output.

    Either a model of Graftwork and its problem, whose networks are the parts; or any module and batches,
    whose parts are the submodules that are named. A module comes out as it went in, also after an exception:
    weights, buffers, modes, hooks, the need of gradients and the state of random generators. It is read in
    eval mode.

    Relevance for a generation output is read from its reconstruction: what encodes has no part in sampling
    from the prior, and would look useless although nothing could be learnt without it.

    Args:
        model: A trained model.
        problem: The problem that it answers; or batches (inputs, targets), every tensor with the rows first.
            Inputs that are a tuple are the module's arguments, a mapping is passed by its keys where
            `forward` has parameters of these names, anything else is one argument.
        split: Rows of a problem that are read; never `test` where decisions follow.
        components: Names of the submodules of a module, as in `named_modules()`.
        outputs: Outputs of a module: `gw.Classification()` (logits, classes), `gw.Regression()`, a loss that
            answers with one for each row, or a `gw.Target`, which also says where prediction and target are.
        metrics: What to measure: metrics, or names of figures such as "cka". `ALL_METRICS` of
            `graftwork.diagnosis` are all that need no extra.
        connections: Whether what one component hands to another is diagnosed too, as `a -> b`.
        repeats: Disturbances a component, over which the standard errors are.
        most_repeats: Most of them for components that cannot be told apart; three times as many as `repeats`
            unless told, and no more than `repeats` where each disturbs all rows.
        spread: Whether the repeats share some rows, each disturbing a part of its own, so that `most_repeats`
            of them cost less than one pass, and other metrics read fewer rows, too (192 or 96; skill reads
            all). Else each disturbs all rows, which takes several times as long and leaves less in doubt.
            Runs store figures of the latter.
        rows: Most rows that are read: the first ones.
        seed: Seed of the disturbances.
        curve: `Trained.curve`: (steps, validation loss of every output) at each look, for
            `convergence_slope`.
        training: Batches that a module was trained on, for `generalisation_gap`; a problem has its own.

    Raises:
        InputError: A number is not positive, a metric, component, output or split is unknown, the module
            cannot be called with the batches, or what it returns is not finite; or model and problem are of
            different precisions.
        RunError: A figure came out as not finite.
        MissingExtraError: A metric needs an extra.

    Example:
        >>> import graftwork as gw
        >>> problem = gw.load_problem("digits")
        >>> architecture = gw.random_architecture(problem, gw.SearchSpace.modern(), seed=0)
        >>> report = gw.diagnose(gw.build(architecture, seed=0), problem, repeats=2)
        >>> list(report.frame().columns)
        ['component', 'output', 'metric', 'value', 'error']

        >>> module = torch.nn.Sequential(torch.nn.Linear(4, 8), torch.nn.Tanh(), torch.nn.Linear(8, 3))
        >>> batches = [(torch.randn(20, 4), torch.randint(3, (20,)))]
        >>> kinds = {"kind": gw.Classification()}
        >>> report = gw.diagnose(module, batches, components=["0", "2"], outputs=kinds)
        >>> sorted(report.table("relevance_permutation"))
        ['0', '2']
    """
    for name, count in (("repeats", repeats), ("rows", rows)):
        if not hasattr(count, "__index__") or count < 1:
            raise InputError(f"{name} must be a whole number of at least 1, but it is {count!r}")
    if most_repeats is not None and most_repeats < repeats:
        raise InputError(f"most_repeats must be at least repeats, {repeats}, but it is {most_repeats}")
    plan = Plan(repeats, most_repeats or repeats * (_MORE if spread else 1), seed, spread)
    chosen = METRICS.chosen(metrics)
    # Gradients are found out also where the caller wants none.
    with ExitStack() as guard, torch.inference_mode(False):
        if isinstance(problem, Problem):
            _refuse("a problem", components=components, outputs=outputs, training=training)
        elif isinstance(model, nn.Module):
            guard.enter_context(untouched(model))
        subject = subject_of(
            model,
            problem,
            split=split,
            components=components,
            outputs=outputs or {},
            connections=connections,
            rows=rows,
            plan=plan,
            curve=curve,
            training=training,
        )
        return measure(subject, chosen)


def subject_of(
    model: nn.Module,
    problem: Problem | Iterable[Any],
    *,
    split: str = "validation",
    components: Sequence[str] = (),
    outputs: Mapping[str, Output | Loss | Target] | None = None,
    connections: bool = False,
    rows: int = 1000,
    plan: Plan,
    curve: Curve = (),
    training: Iterable[Any] | None = None,
) -> Subject:
    """What metrics read, to try one out by hand: `Mine().measure(subject_of(...))`; arguments as of
    `diagnose`.

    A module is not guarded here: it should be in eval mode, and what a metric does to it stays.

    Raises:
        InputError: As `diagnose`.

    Example:
        >>> import graftwork as gw
        >>> from graftwork.diagnosis import Plan, subject_of
        >>> module = torch.nn.Sequential(torch.nn.Linear(4, 8), torch.nn.Linear(8, 1))
        >>> batches = [(torch.randn(20, 4), torch.randn(20))]
        >>> plan = Plan(repeats=2, most_repeats=2, seed=0)
        >>> kinds = {"size": gw.Regression()}
        >>> subject = subject_of(module, batches, components=["0"], outputs=kinds, plan=plan)
        >>> subject.activations("0").shape, subject.reached("0")
        (torch.Size([20, 8]), ('size',))
    """
    if isinstance(problem, Problem):
        return _graph_subject(model, problem, split, rows, plan, connections, curve)
    if split != "validation":
        _refuse("batches", split=split)
    parts = _submodules(model, components)
    device = next((p.device for p in model.parameters()), torch.device("cpu"))
    return ModuleSubject(
        model,
        parts,
        read_batches(problem, rows, device),
        outputs or {},
        plan,
        connections=connections,
        curve=curve,
        training=None if training is None else read_batches(training, rows, device),
    )


def _graph_subject(
    model: nn.Module, problem: Problem, split: str, rows: int, plan: Plan, connections: bool, curve: Curve
) -> GraphSubject:
    if not isinstance(model, HeterogeneousModel):
        raise InputError(
            f"model: expected a model of Graftwork for a problem, came {type(model).__name__}; "
            "give batches, components and outputs instead"
        )
    read = problem.split(split).first(rows).to(model.device)
    common_dtype(model, read.inputs, read.targets)
    # Fewer leave the gap between the splits but little more in doubt.
    training = problem.train.first(min(rows, plan.few_rows) if plan.spread else rows).to(model.device)
    return GraphSubject(model, problem, read, plan, connections=connections, curve=curve, training=training)


def _refuse(given: str, **arguments: object) -> None:
    for name, value in arguments.items():
        if value:
            raise InputError(f"{name}: expected none with {given}, came {value!r}")


def _submodules(module: object, names: Sequence[str]) -> dict[str, nn.Module]:
    if not isinstance(module, nn.Module) or isinstance(module, torch.jit.ScriptModule):
        raise InputError(
            f"model: expected a torch.nn.Module that is not scripted, came {type(module).__name__}"
        )
    if isinstance(names, str) or not names:
        raise InputError(f"components: expected a list of names of submodules, came {names!r}")
    there = {name: part for name, part in module.named_modules(remove_duplicate=False) if name}
    found: dict[str, nn.Module] = {}
    for name in names:
        if name not in there:
            near = get_close_matches(str(name), there, n=3)
            hint = f"did you mean {' or '.join(repr(each) for each in near)}? " if near else ""
            raise InputError(
                f"components: the module has no submodule '{name}'; {hint}"
                f"they are {', '.join(list(there)[:20])}"
            )
        twin = next((other for other, part in found.items() if part is there[name]), None)
        if twin is not None:
            raise InputError(
                f"components: '{name}' and '{twin}' are one and the same submodule; name one of them"
            )
        found[name] = there[name]
    return found
