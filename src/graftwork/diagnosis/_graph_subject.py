"""A `HeterogeneousModel` on the rows of a split, as metrics see it."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from functools import cached_property

import torch
from torch import Tensor

from graftwork.architecture import (
    connection_parameter,
    mac_count,
    parameter_count,
    parameter_macs,
    parameter_shapes,
)
from graftwork.diagnosis._diagnosis import connection_name
from graftwork.diagnosis._graph_gradients import graph_gradients
from graftwork.diagnosis._graph_passes import EntryPasses, Passes, WholePasses
from graftwork.diagnosis._strangers import Strangers
from graftwork.diagnosis.subject import (
    Asked,
    Change,
    Curve,
    Gradients,
    Place,
    Plan,
    Subject,
    one_hot,
)
from graftwork.errors import RunError
from graftwork.model import Activations, HeterogeneousModel
from graftwork.problem import Classification, Problem, Split

_AT_HAND = 150_000


class GraphSubject(Subject):
    """A model of Graftwork on rows of its problem; whatever it computes is computed once.

    Attributes:
        model: The model.
        problem: The problem that it answers.
        split: The rows.
    """

    def __init__(
        self,
        model: HeterogeneousModel,
        problem: Problem,
        split: Split,
        plan: Plan,
        *,
        connections: bool = False,
        curve: Curve = (),
        training: Split | None = None,
    ) -> None:
        graph = model.architecture
        self.model, self.problem, self.split, self.plan, self.curve = model, problem, split, plan, curve
        self.networks, self.outputs = graph.order, tuple(problem.outputs)
        self.connections = (
            {connection_name(c.source, c.target): (c.source, c.target) for c in graph.connections}
            if connections
            else {}
        )
        self.rows = split.rows
        self.training = None if training is None else GraphSubject(model, problem, training, plan)
        self._strangers = Strangers(model, plan)

    def _part(self, rows: slice) -> Subject:
        """The same model on some of the rows, whose activations are taken over."""
        inputs = {name: values[rows] for name, values in self.split.inputs.items()}
        targets = {name: values[rows] for name, values in self.split.targets.items()}
        part = GraphSubject(
            self.model, self.problem, Split(inputs, targets), self.plan, connections=bool(self.connections)
        )
        # What is known of all rows is known of these.
        known = {"_passes": self._passes.part(rows)} | {
            what: {name: values[rows] for name, values in getattr(self, what).items()}
            for what in ("_present", "clean_losses")
        }
        part.__dict__.update(known)
        part._strangers = self._strangers
        return part

    def reached(self, component: str) -> tuple[str, ...]:
        """Outputs that lie behind a component."""
        graph = self.model.architecture
        start = self.connections[component][1] if component in self.connections else component
        return tuple(sorted(graph.downstream(frozenset({start})) & graph.output_names))

    @cached_property
    def _passes(self) -> Passes:
        # Where repeats are not spread, figures are stored and compared, and stay the same to the bit.
        passes = (EntryPasses if self.plan.spread else WholePasses)(self.model, self.split.inputs)
        for name, answer in passes.clean.outputs.items():
            # A sum is not finite where a number is not, and is had in a fifteenth of the time.
            if not bool(answer.sum().isfinite()) and (wrong := int((~answer.isfinite().all(dim=1)).sum())):
                raise RunError(
                    f"output '{name}': expected finite answers, but {wrong} of {self.rows} rows are not; "
                    "look for weights or rows that are not finite"
                )
        return passes

    @property
    def clean(self) -> Activations:
        """All activations as the model is."""
        return self._passes.clean

    @property
    def answers(self) -> Mapping[str, Tensor]:
        """Answers of every output as the model is."""
        return self.clean.outputs

    def activations(self, component: str) -> Tensor:
        """What a network hands on: of a discretizer, probabilities."""
        source = self.connections[component][0] if component in self.connections else component
        return self.clean.handed[source]

    def disturbable(self, component: str) -> Tensor:
        """Raw units of a network; what a connection carries."""
        if component not in self.connections:
            return self.clean.raw[component]
        source, target = self.connections[component]
        return (self.clean.raw if target in self.outputs else self.clean.handed)[source]

    def disturbed(self, component: str, change: Change) -> dict[str, Tensor]:
        """Answers with the raw units of a network changed, or with what one receiver alone is handed."""
        if component not in self.connections:
            return self._passes.behind(component, change(self.clean.raw[component]))
        source, target = self.connections[component]
        if target not in self.outputs:
            raw = self._passes.given(target, source, change(self.clean.handed[source]))
            return self._passes.behind(target, raw)
        gain = dict(self.model.outputs.named_children())[target].get_parameter(f"gain_{source}")
        raw, width = self.clean.raw[source], self.problem.outputs[target].width
        moved = (change(raw) - raw)[:, :width] * gain.detach()
        return {target: self.clean.outputs[target] + moved}

    def randomised(
        self, networks: Sequence[str], first: int, blocks: Sequence[slice]
    ) -> Iterator[tuple[str, dict[str, Tensor]]]:
        """Answers with the weights of a network drawn as those of a new model are."""
        fresh = self._strangers.units(networks, first, blocks, self.clean.handed)
        for name in networks:
            yield name, self._passes.behind(name, fresh.pop(name))

    def losses(self, answers: Mapping[str, Tensor]) -> dict[str, float]:
        """Mean loss of every output that is answered, as training reads it."""
        return {name: self._mean(name, losses) for name, losses in self.all_losses(answers).items()}

    def all_losses(self, answers: Mapping[str, Tensor]) -> dict[str, Tensor]:
        """Loss of each row; 0 where the target is missing."""
        return {name: self._losses(name, answer, slice(0, self.rows)) for name, answer in answers.items()}

    def _losses(self, output: str, answers: Tensor, rows: slice) -> Tensor:
        target, complete = self.split.targets[output][rows], self._complete[output]
        # So many rows at a time that the numbers of a wide output stay at hand.
        kind = self.problem.outputs[output]
        step = max(1, _AT_HAND // kind.width)
        parts = [(answers, target)]
        if len(answers) > step:
            parts = list(zip(answers.split(step), target.split(step), strict=True))
        losses = torch.cat([kind.loss(*part, complete=complete) for part in parts])
        return losses if complete else torch.where(self._present[output][rows], losses, 0.0)

    @cached_property
    def _present(self) -> dict[str, Tensor]:
        outputs = self.problem.outputs.items()
        return {name: output.present(self.split.targets[name]) for name, output in outputs}

    @cached_property
    def _complete(self) -> dict[str, bool]:
        return {name: bool(present.all()) for name, present in self._present.items()}

    @cached_property
    def scales(self) -> Mapping[str, float]:
        """Loss of equal odds for classes, of the training mean for numbers and arrays."""
        return {name: self._mean(name, losses) for name, losses in self._losses_of_zeros.items()}

    @cached_property
    def _losses_of_zeros(self) -> dict[str, Tensor]:
        outputs, device = self.problem.outputs.items(), self.model.device
        zeros = {name: torch.zeros(1, output.width, device=device) for name, output in outputs}
        return self.all_losses({name: zero.expand(self.rows, -1) for name, zero in zeros.items()})

    @cached_property
    def trivial_losses(self) -> Mapping[str, Tensor]:
        """`all_losses` of the trivial baselines."""
        outputs, zeros = self.problem.outputs, self._losses_of_zeros
        codes = [name for name in outputs if isinstance(outputs[name], Classification)]
        return {**zeros, **self.all_losses({name: self.trivial[name] for name in codes})}

    def _mean(self, output: str, losses: Tensor) -> float:
        return float(losses.sum() / self._present[output].sum().clamp(min=1))

    @cached_property
    def trivial(self) -> Mapping[str, Tensor]:
        """Class frequencies of the training rows; the training mean for numbers and arrays."""
        return {name: self._trivial(name).to(self.answers[name]) for name in self.outputs}

    def _trivial(self, name: str) -> Tensor:
        output = self.problem.outputs[name]
        if isinstance(output, Classification):
            return torch.tensor(output.frequencies).log().clamp(min=math.log(1e-7)).repeat(self.rows, 1)
        return torch.zeros(self.rows, output.width)

    def asked(self, output: str) -> Asked:
        """Encoded targets."""
        return self._asked[output]

    @cached_property
    def _asked(self) -> dict[str, Asked]:
        return {name: self._encoded(name) for name in self.outputs}

    def _encoded(self, output: str) -> Asked:
        kind, target = self.problem.outputs[output], self.split.targets[output]
        present = self._present[output]
        if isinstance(kind, Classification):
            return Asked(one_hot(target.cpu(), kind.width).to(target.device), target, present)
        return Asked(target, None, present)

    @cached_property
    def gradients(self) -> Gradients:
        """From one pass forward and one backward an output."""

        def losses(output: str, answers: Tensor) -> Tensor:
            return self._losses(output, answers, slice(0, len(answers)))

        return graph_gradients(
            self.model, self.split.inputs, self.connections, losses, self._present, self.plan.few_rows
        )

    def place(self, component: str) -> Place:
        """By the graph alone."""
        graph, (shapes, macs) = self.model.architecture, self._counts
        if component in self.connections:
            source, target = self.connections[component]
            parameter = connection_parameter(graph, source, target)
            depth = self._depths.get(target, self._depths.get(source, 0))
            return Place(depth, 1, 1, math.prod(shapes[parameter]), macs.get(parameter, 0))
        own = [name for name in shapes if name.startswith(f"networks.{component}.")]
        return Place(
            depth=self._depths[component],
            in_degree=len(graph.incoming(component)),
            out_degree=len(graph.outgoing(component)),
            parameters=sum(math.prod(shapes[name]) for name in own),
            macs=sum(macs.get(name, 0) for name in own),
        )

    @cached_property
    def _counts(self) -> tuple[Mapping[str, tuple[int, ...]], Mapping[str, int]]:
        """By parameter, its shape and its multiply-accumulates a row."""
        return parameter_shapes(self.model.architecture), parameter_macs(self.model.architecture)

    @cached_property
    def _depths(self) -> dict[str, int]:
        graph, depths = self.model.architecture, dict[str, int]()
        for name in graph.order:
            depths[name] = 1 + max((depths.get(source, 0) for source in graph.sources(name)), default=0)
        return depths

    @cached_property
    def size(self) -> tuple[int, int]:
        """Of the networks; the gains of outputs belong to none."""
        graph = self.model.architecture
        gains = sum(len(graph.incoming(output.name)) for output in graph.outputs)
        return parameter_count(graph) - gains, mac_count(graph)
