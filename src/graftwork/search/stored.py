"""A run in its store: candidates as they come, and back."""

from __future__ import annotations

from concurrent.futures import Future
from typing import Any

from graftwork.documents import from_others
from graftwork.errors import InputError
from graftwork.search.archive import Candidate
from graftwork.search.searcher import Proposal
from graftwork.store import Entry, Store, load_tensors, save_tensors
from graftwork.trial import Application, Result, from_payload, to_payload
from graftwork.variation import Site


class StoredRun:
    """Candidates of one run under a prefix of a store; one store can hold several runs."""

    def __init__(self, store: Store, *, prefix: str = "") -> None:
        self.store, self.prefix = store, prefix
        self._known = {
            entry.key: entry for entry in store.entries() if entry.key.startswith(f"{prefix}candidate/")
        }

    def result(self, proposal: Proposal) -> Future[Result] | None:
        """What the store holds of a proposed candidate, as if it had just been evaluated."""
        entry = self._known.get(self._key(proposal.number))
        if entry is None:
            return None
        future: Future[Result] = Future()
        with from_others(f"candidate {proposal.number} in '{self.store.folder}'"):
            self._check(entry, proposal)
            weights = save_tensors(self.store.load_weights(entry.weights)) if entry.weights else b""
            future.set_result(Result(from_payload(entry.payload["outcome"]), weights))
        return future

    def keep(self, candidate: Candidate, *, in_front: bool) -> None:
        """Write a candidate down, unless it is; its weights only where it joined the front."""
        key = self._key(candidate.number)
        if key in self._known:
            return
        weights = load_tensors(candidate.weights) if in_front and candidate.weights else None
        payload = {
            "outcome": to_payload(candidate.outcome),
            "parent": candidate.parent,
            "application": _application_payload(candidate.application),
        }
        outcome = candidate.outcome
        self._known[key] = self.store.add(
            key, payload, weights=weights, status=outcome.status, reason=outcome.reason
        )

    def candidates(self) -> list[Candidate]:
        """All candidates that were written down, by number."""
        found = [_candidate(self.store, self.prefix, entry) for entry in self._known.values()]
        return sorted(found, key=lambda candidate: candidate.number)

    def _key(self, number: int) -> str:
        return f"{self.prefix}candidate/{number}"

    def _check(self, entry: Entry, proposal: Proposal) -> None:
        if entry.payload["application"] != _application_payload(proposal.trial.application):
            raise InputError(
                f"candidate {proposal.number} in '{self.store.folder}' is not the one that this run "
                "proposes; the folder was written by another version: choose another one"
            )


def _application_payload(application: Application | None) -> dict[str, Any] | None:
    if application is None:
        return None
    site = application.site
    return {
        "operator": application.operator,
        "site": {"kind": site.kind, "nodes": list(site.nodes), "layer": site.layer},
        "seed": application.seed,
    }


def _candidate(store: Store, prefix: str, entry: Entry) -> Candidate:
    kept = entry.payload["application"]
    application = None
    if kept:
        site = Site(kept["site"]["kind"], tuple(kept["site"]["nodes"]), kept["site"]["layer"])
        application = Application(kept["operator"], site, kept["seed"])
    weights = save_tensors(store.load_weights(entry.weights)) if entry.weights else b""
    number = int(entry.key.removeprefix(f"{prefix}candidate/"))
    return Candidate(
        number, from_payload(entry.payload["outcome"]), entry.payload["parent"], application, weights
    )
