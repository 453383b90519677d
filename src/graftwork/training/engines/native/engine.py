"""The native engine: a model trained by compiled code, for the kinds of network that it covers."""

from __future__ import annotations

import ctypes
import math
from collections.abc import Iterable, Mapping
from itertools import pairwise

import torch
from torch import Tensor

from graftwork.architecture import parameter_shapes
from graftwork.errors import InputError, RunError
from graftwork.model import Dropout, HeterogeneousModel, Reparameterised
from graftwork.problem import Split
from graftwork.runtime import integer_seed
from graftwork.training.engines._base import Losses, Task
from graftwork.training.engines.native import library as native
from graftwork.training.engines.native.program import Program, compile_program, parameter_layout
from graftwork.training.losses import latent_weights
from graftwork.training.part import is_trained

_LOOK_ROWS = 256


class NativeEngine:
    """Trains by one compiled program a model; see engine.cpp.

    While it trains, the model's parameters are views into one flat tensor, so that the model can be asked at
    any time; `finish` gives them storage of their own again.

    Raises:
        InputError: Model and rows are of different precisions.
        RunError: The engine is not compiled for their numbers, or memory does not suffice.
    """

    name = "native"

    def __init__(self, task: Task) -> None:
        self._task = task
        architecture = task.model.architecture
        self.program: Program = compile_program(
            architecture,
            part=task.part,
            needed=task.model.needed(task.outputs, known=task.known.keys()),
            known=task.known,
            outputs=task.outputs,
        )
        self._dtype = task.dtype
        layout = parameter_layout(parameter_shapes(architecture))
        self._weights = _flattened(task.model, layout, self._dtype)
        self._kept = self._weights.clone()
        self._moments = torch.zeros(2 * len(self._weights), dtype=self._dtype)
        self._latent = Reparameterised(integer_seed(task.seed, 0, "latent"))
        self._dropout = Dropout(integer_seed(task.seed, 0, "dropout"), task.part)
        self._steps = 0
        self._train = _sources(self.program, task.problem.train, task.known)
        self._look = _sources(self.program, task.looked_at, task.known_at_look)
        self._row_weights = self._weights_of(task.problem.train)
        self._weights_at_look = self._weights_of(task.looked_at)
        self._latent_weights = latent_weights(task.problem, architecture)
        # Plain arrays: a tensor takes longer to make and to read than all of them.
        self._sums = (ctypes.c_double * len(self.program.losses))()
        self._present = (ctypes.c_int64 * len(self.program.losses))()
        self._engine = _Handle(self.program, task, layout, self._weights, self._moments)

    def step(self, rows: Tensor, learning_rate: float) -> Losses:
        """One step on these training rows."""
        losses = self._passed(rows)
        weights = self._task.weights(losses.outputs)
        if math.isfinite(losses.total(weights)):
            self._steps += 1
            self._engine.backward(self._weighed(weights), self._present, learning_rate, self._steps)
        return losses

    def gradients(self, rows: Tensor) -> dict[str, Tensor]:
        """Gradient of every parameter that is trained, on these training rows; no weight changes."""
        losses = self._passed(rows)
        self._engine.backward(self._weighed(self._task.weights(losses.outputs)), self._present, 0.0, 0)
        return self._engine.gradients()

    def look(self) -> Losses:
        """Losses on the rows that are looked at."""
        count = self._task.looked_at.rows
        edges = [*range(0, count, _LOOK_ROWS), count]
        self._clear()
        for start, end in pairwise(edges):
            self._forward(self._look, None, start, end - start, None, None, self._weights_at_look)
        return self._losses()

    def keep(self) -> None:
        """Remember the weights."""
        self._kept.copy_(self._weights)

    def finish(self) -> None:
        """Take the remembered weights back."""
        self._weights.copy_(self._kept)
        self._engine.close()
        for parameter in self._task.model.parameters():
            parameter.data = parameter.data.clone()

    def _passed(self, rows: Tensor) -> Losses:
        if len(rows) > self._task.batch_size or rows.dtype != torch.int64:
            raise InputError(
                f"rows: expected int64 numbers of {self._task.batch_size} rows at most, came {len(rows)} as "
                f"{rows.dtype}"
            )
        # Kept: the pass back reads them too.
        self._picked = rows.contiguous()
        self._noises = _Addresses(
            self._latent.noise(name, (len(rows), width)).to(self._dtype)
            for name, width in self.program.decoders
        )
        self._masks = _Addresses(
            self._dropout.mask(mask.network, mask.rate, (len(rows), mask.width)).to(self._dtype)
            for mask in self.program.masks
        )
        self._clear()
        self._forward(self._train, self._picked, 0, len(rows), self._noises, self._masks, self._row_weights)
        return self._losses()

    def _forward(
        self,
        sources: _Addresses,
        rows: Tensor | None,
        first: int,
        count: int,
        noises: _Addresses | None,
        masks: _Addresses | None,
        row_weights: _Addresses | None,
    ) -> None:
        self._engine.forward(
            sources.pointer,
            None if rows is None else rows.data_ptr(),
            first,
            count,
            noises and noises.pointer,
            masks and masks.pointer,
            row_weights and row_weights.pointer,
            self._sums,
            self._present,
        )

    def _weights_of(self, split: Split) -> _Addresses | None:
        """Where the weights of rows in each loss are, in the order of losses; None where all count alike."""
        weights = self._task.row_weights(split)
        if not weights:
            return None
        return _Addresses(
            weights[name].contiguous() if name in weights else None for name in self.program.losses
        )

    def _clear(self) -> None:
        ctypes.memset(self._sums, 0, ctypes.sizeof(self._sums))
        ctypes.memset(self._present, 0, ctypes.sizeof(self._present))

    def _losses(self) -> Losses:
        outputs, latent = {}, {}
        told = zip(self.program.losses, self._sums, self._present, strict=True)
        for name, total, present in told:
            mean = total / max(present, 1)
            if name in self._latent_weights:
                latent[name] = self._latent_weights[name] * mean
            else:
                outputs[name] = mean
        return Losses(outputs, latent)

    def _weighed(self, weights: Mapping[str, float]) -> ctypes.Array[ctypes.c_double]:
        """The factor of every loss, in their order."""
        names = self.program.losses
        factors = [self._latent_weights.get(name, 1.0) * weights.get(name, 1.0) for name in names]
        return (ctypes.c_double * len(names))(*factors)


class _Handle:
    """The compiled engine of one program, and the memory that it reads."""

    def __init__(
        self,
        program: Program,
        task: Task,
        layout: Mapping[str, int],
        weights: Tensor,
        moments: Tensor,
    ) -> None:
        precision = str(weights.dtype).removeprefix("torch.")
        loaded = native.compiled_engine(precision)
        if loaded is None:
            raise RunError(f"the native training engine is not compiled for {precision}")
        self._library = loaded
        self._shapes = parameter_shapes(task.model.architecture)
        self._layout, self._task = layout, task
        # Read by the engine as long as it lives.
        self._memory = (weights, moments)
        self._gradients = torch.zeros_like(weights)
        widths = torch.tensor(program.widths, dtype=torch.int32)
        differentiable = torch.tensor(program.differentiable, dtype=torch.uint8)
        operations = torch.tensor([step.numbers() for step in program.steps], dtype=torch.int32)
        parameters = torch.tensor([self._parameter(name) for name in program.parameters])
        capacity = max(task.batch_size, min(_LOOK_ROWS, task.looked_at.rows))
        self._pointer = loaded.graftwork_create(
            widths.data_ptr(),
            differentiable.data_ptr(),
            len(widths),
            operations.data_ptr(),
            len(operations),
            parameters.data_ptr(),
            len(parameters),
            capacity,
            len(weights),
            weights.data_ptr(),
            moments.data_ptr(),
            self._gradients.data_ptr(),
            *native.suited_blas(loaded, precision),
        )
        if not self._pointer:
            raise RunError("memory does not suffice for the native training engine")

    def _parameter(self, name: str) -> list[int]:
        """Where it lies, its rows, its columns, and whether it is trained."""
        rows, *columns = self._shapes[name] or (1,)
        return [self._layout[name], rows, math.prod(columns), is_trained(name, self._task.part)]

    def forward(self, *arguments: object) -> None:
        if not self._pointer:
            raise RunError("the training has finished; another one needs an engine of its own")
        self._library.graftwork_forward_weighted(self._pointer, *arguments)

    def backward(
        self,
        weights: ctypes.Array[ctypes.c_double],
        present: ctypes.Array[ctypes.c_int64],
        learning_rate: float,
        step: int,
    ) -> None:
        self._library.graftwork_backward(self._pointer, weights, present, learning_rate, step)

    def gradients(self) -> dict[str, Tensor]:
        return {
            name: self._gradients[start : start + math.prod(self._shapes[name])]
            .reshape(self._shapes[name])
            .clone()
            for name, start in self._layout.items()
            if is_trained(name, self._task.part)
        }

    def close(self) -> None:
        if self._pointer:
            self._library.graftwork_destroy(self._pointer)
            self._pointer = None

    def __del__(self) -> None:
        if getattr(self, "_pointer", None):
            self.close()


def _flattened(model: HeterogeneousModel, layout: Mapping[str, int], dtype: torch.dtype) -> Tensor:
    """One tensor of all parameters, which become views into it."""
    parameters = dict(model.named_parameters())
    size = max((start + parameters[name].numel() for name, start in layout.items()), default=0)
    weights = torch.zeros(-(-size // 16) * 16, dtype=dtype)
    for name, start in layout.items():
        parameter = parameters[name]
        view = weights[start : start + parameter.numel()].view(parameter.shape)
        view.copy_(parameter.detach())
        parameter.data = view
    return weights


class _Addresses:
    """Where tensors lie, for as long as this lives; nowhere, 0, for None."""

    def __init__(self, tensors: Iterable[Tensor | None]) -> None:
        self._tensors = list(tensors)
        places = [0 if tensor is None else tensor.data_ptr() for tensor in self._tensors]
        self.pointer = (ctypes.c_void_p * len(places))(*places)


def _sources(program: Program, split: Split, known: Mapping[str, Tensor]) -> _Addresses:
    """Where the program reads the rows of a split."""
    groups = {"input": split.inputs, "known": known, "target": split.targets}
    return _Addresses(groups[group][name].contiguous() for group, name in program.sources)
