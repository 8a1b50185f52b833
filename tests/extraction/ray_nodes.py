"""A Ray cluster on this machine, for tests and benchmarks."""

import os
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import ray

from tests.ports import free_port

ROOT = Path(__file__).parents[2]


@contextmanager
def ray_nodes(*processors: int) -> Iterator[str]:
    """The address of a cluster of nodes with so many processors each; this process leaves it when it ends."""
    at = f"127.0.0.1:{free_port()}"
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as place:  # the names of its sockets must be short
        quiet = ["--block", "--disable-usage-stats"]
        head = ["--head", "--port", at.split(":")[1], "--temp-dir", place, "--include-dashboard", "false"]
        # A memory that others fill is nothing to end processes for here.
        environment = os.environ | {"RAY_memory_monitor_refresh_ms": "0", "PYTHONPATH": str(ROOT)}
        nodes: list[subprocess.Popen[bytes]] = []
        for number, count in enumerate(processors):
            start = [str(Path(sys.executable).parent / "ray"), "start", *(["--address", at] if number else head)]
            output = Path(place, f"said-{number}.txt")
            with output.open("w") as said:
                command = [*start, "--num-cpus", str(count), *quiet]
                nodes.append(subprocess.Popen(command, env=environment, stdout=said, stderr=said))
            deadline = time.monotonic() + 60
            while "Ray runtime started" not in output.read_text():
                assert nodes[-1].poll() is None, output.read_text()
                assert time.monotonic() < deadline, output.read_text()
                time.sleep(0.1)
        try:
            yield at
        finally:
            ray.shutdown()  # a process whose node ends is ended too
            for node in reversed(nodes):
                node.send_signal(signal.SIGTERM)
                node.wait()
