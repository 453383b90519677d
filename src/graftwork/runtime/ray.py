"""Work done on the machines of a cluster, by Ray (https://docs.ray.io)."""

from __future__ import annotations

import logging
import math
import os
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from functools import partial
from typing import Any, Generic, ParamSpec, TypeVar, final

from graftwork.errors import InputError, MissingExtraError, WorkLostError, WorkNotBegunError
from graftwork.runtime._call import Answer, Call, attempt, packed, unpack
from graftwork.runtime._crew import NotBegunError, WorkerLostError
from graftwork.runtime._crew_executor import CrewExecutor
from graftwork.runtime.executor import Reach
from graftwork.runtime.memory import give_back
from graftwork.runtime.threads import one_thread

P = ParamSpec("P")
T = TypeVar("T")

_LOGGER = logging.getLogger(__name__)
_PATIENCE = 60.0  # seconds in which a cluster notices that a machine is gone
_LOOK = 0.5
_LONG = 60.0  # seconds without room in the cluster after which that is said
# Ray says whose fault it was in words alone; where it says neither, the list of machines is looked at.
_MACHINE_LOST = "node has died"
_WORKER_LOST = ("worker process has died", "killed by `ray.kill`", "memory")


@final
class RayExecutor(CrewExecutor):
    """Runs functions in processes anywhere in a Ray cluster, one thread each.

    Each worker is a Ray actor that does one piece of work at a time, wherever the cluster has room for it.
    What it is given and gives back goes through Ray's object store. Where it dies, or goes beyond the
    `Limits` of its work and is killed, that one piece ends with a `WorkLostError`. Where its whole machine is
    lost, the piece is done again on another one: no fault of its own. Nothing is connected before there is
    work.

    Args:
        workers: How many; those that the cluster has no room for wait until it has.
        address: Of the cluster, as `ray.init` takes it. Unless told, what `RAY_ADDRESS` says, else a cluster
            that runs on this machine, else one that is started on it and ends with this process. A connection
            that the process has already is used as it is.
        cpus: Of each worker.
        gpus: Of each worker; with 1, it sees one GPU, which is `cuda` to it.

    Raises:
        InputError: A number makes no sense.
        MissingExtraError: Ray is not installed.
    """

    reach: Reach = "cluster"

    def __init__(
        self, workers: int = 2, *, address: str | None = None, cpus: float = 1, gpus: float = 0
    ) -> None:
        super().__init__(workers)
        for name, value in (("cpus", cpus), ("gpus", gpus)):
            if not value >= 0:
                raise InputError(f"{name} of a worker must be 0 or more, but it is {value!r}.")
        _ray()
        self._address, self._cpus, self._gpus = address, cpus, gpus

    def put(self, value: T) -> Callable[[], T]:
        """Keep a value in the object store, from which each machine takes it once."""
        _connect(self._address)
        return _Kept(_ray().put(value))

    def _admit(self, call: Call) -> None:
        _connect(self._address)

    def _worker(self) -> _Actor:
        return _Actor(self._cpus, self._gpus)


@final
@dataclass(frozen=True)
class _Kept(Generic[T]):
    """A value in the object store."""

    reference: Any

    def __call__(self) -> T:
        value: T = _ray().get(self.reference)
        return value


@final
class _Actor:
    """An actor of its own for each worker, which the cluster places."""

    def __init__(self, cpus: float, gpus: float) -> None:
        ray = _ray()
        made = ray.remote(num_cpus=cpus, num_gpus=gpus, max_restarts=0, max_task_retries=0)(_Remote)
        self._actor = made.remote()
        self._node: str | None = None
        self._ended = False
        self._begun = time.monotonic()
        self._asked = self._actor.node.remote()

    def ready(self, seconds: float) -> bool:
        """Whether the cluster has placed it and it has loaded what it needs."""
        ray = _ray()
        if self._node is None and ray.wait([self._asked], timeout=seconds)[0]:
            try:
                self._node = ray.get(self._asked)
            except ray.exceptions.RayError:
                self._node = ""  # the first call tells why
        if self._node is None and time.monotonic() - self._begun > _LONG:
            _LOGGER.warning("a worker has been waiting for room in the cluster for %.0f s", _LONG)
            self._begun = math.inf
        return self._node is not None

    def do(self, call: Call) -> Answer:
        """Hand it over; wait for what comes of it."""
        ray = _ray()
        try:
            # Apart from its work, so that the time to fetch that does not count.
            ray.get(self._actor.fetch.remote([ray.put(call)]))
        except ray.exceptions.RayTaskError as error:
            return Answer(error=WorkNotBegunError(f"a worker cannot read its work: {_first_line(error)}"))
        except ray.exceptions.RayError as error:
            raise NotBegunError(_death(error)) from error
        except Exception as error:
            return Answer(error=error)
        seconds = call.limits.seconds if call.limits else None
        answered = self._actor.do.remote()
        begun = time.monotonic()
        try:
            if not ray.wait([answered], timeout=seconds)[0]:
                raise WorkLostError(f"exceeded its limit of {seconds} s", seconds=time.monotonic() - begun)
            answer: Answer = unpack(ray.get(answered))
        except ray.exceptions.RayError as error:
            if not self._ended and self._machine_is_lost(error):
                raise WorkerLostError("its machine was lost") from error
            raise WorkLostError(_death(error), seconds=time.monotonic() - begun) from error
        return answer

    def end(self, *, kill: bool) -> None:
        """At once, either way: nothing is under way in it that is waited for."""
        self._ended = True
        _ray().kill(self._actor)

    def _machine_is_lost(self, error: Exception) -> bool:
        """Looked at for a while: that a worker is gone may be known before that its machine is."""
        if _MACHINE_LOST in str(error):
            return True
        if any(words in str(error) for words in _WORKER_LOST):
            return False
        ray, until = _ray(), time.monotonic() + _PATIENCE
        while time.monotonic() < until:
            alive = {node["NodeID"] for node in ray.nodes() if node["Alive"]}
            if self._node not in alive:
                return True
            time.sleep(_LOOK)
        return False


class _Remote:
    """What runs in the process of an actor."""

    def __init__(self) -> None:
        one_thread()
        self._call: Call | None = None

    def node(self) -> str:
        """The machine that it is on."""
        found: str = _ray().get_runtime_context().get_node_id()
        return found

    def fetch(self, kept: list[Any]) -> None:
        """Take the next call out of the object store."""
        self._call = _ray().get(kept[0])

    def do(self) -> bytes:
        """Do it."""
        call, self._call = self._call, None
        assert call is not None
        one_thread()
        answer = bytes(packed(attempt(call)))
        give_back()
        return answer


def _death(error: Exception) -> str:
    """The last line of what Ray says, without its advice."""
    last = str(error).strip().splitlines()[-1].strip()
    return f"its worker died ({last.partition(' Some common causes')[0].rstrip('.')})"


def _first_line(error: Exception) -> str:
    return (str(error).strip() or type(error).__name__).splitlines()[0]


def _connect(address: str | None) -> None:
    ray = _ray()
    if ray.is_initialized():
        return
    # What workers print is not the driver's: its standard output may be read by a machine.
    connect = partial(ray.init, include_dashboard=False, log_to_driver=False, logging_level=logging.WARNING)
    asked = address or os.environ.get("RAY_ADDRESS")
    if asked and asked != "local":
        connect(address=asked)
        return
    if not asked:
        with suppress(ConnectionError):  # none runs on this machine
            connect(address="auto")
            return
    with _loopback_alone():
        connect(address="local")


@contextmanager
def _loopback_alone() -> Iterator[None]:
    """A cluster of this machine is for this machine: Ray listens to all others, unless told as on macOS."""
    try:
        from ray._private import ray_constants

        switch, before = ray_constants.ENABLE_RAY_CLUSTERS_ENV_VAR, ray_constants.ENABLE_RAY_CLUSTER
    except (ImportError, AttributeError):  # a switch of Ray's own, which another version may name otherwise
        _LOGGER.warning("this version of Ray cannot be kept to this machine: its cluster listens to others")
        yield
        return
    told = os.environ.get(switch)
    # For this process, which has read the variable when it imported Ray, and for those that it starts.
    ray_constants.ENABLE_RAY_CLUSTER, os.environ[switch] = False, "0"
    try:
        yield
    finally:
        ray_constants.ENABLE_RAY_CLUSTER = before
        os.environ.pop(switch)
        if told is not None:
            os.environ[switch] = told


def _ray() -> Any:
    # Nothing is told to anybody about who uses Ray for what, unless the user wants it.
    os.environ.setdefault("RAY_USAGE_STATS_ENABLED", "0")
    try:
        import ray
    except ImportError as error:
        raise MissingExtraError("ray", "work on several machines") from error
    return ray
