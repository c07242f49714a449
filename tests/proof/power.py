"""A disk whose power can be cut: ext4 in a file, mounted by a loop device. It needs root, and a kernel that lets it.

kill -9 proves nothing here: what a killed process wrote is still in the kernel's memory, and reaches the disk. `cut` is
ext4's own shutdown (EXT4_IOC_SHUTDOWN, without flushing its log): from that instant nothing reaches the device, every
open file answers with an error, and what was in memory only is gone. The next mount finds what a machine finds that was
unplugged, and replays the journal. A device that keeps a write in a cache of its own until it is told to flush
is not simulated, so `flushes` counts how often it was told.
"""

from __future__ import annotations

import fcntl
import os
import shutil
import subprocess
import tempfile
from pathlib import Path
from threading import Event
from time import monotonic

SHUTDOWN = 0x8004587D
WITHOUT_ITS_LOG = 2
BUSY = 60
"""Seconds in which the last file on the disk must be closed by those who were killed."""


class NoDisk(Exception):
    """This machine mounts no loop devices; says why."""


class Disk:
    """Some hundred megabytes at `path`, which everyone may enter, there until `stop`."""

    def __init__(self, megabytes: int = 512):
        if os.geteuid() != 0:
            raise NoDisk("only root may mount a disk")
        self.folder = Path(tempfile.mkdtemp(prefix="astro-disk."))
        self.folder.chmod(0o755)
        self.image, self.path = self.folder / "disk.img", self.folder / "disk"
        with self.image.open("wb") as file:
            file.truncate(megabytes << 20)
        self.path.mkdir()
        try:
            run("mkfs.ext4", "-q", "-F", str(self.image))
            self.mount()
        except (OSError, subprocess.CalledProcessError) as problem:
            shutil.rmtree(self.folder)
            said = getattr(problem, "stderr", None) or problem
            raise NoDisk(f"no loop device could be mounted ({str(said).strip()})") from problem

    def mount(self):
        """Replays the journal where the power was cut."""
        run("mount", "-o", "loop", str(self.image), str(self.path))
        self.path.chmod(0o755)

    def settle(self):
        """What happened so far was long ago."""
        run("sync", "--file-system", str(self.path))

    def cut(self):
        """Off, now."""
        handle = os.open(self.path, os.O_RDONLY)
        try:
            fcntl.ioctl(handle, SHUTDOWN, WITHOUT_ITS_LOG.to_bytes(4, "little"))
        finally:
            os.close(handle)

    def unmount(self):
        """Waits for those who still hold a file there, and were killed."""
        deadline, pause = monotonic() + BUSY, Event()
        while (done := run("umount", str(self.path), check=False)).returncode:
            assert monotonic() < deadline, done.stderr
            pause.wait(0.1)

    def again(self):
        """The machine starts again."""
        self.unmount()
        self.mount()

    def flushes(self) -> int:
        """How often the device was told to write down what it was given."""
        device = self.path.stat().st_dev
        told = Path(f"/sys/dev/block/{os.major(device)}:{os.minor(device)}/stat").read_text().split()
        return int(told[15])

    def stop(self):
        self.unmount()
        shutil.rmtree(self.folder)


def run(*words: str, check: bool = True) -> subprocess.CompletedProcess[str]:
    return subprocess.run(words, check=check, capture_output=True, text=True)
