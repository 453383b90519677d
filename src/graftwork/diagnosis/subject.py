"""What metrics know of a model, whoever built it."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property

import torch
from torch import Tensor

from graftwork.diagnosis._directions import EXACT, axis_scores, leading, principal_scores
from graftwork.diagnosis._statistics import ratio_and_error
from graftwork.diagnosis._weight_gradients import WeightGradients
from graftwork.runtime import torch_generator

Change = Callable[[Tensor], Tensor]
Curve = Sequence[tuple[int, Mapping[str, float]]]
TARGETS = 32


@dataclass(frozen=True)
class Plan:
    """How much is measured.

    Attributes:
        repeats: Disturbances a component.
        most_repeats: Most of them, where two components cannot be told apart.
        seed: Seed of every draw.
        spread: Whether the repeats share the rows, each disturbing a part of its own, so that even
            `most_repeats` of them cost one pass; else each disturbs all rows. Other metrics read fewer rows
            then, too.
    """

    repeats: int
    most_repeats: int
    seed: int
    spread: bool = False

    @property
    def few_rows(self) -> int:
        """Rows that are disturbed, differentiated or set beside each other, at most."""
        return 96 if self.spread else 256

    @property
    def axis_rows(self) -> int:
        """Rows in which directions are found, at most."""
        return 192 if self.spread else 512

    @property
    def directions(self) -> int:
        """Directions that a probe reads, at most."""
        return 32 if self.spread else 48


@dataclass(frozen=True, eq=False)
class Asked:
    """What an output is asked for, in numbers.

    Attributes:
        values: (rows, columns): numbers, or one column a class, which holds 1 for the class.
        codes: Class of each row where the output is one of classes, (rows,); else none.
        present: Rows whose target is not missing, (rows,).
    """

    values: Tensor
    codes: Tensor | None
    present: Tensor

    @cached_property
    def complete(self) -> bool:
        """Whether the target of every row is present."""
        return bool(self.present.all())


@dataclass(frozen=True, eq=False)
class Gradients:
    """Gradients of the outputs' losses on the first `plan.few_rows`; where an output does not depend on a
    component there are none.

    Attributes:
        values: By component, what it gives, (rows, units).
        rows: By component and output, the gradient of each row's loss by it, (rows, units).
        weights: By component, what is read of the gradients by its parameters.
    """

    values: dict[str, Tensor] = field(default_factory=dict)
    rows: dict[str, dict[str, Tensor]] = field(default_factory=dict)
    weights: dict[str, WeightGradients] = field(default_factory=dict)


@dataclass(frozen=True)
class Place:
    """Where a component stands.

    Attributes:
        depth: Components on the longest way to it, itself included.
        in_degree: Connections that end at it.
        out_degree: Connections that start at it.
        parameters: Numbers that are learnt in it.
        macs: Multiply-accumulates a row in it.
    """

    depth: int
    in_degree: int
    out_degree: int
    parameters: int
    macs: int


class Subject(ABC):
    """A model on some rows, as metrics see it.

    A component is a network or a connection. All that is disturbed is a matrix of activations (rows, units):
    what a network computes, or what a source hands to one receiver.

    Attributes:
        networks: Names of the networks, or of the submodules that are diagnosed.
        connections: (source, target) by the name of a connection; empty unless they were asked for.
        outputs: Names of the outputs.
        rows: Rows that are read.
        plan: How much is measured.
        curve: (steps, validation loss of every output) at each look of the training, where it is known.
        training: The model on rows that it was trained on, where they are known.
    """

    networks: tuple[str, ...]
    connections: Mapping[str, tuple[str, str]]
    outputs: tuple[str, ...]
    rows: int
    plan: Plan
    curve: Curve = ()
    training: Subject | None = None

    @property
    def components(self) -> tuple[str, ...]:
        """Networks, then connections."""
        return (*self.networks, *self.connections)

    @property
    def differentiated(self) -> tuple[str, ...]:
        """Networks, and connections by which gradients are known: those of a user's module are not."""
        return (*self.networks, *(name for name in self.connections if name in self.gradients.values))

    def part(self, rows: slice) -> Subject:
        """The same model on some of the rows, always the same one for the same rows."""
        place = (rows.start, rows.stop)
        if place not in self._parts:
            self._parts[place] = self._part(rows)
        return self._parts[place]

    @cached_property
    def _parts(self) -> dict[tuple[int, int], Subject]:
        return {}

    @abstractmethod
    def _part(self, rows: slice) -> Subject:
        """The same model on some of the rows; of this what is known is not computed again where it can be."""

    @abstractmethod
    def reached(self, component: str) -> tuple[str, ...]:
        """Outputs that depend on a component, sorted."""

    @abstractmethod
    def activations(self, component: str) -> Tensor:
        """What a network hands on, (rows, units), or what a connection carries."""

    @abstractmethod
    def disturbable(self, component: str) -> Tensor:
        """What `disturbed` changes, as it is, (rows, units): of a discretizer, logits."""

    @abstractmethod
    def disturbed(self, component: str, change: Change) -> dict[str, Tensor]:
        """Answers of the outputs that a component reaches when its activations are changed.

        Args:
            component: A network or a connection.
            change: Answers for its `disturbable` activations (rows, units) with others of that shape.
        """

    @abstractmethod
    def randomised(
        self, networks: Sequence[str], first: int, blocks: Sequence[slice]
    ) -> Iterator[tuple[str, dict[str, Tensor]]]:
        """For one network after the other, answers of the outputs that it reaches when its weights are
        drawn afresh.

        Args:
            networks: Their names.
            first: Number of the first repeat; each has draws of its own.
            blocks: Rows of each repeat; together all rows, in order.
        """

    @property
    @abstractmethod
    def answers(self) -> Mapping[str, Tensor]:
        """Answers of every output as the model is."""

    @abstractmethod
    def all_losses(self, answers: Mapping[str, Tensor]) -> dict[str, Tensor]:
        """Loss of each row, (rows,), of the outputs that are answered; 0 where the target is missing."""

    @abstractmethod
    def losses(self, answers: Mapping[str, Tensor]) -> dict[str, float]:
        """Mean loss of every output that is answered; 0 where every target is missing."""

    def row_losses(self, answers: Mapping[str, Tensor]) -> dict[str, Tensor]:
        """Loss of each row whose target is present, (present rows,), of the outputs that are answered."""
        return {name: self._of_present(name, rows) for name, rows in self.all_losses(answers).items()}

    def _of_present(self, output: str, rows: Tensor) -> Tensor:
        asked = self.asked(output)
        return rows if asked.complete else rows[asked.present]

    @property
    @abstractmethod
    def scales(self) -> Mapping[str, float]:
        """Loss of each output for an answer that knows nothing: the unit of relevance."""

    @property
    @abstractmethod
    def trivial(self) -> Mapping[str, Tensor]:
        """Answers of the trivial baselines, against which skill is measured."""

    @cached_property
    def trivial_losses(self) -> Mapping[str, Tensor]:
        """`all_losses` of the trivial baselines."""
        return self.all_losses(self.trivial)

    @property
    @abstractmethod
    def gradients(self) -> Gradients:
        """Gradients of every output's loss, from one pass."""

    @abstractmethod
    def asked(self, output: str) -> Asked:
        """What an output is asked for."""

    @abstractmethod
    def place(self, component: str) -> Place:
        """Where a component stands."""

    @property
    @abstractmethod
    def size(self) -> tuple[int, int]:
        """Parameters, and multiply-accumulates a row, of the whole of which components have a share."""

    @cached_property
    def clean_losses(self) -> Mapping[str, Tensor]:
        """`all_losses` of the model as it is."""
        with torch.no_grad():
            return self.all_losses(self.answers)

    @cached_property
    def clean_means(self) -> Mapping[str, float]:
        """`losses` of the model as it is."""
        with torch.no_grad():
            return self.losses(self.answers)

    def scores(self, network: str) -> Tensor:
        """Principal scores of what a network hands on, (at most `plan.axis_rows`, at most
        `plan.directions`), on the CPU.
        """
        if network not in self._scores:
            self._scores[network] = self._leading(network)
        return self._scores[network]

    @cached_property
    def _scores(self) -> dict[str, Tensor]:
        return {}

    def _leading(self, network: str) -> Tensor:
        values = self.activations(network)[: self.plan.axis_rows].cpu()
        if min(values.shape) <= EXACT:
            return leading(self.axis_scores(network), self.plan.directions)
        draw = torch_generator(self.plan.seed, network, "directions")
        return principal_scores(values, self.plan.directions, draw)

    def axis_scores(self, network: str) -> Tensor:
        """Scores on all principal axes of what a network hands on, (at most `plan.axis_rows`, units), on the
        CPU.
        """
        if network not in self._axis_scores:
            self._axis_scores[network] = axis_scores(self.activations(network)[: self.plan.axis_rows].cpu())
        return self._axis_scores[network]

    @cached_property
    def _axis_scores(self) -> dict[str, Tensor]:
        return {}

    def target_scores(self, output: str) -> Tensor:
        """Principal scores of a target of numbers, (those of `plan.axis_rows` that are present, at most 32),
        on the CPU.
        """
        if output not in self._target_scores:
            asked, draw = self.asked(output), torch_generator(self.plan.seed, output, "directions")
            rows = self.plan.axis_rows
            present = asked.values[:rows][asked.present[:rows]].cpu()
            self._target_scores[output] = principal_scores(present, TARGETS, draw)
        return self._target_scores[output]

    @cached_property
    def _target_scores(self) -> dict[str, Tensor]:
        return {}

    @cached_property
    def skills(self) -> dict[str, tuple[float, float]]:
        """Skill of each output and its standard error over rows: 1 - loss / loss of the trivial baseline."""
        losses, trivial = (
            {name: self._of_present(name, rows) for name, rows in losses.items()}
            for losses in (self.clean_losses, self.trivial_losses)
        )
        skills = {}
        for name in self.outputs:
            rows = [values[name].detach().double().cpu().numpy() for values in (losses, trivial)]
            ratio, error = ratio_and_error(*rows)
            skills[name] = (1.0 - ratio if rows[1].sum() > 0 else 0.0, error)
        return skills


def one_hot(codes: Tensor, classes: int) -> Tensor:
    """One column a class, (rows, classes); nothing where the code is negative."""
    rows = torch.zeros(len(codes), classes)
    known = codes >= 0
    rows[known, codes[known]] = 1.0
    return rows
