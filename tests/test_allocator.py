"""Freed memory stays with the process, where glibc is the C library."""

import os
import platform
import subprocess
import sys

import pytest

pytest.importorskip("torch")
pytestmark = pytest.mark.skipif(platform.libc_ver()[0] != "glibc", reason="another C library is left as it is")

RESIDENT = """
import os
import torch

def resident():
    with open("/proc/self/statm") as file:
        return int(file.read().split()[1]) * os.sysconf("SC_PAGESIZE")

torch.ones(2304, 2048)
{prepare}
before = resident()
features = [torch.ones(2304, 2048) for _ in range(20)]
del features
print(resident() - before)
"""
FREED = 20 * 2304 * 2048 * 4

KEEPS = "from logotal.allocator import keep_freed_memory; keep_freed_memory()"
PREDICTOR = """
from logotal.inference.predictor import Predictor
from logotal.inference.surroundings import Surroundings
from logotal.model.detector import build_detector
from logotal.recipes import read_recipe
config = read_recipe("thumos14", {"model": {"input_channels": 4, "width": 8, "head_width": 8, "groups": 4}})
Predictor(build_detector(config.model, num_labels=2), Surroundings(("a", "b"), config, name="small"))
"""


def kept(prepare: str, **environment: str) -> float:
    """The share of freed memory that stays with a process of its own."""
    clean = {name: value for name, value in os.environ.items() if not name.startswith(("MALLOC_", "GLIBC_"))}
    code = RESIDENT.format(prepare=prepare)
    ran = subprocess.run(
        [sys.executable, "-c", code], env=clean | environment, capture_output=True, text=True, check=True
    )
    return int(ran.stdout) / FREED


def test_glibc_alone_gives_it_back() -> None:
    # Not in every process: something small that happens to lie behind it holds all of it back.
    assert any(kept("") < 0.5 for _ in range(10))


@pytest.mark.parametrize("prepare", [KEEPS, PREDICTOR], ids=["asked", "a predictor"])
def test_what_one_layer_frees_stays_for_the_next(prepare: str) -> None:
    assert kept(prepare) > 0.9


def test_what_the_user_chose_stays() -> None:
    assert kept(KEEPS, MALLOC_TRIM_THRESHOLD_="131072", MALLOC_MMAP_THRESHOLD_="131072") < 0.5
