"""Commands have glibc keep freed memory; the library leaves the process that calls it as it is."""

import os
import platform
import subprocess
import sys
from pathlib import Path

import pytest

pytestmark = pytest.mark.skipif(platform.libc_ver()[0] != "glibc", reason="another C library is left as it is")

PIECES, SIZE = 20, 2**24

MEASURE = f"""
import ctypes, os
library = ctypes.CDLL(None)
library.malloc.restype, library.malloc.argtypes = ctypes.c_void_p, [ctypes.c_size_t]
library.free.restype, library.free.argtypes = None, [ctypes.c_void_p]

def resident():
    with open("/proc/self/statm") as file:
        return int(file.read().split()[1]) * os.sysconf("SC_PAGESIZE")

before = resident()
pieces = [library.malloc({SIZE}) for _ in range({PIECES})]
for piece in pieces:
    ctypes.memset(piece, 1, {SIZE})
for piece in pieces:
    library.free(piece)
print((resident() - before) / ({PIECES} * {SIZE}))
"""
"""Prints which share of the memory that was freed stays with the process."""

KEEPS = "from logotal.commands.allocator import keep_freed_memory; keep_freed_memory()"
COMMAND = """
import sys
from logotal.cli import main
sys.argv = ["logotal", "recipes", "thumos14"]
try:
    main()
except SystemExit as ended:
    assert not ended.code
"""
CHILD = f"""
import subprocess
subprocess.run([sys.executable, "-c", {MEASURE!r}], check=True)
sys.exit()
"""
LIBRARY = """
import os
import sys
from pathlib import Path
import logotal
from logotal.model.profile import profile
from logotal.runs.train import train
from tests.training.small import small_config, small_data
data = small_data(Path({folder!r}) / "data", training=2, validation=1)
config = small_config(data, training={{"epochs": 1, "warmup_epochs": 0}})
run = train(config, Path({folder!r}) / "run")
logotal.load(run.folder).detect(data / "features" / "validation_002.npy", fps=30)
assert {{name for name in os.environ if name.startswith(("MALLOC_", "GLIBC_"))}} == set()
assert "logotal.commands.allocator" not in sys.modules
"""


def kept(prepare: str, **environment: str) -> float:
    """The share of freed memory that stays with a process of its own."""
    clean = {name: value for name, value in os.environ.items() if not name.startswith(("MALLOC_", "GLIBC_"))}
    ran = subprocess.run(
        [sys.executable, "-c", prepare + MEASURE], env=clean | environment, capture_output=True, text=True, check=True
    )
    return float(ran.stdout.split()[-1])


def test_glibc_alone_gives_it_back() -> None:
    assert kept("") < 0.5


def test_what_one_layer_frees_stays_for_the_next() -> None:
    assert kept(KEEPS) > 0.9


def test_a_command_keeps_it() -> None:
    assert kept(COMMAND) > 0.9


def test_the_processes_that_a_command_starts_keep_it_too() -> None:
    assert kept(COMMAND + CHILD) > 0.9


def test_what_the_user_chose_stays() -> None:
    chosen = {"MALLOC_TRIM_THRESHOLD_": "131072", "MALLOC_MMAP_THRESHOLD_": "131072"}
    assert kept(COMMAND, **chosen) < 0.5
    assert kept(COMMAND + CHILD, **chosen) < 0.5


def test_training_and_detecting_from_python_leave_the_process_as_it_is(tmp_path: Path) -> None:
    pytest.importorskip("torch")
    # Not in every process: something small that happens to lie behind freed memory holds all of it back.
    assert any(kept(LIBRARY.format(folder=str(tmp_path / str(attempt)))) < 0.5 for attempt in range(3))
