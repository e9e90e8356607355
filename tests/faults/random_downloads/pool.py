"""Runs scenarios in several processes."""

from __future__ import annotations

import multiprocessing
import os
import queue
import traceback
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

from tests.faults.random_downloads.runner import Outcome, mounted_small_disk, run_seed
from tests.support.environment import plain_environment
from tests.support.fork_server import ForkServer

if TYPE_CHECKING:
    from multiprocessing.queues import Queue

_TIMEOUT = 300.0
"""Seconds in which at least one scenario must end."""


def run_seeds(seeds: Sequence[str], jobs: int, *, forks: bool = False) -> Iterator[Outcome]:
    """Run the scenarios of these seeds; yield each outcome when it is there.

    ``forks``: start the program by ``ForkServer``.
    """
    context = multiprocessing.get_context("spawn")
    tasks: Queue[str | None] = context.Queue()
    outcomes: Queue[Outcome] = context.Queue()
    for seed in [*seeds, *[None] * jobs]:
        tasks.put(seed)
    workers = [context.Process(target=_work, args=(tasks, outcomes, forks)) for _ in range(jobs)]
    for worker in workers:
        worker.start()
    try:
        for _ in seeds:
            try:
                yield outcomes.get(timeout=_TIMEOUT)
            except queue.Empty:
                raise AssertionError(f"no scenario ended in {_TIMEOUT} s") from None
    finally:
        for worker in workers:
            worker.terminate()
            worker.join()


def _work(tasks: Queue[str | None], outcomes: Queue[Outcome], forks: bool) -> None:
    plain = plain_environment(os.environ["HOME"])
    os.environ.clear()
    os.environ.update(plain)
    parent = os.getppid()
    with mounted_small_disk() as disk:
        fork_server = ForkServer() if forks else None
        while (seed := tasks.get()) is not None and os.getppid() == parent:
            try:
                outcome = run_seed(seed, disk, fork_server)
            except Exception:  # noqa: BLE001 - the parent reports it as a failure
                text = traceback.format_exc()
                outcome = Outcome(seed, ["the test itself failed"], f"seed {seed}\n{text}")
            outcomes.put(outcome)
        if fork_server is not None:
            fork_server.close()
