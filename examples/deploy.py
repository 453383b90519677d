"""Carry a model where Graftwork is not: export it, then predict and make rows up by onnxruntime alone.

You learn what the exported folder holds and how a table is fed to it: numbers as they are, categories by
their codes, which `signature.json` lists. Needs graftwork[onnx].

    python examples/deploy.py --out deployed
"""

from __future__ import annotations

import argparse
import json
from pathlib import Path
from typing import Any

import numpy as np
import onnxruntime
import pandas as pd

import graftwork as gw
from graftwork.export import export_model


def main() -> None:
    """Train a small model, export it, and use what was exported."""
    options = _options()
    table = flats(rows=300, seed=options.seed)
    outputs = {"garden": gw.Classification(), "rent": gw.Regression(), "flat": gw.Generation()}
    problem = gw.Problem.from_frame(table, outputs=outputs, name="flats", seed=options.seed)
    space = gw.SearchSpace.modern(max_networks=5)
    model = gw.build(gw.random_architecture(problem, space, seed=options.seed), seed=options.seed)
    trained = gw.train(model, problem, budget=gw.Budget(steps=options.steps), seed=options.seed)

    exported = export_model(trained.model, problem, options.out / "model")
    print(f"{', '.join(exported.files)}: they differ from the model by at most {exported.greatest:.0e}")

    new = flats(rows=3, seed=options.seed + 1).drop(columns=["garden", "rent"])
    new.loc[0, "town"] = "a town that no row holds"
    answers = answered(options.out / "model" / "model.onnx", new)
    new["garden"], new["rent"] = answers["garden"], answers["rent"][:, 0].round()
    print(f"\nPredicted for three new flats:\n{new.to_string(index=False)}")
    made = sampled(options.out / "model" / "sampler.onnx", rows=3, like=new, seed=options.seed)
    print(f"\nThree flats that are not there:\n{made.round(1).to_string(index=False)}")


def answered(path: Path, rows: pd.DataFrame) -> dict[str, Any]:
    """The most probable class of every classification, and numbers. Nothing here is of Graftwork."""
    ports = signature(path)
    found = run(path, {port["name"]: fed(port, rows) for port in ports["inputs"]})
    for port in ports["outputs"]:
        if port["meaning"].startswith("Probability"):
            found[port["name"]] = np.array(port["columns"])[found[port["name"]].argmax(axis=1)]
    return found


def sampled(path: Path, rows: int, like: pd.DataFrame, seed: int) -> pd.DataFrame:
    """Rows that the model makes up; where it samples under conditions, they are those of the first row."""
    random = np.random.default_rng(seed)
    ports = signature(path)
    first = like.iloc[[0] * rows]
    feeds = {
        port["name"]: random.normal(size=(rows, *port["shape"])).astype(np.float32)
        if port["dtype"] == "float32"
        else fed(port, first)
        for port in ports["inputs"]
    }
    vectors = run(path, feeds)["flat"]
    code = json.loads((path.parent / "interface.json").read_text(encoding="utf-8"))["table"]["rows"]["flat"]
    numbers = vectors[:, : len(code["numbers"])].clip(code["low"], code["high"])
    numbers = np.where(code["whole"], numbers.round(), numbers)
    made = dict(zip(code["numbers"], numbers.T, strict=True))
    (port,), start = ports["outputs"], len(code["numbers"])
    for name, levels in zip(port["columns"][start:], port["codes"], strict=True):
        made[name] = np.array(levels)[vectors[:, start : start + len(levels)].argmax(axis=1)]
        start += len(levels)
    return pd.DataFrame(made)


def fed(port: dict[str, Any], rows: pd.DataFrame) -> Any:
    """Columns of a table as a graph takes them."""
    if port["dtype"] == "float64":
        return rows[port["columns"]].astype(float).to_numpy()
    coded = []
    for column, levels in zip(port["columns"], port["codes"], strict=True):
        codes = {level: code for code, level in enumerate(levels)}
        coded.append([codes.get(value, codes.get("(other)", -1)) for value in rows[column].fillna("")])
    codes_of_rows = np.array(coded, dtype=np.int64).T
    return codes_of_rows if port["shape"] else codes_of_rows[:, 0]


def signature(path: Path) -> dict[str, Any]:
    """What a file takes and gives."""
    told = json.loads((path.parent / "signature.json").read_text(encoding="utf-8"))
    ports: dict[str, Any] = told["graphs"][path.name]
    return ports


def run(path: Path, feeds: dict[str, Any]) -> dict[str, Any]:
    """All that a file gives, by name."""
    session = onnxruntime.InferenceSession(path)
    names = [port.name for port in session.get_outputs()]
    return dict(zip(names, session.run(names, feeds), strict=True))


def flats(rows: int, seed: int) -> pd.DataFrame:
    """Invented flats: numbers with gaps, booleans and categories."""
    random = np.random.default_rng(seed)
    area = random.gamma(8, 9, rows).round(1)
    town = random.choice(["Aston", "Barrow", "Corby"], rows, p=[0.5, 0.3, 0.2])
    return pd.DataFrame(
        {
            "area": np.where(random.random(rows) < 0.1, np.nan, area),
            "town": town,
            "lift": random.random(rows) < 0.4,
            "garden": np.where(area + random.normal(0, 10, rows) > 70, "yes", "no"),
            "rent": 5 * area + 200 * (town == "Aston"),
        }
    )


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--steps", type=int, default=300, help="training steps")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--out", type=Path, default=Path("deployed"), help="folder that is written")
    return parser.parse_args()


if __name__ == "__main__":
    main()
