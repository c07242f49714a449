"""Two processes side by side, with real processes."""

import os
import signal
import subprocess
import sys
from functools import partial

import pytest

pytestmark = pytest.mark.once

SUPERVISOR = """
import sys
from astro.desk.supervision import Child, keep_running
web, worker = ([sys.executable, "-c", script] for script in sys.argv[1:])
children = [Child("web server", web, restarts=False), Child("worker", worker, restarts=True)]
sys.exit(keep_running(children, tell=lambda text: None))
"""
CHILD = """
import os, signal, sys
signal.signal(signal.SIGUSR1, lambda *told: sys.exit(3))
os.write(1, b"{} %d\\n" % os.getpid())
signal.pause()
"""


class Supervised:
    """A supervisor in a process of its own, whose children say their pids."""

    def __init__(self):
        script = [sys.executable, "-c", SUPERVISOR, CHILD.format("web"), CHILD.format("worker")]
        self.process = subprocess.Popen(script, stdout=subprocess.PIPE, text=True)

    def pid(self, name):
        """The pid of this child, once it has said so."""
        for line in self.process.stdout:
            if line.startswith(f"{name} "):
                return int(line.split()[1])
        raise AssertionError(f"{name} never started")

    def both(self):
        said = {}
        while len(said) < 2:
            name, pid = self.process.stdout.readline().split()
            said[name] = int(pid)
        return said["web"], said["worker"]

    def __enter__(self):
        return self

    def __exit__(self, *exception):
        self.process.kill()
        self.process.wait()
        self.process.stdout.close()


def is_gone(pid):
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return True
    return False


@pytest.fixture
def hangups():
    """What a child inherits to do about a closed terminal: `hangups(signal.SIG_IGN)` is how `nohup` says it."""
    before = signal.getsignal(signal.SIGHUP)
    yield partial(signal.signal, signal.SIGHUP)
    signal.signal(signal.SIGHUP, before)


def test_both_end_with_the_signal_that_ends_the_parent(hangups):
    hangups(signal.SIG_DFL)
    for number in (signal.SIGTERM, signal.SIGINT, signal.SIGHUP):
        with Supervised() as supervised:
            children = supervised.both()
            supervised.process.send_signal(number)
            assert supervised.process.wait() == 0
            assert all(map(is_gone, children))


def test_what_nohup_started_outlives_its_terminal(hangups):
    hangups(signal.SIG_IGN)
    with Supervised() as supervised:
        supervised.both()
        supervised.process.send_signal(signal.SIGHUP)
        with pytest.raises(subprocess.TimeoutExpired):
            supervised.process.wait(0.5)
        supervised.process.terminate()
        assert supervised.process.wait() == 0


def test_a_killed_worker_is_started_again():
    with Supervised() as supervised:
        web, worker = supervised.both()
        os.kill(worker, signal.SIGKILL)
        another = supervised.pid("worker")
        assert another != worker
        assert not is_gone(web)
        supervised.process.terminate()
        assert supervised.process.wait() == 0
        assert is_gone(another)


def test_a_worker_is_stopped_when_the_web_server_ends():
    with Supervised() as supervised:
        web, worker = supervised.both()
        os.kill(web, signal.SIGUSR1)
        assert supervised.process.wait() == 3
        assert is_gone(worker)


def test_a_killed_web_server_is_no_success():
    with Supervised() as supervised:
        web, worker = supervised.both()
        os.kill(web, signal.SIGKILL)
        assert supervised.process.wait() == 1
        assert is_gone(worker)
