"""The C library's memory: what one layer frees stays with the process, for the next layer."""

import ctypes
import os

KEPT = 2**30
"""Bytes of freed memory that the process keeps at most."""

LARGEST = 2**25
"""Bytes from which a piece of memory is taken from the system and given back by itself: glibc's upper limit."""

TRIM_THRESHOLD, MMAP_THRESHOLD = -1, -3  # M_TRIM_THRESHOLD and M_MMAP_THRESHOLD of malloc.h


def keep_freed_memory() -> bool:
    """Has glibc keep freed memory; whether it does. For the whole process, and other systems are left as they are.

    By default it gives features back to the system after one layer and takes them again for the next, where the system
    clears every page: a seventh of a forward pass in fp32. A user who set one of its variables
    (`MALLOC_TRIM_THRESHOLD_`, `MALLOC_MMAP_THRESHOLD_`, `GLIBC_TUNABLES`) keeps what they chose.
    """
    if os.name != "posix" or any(name.startswith(("MALLOC_", "GLIBC_TUNABLES")) for name in os.environ):
        return False
    library = ctypes.CDLL(None)
    if not hasattr(library, "gnu_get_libc_version"):  # musl, macOS: other allocators, other numbers
        return False
    # Setting one of the two ends glibc's own adaptation of both.
    return bool(library.mallopt(MMAP_THRESHOLD, LARGEST) and library.mallopt(TRIM_THRESHOLD, KEPT))
