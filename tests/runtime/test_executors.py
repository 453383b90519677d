"""What every executor promises, held for each of them."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from concurrent.futures import Future
from dataclasses import replace
from functools import partial
from pathlib import Path

import pytest
import torch
from tests.variation.samples import small_problem

from graftwork.errors import InputError, NotViableError, WorkLostError, WorkNotBegunError
from graftwork.problem import Problem
from graftwork.problem.sharing import _mapped, write_problem
from graftwork.runtime import Executor, InlineExecutor, ProcessExecutor, make_executor, torch_generator
from graftwork.runtime._call import Answer, Call
from graftwork.runtime._crew import Crew, NotBegunError, WorkerLostError


def trained_weights(seed: int) -> torch.Tensor:
    """Enough sums, in products and in an optimiser, that another order of summation would show."""
    draw = torch_generator(seed, "c1", "data")
    x, y = torch.randn(500, 300, generator=draw), torch.randn(500, 7, generator=draw)
    w = (torch.randn(300, 7, generator=draw) / 20).requires_grad_()
    optimiser = torch.optim.Adam([w], lr=0.1)
    for _ in range(20):
        optimiser.zero_grad()
        ((torch.tanh(x @ w) - y) ** 2).mean().backward()
        optimiser.step()
    return w.detach()


def threads() -> int:
    return torch.get_num_threads()


def smallest_denormal_times_one() -> float:
    return float(torch.full((8,), 1e-42) * 1.0 @ torch.ones(8))


def fail() -> None:
    raise NotViableError(["n1 feeds no output", "n2 feeds itself"])


def name_of(problem: Problem) -> str:
    return problem.name


def die() -> None:
    os.kill(os.getpid(), signal.SIGKILL)


@pytest.fixture(scope="module", params=[InlineExecutor, ProcessExecutor])
def executor(request: pytest.FixtureRequest) -> Iterator[Executor]:
    make: Callable[[], Executor] = request.param
    with make() as executor:
        yield executor


@pytest.fixture(scope="module")
def processes() -> Iterator[Executor]:
    with make_executor(2) as executor:
        yield executor


def test_results_come_back_with_their_own_future(executor: Executor) -> None:
    futures = [executor.submit(pow, 2, exponent) for exponent in range(20)]
    assert [future.result() for future in futures] == [2**exponent for exponent in range(20)]


def test_keyword_arguments_are_passed(executor: Executor) -> None:
    assert executor.submit(int, "11", base=2).result() == 3


def test_an_exception_comes_back_whole_and_the_executor_goes_on(executor: Executor) -> None:
    future: Future[None] = executor.submit(fail)
    with pytest.raises(NotViableError, match="n1 feeds no output; n2 feeds itself") as caught:
        future.result()
    assert caught.value.violations == ("n1 feeds no output", "n2 feeds itself")
    assert executor.submit(pow, 3, 2).result() == 9


def test_work_is_done_on_one_thread_without_denormals(executor: Executor) -> None:
    assert executor.submit(threads).result() == 1
    assert executor.submit(smallest_denormal_times_one).result() == 0.0


def test_two_processes_give_the_bits_of_one(processes: Executor) -> None:
    inline = InlineExecutor()
    far = [processes.submit(trained_weights, seed) for seed in range(4)]
    near = [inline.submit(trained_weights, seed) for seed in range(4)]
    for a, b in zip(far, near, strict=True):
        assert torch.equal(a.result(), b.result())
    assert not torch.equal(far[0].result(), far[1].result())


def test_work_is_done_in_other_processes(processes: Executor) -> None:
    assert processes.submit(os.getpid).result() != os.getpid()


def test_a_worker_that_dies_costs_what_was_under_way(processes: Executor) -> None:
    with pytest.raises(WorkLostError):
        processes.submit(die).result()
    assert processes.submit(pow, 3, 2).result() == 9


def test_an_interrupt_passes_through_the_inline_executor() -> None:
    def interrupt() -> None:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        InlineExecutor().submit(interrupt)


def test_one_worker_is_this_process_and_more_are_others(processes: Executor) -> None:
    assert isinstance(make_executor(1), InlineExecutor)
    assert isinstance(processes, ProcessExecutor)
    assert processes.workers == 2


@pytest.mark.parametrize("workers", [0, -1, 1.5, "2", None])
def test_a_number_of_workers_that_is_none_is_refused(workers: object) -> None:
    with pytest.raises(InputError, match="workers must be a whole number of 1 or more"):
        make_executor(workers)  # type: ignore[arg-type]


def test_nothing_starts_before_there_is_work() -> None:
    """What starts processes is not even loaded, so that a refusal leaves none behind."""
    told = "with ProcessExecutor(2): pass\nprint('loky' in sys.modules)"
    code = f"import sys\nfrom graftwork.runtime import ProcessExecutor\n{told}"
    ran = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert ran.stdout == "False\n"


@pytest.mark.skipif(not hasattr(signal, "pthread_sigmask"), reason="no groups of processes there")
def test_an_interrupt_at_the_terminal_leaves_workers_that_are_starting_alone() -> None:
    """It reaches them before they can say that they do not hear to it; they would end with a traceback."""
    code = (
        "import os, signal, time\nfrom graftwork.runtime import ProcessExecutor\n"
        "signal.signal(signal.SIGINT, lambda *_: None)\n"
        "with ProcessExecutor(1) as executor:\n"
        "    future = executor.submit(pow, 2, 5)\n"
        "    while not future.done():\n"
        "        os.killpg(0, signal.SIGINT)\n"
        "        time.sleep(0.02)\n"
        "    print(future.result())"
    )
    ran = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=False, start_new_session=True
    )
    assert (ran.stdout, ran.stderr) == ("32\n", "")


def test_that_no_worker_can_be_started_is_no_fault_of_the_work() -> None:
    resource = pytest.importorskip("resource")
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    with ProcessExecutor(1) as executor:
        with pytest.raises(WorkLostError):
            executor.submit(die).result()
        resource.setrlimit(resource.RLIMIT_NOFILE, (3, hard))
        try:
            with pytest.raises(WorkNotBegunError, match=r"no worker could be started: .*open files"):
                executor.submit(pow, 2, 5).result()
        finally:
            resource.setrlimit(resource.RLIMIT_NOFILE, (soft, hard))
        assert executor.submit(pow, 2, 5).result() == 32


class Lost:
    """A worker that is always lost."""

    def __init__(self, error: Exception) -> None:
        self._error = error

    def ready(self, seconds: float) -> bool:
        return True

    def do(self, call: Call) -> Answer:
        raise self._error

    def end(self, *, kill: bool) -> None:
        pass


@pytest.mark.parametrize(
    ("lost", "told"),
    [(NotBegunError("it died"), WorkNotBegunError), (WorkerLostError("its machine was lost"), WorkLostError)],
)
def test_work_that_began_on_no_worker_is_told_from_work_that_lost_them(
    lost: Exception, told: type[Exception]
) -> None:
    crew = Crew(1, lambda: Lost(lost))
    try:
        with pytest.raises(told, match=f"3 workers were lost before it was done: {lost}") as caught:
            crew.submit(Call(pow, (2, 5))).result()
        assert type(caught.value) is told
    finally:
        crew.end(kill=True)


def test_work_whose_data_are_gone_was_not_begun(processes: Executor, tmp_path: Path) -> None:
    """As where something tidies the temporary folder: no worker that starts later finds the problem."""
    problem = small_problem()
    write_problem(problem, tmp_path)
    shared = replace(problem, loader=partial(_mapped, str(tmp_path)))
    assert processes.submit(name_of, shared).result() == problem.name
    for file in tmp_path.iterdir():
        file.unlink()
    with ProcessExecutor(1) as executor, pytest.raises(WorkNotBegunError, match="cannot read its work"):
        executor.submit(name_of, shared).result()


def test_workers_that_wait_end_when_their_driver_is_killed() -> None:
    told = "e = ProcessExecutor(2)\nprint(*{e.submit(os.getpid).result() for _ in range(9)}, flush=True)"
    code = (
        f"import os, signal\nfrom graftwork.runtime import ProcessExecutor\n{told}\nos.kill(os.getpid(), 9)"
    )
    # The workers hold the pipe to which they write too: it ends when the last of them does.
    ran = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=False, timeout=30
    )
    assert ran.returncode == -signal.SIGKILL
    assert ran.stdout.split()
