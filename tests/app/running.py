"""`logotal app` as people start it, for tests and benchmarks."""

import re
import signal
import subprocess
import sys
from pathlib import Path

from logotal.app.store import LabelStore


class App:
    """`logotal app` in a process of its own, and the address that it has printed."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        command = [sys.executable, "-m", "logotal", "app", str(folder), "--no-browser"]
        self.process = subprocess.Popen(command, stderr=subprocess.PIPE, text=True)
        assert self.process.stderr is not None
        lines = iter(self.process.stderr.readline, "")
        found = next(filter(None, (re.search(r"open (\S+)", line) for line in lines)), None)
        assert found, "it has printed no address"
        self.address = found[1]

    @property
    def labels(self) -> LabelStore:
        """The labels as they are on the disk."""
        return LabelStore(self.folder)

    def __enter__(self) -> "App":
        return self

    def __exit__(self, *failed: object) -> None:
        """Ends it, where nothing else has."""
        self.process.terminate()
        try:
            _, said = self.process.communicate(timeout=60)
        finally:
            self.process.kill()
        if self.process.returncode != -signal.SIGKILL:
            assert self.process.returncode == 128 + signal.SIGTERM, said
