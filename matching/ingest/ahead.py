"""Reads ahead in a thread: Python parses the next chunk while PostgreSQL stores the last one."""

from __future__ import annotations

import queue
import sys
import threading
from collections.abc import Callable, Generator, Iterator
from typing import TypeVar

T = TypeVar("T")
_END = object()
# Between two statements the storing thread needs Python for microseconds; by default it would wait 5 ms for it.
_SWITCH = 0.0003


def ahead(
    items: Iterator[T], *, waiting: Callable[[], None], depth: int = 2, patience: float = 15.0
) -> Generator[T, None, None]:
    """The items, made in a thread, at most `depth` of them waiting. An exception arrives in its place.

    waiting: called whenever nothing came for `patience` seconds. Closing the iterator ends the thread.
    """
    ready: queue.Queue[object] = queue.Queue(depth)
    stopped = threading.Event()

    def put(item: object) -> bool:
        while not stopped.is_set():
            try:
                ready.put(item, timeout=0.2)
            except queue.Full:
                continue
            return True
        return False

    def work() -> None:
        try:
            for item in items:
                if not put(item):
                    return
        except BaseException as error:
            put(error)
        else:
            put(_END)

    thread = threading.Thread(target=work, name="import-reader", daemon=True)
    usual = sys.getswitchinterval()
    sys.setswitchinterval(min(usual, _SWITCH))
    thread.start()
    try:
        while True:
            try:
                item = ready.get(timeout=patience)
            except queue.Empty:
                waiting()
                continue
            if item is _END:
                return
            if isinstance(item, BaseException):
                raise item
            yield item  # type: ignore[misc]
    finally:
        stopped.set()
        thread.join(timeout=10)
        sys.setswitchinterval(usual)
