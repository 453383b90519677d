"""A run and what it has found so far."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import replace
from os import PathLike
from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING, Any, Self, final

from graftwork.errors import InputError, RunError
from graftwork.store._address import Address
from graftwork.store._entry import Brief, Details, Entry, Milestone, Place, RecordEntry
from graftwork.store._folder import Location, find, prepare
from graftwork.store._json import decode, encode
from graftwork.store._lock import Lock, holder
from graftwork.store._rows import candidate_row, clean, ordered
from graftwork.store._spec import differences
from graftwork.store._weights import WEIGHTS, Weights

if TYPE_CHECKING:
    from torch import Tensor

    from graftwork.store._database import Database


@final
class Store:
    """One run in one folder: `graftwork.db`, and weights beside it. Made by `open` or `read`.

    Its rows may be in a PostgreSQL database instead; then the folder says in which, and holds the weights.

    One process writes to a run, and others that would are refused until it has closed it or ended; any
    number may read it meanwhile. Every `add` is committed when it returns, so that a run killed at any
    instant goes on from what was added.

    Attributes:
        folder: Where the run lies.
        kind: What sort of run it is, such as "study".
        spec: What was asked for; a run goes on only with an equal spec.

    Example:
        >>> import tempfile, torch
        >>> folder = tempfile.mkdtemp()
        >>> with Store.open(folder, kind="study", spec={"seed": 7}) as store:
        ...     entry = store.add("c1", {"skill": 0.9}, weights={"w": torch.ones(2)})
        >>> with Store.read(folder) as store:
        ...     [entry.payload for entry in store.entries()], store.load_weights(entry.weights)
        ([{'skill': 0.9}], {'w': tensor([1., 1.])})
    """

    folder: Path
    kind: str
    spec: dict[str, Any]

    def __init__(self, place: Location, database: Database, *, lock: Lock | None) -> None:
        run = database.run()
        self.folder, self.kind, self.spec = place.folder, run["kind"], run["spec"]
        self._database = database
        self._weights = Weights(place.folder / WEIGHTS)
        self._lock = lock

    @classmethod
    def open(
        cls,
        folder: str | PathLike[str],
        *,
        kind: str,
        spec: Mapping[str, Any],
        hint: str = "choose another folder",
        database: str | None = None,
        guidelines: Mapping[str, str] | None = None,
    ) -> Self:
        """Begin a run in `folder`, or go on with the one there if its kind and spec are equal.

        Args:
            folder: A folder that is new, empty, or holds a run.
            kind: What sort of run it is.
            spec: What is asked for, as strict JSON can hold it.
            hint: What refusals tell the reader to do.
            database: Address of the PostgreSQL database that its rows are to be kept in; a SQLite file in the
                folder unless told. The folder remembers it, without the password.
            guidelines: Documents of the guidelines that it uses, by their digest.

        Raises:
            InputError: If the folder holds another run, other files or a damaged one, cannot be written
                to, or is being written to by another process. Nothing is overwritten.
            MissingExtraError: If the database needs a driver that is not installed.
        """
        from graftwork.store._database import Database

        folder, text = Path(folder), encode(spec, "spec")
        address = Address.parse(database) if database else None
        place = prepare(folder, hint, address)
        lock = Lock(folder)
        try:
            if place.exists:
                opened = Database.write(place, holder=holder())
            else:
                opened = Database.create(place, kind=kind, spec=text, holder=holder())
            store = cls(place, opened, lock=lock)
            store._refuse_another(kind, decode(text), hint)
            opened.begin(seed=spec.get("seed"), guidelines=guidelines or {})
        except BaseException:
            lock.release()
            raise
        return store

    @classmethod
    def read(
        cls,
        folder: str | PathLike[str],
        *,
        kinds: Collection[str] | None = None,
        database: str | None = None,
    ) -> Self:
        """Open the run in `folder` without the means to change it, also while another process writes.

        Args:
            folder: Of a run.
            kinds: What sorts of run are wanted; any unless told.
            database: Address of its database, where the one that the folder remembers does not suffice.

        Raises:
            InputError: If there is none, it is damaged, or its kind is not among `kinds`.
        """
        from graftwork.store._database import Database

        place = find(Path(folder), Address.parse(database) if database else None)
        store = cls(place, Database.read(place), lock=None)
        if kinds is not None and store.kind not in kinds:
            store.close()
            expected = " or ".join(sorted(kinds))
            raise InputError(f"{folder} holds a {store.kind[:60]}, but a {expected} was expected.")
        return store

    @property
    def finished(self) -> bool:
        """Whether the run has come to its end."""
        return bool(self._database.run()["finished"])

    @property
    def summary(self) -> dict[str, Any] | None:
        """What `finish` was given, or None before."""
        summary: dict[str, Any] | None = self._database.run()["summary"]
        return summary

    @property
    def environment(self) -> dict[str, Any]:
        """What the run was begun with: versions, the commit of Graftwork, the machine, when."""
        return next(iter(self.environments()), {})

    def environments(self) -> list[dict[str, Any]]:
        """What the run was begun with, and then gone on with, each time."""
        return self._database.environments()

    def guidelines(self) -> dict[str, str]:
        """Documents of the guidelines that were used, by their digest."""
        return self._database.guidelines()

    def add(
        self,
        key: str,
        payload: Mapping[str, Any],
        *,
        weights: Mapping[str, Tensor] | None = None,
        status: str = "done",
        reason: str | None = None,
        details: Details | None = None,
        displaces: Sequence[int] = (),
    ) -> Entry:
        """Keep one piece of work; all of it is on disk when this returns, or none.

        Args:
            key: Its name.
            payload: What was found and has no column.
            weights: Kept beside it.
            status: How it ended.
            reason: Why it ended so.
            details: What has columns.
            displaces: Numbers of those in its arm that it displaces from the front.

        Raises:
            InputError: If `payload` holds what JSON cannot, such as a NaN.
            RunError: If there is an entry of that key, the store is read-only, or the disk refuses.
        """
        self._refuse_reader()
        entry = Entry(
            key=key,
            status=status,
            reason=clean(reason),
            payload=decode(encode(payload, "payload")),
            weights=None,
            details=ordered(details or Details()),
        )
        candidate_row(entry)  # refuses what cannot be kept before weights are written
        # Weights first: an entry never names weights that are not there.
        if weights is not None:
            entry = replace(entry, weights=self._weights.save(weights))
        self._database.add(entry, displaces)
        return entry

    def add_record(self, key: str, payload: Mapping[str, Any]) -> None:
        """Keep one line of a study.

        Raises:
            InputError: If `payload` holds what JSON cannot.
            RunError: If there is a record of that key, the store is read-only, or the disk refuses.
        """
        self._refuse_reader()
        self._database.add_record(key, payload)

    def entries(self) -> list[Entry]:
        """All entries, in the order they were added."""
        return self._database.entries()

    def records(self) -> list[RecordEntry]:
        """All lines of a study, in the order they were added."""
        return self._database.records()

    def get(self, key: str) -> Entry | None:
        """The entry of `key`, if there is one."""
        return self._database.get(key)

    def numbered(self, arm: str, *, first: int = 0, end: int | None = None) -> list[Entry]:
        """Entries of an arm from number `first` to before `end`, in the order of their numbers."""
        return self._database.numbered(arm, first=first, end=end)

    def latest(self, arm: str, count: int) -> list[Brief]:
        """What is listed of the newest candidates of an arm, in the order of their numbers."""
        return self._database.briefs(arm, first=max(self.count(arm) - count, 0))

    def front(self, arm: str) -> list[Entry]:
        """Entries on the front of an arm, in the order of their numbers."""
        return self._database.front(arm)

    def places(self, arm: str, *, told: int | None = None) -> list[Place]:
        """The front of an arm, now or when so many were told of, in the order of their numbers."""
        return self._database.places(arm, told=told)

    def count(self, arm: str) -> int:
        """How many numbers an arm has come to."""
        return self._database.count(arm)

    def statuses(self, arm: str) -> dict[str, int]:
        """How many candidates of an arm ended how."""
        return self._database.statuses(arm)

    def standings(
        self, arm: str, *, first: int = 0, end: int | None = None, every: int = 1
    ) -> list[Milestone]:
        """Where an arm stood after its candidates from number `first` to before `end`, or every so manyth."""
        return self._database.standings(arm, first=first, end=end, every=every)

    def knows(self, arm: str, digest: str, *, told: int) -> bool:
        """Whether an arm has an architecture of this hash: by a variation, or of the first `told` done."""
        return self._database.knows(arm, digest, told=told)

    def load_weights(self, digest: str) -> dict[str, Tensor]:
        """The tensors under a hash that an entry names.

        Raises:
            InputError: If there are none, or the file is damaged.
        """
        return self._weights.load(digest)

    def finish(self, summary: Mapping[str, Any]) -> None:
        """Mark the run as come to its end.

        Raises:
            InputError: If `summary` holds what JSON cannot.
            RunError: If the store is read-only, or the disk refuses.
        """
        self._refuse_reader()
        self._database.finish(encode(summary, "summary"))

    def close(self) -> None:
        """Let go of the files."""
        self._database.close()
        if self._lock is not None:
            self._lock.release()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None, /
    ) -> None:
        self.close()

    def _refuse_reader(self) -> None:
        if self._lock is None:
            raise RunError(f"The run in {self.folder} is open for reading only; open it with Store.open.")

    def _refuse_another(self, kind: str, spec: dict[str, Any], hint: str) -> None:
        # Of another kind nearly every key differs; that kind is what the reader must know.
        found = differences({"kind": self.kind}, {"kind": kind}) or differences(self.spec, spec)
        if found:
            self.close()
            raise InputError(
                f"{self.folder} holds another run: {'; '.join(found)}. Nothing was changed. To go on with "
                f"it, ask for the same; otherwise {hint}."
            )
