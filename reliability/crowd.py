"""A thousand videos of which some are broken, one in each way that we know, in one call of detect and of extract.

    python -m reliability.crowd --count 1000

Each sound video must get its timeline or its features, each broken one a line `failed: ...` that names it, and the
command must end with status 1. Sound videos are hard links to a few files: each is processed like any other.
"""

import io
import json
import os
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np

from reliability import samples
from reliability.disk import run
from reliability.process import command_line
from reliability.record import try_commands
from reliability.whole import faults, leftovers

CHANNELS = 1024

Breaker = Callable[[Path, bytes], object]
"""Makes a broken file at a path, of the bytes of a sound one."""


def _array(**changes: object) -> Breaker:
    """A .npy file of another array."""
    given = {"shape": (40, CHANNELS), "dtype": np.float32, "value": 0.5} | changes

    def make(path: Path, sound: bytes) -> None:
        array = np.full(given["shape"], 0.5, given["dtype"])  # type: ignore[call-overload]
        if array.size:
            array[len(array) // 2] = given["value"]
        np.save(path, array, allow_pickle=True)

    return make


ANY_FILE: Mapping[str, Breaker] = {
    "empty file": lambda path, sound: path.write_bytes(b""),
    "first half": lambda path, sound: path.write_bytes(sound[: len(sound) // 2]),
    "second half": lambda path, sound: path.write_bytes(sound[len(sound) // 2 :]),
    "text": lambda path, sound: path.write_text("this is text\n" * 50),
    "noise": lambda path, sound: path.write_bytes(np.random.default_rng(0).bytes(len(sound))),
    "folder": lambda path, sound: path.mkdir(),
    "dangling link": lambda path, sound: path.symlink_to("nowhere"),
    "link to itself": lambda path, sound: path.symlink_to(path.name),
}
UNREADABLE: Mapping[str, Breaker] = {"unreadable": lambda path, sound: (path.write_bytes(sound), path.chmod(0))}
"""Only where permissions count: the superuser reads everything."""

BROKEN_FEATURES: Mapping[str, Breaker] = {
    **ANY_FILE,
    "other channels": _array(shape=(40, 7)),
    "turned": _array(shape=(CHANNELS, 40)),
    "one dimension": _array(shape=(40 * CHANNELS,)),
    "no steps": _array(shape=(0, CHANNELS)),
    "whole numbers": _array(dtype=np.int64, value=1),
    "objects": _array(dtype=object, value=None),
    "a NaN": _array(value=np.nan),
    "infinite": _array(value=np.inf),
    "archive": lambda path, sound: path.write_bytes(_archive()),
    "broken sidecar": lambda path, sound: (path.write_bytes(sound), path.with_suffix(".json").write_text("{")),
}
BROKEN_VIDEOS: Mapping[str, Breaker] = {
    **ANY_FILE,
    "last byte missing": lambda path, sound: path.write_bytes(sound[:-1]),
    "features": lambda path, sound: path.write_bytes(_array_bytes()),
}


@dataclass
class Row:
    """What became of a crowd; `said` has what was said of each broken file, by the way it is broken."""

    command: str
    videos: int
    broken: int
    seconds: float = 0.0
    results: int = 0
    named: int = 0
    said: dict[str, str] = field(default_factory=dict)
    faults: list[str] = field(default_factory=list)

    @property
    def sound(self) -> bool:
        """Whether all was as it should be."""
        return not self.faults


def fill(folder: Path, count: int, originals: list[Path], ways: Mapping[str, Breaker]) -> dict[str, str]:
    """Fills a folder with so many files, one broken in each way; returns the ways by the names of the files."""
    folder.mkdir(parents=True)
    if os.geteuid() != 0:
        ways = {**ways, **UNREADABLE}
    suffix = originals[0].suffix
    broken = {}
    places = np.linspace(0, count - 1, len(ways)).astype(int).tolist()  # the first and the last among them
    named = dict(zip(places, ways, strict=True))
    for index in range(count):
        path = folder / f"{suffix[1:]}_{index:04d}{suffix}"
        if index in named:
            broken[path.name] = named[index]
            ways[named[index]](path, originals[0].read_bytes())
        else:
            path.hardlink_to(originals[index % len(originals)])
    return broken


def detect(folder: Path, count: int) -> Row:
    """Features, and videos for a tenth, to timelines."""
    originals = samples.features(folder / "originals", 5, channels=CHANNELS, length=40)
    videos = samples.videos(folder / "originals", 4, frames=24)
    weights = samples.backbone_weights(folder)
    model = samples.run(folder / "run", channels=CHANNELS, made=samples.recipe_of(weights))
    few = max(count // 10, len(BROKEN_VIDEOS) + 5)
    broken = fill(folder / "features", count - few, originals, BROKEN_FEATURES)
    broken |= fill(folder / "videos", few, videos, BROKEN_VIDEOS)
    save = folder / "out" / "timelines.json"
    options = ("--model", model, "--weights", weights, "--threshold", "0.01", "--best", "5", "--save", save)
    row = _call("detect", command_line("detect", folder / "features", folder / "videos", *options), count, broken)
    found = json.loads(save.read_text())["results"] if save.is_file() else {}
    row.results = len(found)
    sound = {path.stem for name in ("features", "videos") for path in (folder / name).iterdir()}
    _compare(row, set(found), sound - {Path(name).stem for name in broken})
    return row


def extract(folder: Path, count: int) -> Row:
    """Videos to features, twice: the second time nothing is left to do but to name the broken ones again."""
    originals = samples.videos(folder / "originals", 4, frames=24)
    weights = samples.backbone_weights(folder)
    broken = fill(folder / "videos", count, originals, BROKEN_VIDEOS)
    out = folder / "features"
    command = command_line("extract", folder / "videos", "--out", out, *samples.extraction_options(weights))
    row = _call("extract", command, count, broken)
    found = {path.stem for path in out.glob("*.npy")}
    row.results = len(found)
    _compare(row, found, {path.stem for path in (folder / "videos").iterdir()} - {Path(name).stem for name in broken})
    row.faults += faults(out) + [f"{path.name} stays" for path in leftovers(out)]
    second = run(command)
    if f"0 extracted; {len(found)} were there already, {len(broken)} failed" not in second.stderr:
        row.faults.append(f"the second time: {second.stderr.strip().splitlines()[0]}")
    return row


COMMANDS: Mapping[str, Callable[[Path, int], Row]] = {"detect": detect, "extract": extract}


def _array_bytes() -> bytes:
    content = io.BytesIO()
    np.save(content, np.zeros((4, CHANNELS)))
    return content.getvalue()


def _archive() -> bytes:
    content = io.BytesIO()
    np.savez(content, a=np.zeros(3))
    return content.getvalue()


def _call(name: str, command: list[str], count: int, broken: Mapping[str, str]) -> Row:
    started = time.monotonic()
    done = run(command)
    row = Row(name, count, len(broken), time.monotonic() - started)
    failed = [line for line in done.stderr.splitlines() if line.startswith("failed: ")]
    for file, way in broken.items():
        lines = [line for line in failed if file in line or Path(file).with_suffix(".json").name in line]
        row.named += len(lines) == 1
        suffix = Path(file).suffix
        row.said[f"{suffix}, {way}"] = lines[0].split(f"/{Path(file).stem}", 1)[-1] if lines else "nothing"
        if len(lines) != 1:
            row.faults.append(f"{file}, {way}: {len(lines)} lines name it, expected 1")
    if len(failed) != len(broken):
        row.faults.append(f"{len(failed)} failures, expected {len(broken)}")
    if done.returncode != 1 or "Traceback" in done.stderr:
        row.faults.append(f"ended with {done.returncode}, expected 1: {done.stderr.strip().splitlines()[-1]}")
    return row


def _compare(row: Row, found: set[str], expected: set[str]) -> None:
    for what, names in (("has no result", expected - found), ("has a result, but is broken", found - expected)):
        row.faults += [f"{name} {what}" for name in sorted(names)[:5]]


def main() -> None:
    """The command line."""
    try_commands(
        "crowd", __doc__, COMMANDS, lambda name, folder, options: COMMANDS[name](folder, options.count), count=1000
    )


if __name__ == "__main__":
    main()
