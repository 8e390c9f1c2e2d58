"""Sharing one transaction among calls that wait at the same moment.

A caller hands in its item and waits; a runner thread takes everything that is waiting and does it
as one batch. Under no load a batch is one item and costs one hand-over; under load the cost of a
transaction is shared. A caller that goes away changes nothing for the others.
"""

import os
import threading
import time
from collections.abc import Callable, Sequence
from concurrent.futures import Future
from typing import Generic, TypeVar

from django.db import close_old_connections

CHECK_SECONDS = 1.0

Item = TypeVar("Item")
Answer = TypeVar("Answer")


class Coalescer(Generic[Item, Answer]):
    """Does `work` for many callers at once, at most `limit` items a batch, on some runner threads.

    `work` answers each item, in order; what it raises, every caller of the batch gets. The runners
    start with the first item in each process, and each keeps a database connection of its own: few
    connections that are always in use have their plans at hand.
    """

    def __init__(
        self,
        work: Callable[[Sequence[Item]], Sequence[Answer]],
        limit: int,
        *,
        runners: int = 1,
    ) -> None:
        self._work = work
        self._limit = limit
        self._runners = runners
        self._waiting: list[tuple[Item, Future[Answer]]] = []
        self._lock = threading.Lock()
        # Runners that rest, each behind its own bolt; who rested last is woken first, because its
        # connection and memory are still warm.
        self._resting: list[threading.Lock] = []
        self._process = 0
        self._checked_at = threading.local()

    def submit(self, item: Item) -> Answer:
        """Return the answer to `item`, or raise what the batch that held it raised."""
        future: Future[Answer] = Future()
        with self._lock:
            self._waiting.append((item, future))
            self._start_in_this_process()
            bolt = self._resting.pop() if self._resting else None
        if bolt is not None:
            bolt.release()
        return future.result()

    def _start_in_this_process(self) -> None:
        # A fork copies this object but not its thread.
        if self._process == os.getpid():
            return
        self._process = os.getpid()
        self._resting.clear()
        name = f"coalescing {getattr(self._work, '__name__', '')}"
        for _ in range(self._runners):
            threading.Thread(target=self._run, name=name, daemon=True).start()

    def _run(self) -> None:
        bolt = threading.Lock()
        bolt.acquire()
        while True:
            with self._lock:
                batch = self._waiting[: self._limit]
                del self._waiting[: self._limit]
                if not batch:
                    self._resting.append(bolt)
            if batch:
                self._do(batch)
                del batch  # not to be kept while waiting for the next
            else:
                bolt.acquire()

    def _do(self, batch: Sequence[tuple[Item, Future[Answer]]]) -> None:
        self._check_connection()
        try:
            answers = self._work([item for item, _ in batch])
        except BaseException as error:
            self._checked_at.value = float("-inf")
            for _, future in batch:
                future.set_exception(error)
            return
        for (_, future), answer in zip(batch, answers, strict=True):
            future.set_result(answer)

    def _check_connection(self) -> None:
        """Ask whether the connection still lives, but not before every batch: it is a round trip."""
        now = time.monotonic()
        if now - getattr(self._checked_at, "value", float("-inf")) > CHECK_SECONDS:
            close_old_connections()
            self._checked_at.value = now
