"""A signal may come between any two lines: code is run again and again, interrupted before each of them in turn."""

import contextlib
import sys
from collections.abc import Callable, Iterator
from types import FrameType, ModuleType
from typing import Any


class _Interruption:
    """Raises KeyboardInterrupt before the n-th line of some files."""

    def __init__(self, files: set[str | None], line: int) -> None:
        self.files = files
        self.left = line

    def __call__(self, frame: FrameType, event: str, argument: Any) -> Any:
        if frame.f_code.co_filename not in self.files:
            return None
        if event == "line":
            self.left -= 1
            if self.left == 0:
                raise KeyboardInterrupt
        return self


def interrupted_before_each_line(work: Callable[[int], object], *modules: ModuleType) -> Iterator[int]:
    """Calls `work(line)`, interrupted before a line of a module, or of what enters and leaves its contexts.

    Yields the number of that line after each interruption, and ends when the work came to its end.
    """
    files = {contextlib.__file__, *(module.__file__ for module in modules)}
    line = 1
    while True:
        before = sys.gettrace()
        sys.settrace(_Interruption(files, line))
        try:
            work(line)
        except KeyboardInterrupt:
            pass
        else:
            return
        finally:
            sys.settrace(before)
        yield line
        line += 1
