"""A small disk of a test's own, and a ballast that fills it.

It is a tmpfs in a mount namespace of its own, held by a process that works in it; everybody else
reaches it through that process (``/proc/PID/cwd``). So nothing is mounted where others see it, and
nothing is left when the holder ends, which it does when the test is killed. Root needs no more;
anybody else gets a user namespace besides, where the system allows it.

Run as a program it is the holder: ``python small_disk.py PARENT BYTES``. Alone, with the standard
library only.
"""

import contextlib
import ctypes
import os
import signal
import subprocess
import sys
import tempfile
from collections.abc import Generator
from dataclasses import dataclass
from pathlib import Path

NEW_MOUNTS, NEW_USERS = 0x00020000, 0x10000000  # unshare
RECURSIVE, PRIVATE = 0x4000, 0x40000  # mount
PARENT_DEATH_SIGNAL, DUMPABLE = 1, 4  # prctl
NOBODY = 65534
"""PostgreSQL's user where we are root: it must be able to look through the holder."""
READY = b"ready\n"


class NoSmallDisk(RuntimeError):
    """The system allows no mount, not even in a namespace; the text says what it refused."""


@dataclass(frozen=True, slots=True)
class SmallDisk:
    """A mounted disk. ``root`` is its top folder, as long as its holder lives."""

    root: Path

    @property
    def free(self) -> int:
        """Bytes."""
        found = os.statvfs(self.root)
        return found.f_bavail * found.f_frsize

    def fill(self) -> None:
        """Let the ballast grow over all that is free at this moment, to the last page."""
        page = bytes(os.statvfs(self.root).f_frsize)
        with (self.root / "ballast").open("ab", buffering=0) as ballast:
            with contextlib.suppress(OSError):  # somebody else took some of it meanwhile
                os.posix_fallocate(ballast.fileno(), ballast.seek(0, os.SEEK_END), self.free or 1)
            ballast.seek(0, os.SEEK_END)
            with contextlib.suppress(OSError):
                while ballast.write(page):
                    pass

    def make_room(self) -> None:
        """Throw the ballast off."""
        (self.root / "ballast").unlink()


@contextlib.contextmanager
def mounted(size: int) -> Generator[SmallDisk]:
    """A disk of ``size`` bytes, until the end of the block; raises :class:`NoSmallDisk`."""
    holder = subprocess.Popen(
        [sys.executable, "-I", "-S", __file__, str(os.getpid()), str(size)],
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
    )
    with holder:
        try:
            assert holder.stdout is not None
            assert holder.stderr is not None
            if holder.stdout.readline() != READY:
                raise NoSmallDisk(holder.stderr.read().decode(errors="replace").strip())
            yield SmallDisk(Path(f"/proc/{holder.pid}/cwd"))
        finally:
            holder.kill()


def _call(name: str, *arguments: object) -> None:
    libc = ctypes.CDLL(None, use_errno=True)
    if getattr(libc, name)(*arguments):
        sys.exit(f"{name} was refused: {os.strerror(ctypes.get_errno())}")


def _hold(parent: int, size: int) -> None:
    _call("prctl", PARENT_DEATH_SIGNAL, int(signal.SIGKILL), 0, 0, 0)
    if os.getppid() != parent:
        sys.exit("the test is gone")
    user, group, is_root = os.geteuid(), os.getegid(), os.geteuid() == 0
    _call("unshare", NEW_MOUNTS if is_root else NEW_MOUNTS | NEW_USERS)
    if not is_root:
        Path("/proc/self/uid_map").write_text(f"{user} {user} 1", encoding="ascii")
        Path("/proc/self/setgroups").write_text("deny", encoding="ascii")
        Path("/proc/self/gid_map").write_text(f"{group} {group} 1", encoding="ascii")
    _call("mount", None, b"/", None, RECURSIVE | PRIVATE, None)
    over = tempfile.gettempdir()  # as we alone see it
    _call("mount", b"tmpfs", over.encode(), b"tmpfs", 0, f"size={size},mode=0755".encode())
    os.chdir(over)
    if is_root:
        os.setgroups([])
        os.setgid(NOBODY)
        os.setuid(NOBODY)
        _call("prctl", PARENT_DEATH_SIGNAL, int(signal.SIGKILL), 0, 0, 0)
        _call("prctl", DUMPABLE, 1, 0, 0, 0)
    sys.stdout.buffer.write(READY)
    sys.stdout.buffer.flush()
    signal.pause()


if __name__ == "__main__":
    try:
        _hold(int(sys.argv[1]), int(sys.argv[2]))
    except OSError as refusal:
        sys.exit(str(refusal))
