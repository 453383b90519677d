"""Every statement that is put to the tables of a run."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import fields
from datetime import UTC, datetime
from itertools import groupby
from typing import Any, Self, final

import sqlalchemy as sa

from graftwork.documents import short
from graftwork.errors import GraftworkError, InputError, RunError
from graftwork.store._columns import DamagedRowError, check_columns
from graftwork.store._engines import engine_of, lost, take_server_lock, told_by
from graftwork.store._entry import Brief, Entry, Milestone, Place, RecordEntry
from graftwork.store._environment import machine, packages
from graftwork.store._folder import Location
from graftwork.store._json import decode
from graftwork.store._making import check_revision, make
from graftwork.store._rows import (
    Row,
    brief_of,
    candidate_row,
    diagnosis_rows,
    entry_of,
    evaluation_rows,
    place_of,
    record_of,
    record_row,
)
from graftwork.store._schema import refuse_programs
from graftwork.store._tables import (
    CANDIDATE,
    DIAGNOSIS,
    ENVIRONMENT,
    EVALUATION,
    GUIDELINES,
    RECORD,
    RUN,
)
from graftwork.store._weights import is_digest

# Of larger files only what is read is looked at: a look at all of a gigabyte takes seconds.
_CHECKED_BYTES = 16_000_000

Condition = sa.ColumnElement[bool]


@final
class Database:
    """The rows of one run. Readers see what the writer has committed, and neither waits for the other."""

    def __init__(self, place: Location, engine: sa.Engine) -> None:
        self._place, self._engine = place, engine
        self._run = 0

    @classmethod
    def create(cls, place: Location, *, kind: str, spec: str, holder: str) -> Self:
        """A new run, whose folder knows it only when it is whole."""
        row = {"name": place.name, "kind": kind, "spec": spec, "begun": _now(), "finished": False}
        make(place, row)
        return cls.write(place, holder=holder)

    @classmethod
    def write(cls, place: Location, *, holder: str) -> Self:
        """Open for writing; `holder` is what others are told of who writes."""
        database = cls(place, engine_of(place, "rw"))
        with database._refusals():
            if place.address:
                take_server_lock(database._engine, place, holder)
            database._check()
            if place.address is None:
                with database._engine.connect() as connection:
                    connection.exec_driver_sql("PRAGMA journal_mode=WAL")
        return database

    @classmethod
    def read(cls, place: Location) -> Self:
        """Open without the means to change anything."""
        database = cls(place, engine_of(place, "ro"))
        with database._refusals():
            database._check()
        return database

    def run(self) -> dict[str, Any]:
        """The row of the run, its objects decoded."""
        row = self._all(sa.select(RUN).where(RUN.c.id == self._run))[0]
        with self._refusals():
            summary = None if row["summary"] is None else decode(row["summary"])
            return {**row, "spec": decode(row["spec"]), "summary": summary}

    def environments(self) -> list[dict[str, Any]]:
        """What the run was begun and gone on with, in that order."""
        query = sa.select(ENVIRONMENT).where(ENVIRONMENT.c.run_id == self._run).order_by(ENVIRONMENT.c.id)
        rows = self._all(query)
        with self._refusals():
            return [_environment(row) for row in rows]

    def guidelines(self) -> dict[str, str]:
        """The guidelines that were used, by their digest."""
        rows = self._all(sa.select(GUIDELINES).where(GUIDELINES.c.run_id == self._run))
        return {row["digest"]: row["document"] for row in rows}

    def begin(self, *, seed: object, guidelines: Mapping[str, str]) -> None:
        """Commit with what the run is begun or gone on with."""
        row = {**machine(), "opened": _now(), "packages": json.dumps(packages())}
        row["seed"] = None if seed is None else str(seed)
        known = self.guidelines()
        with self._writing("what the run is made with") as connection:
            connection.execute(ENVIRONMENT.insert().values(run_id=self._run, **row))
            for digest, document in guidelines.items():
                if digest not in known:
                    values = {"run_id": self._run, "digest": digest, "document": document}
                    connection.execute(GUIDELINES.insert().values(**values))

    def get(self, key: str) -> Entry | None:
        """The entry of `key`, if there is one."""
        return next(iter(self.entries(CANDIDATE.c.key == key)), None)

    def numbered(self, arm: str, *, first: int, end: int | None = None) -> list[Entry]:
        """Entries of an arm from one number to before another, in the order of their numbers."""
        number = CANDIDATE.c.number
        found = self.entries(*self._of(arm), number >= first, *(() if end is None else (number < end,)))
        return _by_number(found)

    def front(self, arm: str) -> list[Entry]:
        """Entries on the front of an arm, in the order of their numbers."""
        return _by_number(self.entries(*self._joined(arm), CANDIDATE.c.displaced_by.is_(None)))

    def places(self, arm: str, *, told: int | None) -> list[Place]:
        """The front of an arm, now or when so many were told of, in the order of their numbers."""
        query = sa.select(CANDIDATE.c.number, CANDIDATE.c.objectives).where(*self._joined(arm))
        rows = self._all(query.where(CANDIDATE.c.displaced_by.is_(None)))
        if told is not None:
            # Apart, for both are found by the index, and what either finds is not.
            rows += self._all(query.where(CANDIDATE.c.displaced_by >= told))
        places = self._named(lambda: [place_of(row) for row in rows])
        then = (each for each in places if told is None or each.number < told)
        return sorted(then, key=lambda each: each.number)

    def briefs(self, arm: str, *, first: int) -> list[Brief]:
        """What is listed of the candidates of an arm from a number on."""
        query = sa.select(*(CANDIDATE.c[field.name] for field in fields(Brief)))
        met = *self._of(arm), CANDIDATE.c.number >= first
        rows = self._all(query.where(*met).order_by(CANDIDATE.c.number))
        return self._named(lambda: [brief_of(row) for row in rows])

    def entries(self, *conditions: Condition) -> list[Entry]:
        """Entries in the order they were added, those that meet all conditions."""
        met = sa.and_(CANDIDATE.c.run_id == self._run, *conditions)
        with self._refusals(), self._engine.connect() as connection:
            rows = _rows(connection, sa.select(CANDIDATE).where(met).order_by(CANDIDATE.c.id))
            evaluations = _by_candidate(connection, EVALUATION, met, EVALUATION.c.output)
            figures = _by_candidate(connection, DIAGNOSIS, met, DIAGNOSIS.c.place)
        return self._named(
            lambda: [entry_of(r, evaluations.get(r["id"], ()), figures.get(r["id"], ())) for r in rows]
        )

    def records(self) -> list[RecordEntry]:
        """All lines of a study, in the order they were added."""
        rows = self._all(sa.select(RECORD).where(RECORD.c.run_id == self._run).order_by(RECORD.c.id))
        return self._named(lambda: [record_of(row) for row in rows])

    def count(self, arm: str) -> int:
        """How many numbers an arm has come to."""
        last = self._one(sa.select(sa.func.max(CANDIDATE.c.number)).where(*self._of(arm)))
        return 0 if last is None else int(last) + 1

    def statuses(self, arm: str) -> dict[str, int]:
        """How many candidates of an arm ended how."""
        status = CANDIDATE.c.status
        met = CANDIDATE.c.run_id == self._run, CANDIDATE.c.arm == arm
        query = sa.select(status, sa.func.count().label("count")).where(*met)
        # What has no number, such as the best model, is no candidate. Asked for apart, as both are found by
        # an index; and first, since a writer may add one meanwhile.
        others = self._all(sa.select(status).where(*met, CANDIDATE.c.number.is_(None)))
        found = {row["status"]: row["count"] for row in self._all(query.group_by(status).order_by(status))}
        for row in others:
            found[row["status"]] -= 1
        return {name: count for name, count in found.items() if count}

    def standings(
        self, arm: str, *, first: int = 0, end: int | None = None, every: int = 1
    ) -> list[Milestone]:
        """Where an arm stood after its candidates, or after every so manyth of them."""
        number = CANDIDATE.c.number
        query = sa.select(
            (number + 1).label("evaluations"),
            CANDIDATE.c.total_steps.label("steps"),
            CANDIDATE.c.total_seconds.label("seconds"),
            CANDIDATE.c.hypervolume,
        ).where(*self._of(arm), CANDIDATE.c.hypervolume.is_not(None), number >= first)
        if end is not None:
            query = query.where(number < end)
        if every > 1:
            query = query.where(number % every == every - 1)
        return [Milestone(**row) for row in self._all(query.order_by(number))]

    def knows(self, arm: str, digest: str, *, told: int) -> bool:
        """Whether an architecture came of a variation, or is one of the first `told` that were done."""
        of_those = sa.or_(
            CANDIDATE.c.operator.is_not(None),
            sa.and_(CANDIDATE.c.status == "done", CANDIDATE.c.number < told),
        )
        met = sa.and_(CANDIDATE.c.run_id == self._run, CANDIDATE.c.arm == arm, CANDIDATE.c.hash == digest)
        return bool(self._one(sa.select(sa.exists().where(met, of_those))))

    def named_weights(self) -> set[str]:
        """Hashes of all weights that an entry names."""
        query = sa.select(CANDIDATE.c.weights).where(
            CANDIDATE.c.run_id == self._run, CANDIDATE.c.weights.is_not(None)
        )
        found = {row["weights"] for row in self._all(query)}
        if strange := [each for each in found if not is_digest(each)]:
            raise InputError(
                f"{self._place} is damaged: {short(min(strange))} is no hash of weights; nothing was changed."
            )
        return found

    def add(self, entry: Entry, displaces: Sequence[int]) -> None:
        """Commit one entry, and which others of its arm it displaces from the front."""
        row, details = candidate_row(entry), entry.details
        evaluations, figures = evaluation_rows(details), diagnosis_rows(details)
        with self._writing(f"entry {entry.key!r}") as connection:
            made = connection.execute(CANDIDATE.insert().values(run_id=self._run, **row))
            assert made.inserted_primary_key is not None
            owner = {"candidate_id": made.inserted_primary_key.id}
            for table, rows in ((EVALUATION, evaluations), (DIAGNOSIS, figures)):
                if rows:
                    connection.execute(table.insert(), [owner | each for each in rows])
            if displaces:
                met = (*self._of(details.arm), CANDIDATE.c.number.in_(displaces))
                connection.execute(CANDIDATE.update().where(*met).values(displaced_by=details.number))

    def add_record(self, key: str, payload: Mapping[str, Any]) -> None:
        """Commit one line of a study."""
        row = record_row(key, payload)
        with self._writing(f"entry {key!r}") as connection:
            connection.execute(RECORD.insert().values(run_id=self._run, **row))

    def finish(self, summary: str) -> None:
        """Commit the end of the run."""
        with self._writing("the summary") as connection:
            values = {"finished": True, "summary": summary}
            connection.execute(RUN.update().where(RUN.c.id == self._run).values(**values))

    def close(self) -> None:
        """Let go of the file, or of the server."""
        self._engine.dispose()

    def _of(self, arm: str) -> tuple[Condition, ...]:
        return CANDIDATE.c.run_id == self._run, CANDIDATE.c.arm == arm, CANDIDATE.c.number.is_not(None)

    def _joined(self, arm: str) -> tuple[Condition, ...]:
        return CANDIDATE.c.run_id == self._run, CANDIDATE.c.arm == arm, CANDIDATE.c.joined == sa.true()

    def _all(self, query: sa.Select[Any]) -> list[Row]:
        with self._refusals(), self._engine.connect() as connection:
            return _rows(connection, query)

    def _one(self, query: sa.Select[Any]) -> Any:
        return next(iter(self._all(query)[0].values()))

    def _check(self) -> None:
        """Refuse what is no run, and what another Graftwork made; find the run."""
        with self._engine.connect() as connection:
            if self._place.address is None:
                refuse_programs(connection)
                _check_file(connection, self._place)
            check_revision(connection, self._place)
            rows = _rows(connection, sa.select(RUN).where(RUN.c.name == self._place.name))
            if len(rows) != 1:
                raise ValueError(f"it holds {len(rows)} runs called {self._place.name!r}")
            decode(rows[0]["spec"])
            self._run = rows[0]["id"]

    @contextmanager
    def _writing(self, what: str) -> Iterator[sa.Connection]:
        try:
            with self._engine.begin() as connection:
                yield connection
        except sa.exc.IntegrityError as error:
            raise RunError(
                f"The run in {self._place.folder} already holds an {what}, which stays."
            ) from error
        except (sa.exc.SQLAlchemyError, OverflowError) as error:
            if self._is_lost(error):
                raise RunError(lost(self._place)) from error
            raise RunError(f"Could not write {what} to {self._place}: {told_by(error)}.") from error

    def _named(self, read: Callable[[], list[Any]]) -> list[Any]:
        try:
            return read()
        except InputError as error:
            raise InputError(f"{self._place}: {error}") from error

    @contextmanager
    def _refusals(self) -> Iterator[None]:
        try:
            yield
        except GraftworkError:
            self.close()
            raise
        except DamagedRowError as error:
            raise InputError(f"{self._place}: {error}") from error
        except (sa.exc.SQLAlchemyError, ValueError, OverflowError, OSError) as error:
            self.close()
            if self._is_lost(error):
                raise RunError(lost(self._place)) from error
            raise InputError(_unreadable(self._place, error)) from error

    def _is_lost(self, error: Exception) -> bool:
        """Whether a server went away after the run had been found there."""
        return bool(self._run and isinstance(error, sa.exc.DBAPIError) and error.connection_invalidated)


def _unreadable(place: Location, error: Exception) -> str:
    if place.address:
        return (
            f"{place} cannot be read ({told_by(error)}); nothing was changed. "
            "Look whether the server runs and lets you in."
        )
    return (
        f"{place} cannot be read as a run ({told_by(error)}); nothing was changed. If the file was cut "
        "short or damaged, restore it from a copy, or start again in another folder."
    )


def _check_file(connection: sa.Connection, place: Location) -> None:
    if place.file.stat().st_size <= _CHECKED_BYTES:
        found = connection.exec_driver_sql("PRAGMA quick_check(1)").scalar_one()
        if found != "ok":
            raise ValueError(found)


def _rows(connection: sa.Connection, query: sa.Select[Any]) -> list[Row]:
    result = connection.execute(query)
    names, rows = [*result.keys()], result.all()
    check_columns(query, rows)
    return [dict(zip(names, row, strict=True)) for row in rows]


def _by_candidate(
    connection: sa.Connection, table: sa.Table, met: Condition, order: sa.ColumnElement[Any]
) -> dict[int, list[Row]]:
    query = sa.select(table).join(CANDIDATE).where(met).order_by(table.c.candidate_id, order)
    rows = _rows(connection, query)
    return {owner: [*of] for owner, of in groupby(rows, key=lambda row: row["candidate_id"])}


def _by_number(entries: list[Entry]) -> list[Entry]:
    return sorted(entries, key=lambda entry: entry.details.number or 0)


def _environment(row: Row) -> dict[str, Any]:
    kept = {key: value for key, value in row.items() if key not in {"id", "run_id", "packages"}}
    return {**kept, **decode(row["packages"])}


def _now() -> str:
    return datetime.now(UTC).isoformat(timespec="seconds")
