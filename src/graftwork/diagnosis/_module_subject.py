"""Any module on the rows of some batches, as metrics see it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from functools import cached_property
from typing import Any

import torch
from torch import Tensor, nn

from graftwork.diagnosis._batches import Rows
from graftwork.diagnosis._fresh import fresh_copy
from graftwork.diagnosis._module_gradients import module_gradients
from graftwork.diagnosis._module_passes import ModulePasses
from graftwork.diagnosis._reading import as_targets, readings
from graftwork.diagnosis._wiring import Forward
from graftwork.diagnosis.subject import Asked, Change, Curve, Gradients, Place, Plan, Subject
from graftwork.diagnosis.target import Loss, Target
from graftwork.problem import Output
from graftwork.runtime import integer_seed


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
        passes: Passes over these rows, where they are known.

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
        passes: ModulePasses | None = None,
    ) -> None:
        self.module, self.modules, self.plan, self.curve = module, networks, plan, curve
        self.networks, self.outputs = tuple(networks), tuple(map(str, outputs))
        self._rows, self.rows = rows, rows.count
        self._targets = as_targets(outputs)
        self._readings = readings(self._targets, rows.targets)
        seed = integer_seed(plan.seed, 0, "module's own draws")
        self._passes = passes or ModulePasses(module, networks, rows, self._targets, seed)
        self.row_losses(self.answers)
        self.connections = self._edges if connections else {}
        self.training = None if training is None else ModuleSubject(module, networks, training, outputs, plan)

    @cached_property
    def _edges(self) -> dict[str, tuple[str, str]]:
        return self._passes.wires.edges(self._passes.nesting)

    def _answering(self, connection: str) -> str | None:
        """The output that a connection ends at; none where that is a component."""
        source, target = self.connections[connection]
        return target if target not in self.networks or source == target else None

    @property
    def answers(self) -> Mapping[str, Tensor]:
        """Answers of every output as the module is."""
        return self._passes.answers

    def _part(self, rows: slice) -> Subject:
        """The same module on some of the rows."""
        return ModuleSubject(
            self.module,
            self.modules,
            self._rows.chosen(rows),
            self._targets,
            self.plan,
            connections=bool(self.connections),
            passes=self._passes.part(rows),
        )

    def reached(self, component: str) -> tuple[str, ...]:
        """Outputs to which a gradient finds its way, or that change with the component."""
        if component not in self.connections:
            return tuple(sorted(self._passes.wires.reached[component]))
        output = self._answering(component)
        return self.reached(self.connections[component][1]) if output is None else (output,)

    def activations(self, component: str) -> Tensor:
        """All that a submodule gives for a row, in all its calls, side by side."""
        return self.disturbable(component)

    def disturbable(self, component: str) -> Tensor:
        """All that a submodule gives for a row, in all its calls, side by side."""
        name = self.connections[component][0] if component in self.connections else component
        return self._passes.given(name)

    def disturbed(self, component: str, change: Change) -> dict[str, Tensor]:
        """Answers with what a component gives changed, to all or, along a connection, to one receiver."""
        if component in self.connections:
            source, target = self.connections[component]
            found = self._passes.along(source, None if self._answering(component) else target, change)
        elif self._passes.slots[component]:
            found = self._passes.behind(component, change)
        else:
            found = dict(self.answers)
        return {name: found[name] for name in self.reached(component)}

    def randomised(
        self, networks: Sequence[str], first: int, blocks: Sequence[slice]
    ) -> Iterator[tuple[str, dict[str, Tensor]]]:
        """Answers with the weights of a component drawn afresh."""
        for network in networks:
            parts = [
                self._by_stranger(
                    network, repeat, self._passes if len(blocks) == 1 else self._passes.part(rows)
                )
                for repeat, rows in enumerate(blocks, start=first)
            ]
            yield network, {name: torch.cat([part[name] for part in parts]) for name in self.reached(network)}

    def _by_stranger(self, network: str, repeat: int, passes: ModulePasses) -> dict[str, Tensor]:
        seed = integer_seed(self.plan.seed, f"{network}/{repeat}", "randomised weights")
        stranger = fresh_copy(network, self.modules[network], seed)

        def answered(_: int, __: Forward, args: tuple[Any, ...], kwargs: dict[str, Any]) -> Any:
            return stranger.forward(*args, **kwargs)

        return passes.disturbed(network, answered)

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
        return {name: self._readings[name].trivial(answer) for name, answer in self.answers.items()}

    @cached_property
    def scales(self) -> Mapping[str, float]:
        """Loss of the trivial answers."""
        return self.losses(self.trivial)

    def asked(self, output: str) -> Asked:
        """The target in numbers."""
        return self._asked[output]

    @cached_property
    def _asked(self) -> dict[str, Asked]:
        return {name: reading.asked(self.answers[name]) for name, reading in self._readings.items()}

    @cached_property
    def gradients(self) -> Gradients:
        """From one pass forward and one backward an output, in folds of rows."""
        return module_gradients(self._passes, self._rows, self._readings, self.modules, self.plan.few_rows)

    def place(self, component: str) -> Place:
        """By the graph of gradients of one pass."""
        if component in self.connections:
            source, target = self.connections[component]
            depths = self._passes.wires.depths
            return Place(depths[source if self._answering(component) else target], 1, 1, 0, 0)
        own = {id(p): p.numel() for p in self.modules[component].parameters()}
        return Place(
            depth=self._passes.wires.depths[component],
            in_degree=sum(target == component != source for source, target in self._edges.values()),
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
        """Of each component, and of the whole under no name."""
        return self._passes.macs()
