"""Full and read-only disks: every command says so in one line, and what was there before stays whole.

    python -m reliability.disk

Each command first does its work undisturbed; then it is run again where nothing, or half of what it writes, can be
written. It has to end with status 1 and one line that begins with `logotal: `, without a traceback, and without
changing what was there before.
"""

import subprocess
from collections.abc import Callable, Mapping, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass, field
from pathlib import Path

from logotal.runs.parts import SUFFIX
from reliability import samples
from reliability.places import Place, inside, limited
from reliability.process import ROOT, command_line, environment
from reliability.record import try_commands
from reliability.trials import TRIALS
from reliability.whole import faults, files, leftovers

Case = Callable[[Path, Path], list[str]]
"""Makes the inputs in the first folder, and gives the command that writes below the second."""


@dataclass
class Row:
    """What a command did where it could not write; `said` is its line at each obstacle.

    `real` is whether disks were really full, and read-only.
    """

    command: str
    real: bool
    tried: int = 0
    sound_tries: int = 0
    said: dict[str, str] = field(default_factory=dict)
    faults: list[str] = field(default_factory=list)

    @property
    def sound(self) -> bool:
        """Whether all was as it should be."""
        return not self.faults


def _trial(name: str) -> Case:
    return lambda inputs, out: TRIALS[name](inputs, out).command


def _of_run(*words: str) -> Case:
    """A command that reads and writes a run folder."""

    def case(inputs: Path, out: Path) -> list[str]:
        run = samples.run(out, channels=64, data=samples.synthetic(inputs / "synthetic"))
        return command_line(words[0], run, *words[1:])

    return case


CASES: Mapping[str, Case] = {
    **{name: _trial(name) for name in TRIALS},
    "evaluate": _of_run("evaluate"),
    "report": _of_run("report"),
    "export": _of_run("export", "--to", "pt2"),
}


def try_command(name: str, folder: Path, *, real: bool, halves: bool = True) -> Row:
    """Runs a command at every obstacle; `folder` is for all files, `real` whether disks may be mounted."""
    row = Row(name, real)
    place = Place(folder / "place", real=real)
    try:
        _try_at(place, row, folder / "inputs", halves=halves)
    finally:
        place.clear()
    return row


def _try_at(place: Place, row: Row, inputs: Path, *, halves: bool) -> None:
    name, real, out = row.command, place.real, place.folder / "out"
    command = CASES[name](inputs, out)
    given = set(files(place.folder))
    done = run(command)
    if done.returncode != 0:
        raise RuntimeError(f"{name}: the undisturbed run ended with {done.returncode}: {done.stderr[-1000:]}")
    sizes = [path.stat().st_size for path in files(place.folder)]
    _stock(out, given)
    free = [0, (sum(sizes) if real else max(sizes)) // 2] if halves else [0]
    for bytes_free in free:
        obstacle = place.fill(bytes_free)
        room = f"{obstacle.name}, {bytes_free:,} bytes free"
        _judge(row, command, place.folder, room, largest=obstacle.largest, may_fit=bytes_free > 0)
        (place.folder / ".filler").unlink(missing_ok=True)
        _stock(out, given)
    if real:
        obstacle = place.freeze()
        _judge(row, command, place.folder, obstacle.name)
    place.clear()  # what follows is below a plain file, on any disk
    if name not in ("evaluate", "report", "export"):  # those read the folder that they write into
        place.folder.mkdir(exist_ok=True)
        out.write_text("a file where a folder is expected\n")
        below = [word.replace(str(out), str(out / "below")) for word in command]
        _judge(row, below, place.folder, "below a file")


def _stock(out: Path, given: AbstractSet[Path]) -> None:
    """Leaves a place as it is before a command, with a file that must not change.

    What the command made is taken away: files that hold already what is to be written are left as they are.
    """
    for path in files(out):
        if path not in given:
            path.unlink()
    (out / "kept.txt").write_text("kept\n")


def run(command: Sequence[str], largest: int | None = None) -> "subprocess.CompletedProcess[str]":
    """Runs a command, whose output goes to pipes, which no disk can fill."""
    return subprocess.run(
        command,
        capture_output=True,
        text=True,
        cwd=ROOT,
        env=environment(),
        preexec_fn=limited(largest),
        check=False,
        timeout=3600,
    )


def _judge(
    row: Row, command: Sequence[str], place: Path, obstacle: str, *, largest: int | None = None, may_fit: bool = False
) -> None:
    before = _contents(place)
    done = run(command, largest)
    lines = [line for line in done.stderr.splitlines() if line.startswith("logotal: ")]
    found = []
    fits = may_fit and done.returncode == 0
    if fits:  # files that replace others one after the other need little room
        lines = ["logotal: no complaint, there was room enough"]
    elif done.returncode != 1:
        found.append(f"ended with {done.returncode}, expected 1")
    if "Traceback" in done.stderr:
        found.append(f"traceback: {done.stderr.strip().splitlines()[-1]}")
    if len(lines) != 1:
        found.append(f"{len(lines)} lines that begin with 'logotal: ', expected 1")
    after = _contents(place)
    found += [f"{path} was there before, and is gone" for path in before.keys() - after.keys()]
    if not fits:
        found += [f"{path} was there before, and has changed" for path in before if before[path] != after.get(path)]
    found += faults(place)
    found += [f"{path.name} stays" for path in leftovers(place) if path.name != ".filler" and path.suffix != SUFFIX]
    row.tried += 1
    row.sound_tries += not found
    row.said[obstacle] = (lines or ["nothing"])[0].replace(str(place), "PLACE")
    row.faults += [f"{obstacle}: {fault}" for fault in found]
    print(f"{row.command}, {obstacle}: {row.said[obstacle]} {found or ''}", flush=True)


def _contents(place: Path) -> dict[str, bytes]:
    return {path.relative_to(place).as_posix(): path.read_bytes() for path in files(place)}


def main() -> None:
    """The command line."""
    real = inside()
    try_commands("disk", __doc__, CASES, lambda name, folder, _: try_command(name, folder, real=real))


if __name__ == "__main__":
    main()
