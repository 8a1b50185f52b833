"""The C library's memory: what one layer frees stays with the process, for the next layer.

The setting is one of the whole process. Only commands choose it: a program that imports logotal keeps its own.
"""

import ctypes
import os

KEPT = 2**30
"""Bytes of freed memory that the process keeps at most."""

LARGEST = 2**25
"""Bytes from which a piece of memory is taken from the system and given back by itself: glibc's upper limit."""

TRIM_THRESHOLD, MMAP_THRESHOLD = -1, -3  # M_TRIM_THRESHOLD and M_MMAP_THRESHOLD of malloc.h


def keep_freed_memory() -> bool:
    """Has glibc keep freed memory, in this process and those that it starts; whether this call did so.

    By default glibc gives features back to the system after one layer and takes them again for the next, where the
    system clears every page: a seventh of a forward pass in fp32. A user who set one of its variables (`MALLOC_...`,
    `GLIBC_TUNABLES`) keeps what they chose. Other C libraries are left as they are.
    """
    if os.name != "posix" or any(name.startswith(("MALLOC_", "GLIBC_TUNABLES")) for name in os.environ):
        return False
    library = ctypes.CDLL(None)
    if not hasattr(library, "gnu_get_libc_version"):  # musl, macOS: other allocators, other numbers
        return False
    # Setting one of the two ends glibc's own adaptation of both.
    kept = bool(library.mallopt(MMAP_THRESHOLD, LARGEST) and library.mallopt(TRIM_THRESHOLD, KEPT))
    if kept:  # glibc reads these when a process starts
        os.environ |= {"MALLOC_MMAP_THRESHOLD_": str(LARGEST), "MALLOC_TRIM_THRESHOLD_": str(KEPT)}
    return kept
