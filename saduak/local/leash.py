"""Run a command that cannot outlive the process that started it.

Called as ``python leash.py PARENT SIGNAL MODE COMMAND…`` and replaced by COMMAND at once. On Linux
the kernel then sends SIGNAL to the command when the thread that started it ends, even by SIGKILL.
MODE is ``as-is``, or ``unprivileged``: a server that refuses to run as root runs as another user
that keeps one capability, to reach files in directories that belong to root.

It stands alone, with the standard library only, so that it starts in some hundredths of a second.
"""

import ctypes
import os
import sys

UNPRIVILEGED = 65534
"""The user and group id that every system has as "nobody"."""

_SET_PARENT_DEATH_SIGNAL = 1
_KEEP_CAPABILITIES = 8
_AMBIENT_CAPABILITY = 47
_AMBIENT_RAISE = 2
_CAPABILITY_VERSION = 0x20080522
_REACH_FILES = 1  # CAP_DAC_OVERRIDE


def _control(*arguments: int) -> None:
    libc = ctypes.CDLL(None, use_errno=True)
    if libc.prctl(*arguments, *[0] * (5 - len(arguments))):
        raise OSError(ctypes.get_errno(), f"prctl{arguments} was refused")


def give_up_root() -> None:
    """Become nobody, able to reach files as root could, and nothing else."""
    if sys.platform == "linux":
        _control(_KEEP_CAPABILITIES, 1)
    os.setgroups([])
    os.setgid(UNPRIVILEGED)
    os.setuid(UNPRIVILEGED)
    if sys.platform == "linux":
        kept = 1 << _REACH_FILES
        header = (ctypes.c_uint32 * 2)(_CAPABILITY_VERSION, 0)
        sets = (ctypes.c_uint32 * 6)(kept, kept, kept, 0, 0, 0)
        libc = ctypes.CDLL(None, use_errno=True)
        if libc.capset(header, sets):
            raise OSError(ctypes.get_errno(), "capset was refused")
        _control(_AMBIENT_CAPABILITY, _AMBIENT_RAISE, _REACH_FILES)


def main(parent: int, signal: int, mode: str, command: list[str]) -> None:
    if mode == "unprivileged":
        give_up_root()
    if sys.platform == "linux":
        _control(_SET_PARENT_DEATH_SIGNAL, signal)
        if os.getppid() != parent:  # it ended before the kernel was asked
            sys.exit(1)
    os.execvp(command[0], command)  # noqa: S606 - the caller chose the command


if __name__ == "__main__":
    main(int(sys.argv[1]), int(sys.argv[2]), sys.argv[3], sys.argv[4:])
