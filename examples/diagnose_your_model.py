"""Diagnose models that Graftwork did not build: a trunk with two heads, and a transformer encoder of torch.

You learn what a diagnosis needs (a module, batches, names of submodules, outputs), how its figures are read,
and what it finds: the trunk has a branch that is fed by noise, and a copy of another one.

    python examples/diagnose_your_model.py --steps 300
"""

from __future__ import annotations

import argparse
from collections.abc import Mapping
from pathlib import Path

import torch
from torch import Tensor, nn
from torch.nn import functional as F

import graftwork as gw
from graftwork.diagnosis import ALL_METRICS

Targets = dict[str, Tensor]


class SharedBottom(nn.Module):
    """Branches read the input; a head for each of two outputs reads them all."""

    def __init__(self) -> None:
        super().__init__()
        self.useful, self.twin, self.noise = (
            nn.Sequential(nn.Linear(width, 12), nn.Tanh()) for width in (8, 8, 4)
        )
        self.kind, self.size = nn.Linear(36, 3), nn.Linear(36, 1)

    def forward(self, x: Tensor) -> Targets:
        """Logits of a class, and a number."""
        shared = torch.cat([self.useful(x[:, :8]), self.twin(x[:, :8]), self.noise(x[:, 8:])], dim=1)
        return {"kind": self.kind(shared), "size": self.size(shared)[:, 0]}


class Sentences(nn.Module):
    """A transformer encoder of torch reads sequences; the heads read the mean of what it makes of them."""

    def __init__(self) -> None:
        super().__init__()
        self.embed = nn.Linear(12, 16)
        layer = nn.TransformerEncoderLayer(16, 2, 32, batch_first=True, dropout=0.0)
        self.encoder = nn.TransformerEncoder(layer, 2, enable_nested_tensor=False)
        self.kind, self.size = nn.Linear(16, 3), nn.Linear(16, 1)

    def forward(self, x: Tensor) -> tuple[Tensor, Tensor]:
        """Logits of a class, and a number."""
        read = self.encoder(self.embed(x.unflatten(1, (1, -1)).expand(-1, 4, -1))).mean(dim=1)
        return self.kind(read), self.size(read)


def main() -> None:
    """Train both, diagnose both, print what was found."""
    options = _options()
    torch.manual_seed(options.seed)
    x, targets = _rows(1200)
    out = Path(options.out)
    out.mkdir(parents=True, exist_ok=True)

    bottom = SharedBottom()
    _fit(bottom, x[:800], {name: values[:800] for name, values in targets.items()}, options.steps)
    bottom.twin.load_state_dict(bottom.useful.state_dict())
    held_out = [(x[800:], {name: values[800:] for name, values in targets.items()})]
    report = gw.diagnose(
        bottom,
        held_out,
        components=["useful", "twin", "noise", "kind", "size"],
        outputs={"kind": gw.Classification(), "size": gw.Regression()},
        metrics=ALL_METRICS,
        connections=True,
    )
    report.frame().to_csv(out / "shared_bottom.csv", index=False)
    _tell("Shared bottom", report, ["useful", "twin", "noise"])
    for finding, other in report.redundant_pairs():
        print(
            f"  {finding.component} holds what {other} holds: CKA {finding.value:.2f} ± {finding.error:.2f}"
        )

    encoder = Sentences()
    _fit(encoder, x[:800], {name: values[:800] for name, values in targets.items()}, options.steps)
    layers = ["encoder.layers.0", "encoder.layers.1", "encoder.layers.1.self_attn"]
    report = gw.diagnose(
        encoder,
        [(x[800:], targets["kind"][800:], targets["size"][800:])],
        components=layers,
        outputs={
            "kind": gw.Classification(),
            "size": gw.Target(loss=_distance),
        },
        metrics=["relevance_permutation", "relevance_mean", "cka", "effective_rank"],
    )
    report.frame().to_csv(out / "encoder.csv", index=False)
    _tell("Transformer encoder", report, layers)


def _distance(prediction: Tensor, target: Tensor) -> Tensor:
    """A loss of one's own: one figure a row."""
    return (prediction[:, 0] - target).abs()


def _tell(title: str, report: gw.Diagnosis, names: list[str]) -> None:
    print(f"{title}: {report.info('relevance_permutation')}")
    ranks = report.ranks("relevance_permutation")
    for name in names:
        for output in ("kind", "size"):
            found = report.finding(name, "relevance_permutation", output)
            figure = f"{found.value:.3f} ± {found.error:.3f}"
            print(f"  {name} for {output}: {figure}, rank {ranks[name][output]:.2f}")


def _rows(count: int) -> tuple[Tensor, Targets]:
    """Inputs, of which the last four numbers are noise, and what is asked of them."""
    x = torch.randn(count, 12)
    kind = (x[:, 0] > 0).long() + (x[:, 1] > 0).long()
    return x, {"kind": kind, "size": x[:, 2] + x[:, 3]}


def _fit(module: nn.Module, x: Tensor, targets: Mapping[str, Tensor], steps: int) -> None:
    optimiser = torch.optim.Adam(module.parameters(), lr=3e-3)
    for _ in range(steps):
        rows = torch.randint(len(x), (128,))
        answers = module(x[rows])
        kind, size = answers.values() if isinstance(answers, dict) else answers
        loss = F.cross_entropy(kind, targets["kind"][rows])
        loss = loss + F.mse_loss(size.flatten(), targets["size"][rows])
        optimiser.zero_grad()
        loss.backward()
        optimiser.step()


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--steps", type=int, default=300, help="training steps of each module")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--out", default="diagnosis", help="folder for the tables")
    return parser.parse_args()


if __name__ == "__main__":
    main()
