"""Passes of any module, clean and with one component disturbed."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import torch
from torch import Tensor, nn
from torch.utils.flop_counter import FlopCounterMode

from graftwork.diagnosis._batches import Rows, caller
from graftwork.diagnosis._guard import seeded
from graftwork.diagnosis._nesting import Nesting
from graftwork.diagnosis._reading import predictions
from graftwork.diagnosis._slots import Slot, find_slots, side_by_side, taken_apart
from graftwork.diagnosis._tracing import Tracer, Wires, wires
from graftwork.diagnosis._wiring import Around, Disturber, Forward, Listener, intercepted
from graftwork.diagnosis.subject import Change
from graftwork.diagnosis.target import Target
from graftwork.errors import GraftworkError, InputError

Answers = dict[str, Tensor]
Answer = Callable[[int, Forward, tuple[Any, ...], dict[str, Any]], Any]


class ModulePasses:
    """Passes over some rows; what is clean is kept.

    Attributes:
        nesting: Which submodules lie within which.
        answers: Answers of every output as the module is.
        slots: By component, where it hands on the rows.
        wires: Who feeds whom.

    Args:
        module: The module.
        components: Submodules to diagnose, by their names.
        rows: What it is called with.
        targets: Its outputs.
        seed: Of the draws of a module that draws.
        like: Passes of the same over other rows, whose slots and wires are taken over.

    Raises:
        InputError: The module cannot be called so, or an output is not found or not finite.
    """

    def __init__(
        self,
        module: nn.Module,
        components: Mapping[str, nn.Module],
        rows: Rows,
        targets: Mapping[str, Target],
        seed: int,
        like: ModulePasses | None = None,
    ) -> None:
        self._module, self._components, self._rows = module, components, rows
        self._targets, self._seed = targets, seed
        self._parts: dict[tuple[int, int], ModulePasses] = {}
        self._call = caller(module, rows.inputs)
        self.nesting = Nesting(module, components)
        self._listen()
        self.slots: dict[str, list[Slot]] = self._found_slots() if like is None else like.slots
        self.wires: Wires = self._found_wires() if like is None else like.wires

    @torch.no_grad()
    def _listen(self) -> None:
        """The undisturbed pass: answers, and what every unit gives."""
        listener = Listener()
        self.answers, drew = self.passed(self._rows, listener)
        self._calls = {name: listener.calls.get(name, []) for name in self.nesting.units}
        self._known = frozenset() if drew else frozenset(self.nesting.units)
        for name, answer in self.answers.items():
            wrong = int((~torch.isfinite(answer.reshape(len(answer), -1)).all(dim=1)).sum())
            if wrong:
                raise InputError(
                    f"output '{name}': expected finite predictions, but {wrong} of {self._rows.count} rows "
                    "are not; look for weights or rows that are not finite"
                )

    @torch.no_grad()
    def _found_slots(self) -> dict[str, list[Slot]]:
        """In which dimension the rows of every component lie."""
        two, three = Listener(), Listener()
        for copies, probe in ((2, two), (3, three)):
            self.passed(self._rows.chosen([0] * copies), probe)
        return {
            name: find_slots(
                name, self._calls[name], two.calls.get(name, []), three.calls.get(name, []), self._rows.count
            )
            for name in self._components
        }

    def _found_wires(self) -> Wires:
        """Who feeds whom, and which outputs depend on whom."""
        tracer, rows = Tracer(), self._rows.chosen(slice(0, min(2, self._rows.count)))
        with torch.enable_grad():
            answers, _ = self.passed(rows, tracer)
        found = wires(tracer.calls, answers, tuple(self._components))
        for name, reached in found.reached.items():
            if len(reached) < len(answers) and self.slots[name]:
                reached |= self._unseen(name)
        return found

    @torch.no_grad()
    def _unseen(self, name: str) -> set[str]:
        """Outputs that depend on a component in a way that no gradient takes, as by a choice of codes."""
        answers = self.behind(name, lambda values: values.flip(0))
        return {output for output, answer in answers.items() if not torch.equal(answer, self.answers[output])}

    def part(self, rows: slice) -> ModulePasses:
        """The same over some of the rows, always the same one for the same rows."""
        place = (rows.start, rows.stop)
        if place not in self._parts:
            chosen = self._rows.chosen(rows)
            self._parts[place] = ModulePasses(
                self._module, self._components, chosen, self._targets, self._seed, self
            )
        return self._parts[place]

    def passed(self, rows: Rows, around: Around) -> tuple[Answers, bool]:
        """Predictions of one pass, and whether the module drew random numbers in it."""
        traced = self._components if isinstance(around, Tracer) else self.nesting.units
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

    def given(self, name: str) -> Tensor:
        """All that a component gives for a row, in all its calls, side by side: (rows, units)."""
        return side_by_side(self._calls[name], self.slots[name], self._rows.count)

    def behind(self, name: str, change: Change) -> Answers:
        """Answers when what a component gives is changed."""
        return self.disturbed(name, self._changed(name, change))

    def along(self, source: str, target: str | None, change: Change) -> Answers:
        """Answers when what one component gives another is changed, or what it gives the outputs directly.

        All other components give what they gave while what the receiver is given is found out; in a second
        pass the receiver is given that.
        """
        given = dict[str, list[tuple[tuple[Any, ...], dict[str, Any]]]]()
        answers = self.disturbed(
            source, self._changed(source, change), held=frozenset(self._components), seen=given
        )
        if target is None:
            return answers
        read = given.get(target, [])

        def changed(number: int, forward: Forward, args: tuple[Any, ...], kwargs: dict[str, Any]) -> Any:
            (other, named) = read[number] if number < len(read) else (args, kwargs)
            return forward(*other, **named)

        return self.disturbed(target, changed)

    def _changed(self, name: str, change: Change) -> Answer:
        """What a component gives in the place of what it gave."""
        calls = self._calls[name]
        made = taken_apart(change(self.given(name)), calls, self.slots[name])
        return lambda number, *_: calls[number].result(made[number])

    def disturbed(
        self,
        name: str,
        answer: Answer,
        *,
        held: frozenset[str] = frozenset(),
        seen: dict[str, list[tuple[tuple[Any, ...], dict[str, Any]]]] | None = None,
    ) -> Answers:
        """Answers when a component gives something else.

        Args:
            name: The component.
            answer: What it gives: by the number of the call and its arguments.
            held: Components that give what they gave, whatever they are given.
            seen: Where to note what these are given, call by call.
        """
        around = self.nesting.around(name)
        disturber = Disturber(self._calls, name, answer, self._known - around, held - around)
        answers, _ = self.passed(self._rows, disturber)
        if seen is not None:
            seen.update(disturber.given)
        return answers

    def macs(self) -> dict[str, int]:
        """Multiply-accumulates a row by component, and of the whole under no name."""
        counts = dict.fromkeys(self._components, 0)

        def counted(name: str, forward: Forward, args: tuple[Any, ...], kwargs: dict[str, Any]) -> Any:
            with FlopCounterMode(display=False) as counter:
                returned = forward(*args, **kwargs)
            if name in counts:
                counts[name] += counter.get_total_flops() // 4
            return returned

        with torch.no_grad(), FlopCounterMode(display=False) as whole:
            # Two rows: a product with one may be made in another way, and be counted otherwise.
            self.passed(self._rows.chosen([0, 0]), counted)
        return counts | {"": whole.get_total_flops() // 4}
