"""The `make` that started us: it does not pass an interrupt on, so we look whether it has got one."""

import os
import signal
from pathlib import Path

import psutil


class Parent:
    """The process that started us, where it is a make; otherwise nothing is watched."""

    def __init__(self) -> None:
        self.pid = os.getppid()
        try:
            self.is_make = psutil.Process(self.pid).name() in {"make", "gmake"}
        except psutil.Error:
            self.is_make = False

    def wants_us_to_stop(self) -> bool:
        """True once make is gone, or waits inside its own handler for SIGINT (which blocks that signal)."""
        if not self.is_make:
            return False
        if os.getppid() != self.pid:
            return True
        try:
            lines = Path(f"/proc/{self.pid}/status").read_text().splitlines()
        except OSError:
            return False
        blocked = next((int(line.split()[1], 16) for line in lines if line.startswith("SigBlk:")), 0)
        return bool(blocked >> (signal.SIGINT - 1) & 1)
