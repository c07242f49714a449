"""Keeps the web server and the worker running side by side, and stops them together."""

import signal
import subprocess
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from threading import Event, Thread
from time import monotonic
from types import FrameType

LOOK_EVERY = 0.2
PATIENCE = 10.0
LONGEST_PAUSE = 30.0


@dataclass
class Child:
    """A process that is kept running. One that must not end (the web server) takes the others with it."""

    name: str
    command: Sequence[str]
    restarts: bool
    process: subprocess.Popen[bytes] | None = None
    started_at: float = 0.0
    starts_at: float = 0.0
    pause: float = field(default=1.0)

    def start(self, now: float) -> None:
        # In a process group of its own: Ctrl-C comes to the parent only, which then stops each child once.
        self.process = subprocess.Popen(self.command, process_group=0)
        self.started_at = now

    def ended(self) -> int | None:
        """The exit code, once, when it has ended."""
        code = self.process.poll() if self.process else None
        if code is not None:
            self.process = None
        return code

    def rest(self, now: float) -> None:
        """Wait longer each time, unless it ran well for a while."""
        self.pause = 1.0 if now - self.started_at > LONGEST_PAUSE else min(self.pause * 2, LONGEST_PAUSE)
        self.starts_at = now + self.pause

    def stop(self) -> None:
        if self.process and self.process.poll() is None:
            self.process.terminate()

    def wait(self, seconds: float) -> None:
        if self.process is None:
            return
        try:
            self.process.wait(max(0.0, seconds))
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()


def keep_running(children: Sequence[Child], *, tell: Callable[[str], object]) -> int:
    """Run them until Ctrl-C, SIGTERM or the closing of the terminal (returns 0), or until one that must not end does
    (returns its exit code)."""
    stopping = Event()

    def stop(number: int, frame: FrameType | None) -> None:
        Thread(target=stopping.set).start()  # the signal may have come while this very thread held the event's lock

    numbers = [signal.SIGINT, signal.SIGTERM]
    if signal.getsignal(signal.SIGHUP) is not signal.SIG_IGN:  # what `nohup` started outlives its terminal
        numbers.append(signal.SIGHUP)
    before = {number: signal.signal(number, stop) for number in numbers}
    try:
        return _watch(children, stopping, tell)
    finally:
        for child in children:
            child.stop()
        deadline = monotonic() + PATIENCE
        for child in children:
            child.wait(deadline - monotonic())
        for number, handler in before.items():
            signal.signal(number, handler)


def _watch(children: Sequence[Child], stopping: Event, tell: Callable[[str], object]) -> int:
    for child in children:
        child.start(monotonic())
    while not stopping.wait(LOOK_EVERY):
        now = monotonic()
        for child in children:
            code = child.ended()
            if code is not None and not child.restarts:
                tell(f"The {child.name} has ended (exit code {code}).")
                return max(code, 1)  # negative where a signal ended it
            if code is not None:
                child.rest(now)
                tell(f"The {child.name} has ended (exit code {code}). It starts again in {child.pause:.0f} s.")
            elif child.process is None and now >= child.starts_at:
                child.start(now)
    return 0
