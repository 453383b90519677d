"""Predictions and targets of a module's outputs, and what they cost."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from difflib import get_close_matches
from typing import Any

import torch
from torch import Tensor

from graftwork.diagnosis.subject import Asked, one_hot
from graftwork.diagnosis.target import Key, Loss, Target
from graftwork.errors import InputError
from graftwork.problem import Classification, Output


@dataclass(frozen=True, eq=False)
class Reading:
    """One output of a module on some rows.

    Attributes:
        name: Its name.
        target: What it should be, (rows, ...).
        loss: How it is judged.
    """

    name: str
    target: Tensor
    loss: Output | Loss

    @property
    def present(self) -> Tensor:
        """Rows whose target is not missing."""
        if isinstance(self.loss, Output):
            return self.loss.present(self.target)
        return torch.ones(len(self.target), dtype=torch.bool, device=self.target.device)

    def losses(self, prediction: Tensor) -> Tensor:
        """Loss of each row, (rows,); 0 where the target is missing.

        Raises:
            InputError: The prediction does not fit the target, or the loss is not one for each row.
        """
        if isinstance(self.loss, Output):
            return self._kind_losses(self.loss, prediction)
        losses = self.loss(prediction, self.target)
        if not isinstance(losses, Tensor) or losses.dim() == 0 or len(losses) != len(self.target):
            came = tuple(losses.shape) if isinstance(losses, Tensor) else type(losses).__name__
            raise InputError(
                f"output '{self.name}': expected a loss for each of {len(self.target)} rows, came {came}; "
                "a loss of torch.nn takes reduction='none'"
            )
        return losses.flatten(1).mean(dim=1) if losses.dim() > 1 else losses

    def asked(self, prediction: Tensor) -> Asked:
        """The target in numbers."""
        target = self.target
        if target.dim() == 1 and not target.is_floating_point():
            known = target.long()
            classes = max(int(known.max()) + 1, prediction.shape[-1] if prediction.dim() > 1 else 1, 1)
            return Asked(one_hot(known.cpu(), classes).to(target.device), known, self.present)
        return Asked(target.flatten(1) if target.dim() > 1 else target[:, None], None, self.present)

    def trivial(self, prediction: Tensor) -> Tensor:
        """What knows nothing of a row: class frequencies, the mean target, or the mean prediction."""
        if isinstance(self.loss, Classification):
            codes = self.target[self.present]
            counts = torch.bincount(codes, minlength=prediction.shape[1]).to(prediction)
            return (counts / counts.sum().clamp(min=1)).clamp(min=1e-7).log().expand_as(prediction)
        if isinstance(self.loss, Output) and bool(self.present.any()):
            mean = self.target.flatten(1)[self.present].mean(dim=0).to(prediction)
            return mean.expand(len(prediction), -1).reshape(prediction.shape)
        return prediction.mean(dim=0, keepdim=True).expand_as(prediction)

    def _kind_losses(self, kind: Output, prediction: Tensor) -> Tensor:
        rows = len(self.target)
        if isinstance(kind, Classification):
            if prediction.dim() != 2:
                raise InputError(
                    f"output '{self.name}': expected logits (rows, classes), "
                    f"came shape {tuple(prediction.shape)}"
                )
            greatest = int(self.target.max())
            if greatest >= prediction.shape[1] or int(self.target.min()) < -1:
                raise InputError(
                    f"output '{self.name}': expected classes 0 to {prediction.shape[1] - 1}, or -1 where "
                    f"missing, came {int(self.target.min())} to {greatest}"
                )
            return kind.loss(prediction, self.target)
        flat = prediction.reshape(rows, -1)
        if flat.shape != self.target.shape:
            raise InputError(
                f"output '{self.name}': expected a prediction of {self.target.shape[1]} numbers a row as in "
                f"the target, came {flat.shape[1]}"
            )
        return kind.loss(flat, self.target)


def readings(outputs: Mapping[str, Output | Loss | Target], targets: Any) -> dict[str, Reading]:
    """Outputs with their targets.

    Raises:
        InputError: There are no outputs, or a target is not found or of the wrong kind.
    """
    if not isinstance(outputs, Mapping) or not outputs:
        raise InputError("outputs: expected a mapping of a name to a kind, a loss or a Target, came none")
    return {
        name: Reading(
            name, _tidy(name, asked.loss, _target(name, place, asked, targets, len(outputs))), asked.loss
        )
        for place, (name, asked) in enumerate(as_targets(outputs).items())
    }


def as_targets(outputs: Mapping[str, Output | Loss | Target]) -> dict[str, Target]:
    """Outputs as `Target`s.

    Raises:
        InputError: One is neither a kind, a loss nor a `Target`.
    """
    found = {}
    for name, asked in outputs.items():
        target = asked if isinstance(asked, Target) else Target(loss=asked)
        if not isinstance(target.loss, Output) and not callable(target.loss):
            raise InputError(
                f"output '{name}': expected gw.Classification(), gw.Regression(), a loss or a gw.Target, "
                f"came {asked!r}"
            )
        found[str(name)] = target
    return found


def predictions(asked: Mapping[str, Target], returned: Any, rows: int) -> dict[str, Tensor]:
    """The prediction of every output in what a module returned, (rows, ...).

    Raises:
        InputError: One is not found, is no tensor of floating point, or has another number of rows.
    """
    found = {}
    for place, (name, target) in enumerate(asked.items()):
        value = _found(
            f"output '{name}'", "the module returned", name, place, target.at, returned, len(asked)
        )
        if not value.is_floating_point() or value.dim() == 0 or len(value) != rows:
            raise InputError(
                f"output '{name}': expected numbers of floating point for {rows} rows, came {value.dtype} of "
                f"shape {tuple(value.shape)}"
            )
        found[name] = value
    return found


def _target(name: str, place: int, asked: Target, targets: Any, count: int) -> Tensor:
    return _found(f"target of '{name}'", "the batches hold", name, place, asked.target, targets, count)


def _tidy(name: str, loss: Output | Loss, target: Tensor) -> Tensor:
    if isinstance(loss, Classification):
        if target.is_floating_point() or target.dim() != 1:
            raise InputError(
                f"target of '{name}': expected classes as integers (rows,), came {target.dtype} of shape "
                f"{tuple(target.shape)}"
            )
        return target.long()
    if isinstance(loss, Output):
        numbers = (target if target.is_floating_point() else target.float()).reshape(len(target), -1)
        if wrong := int(numbers.isinf().any(dim=1).sum()):
            raise InputError(
                f"target of '{name}': expected finite numbers, or NaN where missing, came infinite ones in "
                f"{wrong} of {len(target)} rows"
            )
        return numbers
    return target


def _found(
    what: str, where: str, name: str, place: int, path: Key | tuple[Key, ...] | None, value: Any, count: int
) -> Tensor:
    if path is None:
        steps: tuple[Key, ...] = _usual(name, place, value, count)
    else:
        steps = path if isinstance(path, tuple) else (path,)
    for step in steps:
        value = _step(what, where, value, step)
    if not isinstance(value, Tensor):
        raise InputError(
            f"{what}: expected a tensor, but {where} {_told(value)}"
            + (f" at {steps!r}" if steps else "")
            + "; say where it is: gw.Target(loss=..., at=..., target=...)"
        )
    return value


def _usual(name: str, place: int, value: Any, count: int) -> tuple[Key, ...]:
    if isinstance(value, Tensor):
        return () if count == 1 else (name,)
    if isinstance(value, Mapping):
        return (name,)
    if isinstance(value, Sequence) and not hasattr(value, name):
        return (place,)
    return (name,)


def _step(what: str, where: str, value: Any, step: Key) -> Any:
    try:
        if isinstance(value, Mapping) or (isinstance(value, Sequence) and isinstance(step, int)):
            return value[step]  # type: ignore[index]
        if isinstance(step, str) and not isinstance(value, Tensor):
            return getattr(value, step)
    except (KeyError, IndexError, AttributeError):
        pass
    near = (
        get_close_matches(str(step), [str(key) for key in value], n=1) if isinstance(value, Mapping) else []
    )
    hint = f"; did you mean '{near[0]}'?" if near else ""
    raise InputError(f"{what}: expected {step!r}, but {where} {_told(value)}{hint}")


def _told(value: Any) -> str:
    if isinstance(value, Mapping):
        return f"a mapping of {', '.join(map(repr, value))}"
    if isinstance(value, Tensor):
        return f"one tensor of shape {tuple(value.shape)}"
    if isinstance(value, Sequence):
        return f"a {type(value).__name__} of {len(value)}"
    return f"a {type(value).__name__}"
