"""Kills real commands at many moments of their work, looks at what is on the disk, and runs them again.

    python -m reliability.kill --moments 50 --seed 0

Half of the moments are spread evenly over the time of work, which begins when a command opens its inputs (before that
it only loads libraries). The other half come within two milliseconds after a file below the output folder was made,
changed or renamed, which is where a half-written file would be seen. The signal is SIGKILL to the whole process group.
Then every file must be whole, and the same command (`train`: with --resume) must leave byte for byte what it leaves
when nothing disturbs it, but for the seconds that it took; of an annotated video, the size and the time of every frame
are compared, for x264, which codes in several threads, rarely writes the same bytes twice.
"""

import json
import re
import shutil
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from random import Random
from typing import Any

import torch

from reliability.process import Lap, Moment, lap
from reliability.record import try_commands
from reliability.trials import TRIALS, Trial
from reliability.whole import faults, files, frame_times, leftovers


@dataclass
class Row:
    """What became of a command: kills while it worked, of them those that hurt in any way."""

    command: str
    seconds: float
    work: float
    kills: int = 0
    with_files: int = 0
    """Kills after which at least one result lay there."""
    with_all: int = 0
    """Kills after which all results lay there."""
    too_late: int = 0
    """Moments at which the command had just ended; others were drawn for them."""
    broken: int = 0
    leftovers: int = 0
    """Kills that left a file with a temporary name."""
    leftovers_stay: int = 0
    """The same after the next run."""
    identical: int = 0
    faults: list[str] = field(default_factory=list)

    @property
    def sound(self) -> bool:
        """Whether no kill did any harm."""
        return not self.faults and self.identical == self.kills


def kill_often(name: str, moments: int, seed: int, folder: Path) -> Row:
    """Kills one of the `TRIALS` so many times; `folder` is for the inputs and what is written."""
    box = folder / "box"
    trial = TRIALS[name](folder / "inputs", box / "out")
    undisturbed = run_undisturbed(trial, box)
    expected = contents(box)
    row = Row(name, undisturbed.seconds, undisturbed.work)
    random = Random(f"{seed} {name}")
    planned = plan(moments, len(undisturbed.writes), random)
    while planned:
        moment = planned.pop()
        _empty(box)
        killed = lap(trial.command, trial.sign, box, moment, undisturbed.work)
        if not killed.killed or killed.began is None:
            row.too_late += 1
            if row.too_late > 5 * moments:
                raise RuntimeError(f"{name}: ends before it can be killed: {killed.said[-500:]}")
            share, write = random.random(), random.randint(1, len(undisturbed.writes))
            planned.append(Moment(share) if moment.share is not None else Moment(None, write, random.random() / 500))
            continue
        look(row, box, expected, moment)
        again(row, trial, box, expected, moment)
        print(f"{name}: {row.kills} of {moments}, {len(row.faults)} faults", flush=True)
    return row


def plan(moments: int, writes: int, random: Random) -> list[Moment]:
    """The moments in random order: one in each part of the time of work, and one in each part of the writes."""
    timed = moments - moments // 2
    planned = [Moment((part + random.random()) / timed) for part in range(timed)]
    for part in range(moments // 2):
        number = int((part + random.random()) / (moments // 2) * writes) + 1
        planned.append(Moment(None, number, random.random() / 500))
    random.shuffle(planned)
    return planned


def run_undisturbed(trial: Trial, box: Path) -> Lap:
    """The second of two runs, in which all that is loaded lies in the system's memory."""
    for _ in range(2):
        _empty(box)
        found = lap(trial.command, trial.sign, box)
        if found.status != 0 or found.began is None or not found.writes:
            raise RuntimeError(f"the undisturbed run ended with {found.status}: {found.said[-2000:]}")
        if bad := faults(box):
            raise RuntimeError(f"the undisturbed run left {bad}")
    return found


def look(row: Row, box: Path, expected: dict[str, bytes], moment: Moment) -> None:
    """Counts a kill and what it left."""
    row.kills += 1
    row.with_files += bool(files(box))
    row.with_all += contents(box) == expected
    row.leftovers += bool(_left(box))
    bad = faults(box)
    if strange := sorted(contents(box).keys() - expected.keys()):
        bad.append(f"not a result of the undisturbed run: {', '.join(strange)}")
    row.broken += bool(bad)
    row.faults += [f"{moment}: {fault}" for fault in bad]


def again(row: Row, trial: Trial, box: Path, expected: dict[str, bytes], moment: Moment) -> None:
    """Runs the command again and compares."""
    had_all = contents(box) == expected
    found = lap(trial.again or trial.command, trial.sign, box)
    stay = _left(box)
    row.leftovers_stay += bool(stay)
    results = contents(box)
    differing = sorted(name for name in results.keys() | expected.keys() if results.get(name) != expected.get(name))
    fine = found.status == 0 or had_all  # what is complete may refuse to be made again
    row.identical += fine and not differing
    if not fine:
        row.faults.append(f"{moment}: the next run ended with {found.status}: {found.said.strip()[-300:]}")
    elif differing:
        row.faults.append(f"{moment}: differs after the next run: {', '.join(differing)}")
    row.faults += [f"{moment}: {path.name} stays" for path in stay]


def _left(box: Path) -> list[Path]:
    """Files with temporary names, and ours in the system's folder for them; torch keeps an empty one there."""
    return leftovers(box) + [
        path for path in (box.parent / "tmp").iterdir() if not path.name.startswith("torchinductor")
    ]


def contents(box: Path) -> dict[str, bytes]:
    """The results by name, without the seconds that a training takes."""
    return {path.relative_to(box).as_posix(): _read(path) for path in files(box)}


def _read(path: Path) -> bytes:
    """What is compared; of a torn file, its bytes: it equals no whole one, and `faults` names it."""
    try:
        return _timeless(path)
    except Exception:  # a torn checkpoint, table or video may raise anything
        return b"torn " + path.read_bytes()


def _timeless(path: Path) -> bytes:
    if path.name == "provenance.json":
        return json.dumps(
            {key: value for key, value in json.loads(path.read_text()).items() if key != "seconds"}
        ).encode()
    if path.name == "metrics.csv":
        lines = [line.split(",") for line in path.read_text().splitlines()]
        keep = [column for column, name in enumerate(lines[0]) if name != "seconds"]
        return "\n".join(",".join(line[column] for column in keep) for line in lines).encode()
    if path.name == "MODEL_CARD.md":
        return re.sub(rb"\n- Time: [^\n]*", b"", path.read_bytes())
    if path.suffix == ".mp4":
        return repr(frame_times(path)).encode()
    if path.suffix == ".ckpt":
        return repr(_values(torch.load(path, weights_only=True))).encode()
    return path.read_bytes()


def _values(content: Any) -> Any:
    """The values in a checkpoint: which of them share memory, and so its bytes, depends on how it came about."""
    if isinstance(content, Mapping):
        return {key: _values(value) for key, value in content.items()}
    if isinstance(content, list | tuple):
        return [_values(value) for value in content]
    if isinstance(content, torch.Tensor):
        return str(content.dtype), tuple(content.shape), content.numpy().tobytes()
    return content


def _empty(box: Path) -> None:
    shutil.rmtree(box, ignore_errors=True)
    box.mkdir(parents=True)


def main() -> None:
    """The command line."""
    try_commands(
        "kill",
        __doc__,
        TRIALS,
        lambda name, folder, options: kill_often(name, options.moments, options.seed, folder),
        moments=50,
        seed=0,
    )


if __name__ == "__main__":
    main()
