"""The tables of a run. A change to them needs a migration (`migrations/versions/`) and a new `REVISION`."""

from __future__ import annotations

import sqlalchemy as sa

REVISION = "0002"
"""What the tables below are; `migrations/versions/` leads from each revision to the next."""

METADATA = sa.MetaData()

# Whole numbers of PostgreSQL's INTEGER end at two thousand million; those of SQLite do not, and only
# INTEGER counts up by itself there.
_NUMBER = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
_REAL: sa.Double[float] = sa.Double()


def _owner(of: str) -> sa.Column[int]:
    return sa.Column(f"{of}_id", _NUMBER, sa.ForeignKey(f"{of}.id"), primary_key=True)


VERSION = sa.Table(
    "alembic_version",
    METADATA,
    sa.Column("version_num", sa.String(32), primary_key=True),
)
RUN = sa.Table(
    "run",
    METADATA,
    sa.Column("id", _NUMBER, primary_key=True),
    sa.Column("name", sa.Text, nullable=False, unique=True),
    sa.Column("kind", sa.Text, nullable=False),
    sa.Column("spec", sa.Text, nullable=False),
    sa.Column("begun", sa.Text, nullable=False),
    sa.Column("finished", sa.Boolean, nullable=False),
    sa.Column("summary", sa.Text),
)
ENVIRONMENT = sa.Table(
    "environment",
    METADATA,
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
    sa.Index("environment_of_run", "run_id"),
)
GUIDELINES = sa.Table(
    "guidelines",
    METADATA,
    _owner("run"),
    sa.Column("digest", sa.Text, primary_key=True),
    sa.Column("document", sa.Text, nullable=False),
)
CANDIDATE = sa.Table(
    "candidate",
    METADATA,
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
    sa.Column("seconds", _REAL),
    sa.Column("training_seconds", _REAL),
    sa.Column("joined", sa.Boolean, nullable=False),
    sa.Column("displaced_by", _NUMBER),
    sa.Column("objectives", sa.Text),
    sa.Column("total_steps", sa.BigInteger),
    sa.Column("total_seconds", _REAL),
    sa.Column("hypervolume", _REAL),
    sa.Column("weights", sa.Text),
    # Last, since they are long: what comes before is read without them.
    sa.Column("architecture", sa.Text),
    sa.Column("payload", sa.Text, nullable=False),
    sa.UniqueConstraint("run_id", "key", name="candidate_key"),
)
sa.Index("candidate_number", CANDIDATE.c.run_id, CANDIDATE.c.arm, CANDIDATE.c.number)
sa.Index("candidate_hash", CANDIDATE.c.run_id, CANDIDATE.c.arm, CANDIDATE.c.hash)
sa.Index("candidate_status", CANDIDATE.c.run_id, CANDIDATE.c.arm, CANDIDATE.c.status)
sa.Index("candidate_front", CANDIDATE.c.run_id, CANDIDATE.c.arm, CANDIDATE.c.joined, CANDIDATE.c.displaced_by)
EVALUATION = sa.Table(
    "evaluation",
    METADATA,
    _owner("candidate"),
    sa.Column("split", sa.Text, primary_key=True),
    sa.Column("output", sa.Text, primary_key=True),
    sa.Column("kind", sa.Text, nullable=False),
    sa.Column("metric", sa.Text, nullable=False),
    sa.Column("value", _REAL, nullable=False),
    sa.Column("skill", _REAL, nullable=False),
    sa.Column("decision", sa.Text, nullable=False),
    sa.Column("decision_value", _REAL, nullable=False),
    sa.Column("decision_skill", _REAL, nullable=False),
    sa.Column("metrics", sa.Text, nullable=False),
    sqlite_with_rowid=False,
)
DIAGNOSIS = sa.Table(
    "diagnosis",
    METADATA,
    _owner("candidate"),
    sa.Column("place", sa.Integer, primary_key=True),
    sa.Column("component", sa.Text, nullable=False),
    sa.Column("output", sa.Text),
    sa.Column("metric", sa.Text, nullable=False),
    sa.Column("value", _REAL, nullable=False),
    sa.Column("error", _REAL, nullable=False),
    sqlite_with_rowid=False,
)
RECORD = sa.Table(
    "record",
    METADATA,
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
)
