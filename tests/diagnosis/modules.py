"""Modules that Graftwork did not build, and rows for them."""

from __future__ import annotations

from typing import Any

import torch
from torch import Tensor, nn

import graftwork as gw
from graftwork.diagnosis import Diagnosis
from graftwork.problem import Classification, Regression

KINDS: dict[str, Any] = {"kind": Classification(), "size": Regression()}


def rows(count: int = 80, seed: int = 0) -> tuple[Tensor, dict[str, Tensor]]:
    """Six numbers a row; a class and a number that depend on the first ones."""
    x = torch.randn(count, 6, generator=torch.Generator().manual_seed(seed))
    kind = (x[:, 0] > 0).long() + (x[:, 1] > 0).long()
    return x, {"kind": kind, "size": x[:, :1] + x[:, 2:3]}


def batches(count: int = 80) -> list[tuple[Tensor, dict[str, Tensor]]]:
    """Two batches of different size."""
    x, targets = rows(count)
    half = count // 3
    return [
        (x[part], {name: values[part] for name, values in targets.items()})
        for part in (slice(0, half), slice(half, count))
    ]


class SharedBottom(nn.Module):
    """A trunk with batch norm and an activation in place, a branch beside it, and two heads.

    One part is computed for nothing, another is never called.
    """

    def __init__(self, answer: str = "dict") -> None:
        super().__init__()
        with torch.random.fork_rng():
            torch.manual_seed(0)
            self.trunk = nn.Sequential(
                nn.Linear(6, 8), nn.BatchNorm1d(8), nn.ReLU(inplace=True), nn.Dropout(0.5)
            )
            self.branch = nn.Linear(6, 4)
            self.idle, self.unused = nn.Linear(6, 2), nn.Linear(2, 2)
            self.heads = nn.ModuleDict(
                {"kind": nn.Linear(8, 3), "size": nn.Sequential(nn.Linear(12, 8), nn.Tanh(), nn.Linear(8, 1))}
            )
        self.answer = answer

    def forward(self, x: Tensor) -> Any:
        """Both outputs, as a dictionary, a tuple, or deep inside a list."""
        shared = self.trunk(x)
        self.idle(x)
        kind = self.heads["kind"](shared)
        size = self.heads["size"](torch.cat([shared, self.branch(x)], dim=1))
        if self.answer == "dict":
            return {"kind": kind, "size": size}
        return (kind, size) if self.answer == "tuple" else [{"logits": kind}, (x, size)]


class Recurrent(nn.Module):
    """One cell that is called three times, one call on what the last one gave."""

    def __init__(self) -> None:
        super().__init__()
        with torch.random.fork_rng():
            torch.manual_seed(1)
            self.read, self.cell, self.head = nn.Linear(6, 5), nn.Linear(5, 5), nn.Linear(5, 1)

    def forward(self, x: Tensor) -> Tensor:
        """One number a row."""
        state = self.read(x)
        for _ in range(3):
            state = torch.tanh(self.cell(state)) + state
        return self.head(state)


class Encoder(nn.Module):
    """A transformer encoder of torch, whose rows lie in the second dimension."""

    def __init__(self) -> None:
        super().__init__()
        with torch.random.fork_rng():
            torch.manual_seed(2)
            layer = nn.TransformerEncoderLayer(8, 2, 16, dropout=0.1)
            self.embed = nn.Linear(6, 8)
            self.encoder = nn.TransformerEncoder(layer, 2, enable_nested_tensor=False)
            self.kind, self.size = nn.Linear(8, 3), nn.Linear(8, 1)

    def forward(self, x: Tensor) -> dict[str, Tensor]:
        """Both outputs, from the mean over three positions."""
        shifted = torch.stack([self.embed(x), self.embed(x.flip(1)), self.embed(-x)])
        read = self.encoder(shifted).mean(dim=0)
        return {"kind": self.kind(read), "size": self.size(read)}


PARTS = ["trunk", "branch", "idle", "heads.kind", "heads.size"]
CHEAP = ["relevance_permutation", "relevance_mean"]


def diagnosed(module: nn.Module, parts: list[str] = PARTS, **more: Any) -> Diagnosis:
    """A diagnosis by cheap metrics."""
    arguments: dict[str, Any] = {"components": parts, "outputs": KINDS, "repeats": 2, "metrics": CHEAP} | more
    return gw.diagnose(module, batches(), **arguments)
