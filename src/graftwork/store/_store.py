"""A run and what it has found so far."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from os import PathLike
from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING, Any, Self, final

from graftwork.errors import InputError, RunError
from graftwork.store._entry import Entry
from graftwork.store._environment import environment
from graftwork.store._folder import find, prepare
from graftwork.store._json import decode, encode
from graftwork.store._lock import Lock
from graftwork.store._spec import differences
from graftwork.store._weights import WEIGHTS, Weights

if TYPE_CHECKING:
    from torch import Tensor

    from graftwork.store._database import Database


@final
class Store:
    """One run in one folder: `graftwork.db`, and weights beside it. Made by `open` or `read`.

    One process writes to a run, and others that would are refused until it has closed it or ended; any
    number may read it meanwhile. Every `add` is committed when it returns, so that a run killed at any
    instant goes on from what was added.

    Attributes:
        folder: Where the run lies.
        kind: What sort of run it is, such as "study".
        spec: What was asked for; a run goes on only with an equal spec.
        environment: The versions that it was begun with.

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
    environment: dict[str, Any]

    def __init__(self, folder: Path, database: Database, *, lock: Lock | None) -> None:
        run = database.run()
        self.folder, self.kind, self.spec = folder, run["kind"], run["spec"]
        self.environment = run["environment"]
        self._database = database
        self._weights = Weights(folder / WEIGHTS)
        self._lock = lock

    @classmethod
    def open(
        cls,
        folder: str | PathLike[str],
        *,
        kind: str,
        spec: Mapping[str, Any],
        hint: str = "choose another folder",
    ) -> Self:
        """Begin a run in `folder`, or go on with the one there if its kind and spec are equal.

        Args:
            folder: A folder that is new, empty, or holds a run.
            kind: What sort of run it is.
            spec: What is asked for, as strict JSON can hold it.
            hint: What refusals tell the reader to do.

        Raises:
            InputError: If the folder holds another run, other files or a damaged one, cannot be written
                to, or is being written to by another process. Nothing is overwritten.
        """
        from graftwork.store._database import Database

        folder, text = Path(folder), encode(spec, "spec")
        path = prepare(folder, hint)
        lock = Lock(folder)
        try:
            if path.exists():
                database = Database.write(path)
            else:
                found = encode(environment(), "environment")
                database = Database.create(path, kind=kind, spec=text, environment=found)
            store = cls(folder, database, lock=lock)
            store._refuse_another(kind, decode(text), hint)
        except BaseException:
            lock.release()
            raise
        return store

    @classmethod
    def read(cls, folder: str | PathLike[str], *, kinds: Collection[str] | None = None) -> Self:
        """Open the run in `folder` without the means to change it, also while another process writes.

        Raises:
            InputError: If there is none, it is damaged, or its kind is not among `kinds`.
        """
        from graftwork.store._database import Database

        folder = Path(folder)
        store = cls(folder, Database.read(find(folder)), lock=None)
        if kinds is not None and store.kind not in kinds:
            store.close()
            expected = " or ".join(sorted(kinds))
            raise InputError(f"{folder} holds a {store.kind}, but a {expected} was expected.")
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

    def add(
        self,
        key: str,
        payload: Mapping[str, Any],
        *,
        weights: Mapping[str, Tensor] | None = None,
        status: str = "done",
        reason: str | None = None,
    ) -> Entry:
        """Keep one piece of work; all of it is on disk when this returns, or none.

        Raises:
            InputError: If `payload` holds what JSON cannot, such as a NaN.
            RunError: If there is an entry of that key, the store is read-only, or the disk refuses.
        """
        self._refuse_reader()
        text = encode(payload, "payload")
        # Weights first: an entry never names weights that are not there.
        digest = None if weights is None else self._weights.save(weights)
        self._database.add(key=key, status=status, reason=reason, payload=text, weights=digest)
        return Entry(key=key, status=status, reason=reason, payload=decode(text), weights=digest)

    def entries(self) -> list[Entry]:
        """All entries, in the order they were added."""
        return self._database.entries()

    def get(self, key: str) -> Entry | None:
        """The entry of `key`, if there is one."""
        return next(iter(self._database.entries(key)), None)

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
