"""Runs side by side on Dask: on this machine, or on a cluster that exists."""

from __future__ import annotations

import contextlib
import logging
import os
import signal
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import dask
from distributed import Client, LocalCluster, WorkerPlugin, as_completed, get_worker

from repro import files, runs
from repro.errors import Failure, Misuse
from repro.runs import Planned

if TYPE_CHECKING:
    from distributed import Worker

TOPIC = "repro progress"
# Two threads give other bits than one; two one-thread runs do as much work as one two-thread run.
ONE_THREAD = {
    name: "1"
    for name in (
        "TF_NUM_INTRAOP_THREADS", "TF_NUM_INTEROP_THREADS", "OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS",
        "MKL_NUM_THREADS", "NUMEXPR_NUM_THREADS",
    )
}  # fmt: skip


class _Quiet(WorkerPlugin):
    """Sends what a worker prints outside of runs to a log, before TensorFlow can print."""

    def __init__(self, log: str) -> None:
        self.log = log

    def setup(self, worker: Worker) -> None:
        descriptor = os.open(self.log, os.O_WRONLY | os.O_CREAT | os.O_APPEND)
        os.dup2(descriptor, 1)
        os.dup2(descriptor, 2)


class Engine:
    """Carries runs out; a context manager.

    Args:
        jobs: Workers on this machine, one thread each.
        cache: Folder for the workers' log and scratch space.
        listener: Called with the events that runs report.
        scheduler: Address of an existing Dask cluster that shares this checkout and folder; None starts one here.
        gpu: Whether workers may see a GPU.
    """

    def __init__(
        self, jobs: int, cache: Path, listener: Callable[[dict], None], scheduler: str | None, gpu: bool
    ) -> None:
        self.jobs, self.cache, self.listener, self.scheduler, self.gpu = jobs, cache, listener, scheduler, gpu

    def __enter__(self) -> Engine:
        files.make_folder(self.cache)
        logging.getLogger("distributed").setLevel(logging.CRITICAL)
        # Workers are killed at the end, so Python's tracker finds what they left, clears it up, and would say so.
        os.environ["PYTHONWARNINGS"] = "ignore:resource_tracker"
        visible = {} if self.gpu else {"CUDA_VISIBLE_DEVICES": "-1"}
        dask.config.set(
            {
                "distributed.nanny.pre-spawn-environ": {**ONE_THREAD, **visible},
                "distributed.scheduler.allowed-failures": 2,
                "distributed.logging.distributed": "critical",
                "distributed.comm.timeouts.connect": "30s",
                # The status pages cannot be turned off; without routes there is nothing to see.
                "distributed.scheduler.http.routes": [],
                "distributed.worker.http.routes": [],
            }
        )
        if self.scheduler is None:
            self._cluster = LocalCluster(
                n_workers=self.jobs,
                threads_per_worker=1,
                processes=True,
                host="127.0.0.1",
                dashboard_address=None,
                scheduler_kwargs={"dashboard_address": "127.0.0.1:0"},  # 8787 may be another start's, with a warning
                memory_limit=0,  # with one, a worker that stays above 80 % of it gets no further run, for ever
                local_directory=str(self.cache / ".workers"),
                silence_logs=logging.CRITICAL,
            )
            self._client = Client(self._cluster)
            self._client.register_plugin(_Quiet(str(self.cache / "workers.log")))
        else:
            self._cluster = None
            self._client = _joined(self.scheduler)
        self._client.subscribe_topic(TOPIC, lambda event: self.listener(event[1]))
        return self

    def carry_out(self, wanted: Sequence[Planned]) -> Iterator[tuple[Planned, BaseException | None]]:
        """Carries out runs and whatever they need; yields each as it ends, with its error or None.

        A run is handed over when a worker is free for it: given all at once, Dask binds runs, whose length it cannot
        know, to busy workers while others stand idle.

        Args:
            wanted: In order of urgency; every run that one of them needs and that is not done is among them.
        """
        waiting, running = list(wanted), {}
        open_keys = {planned.key for planned in wanted}
        ended = as_completed()

        def hand_over() -> None:
            ready = [run for run in waiting if not any(need.key in open_keys for need in run.needs)]
            for planned in ready[: max(0, self._workers() - len(running))]:
                waiting.remove(planned)
                future = self._client.submit(_work, planned, key=planned.key, pure=False)
                running[future] = planned
                ended.add(future)

        hand_over()
        while running:
            future = next(ended)
            planned = running.pop(future)
            error = future.exception() if future.status != "finished" else None
            doomed = _after(planned, waiting) if error is not None else []
            waiting = [each for each in waiting if each not in doomed]
            open_keys.remove(planned.key)
            hand_over()
            for each in (planned, *doomed):
                yield each, error

    def _workers(self) -> int:
        return self.jobs if self._cluster is not None else len(self._client.scheduler_info(n_workers=-1)["workers"])

    def __exit__(self, *_: object) -> None:
        # Closing politely takes seconds; whatever a worker was doing is resumed from its last chapter.
        nannies = list(self._cluster.workers.values()) if self._cluster is not None else []
        for nanny in nannies:
            nanny.auto_restart = False
        for nanny in nannies:
            process = getattr(nanny, "process", None)
            if process is not None and process.pid:
                with contextlib.suppress(ProcessLookupError):
                    os.kill(process.pid, signal.SIGKILL)


def _joined(address: str) -> Client:
    """A client of an existing cluster whose workers give the bits that the runs' keys promise."""
    try:
        client = Client(address, timeout="10s")
    except ValueError as error:
        raise Misuse(f"--scheduler takes an address such as tcp://127.0.0.1:8786. Received: {address}") from error
    except (OSError, TimeoutError) as error:
        raise Failure(f"no Dask scheduler answers at {address}: start one, or leave --scheduler out") from error
    command = f"{' '.join(f'{name}=1' for name in ONE_THREAD)} dask worker {address} --nthreads 1"
    workers = client.scheduler_info(n_workers=-1)["workers"]
    if not workers:
        raise Failure(f"the Dask scheduler at {address} has no workers; start some in this folder: {command}")
    try:
        known = client.run(_facts)
    except Exception as error:
        raise Failure(f"the workers at {address} cannot carry runs out: {type(error).__name__}: {error}") from error
    here = {**runs.environment(""), **ONE_THREAD}
    for worker, facts in known.items():
        differing = [f"{name} {facts[name]}" for name in here if facts[name] != here[name]]
        differing += [f"{workers[worker]['nthreads']} threads"] * (workers[worker]["nthreads"] != 1)
        if differing:
            raise Failure(
                f"the worker {worker} would give other results ({', '.join(differing)}); start it as: {command}"
            )
    return client


def _facts() -> dict[str, object]:
    """What decides a worker's bits."""
    return {**runs.environment(""), **{name: os.environ.get(name) for name in ONE_THREAD}}


def _after(failed: Planned, waiting: Sequence[Planned]) -> list[Planned]:
    """Waiting runs that need a failed one, directly or through others."""
    lost = {failed.key}
    for each in waiting:  # what a run needs comes before it
        if any(need.key in lost for need in each.needs):
            lost.add(each.key)
    return [each for each in waiting if each.key in lost]


def _work(planned: Planned) -> str:
    worker = get_worker()
    runs.execute(planned, report=lambda event: worker.log_event(TOPIC, event))
    return planned.key
