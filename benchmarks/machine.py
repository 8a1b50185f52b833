"""The machine that the numbers belong to."""

import os
import platform
import re
import subprocess
from pathlib import Path

import numpy as np
import torch

SETS = ("avx2", "avx512f", "avx512_vnni", "avx512_bf16", "amx_tile", "amx_int8", "amx_bf16")
"""Instruction sets that decide how fast fp32, bf16 and int8 are."""


def describe() -> dict[str, str]:
    """Names and versions, and how busy the machine was at the start."""
    info = _read("/proc/cpuinfo")
    model = re.search(r"model name\s*:\s*(.+)", info)
    flags = re.search(r"flags\s*:\s*(.+)", info)
    found = set(flags[1].split()) if flags else set()
    memory = re.search(r"MemTotal:\s*(\d+)", _read("/proc/meminfo"))
    return {
        "processor": f"{model[1] if model else platform.processor()}, {os.cpu_count()} cores seen",
        "instruction sets": ", ".join(each for each in SETS if each in found) or "not known",
        "memory": f"{int(memory[1]) / 2**20:.0f} GiB" if memory else "not known",
        "system": f"{platform.system()} {platform.release()}, Python {platform.python_version()}",
        "libraries": f"torch {torch.__version__}, NumPy {np.__version__}",
        "threads": str(torch.get_num_threads()),
        "load before": f"{os.getloadavg()[0]:.1f}",
        "commit": _commit(),
    }


def _read(path: str) -> str:
    return Path(path).read_text() if Path(path).is_file() else ""


def _commit() -> str:
    try:
        told = subprocess.run(["git", "describe", "--always", "--dirty"], capture_output=True, text=True, check=True)
    except (OSError, subprocess.CalledProcessError):
        return "not known"
    return told.stdout.strip()
