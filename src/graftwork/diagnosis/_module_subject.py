"""Any module on the rows of some batches, as metrics see it."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import torch
from torch import Tensor, nn
from torch.utils.flop_counter import FlopCounterMode

from graftwork.diagnosis._batches import Rows, caller
from graftwork.diagnosis._diagnosis import connection_name
from graftwork.diagnosis._fresh import fresh_copy
from graftwork.diagnosis._gradients import GradientBook
from graftwork.diagnosis._guard import seeded
from graftwork.diagnosis._reading import Reading, as_targets, predictions, readings
from graftwork.diagnosis._statistics import row_blocks
from graftwork.diagnosis._wiring import (
    Around,
    Call,
    Disturber,
    Forward,
    Listener,
    Traced,
    Tracer,
    found_behind,
    intercepted,
)
from graftwork.diagnosis.subject import (
    FOLDS,
    GRADIENT_ROWS,
    Asked,
    Change,
    Curve,
    Gradients,
    Place,
    Plan,
    Subject,
)
from graftwork.diagnosis.target import Loss, Target
from graftwork.errors import GraftworkError, InputError
from graftwork.problem import Output
from graftwork.runtime import integer_seed


@dataclass(frozen=True)
class Slot:
    """One tensor that a component gives, and which of its dimensions is that of rows.

    Attributes:
        call: The number of the call.
        leaf: Its place among the leaves of what is returned.
        dimension: The dimension of rows.
    """

    call: int
    leaf: int
    dimension: int


class ModuleSubject(Subject):
    """A module of the user's; whatever it computes is computed once. It must be held by `untouched`.

    Args:
        module: The module.
        networks: Submodules to diagnose, by their names.
        rows: What it is called with.
        outputs: Its outputs.
        plan: How much is measured.
        connections: Whether what one component hands to another is diagnosed too.
        curve: Validation losses of the training.
        training: Rows that it was trained on.

    Raises:
        InputError: The module cannot be called so, or an output is not found or not finite.
    """

    def __init__(
        self,
        module: nn.Module,
        networks: Mapping[str, nn.Module],
        rows: Rows,
        outputs: Mapping[str, Output | Loss | Target],
        plan: Plan,
        *,
        connections: bool = False,
        curve: Curve = (),
        training: Rows | None = None,
    ) -> None:
        self.module, self.modules, self.plan, self.curve = module, networks, plan, curve
        self.networks, self.outputs = tuple(networks), tuple(map(str, outputs))
        self._rows, self.rows = rows, rows.count
        self._targets = as_targets(outputs)
        self._readings = readings(self._targets, rows.targets)
        self._call = caller(module, rows.inputs)
        self._seed = integer_seed(plan.seed, 0, "module's own draws")
        self._units = {**networks, **_idle_parts(module, networks)}
        self._inside = {name: _names_inside(unit, networks) for name, unit in self._units.items()}
        self.connections = {}
        self._listen()
        self._trace()
        if connections:
            self.connections = self._edges
        self.training = None if training is None else ModuleSubject(module, networks, training, outputs, plan)

    # What is found out once

    def _listen(self) -> None:
        """The undisturbed pass: answers, what every unit gives, and in which dimension its rows lie."""
        listener = Listener()
        with torch.no_grad():
            self._answers, drew = self._passed(self._rows, listener)
            probes = [Listener(), Listener()]
            for copies, probe in zip((2, 3), probes, strict=True):
                self._passed(self._rows.chosen([0] * copies), probe)
        self._calls = listener.calls
        self._known = frozenset() if drew else frozenset(self._units)
        for name, answer in self._answers.items():
            wrong = int((~torch.isfinite(answer.reshape(len(answer), -1)).all(dim=1)).sum())
            if wrong:
                raise InputError(
                    f"output '{name}': expected finite predictions, but {wrong} of {self.rows} rows are not; "
                    "look for weights or rows that are not finite"
                )
        self._slots = {
            name: self._slots_of(name, [probe.calls for probe in probes]) for name in self.networks
        }
        self.row_losses(self._answers)

    def _slots_of(self, name: str, probes: list[dict[str, list[Call]]]) -> list[Slot]:
        calls = self._calls.get(name, [])
        two, three = (probe.get(name, []) for probe in probes)
        if not len(calls) == len(two) == len(three):
            raise InputError(
                f"component '{name}': expected as many calls of it whatever the rows, came {len(calls)} for "
                f"{self.rows} rows, {len(two)} for 2 and {len(three)} for 3; name the submodule around it"
            )
        slots = []
        for number, (call, small, large) in enumerate(zip(calls, two, three, strict=True)):
            for place, leaf in enumerate(call.leaves):
                if isinstance(leaf, Tensor) and leaf.is_floating_point():
                    dimension = _row_dimension(
                        name, leaf, small.leaves[place], large.leaves[place], self.rows
                    )
                    if dimension is not None:
                        slots.append(Slot(number, place, dimension))
        return slots

    def _trace(self) -> None:
        """Who feeds whom, by the graph of gradients of one pass; and which outputs depend on whom."""
        tracer, rows = Tracer(), self._rows.chosen(slice(0, min(2, self.rows)))
        with torch.enable_grad():
            answers, _ = self._passed(rows, tracer)
        calls = tracer.calls
        marks = {alias.grad_fn: number for number, call in enumerate(calls) for _, alias in call.aliases}
        depths: list[int] = []
        self._sources: dict[str, set[str]] = {name: set() for name in (*self.networks, *self.outputs)}
        self._depths = dict.fromkeys(self.networks, 1)
        for call in calls:
            feeding = found_behind(call.sources, marks, through=False)
            depths.append(1 + max((depths[number] for number in feeding if number < len(depths)), default=0))
            self._depths[call.name] = max(self._depths[call.name], depths[-1])
            inside = self._inside[call.name]
            self._sources[call.name] |= {calls[n].name for n in feeding} - inside - {call.name}
        self._reached: dict[str, set[str]] = {name: set() for name in self.networks}
        for output, answer in answers.items():
            start = [answer.grad_fn] if answer.grad_fn is not None else []
            self._sources[output] = {calls[n].name for n in found_behind(start, marks, through=False)}
            for number in found_behind(start, marks, through=True):
                self._reached[calls[number].name].add(output)
        for name in self.networks:
            self._add_unseen(name)

    @torch.no_grad()
    def _add_unseen(self, name: str) -> None:
        """Outputs that depend on a component in a way that no gradient takes, as by a choice of codes."""
        if len(self._reached[name]) < len(self.outputs) and self._slots[name]:
            for output, answer in self._behind(name, lambda values: values.flip(0)).items():
                if not torch.equal(answer, self._answers[output]):
                    self._reached[name].add(output)

    @cached_property
    def _edges(self) -> dict[str, tuple[str, str]]:
        """Who gives whom something directly."""
        receivers = (*self.networks, *self.outputs)
        return {
            connection_name(source, target): (source, target)
            for target in receivers
            for source in self.networks
            if source in self._sources[target] and self._stand_side_by_side(source, target)
        }

    def _stand_side_by_side(self, source: str, target: str) -> bool:
        """Whether no component lies around one of the two alone: that one would be who gives or is given."""
        return all(
            (source in inside) == (target in inside)
            for inside in map(self._inside.get, self.networks)
            if inside
        )

    # Passes

    def _passed(self, rows: Rows, around: Around) -> tuple[dict[str, Tensor], bool]:
        """Predictions of one pass, and whether the module drew random numbers in it."""
        traced = self.modules if isinstance(around, Tracer) else self._units
        with seeded(self._seed), intercepted(traced, around):
            before = torch.get_rng_state()
            try:
                returned = self._call(rows.inputs)
            except GraftworkError:
                raise
            except Exception as error:
                raise InputError(
                    f"the module cannot be called with the batches: {type(error).__name__}: {error}"
                ) from error
            drew = not torch.equal(before, torch.get_rng_state())
        return predictions(self._targets, returned, rows.count), drew

    def _behind(self, name: str, change: Change) -> dict[str, Tensor]:
        replaced = self._replaced(name, change)
        return self._disturbed(name, lambda number, *_: self._calls[name][number].result(replaced[number]))

    def _replaced(self, name: str, change: Change) -> dict[int, dict[int, Tensor]]:
        """By call and leaf, what a component gives in the place of what it gave."""
        flat = change(self.disturbable(name))
        made: dict[int, dict[int, Tensor]] = {number: {} for number in range(len(self._calls.get(name, [])))}
        start = 0
        for slot in self._slots[name]:
            leaf = self._calls[name][slot.call].leaves[slot.leaf]
            moved = leaf.movedim(slot.dimension, 0)
            width = moved[0].numel()
            part = flat[:, start : start + width].reshape(moved.shape).movedim(0, slot.dimension)
            made[slot.call][slot.leaf] = part.contiguous().to(leaf.dtype)
            start += width
        return made

    def _disturbed(
        self,
        name: str,
        answer: Callable[[int, Forward, tuple[Any, ...], dict[str, Any]], Any],
        held: frozenset[str] = frozenset(),
        seen: dict[str, Any] | None = None,
    ) -> dict[str, Tensor]:
        around = self._around(name)
        disturber = Disturber(self._calls, name, answer, self._known - around, held - around)
        answers, _ = self._passed(self._rows, disturber)
        if seen is not None:
            seen.update(disturber.given)
        return answers

    def _around(self, name: str) -> frozenset[str]:
        """Units within which a component lies."""
        return frozenset(unit for unit, inside in self._inside.items() if name in inside)

    # What metrics ask for

    @property
    def answers(self) -> Mapping[str, Tensor]:
        """Answers of every output as the module is."""
        return self._answers

    def _part(self, rows: slice) -> Subject:
        """The same module on some of the rows."""
        return ModuleSubject(
            self.module,
            self.modules,
            self._rows.chosen(rows),
            self._targets,
            self.plan,
            connections=bool(self.connections),
        )

    def reached(self, component: str) -> tuple[str, ...]:
        """Outputs to which a gradient finds its way, or that change with the component."""
        if component not in self.connections:
            return tuple(sorted(self._reached[component]))
        target = self.connections[component][1]
        return (target,) if target in self.outputs and target not in self.networks else self.reached(target)

    def activations(self, component: str) -> Tensor:
        """All that a submodule gives for a row, in all its calls, side by side."""
        return self.disturbable(component)

    def disturbable(self, component: str) -> Tensor:
        """All that a submodule gives for a row, in all its calls, side by side."""
        name = self.connections[component][0] if component in self.connections else component
        parts = [
            self._calls[name][slot.call].leaves[slot.leaf].movedim(slot.dimension, 0).reshape(self.rows, -1)
            for slot in self._slots[name]
        ]
        return torch.cat(parts, dim=1) if parts else torch.zeros(self.rows, 0)

    def disturbed(self, component: str, change: Change) -> dict[str, Tensor]:
        """Answers with what a component gives changed, to all or, along a connection, to one receiver.

        For a connection all other components give what they gave while what its receiver is given is found
        out; in a second pass the receiver is given that.
        """
        if component not in self.connections:
            found = self._behind(component, change) if self._slots[component] else dict(self._answers)
            return {name: found[name] for name in self.reached(component)}
        source, target = self.connections[component]
        replaced, given = self._replaced(source, change), dict[str, Any]()
        found = self._disturbed(
            source,
            lambda number, *_: self._calls[source][number].result(replaced[number]),
            held=frozenset(self.networks),
            seen=given,
        )
        if target not in self.networks:
            return {target: found[target]}

        def changed(number: int, forward: Forward, args: tuple[Any, ...], kwargs: dict[str, Any]) -> Any:
            (other, named) = given[target][number] if number < len(given.get(target, [])) else (args, kwargs)
            return forward(*other, **named)

        found = self._disturbed(target, changed)
        return {name: found[name] for name in self.reached(target)}

    def randomised(
        self, networks: Sequence[str], first: int, blocks: Sequence[slice]
    ) -> Iterator[tuple[str, dict[str, Tensor]]]:
        """Answers with the weights of a component drawn afresh."""
        for network in networks:
            parts = [self._by_stranger(network, first + number) for number in range(len(blocks))]
            yield (
                network,
                {
                    name: torch.cat([part[name][block] for part, block in zip(parts, blocks, strict=True)])
                    for name in self.reached(network)
                },
            )

    def _by_stranger(self, network: str, repeat: int) -> dict[str, Tensor]:
        seed = integer_seed(self.plan.seed, f"{network}/{repeat}", "randomised weights")
        stranger = fresh_copy(network, self.modules[network], seed)

        def answered(_: int, __: Forward, args: tuple[Any, ...], kwargs: dict[str, Any]) -> Any:
            return stranger.forward(*args, **kwargs)

        return self._disturbed(network, answered)

    def all_losses(self, answers: Mapping[str, Tensor]) -> dict[str, Tensor]:
        """Loss of each row; 0 where the target is missing."""
        found = {}
        for name, answer in answers.items():
            reading = self._readings[name]
            found[name] = torch.where(reading.present, reading.losses(answer), 0.0)
        return found

    def losses(self, answers: Mapping[str, Tensor]) -> dict[str, float]:
        """Mean loss over the rows whose target is present."""
        found = self.row_losses(answers)
        return {name: float(rows.mean()) if len(rows) else 0.0 for name, rows in found.items()}

    @cached_property
    def trivial(self) -> Mapping[str, Tensor]:
        """Class frequencies or means of the rows read; the mean prediction where the loss is the user's."""
        return {name: self._readings[name].trivial(answer) for name, answer in self._answers.items()}

    @cached_property
    def scales(self) -> Mapping[str, float]:
        """Loss of the trivial answers."""
        return self.losses(self.trivial)

    def asked(self, output: str) -> Asked:
        """The target in numbers."""
        return self._asked[output]

    @cached_property
    def _asked(self) -> dict[str, Asked]:
        return {name: reading.asked(self._answers[name]) for name, reading in self._readings.items()}

    @cached_property
    def gradients(self) -> Gradients:
        """From one pass forward and one backward an output, in folds of rows."""
        book = GradientBook()
        parameters = {
            name: [p for p in unit.parameters() if p.is_floating_point()]
            for name, unit in self.modules.items()
        }
        for fold in row_blocks(min(self.rows, GRADIENT_ROWS), FOLDS, 1):
            tracer, rows = Tracer(), self._rows.chosen(fold)
            with torch.enable_grad():
                answers, _ = self._passed(rows, tracer)
                book.open_fold(self._given(tracer.calls), parameters)
                for name, answer in answers.items():
                    whole = self._readings[name]
                    part = Reading(name, whole.target[fold], whole.loss)
                    losses = torch.where(part.present, part.losses(answer), 0.0)
                    book.enter(name, losses, int(whole.present[:GRADIENT_ROWS].sum()))
        return book.closed()

    def _given(self, calls: list[Traced]) -> dict[str, list[tuple[Tensor, int]]]:
        """What every component gives, one tensor and its dimension of rows a slot."""
        by_name: dict[str, list[dict[int, Tensor]]] = {}
        for call in calls:
            by_name.setdefault(call.name, []).append(dict(call.aliases))
        return {
            name: [(by_name[name][slot.call][slot.leaf], slot.dimension) for slot in slots]
            for name, slots in self._slots.items()
        }

    def place(self, component: str) -> Place:
        """By the graph of gradients of one pass."""
        if component in self.connections:
            source, target = self.connections[component]
            return Place(self._depths.get(target, self._depths[source]), 1, 1, 0, 0)
        own = {id(p): p.numel() for p in self.modules[component].parameters()}
        return Place(
            depth=self._depths[component],
            in_degree=sum(target == component for _, target in self._edges.values()),
            out_degree=sum(source == component for source, _ in self._edges.values()),
            parameters=sum(own.values()),
            macs=self._macs[component],
        )

    @cached_property
    def size(self) -> tuple[int, int]:
        """Of the whole module."""
        return sum(p.numel() for p in self.module.parameters()), self._macs[""]

    @cached_property
    def _macs(self) -> dict[str, int]:
        """Multiply-accumulates a row by component, and of the whole under no name."""
        counts = dict.fromkeys(self.networks, 0)

        def counted(name: str, forward: Forward, args: tuple[Any, ...], kwargs: dict[str, Any]) -> Any:
            with FlopCounterMode(display=False) as counter:
                returned = forward(*args, **kwargs)
            if name in counts:
                counts[name] += counter.get_total_flops() // 4
            return returned

        with torch.no_grad(), FlopCounterMode(display=False) as whole:
            # Two rows: a product with one may be made in another way, and be counted otherwise.
            self._passed(self._rows.chosen([0, 0]), counted)
        return counts | {"": whole.get_total_flops() // 4}


def _row_dimension(name: str, leaf: Tensor, two: Tensor, three: Tensor, rows: int) -> int | None:
    """The dimension that grows with the rows; none where there is none."""
    if not two.dim() == three.dim() == leaf.dim():
        raise InputError(
            f"component '{name}': expected as many dimensions whatever the rows; name another one"
        )
    growing = [place for place in range(leaf.dim()) if two.shape[place] != three.shape[place]]
    if not growing:
        return None
    (dimension, *more) = growing
    if more or two.shape[dimension] != 2 or leaf.shape[dimension] != rows:
        raise InputError(
            f"component '{name}': expected one dimension of rows in what it gives, came shape "
            f"{tuple(leaf.shape)} for {rows} rows; name the submodule around it"
        )
    return dimension


def _names_inside(unit: nn.Module, networks: Mapping[str, nn.Module]) -> frozenset[str]:
    """Components that lie within a submodule."""
    inside = {id(part) for part in unit.modules()} - {id(unit)}
    return frozenset(name for name, module in networks.items() if id(module) in inside)


def _idle_parts(module: nn.Module, networks: Mapping[str, nn.Module]) -> dict[str, nn.Module]:
    """The largest submodules that are no component, hold none and lie in none: what they give is reused."""
    components = {id(each) for each in networks.values()}
    found: dict[str, nn.Module] = {}

    def look(prefix: str, part: nn.Module) -> None:
        for name, child in part.named_children():
            if id(child) in components:
                continue
            if any(id(each) in components for each in child.modules()):
                look(f"{prefix}{name}.", child)
            else:
                found[f"{prefix}{name}"] = child

    look("", module)
    unique = {id(part): (name, part) for name, part in reversed(found.items())}
    return dict(unique.values())
