"""Bring a table of your own: a class, a number with a heavy tail and rows to generate, answered by one model.

You learn how columns of every kind, with gaps, become a problem, what is said of them, how to predict new
rows in the units of the table, and how to draw new rows.

The table is made here: 400 invented flats, whose rent depends on the rest.

    python examples/own_table.py --evaluations 6 --out flats
"""

from __future__ import annotations

import argparse
from pathlib import Path

import numpy as np
import pandas as pd
import torch

import graftwork as gw

OUTPUTS = {
    "garden": gw.Classification(),
    "rent": gw.Regression(transform="auto"),
    "flat": gw.Generation(),
}


def main() -> None:
    """Table, problem, search, predictions, new rows."""
    options = _options()
    table = flats(rows=400, seed=options.seed)
    problem = gw.Problem.from_frame(table, outputs=OUTPUTS, name="flats", leave_out=["id"], seed=options.seed)
    assert problem.table is not None
    print("Inputs:", ", ".join(problem.table.inputs))
    for note in problem.table.notes:
        print(f"  {note}")

    result = gw.search(
        problem,
        policy="random",
        budget=gw.Budget(evaluations=options.evaluations),
        seed=options.seed,
        out=options.out / "run",
    )
    for name, score in result.best.scores["test"].items():
        print(f"{name}: {score.metric} {score.value:.3f}, skill {score.skill:.2f} on test rows")

    new = flats(rows=3, seed=options.seed + 1).drop(columns=["garden", "rent"])
    new.loc[0, "town"] = "a town that no row holds"
    with torch.no_grad():
        answers = result.best.model(problem.encode_frame(new))
    new["garden"] = problem.outputs["garden"].decode(answers["garden"])
    new["rent"] = problem.outputs["rent"].decode(answers["rent"])[:, 0].round()
    print(f"\nPredicted for three new flats:\n{new.to_string(index=False)}")

    random = torch.Generator().manual_seed(options.seed)
    drawn = result.best.model.sample(problem.train.inputs, rows=3, generator=random)["flat"]
    rows = problem.table.rows["flat"].frame(problem.outputs["flat"].decode(drawn))
    rows.to_csv(options.out / "generated.csv", index=False)
    print(f"\nThree flats that are not there:\n{rows.round(1).to_string(index=False)}")


def flats(rows: int, seed: int) -> pd.DataFrame:
    """Invented flats: numbers, categories, booleans, dates and gaps."""
    random = np.random.default_rng(seed)
    area = random.gamma(8, 9, rows).round(1)
    town = random.choice(["Aston", "Barrow", "Corby"], rows, p=[0.5, 0.3, 0.2])
    lift = random.random(rows) < 0.4
    price = np.exp(0.02 * area + (town == "Aston") + 0.3 * lift + random.normal(0, 0.2, rows))
    return pd.DataFrame(
        {
            "id": [f"flat {row}" for row in range(rows)],
            "area": np.where(random.random(rows) < 0.1, np.nan, area),
            "town": town,
            "lift": lift,
            "built": pd.Timestamp("1950-01-01") + pd.to_timedelta(random.integers(0, 25_000, rows), unit="D"),
            "garden": np.where(area + random.normal(0, 20, rows) > 75, "yes", "no"),
            "rent": (200 * price).round(),
        }
    )


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--evaluations", type=int, default=6, help="candidates of the search")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--out", type=Path, default=Path("flats"), help="folder for what is written")
    return parser.parse_args()


if __name__ == "__main__":
    main()
