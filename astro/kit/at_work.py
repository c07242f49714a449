"""Who is at work on this installation, on this machine: told by a lock on a file, which a dead process lets go of."""

import fcntl
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

NAME = "at-work.lock"


@contextmanager
def at_work(folder: Path) -> Iterator[None]:
    """While a server or a worker runs. Any number may."""
    folder.mkdir(parents=True, exist_ok=True)
    with (folder / NAME).open("a") as lock:
        fcntl.flock(lock, fcntl.LOCK_SH)
        yield


@contextmanager
def alone(folder: Path) -> Iterator[bool]:
    """Whether nobody is at work; then nobody begins until the block ends."""
    folder.mkdir(parents=True, exist_ok=True)
    with (folder / NAME).open("a") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            yield False
            return
        yield True
