"""Several runs in a database, and tables for candidates, evaluations, diagnosis, records, guidelines and
environment.

What an entry held as JSON goes where it belongs. The front and what it covered after each candidate are
worked out from the scores, as the search did; hashes of architectures are not, so that such a run can be read
and not gone on with.
"""

import json
import math
from collections.abc import Iterable, Mapping
from typing import Any

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"

_NUMBER = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
_DETAILS = ("component", "output", "metric", "value", "error")


def upgrade() -> None:
    """Make the tables, carry over what there is, and drop the old ones."""
    op.rename_table("run", "run_before")
    tables = _make_tables()
    connection = op.get_bind()
    for row in connection.execute(sa.text("select * from run_before")).mappings():
        _carry(connection, tables, dict(row))
    op.drop_table("entry")
    op.drop_table("run_before")


def _make_tables() -> dict[str, sa.Table]:
    made = {
        "run": op.create_table(
            "run",
            sa.Column("id", _NUMBER, primary_key=True),
            sa.Column("name", sa.Text, nullable=False, unique=True),
            sa.Column("kind", sa.Text, nullable=False),
            sa.Column("spec", sa.Text, nullable=False),
            sa.Column("begun", sa.Text, nullable=False),
            sa.Column("finished", sa.Boolean, nullable=False),
            sa.Column("summary", sa.Text),
        ),
        "environment": op.create_table(
            "environment",
            sa.Column("id", _NUMBER, primary_key=True),
            sa.Column("run_id", _NUMBER, sa.ForeignKey("run.id"), nullable=False),
            sa.Column("opened", sa.Text, nullable=False),
            sa.Column("commit", sa.Text),
            sa.Column("python", sa.Text, nullable=False),
            sa.Column("platform", sa.Text, nullable=False),
            sa.Column("machine", sa.Text),
            sa.Column("cores", sa.Integer),
            sa.Column("seed", sa.Text),
            sa.Column("packages", sa.Text, nullable=False),
        ),
        "guidelines": op.create_table(
            "guidelines",
            sa.Column("run_id", _NUMBER, sa.ForeignKey("run.id"), primary_key=True),
            sa.Column("digest", sa.Text, primary_key=True),
            sa.Column("document", sa.Text, nullable=False),
        ),
        "candidate": op.create_table(
            "candidate",
            sa.Column("id", _NUMBER, primary_key=True),
            sa.Column("run_id", _NUMBER, sa.ForeignKey("run.id"), nullable=False),
            sa.Column("key", sa.Text, nullable=False),
            sa.Column("status", sa.Text, nullable=False),
            sa.Column("reason", sa.Text),
            sa.Column("arm", sa.Text, nullable=False),
            sa.Column("number", _NUMBER),
            sa.Column("parent", _NUMBER),
            sa.Column("founder", _NUMBER),
            sa.Column("operator", sa.Text),
            sa.Column("site", sa.Text),
            sa.Column("seed", sa.BigInteger),
            sa.Column("hash", sa.Text),
            sa.Column("steps", sa.BigInteger),
            sa.Column("seconds", sa.Double),
            sa.Column("training_seconds", sa.Double),
            sa.Column("joined", sa.Boolean, nullable=False),
            sa.Column("displaced_by", _NUMBER),
            sa.Column("objectives", sa.Text),
            sa.Column("total_steps", sa.BigInteger),
            sa.Column("total_seconds", sa.Double),
            sa.Column("hypervolume", sa.Double),
            sa.Column("weights", sa.Text),
            sa.Column("architecture", sa.Text),
            sa.Column("payload", sa.Text, nullable=False),
            sa.UniqueConstraint("run_id", "key", name="candidate_key"),
        ),
        "evaluation": op.create_table(
            "evaluation",
            sa.Column("candidate_id", _NUMBER, sa.ForeignKey("candidate.id"), primary_key=True),
            sa.Column("split", sa.Text, primary_key=True),
            sa.Column("output", sa.Text, primary_key=True),
            sa.Column("kind", sa.Text, nullable=False),
            sa.Column("metric", sa.Text, nullable=False),
            sa.Column("value", sa.Double, nullable=False),
            sa.Column("skill", sa.Double, nullable=False),
            sa.Column("decision", sa.Text, nullable=False),
            sa.Column("decision_value", sa.Double, nullable=False),
            sa.Column("decision_skill", sa.Double, nullable=False),
            sa.Column("metrics", sa.Text, nullable=False),
            sqlite_with_rowid=False,
        ),
        "diagnosis": op.create_table(
            "diagnosis",
            sa.Column("candidate_id", _NUMBER, sa.ForeignKey("candidate.id"), primary_key=True),
            sa.Column("place", sa.Integer, primary_key=True),
            sa.Column("component", sa.Text, nullable=False),
            sa.Column("output", sa.Text),
            sa.Column("metric", sa.Text, nullable=False),
            sa.Column("value", sa.Double, nullable=False),
            sa.Column("error", sa.Double, nullable=False),
            sqlite_with_rowid=False,
        ),
        "record": op.create_table(
            "record",
            sa.Column("id", _NUMBER, primary_key=True),
            sa.Column("run_id", _NUMBER, sa.ForeignKey("run.id"), nullable=False),
            sa.Column("key", sa.Text, nullable=False),
            sa.Column("problem", sa.Text),
            sa.Column("parent", _NUMBER),
            sa.Column("trial", _NUMBER),
            sa.Column("operator", sa.Text),
            sa.Column("status", sa.Text),
            sa.Column("payload", sa.Text, nullable=False),
            sa.UniqueConstraint("run_id", "key", name="record_key"),
        ),
    }
    op.create_index("environment_of_run", "environment", ["run_id"])
    op.create_index("candidate_number", "candidate", ["run_id", "arm", "number"])
    op.create_index("candidate_hash", "candidate", ["run_id", "arm", "hash"])
    op.create_index("candidate_status", "candidate", ["run_id", "arm", "status"])
    op.create_index("candidate_front", "candidate", ["run_id", "arm", "joined", "displaced_by"])
    return made


def _carry(connection: sa.Connection, tables: Mapping[str, sa.Table], run: dict[str, Any]) -> None:
    spec, environment = json.loads(run["spec"]), json.loads(run["environment"])
    kept = {name: run[name] for name in ("kind", "spec", "finished", "summary")}
    # When it was begun nobody wrote down.
    connection.execute(tables["run"].insert().values(id=1, name="run", begun="", **kept))
    connection.execute(
        tables["environment"]
        .insert()
        .values(
            run_id=1,
            opened="",
            python=environment.pop("python"),
            platform=environment.pop("platform"),
            seed=None if "seed" not in spec else str(spec["seed"]),
            packages=json.dumps(environment),
        )
    )
    entries = connection.execute(sa.text("select * from entry order by position")).mappings()
    arms: dict[str, _Arm] = {}
    for entry in entries:
        _carry_entry(connection, tables, dict(entry), arms, spec)


def _carry_entry(
    connection: sa.Connection,
    tables: Mapping[str, sa.Table],
    entry: dict[str, Any],
    arms: "dict[str, _Arm]",
    spec: Mapping[str, Any],
) -> None:
    key, payload = entry["key"], json.loads(entry["payload"])
    if "/record/" in key:
        told = {name: payload[name] for name in ("problem", "parent", "trial", "operator", "status")}
        row = {"run_id": 1, "key": key, "payload": entry["payload"], **told}
        connection.execute(tables["record"].insert().values(row))
        return
    row = {name: entry[name] for name in ("key", "status", "reason", "weights")}
    row |= {"run_id": 1, "arm": "", "joined": False}
    arm, _, number = key.rpartition("candidate/")
    if key == "best":
        scores, outcome = payload["scores"], payload
        row |= {"parent": payload["number"], "payload": "{}"}
    else:
        outcome = payload.get("outcome", payload)
        scores = {"validation": outcome["scores"]}
        rest = {name: outcome[name] for name in ("trained", "complexity")}
        row["payload"] = json.dumps(rest | {"diagnosed": outcome["diagnosis"] is not None})
        row |= {name: outcome.get(name, 0.0) for name in ("seconds", "training_seconds")}
    row |= {"steps": outcome["steps"], "architecture": _text(outcome["architecture"])}
    displaced: list[int] = []
    if number and number.isdigit():
        name = arm.strip("/")
        row |= {"arm": name, "number": int(number), "parent": payload["parent"]}
        row |= _applied(payload["application"])
        told, displaced = arms.setdefault(name, _Arm(spec)).take(row, outcome)
        row |= told
    made = connection.execute(tables["candidate"].insert().values(row)).inserted_primary_key
    assert made is not None
    for split, of in scores.items():
        _insert(connection, tables["evaluation"], _evaluations(made.id, split, of))
    findings = (outcome["diagnosis"] or {"findings": ()})["findings"]
    rows = [{"candidate_id": made.id, "place": place, **_figure(each)} for place, each in enumerate(findings)]
    _insert(connection, tables["diagnosis"], rows)
    if displaced:
        candidate = tables["candidate"].c
        met = candidate.arm == row["arm"], candidate.number.in_(displaced)
        connection.execute(tables["candidate"].update().where(*met).values(displaced_by=row["number"]))


class _Arm:
    """The front of one search, and what it covered, as candidates came."""

    def __init__(self, spec: Mapping[str, Any]) -> None:
        space = spec["settings"]["space"]
        self.low, self.high = math.log(space["min_parameters"]), math.log(space["max_parameters"])
        self.front: dict[int, tuple[float, ...]] = {}
        self.founders: dict[int, int] = {}
        self.steps, self.seconds = 0, 0.0

    def take(self, row: Mapping[str, Any], outcome: Mapping[str, Any]) -> tuple[dict[str, Any], list[int]]:
        """Columns of a candidate, and numbers of those that it displaces."""
        number, parent = row["number"], row["parent"]
        self.founders[number] = number if parent is None else self.founders[parent]
        self.steps, self.seconds = self.steps + outcome["steps"], self.seconds + outcome["seconds"]
        joined, displaced, objectives = False, [], None
        if row["status"] == "done":
            point = self._point(outcome)
            objectives = json.dumps(point)
            joined = not any(_at_least(other, point) for other in self.front.values())
            if joined:
                displaced = [each for each, other in self.front.items() if _at_least(point, other)]
                self.front = {n: p for n, p in self.front.items() if n not in displaced} | {number: point}
        told: dict[str, Any] = {"founder": self.founders[number], "joined": joined, "total_steps": self.steps}
        told |= {"total_seconds": self.seconds, "hypervolume": self._hypervolume(), "objectives": objectives}
        return told, displaced

    def _point(self, outcome: Mapping[str, Any]) -> tuple[float, ...]:
        skills = [_clipped(score["decision_skill"]) for _, score in sorted(outcome["scores"].items())]
        share = (math.log(outcome["complexity"]["parameters"]) - self.low) / (self.high - self.low)
        return (*skills, _clipped(1.0 - share))

    def _hypervolume(self) -> float:
        if not self.front:
            return 0.0
        import moocore
        import numpy as np

        points = np.asarray([*self.front.values()])
        return float(moocore.hypervolume(-points, ref=np.zeros(points.shape[1])))


def _at_least(one: tuple[float, ...], other: tuple[float, ...]) -> bool:
    return all(a >= b for a, b in zip(one, other, strict=True))


def _clipped(value: float) -> float:
    return min(max(value, 0.0), 1.0)


def _applied(application: Mapping[str, Any] | None) -> dict[str, Any]:
    if application is None:
        return {}
    return {
        "operator": application["operator"],
        "site": json.dumps(application["site"]),
        "seed": application["seed"],
    }


def _evaluations(candidate: int, split: str, scores: Mapping[str, Any]) -> Iterable[dict[str, Any]]:
    for output, score in scores.items():
        metrics = json.dumps(score["metrics"])
        yield {"candidate_id": candidate, "split": split, "output": output, **score, "metrics": metrics}


def _figure(finding: Mapping[str, Any]) -> dict[str, Any]:
    return {name: finding[name] for name in _DETAILS}


def _insert(connection: sa.Connection, table: sa.Table, rows: Iterable[dict[str, Any]]) -> None:
    if found := list(rows):
        connection.execute(table.insert(), found)


def _text(value: Any) -> str | None:
    return None if value is None else json.dumps(value)
