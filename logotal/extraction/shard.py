"""A part of many videos, for schedulers that start the same command on many machines."""

import os
import re
import zlib
from dataclasses import dataclass

from logotal.errors import InputError

EXPECTED = "expected NUMBER/COUNT, as 3/8; or auto in an array of SLURM, and auto/COUNT in an indexed job of Kubernetes"


@dataclass(frozen=True)
class Shard:
    """Part `number` of `count`; the first is 1.

    What belongs to it follows from each video's name alone: parts that are started at different times, while videos are
    added, leave none out.
    """

    number: int
    count: int

    def holds(self, name: str) -> bool:
        """Whether a video of that name belongs to it.

        >>> [[name for name in ("a", "b", "c", "d") if Shard(number, 2).holds(name)] for number in (1, 2)]
        [['d'], ['a', 'b', 'c']]
        """
        return zlib.crc32(name.encode()) % self.count == self.number - 1

    def __str__(self) -> str:
        return f"{self.number}/{self.count}"


def find_shard(text: str) -> Shard:
    """The part that a text means; with `auto`, the one that a scheduler gives to this process.

    Raises:
        InputError: it means none, or no scheduler says which.
    """
    found = re.fullmatch(r"(?P<number>auto|\d{1,9})(?:/(?P<count>\d{1,9}))?", text)
    if found is None:
        raise InputError(f"--shard: {EXPECTED}; found {text!r}")
    if found["number"] == "auto":
        return _scheduled(found["count"])
    if found["count"] is None or not 1 <= int(found["number"]) <= int(found["count"]):
        raise InputError(f"--shard: {EXPECTED}, from 1/COUNT to COUNT/COUNT; found {text!r}")
    return Shard(int(found["number"]), int(found["count"]))


def _scheduled(count: str | None) -> Shard:
    """The part of a task of a scheduler."""
    if "SLURM_ARRAY_TASK_ID" in os.environ:
        task, first, last, tasks, step = (
            _number(f"SLURM_ARRAY_TASK_{name}") for name in ("ID", "MIN", "MAX", "COUNT", "STEP")
        )
        if last - first != (tasks - 1) * step or count not in (None, str(tasks)):
            raise InputError(
                f"--shard auto: expected an array of {count or tasks} tasks in a row, found {tasks} from {first} to "
                f"{last}; start it with --array=1-{count or tasks}"
            )
        return Shard((task - first) // step + 1, tasks)
    if count is not None and "JOB_COMPLETION_INDEX" in os.environ:
        return find_shard(f"{_number('JOB_COMPLETION_INDEX') + 1}/{count}")
    raise InputError(f"--shard: {EXPECTED}; found no number of a task in SLURM_ARRAY_TASK_ID or JOB_COMPLETION_INDEX")


def _number(name: str) -> int:
    try:
        return int(os.environ[name])
    except (KeyError, ValueError) as error:
        raise InputError(f"--shard auto: {name} is {os.environ.get(name)!r}, expected a number") from error
