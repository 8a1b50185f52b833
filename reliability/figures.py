"""Writes docs/reliability.md from the results that the trials left in reliability/results.json.

python -m reliability.figures
"""

from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

from logotal.files.whole import write_whole
from reliability.record import recorded

PAGE = Path(__file__).parents[1] / "docs" / "reliability.md"

Rows = Mapping[str, Mapping[str, Any]]

INTRODUCTION = """\
# Reliability

What logotal promises when a process is killed, a disk is full, a file is broken or a training goes wrong, and how
each promise is tried. Written by `python -m reliability.figures` from `reliability/results.json`; edit `reliability/`
instead. `make reliability` makes all figures anew, which takes hours; the tests in `tests/reliability` try a little of
each within a minute.

## What is promised

1. **A file under its name is whole.** Everything is written beside its place under a name that begins with a dot and
   ends in `.part`, flushed to the disk, and then renamed. Nothing of that name is ever read as a result.
2. **The same command goes on.** After a kill at any moment, the same command (`logotal train` with `--resume`) leaves
   the files that an undisturbed one leaves, byte for byte, but for the seconds that a training records.
   Videos whose features are there are not extracted again, those in which was detected are not looked at again, and a
   training repeats the epoch that it was in.
3. **Leftovers go away.** A `.part` of a killed process is removed by the next one that writes the same file. While its
   writer lives, it holds a lock on it, so that two commands at once do not take each other's.
4. **What cannot be written is said in one line**, with exit status 1, and what was there before stays as it was.
   `logotal detect` tries its targets before the work.
5. **A broken video costs itself only.** In a long list, every sound video gets its result, every broken one a line
   `failed: ...` that names the file, what was expected and what was found; the exit status is then 1.
6. **A broken file is refused in one line**: no traceback, no endless loop, no memory beyond reason, and no code of the
   file's is ever run.
7. **What is told to stop says so.** Ctrl-C ends a command with status 130, SIGTERM with 143, in one sentence and with
   whole files; a second signal ends it at once. A training stops after the step that it is at and saves it,
   and `logotal train --resume FOLDER` goes on from there. Two trainings do not write into one folder at once.
8. **A damaged checkpoint is noticed.** A checkpoint holds its own SHA-256, and the one before is kept: where the last
   one is damaged, `--resume` says so and goes on from the one before. Names, types, shapes and values are looked at
   before any is used.
9. **A training whose numbers go astray stops.** A loss, gradient or weight that is NaN or infinite ends it before
   anything of it is saved, with the step, the epoch and the videos of the batch named; the checkpoint of the last whole
   epoch goes on with `--resume` once the cause is mended (`tests/training/test_non_finite.py`).
"""

OTHER = "refused, or with `--overwrite` replaced and kept as `.bak`"
OUTPUTS = (
    ("`detect --save`", "refused", OTHER, "timelines of a model in that form, kept as `.bak`; pages"),
    ("`detect --annotated-video`", "refused", OTHER, "annotated videos, known by their comment"),
    ("`evaluate --save`", "refused", OTHER, "numbers of an evaluation"),
    ("`diagnose --save`, the page and the JSON beside it", "refused", OTHER, "diagnoses"),
    ("`thresholds --save`, `report --save`", "refused", OTHER, "pages"),
    ("`export --out`", "refused", OTHER, "exported models"),
    ("`train --out`, `convert --out`", "-", "a folder with any file of a run but no config.yaml is refused", "nothing"),
    ("`extract --out`", "refused", "refused", "features with our sidecar"),
    ("`import --out`", "refused", "refused, or with `--overwrite` replaced", "nothing"),
    ("`ablate --out`", "-", "refused", "tables of an ablation"),
    ("`demo --save`", "-", "stays beside the files of the new demo", "files of an earlier demo"),
    ("`init`", "-", "`annotations.json` of others is refused", "its own; where the recipe is gone, kept as `.bak`"),
)

LIMITS = """\
## What is not promised

- A killed process is tried, a machine that loses power is not. Files are flushed to the disk before they are renamed,
  but the folder is not: after a loss of power the last files may be missing, or be there under their `.part` name.
- Without locks (Windows, some network file systems) a `.part` has a random name and stays until somebody removes it.
- A resumed training equals an undisturbed one on the same machine, device and number of threads; other hardware rounds
  otherwise.
- `checkpoint.ckpt` is compared by its values: which of them share memory, and so its bytes, depends on whether the
  training was resumed.
- Of an annotated video, the size and the time of every frame are compared. Its bytes differ from run to run,
  undisturbed or not: x264, which codes in several threads, does not always decide alike.
- PyTorch keeps an empty folder `torchinductor_USER` in the system's folder for temporary files. It is not ours.
"""


def page(results: Mapping[str, Rows]) -> str:
    """The page, of the kinds of trials that were recorded."""
    parts = [INTRODUCTION]
    for kind, write in SECTIONS.items():
        if rows := results.get(kind):
            parts.append(write(rows))
    return "\n".join([*parts, _outputs(), LIMITS])


def table(header: Sequence[str], rows: Iterable[Sequence[object]], *, words: int = 1) -> str:
    """A table of Markdown whose first columns are words, and the others numbers.

    >>> print(table(["what", "how many"], [["kills", 1000]]))
    | what | how many |
    |---|---:|
    | kills | 1,000 |
    """
    ruler = "".join("---|" if column < words else "---:|" for column in range(len(header)))
    lines = [" | ".join(f"{cell:,}" if isinstance(cell, int) else str(cell) for cell in row) for row in rows]
    return "\n".join([f"| {' | '.join(header)} |", f"|{ruler}", *(f"| {line} |" for line in lines)])


def _outputs() -> str:
    header = ["output", "target that is read, or a link to it", "target that is another file", "what it writes over"]
    return f"""\
## Outputs over inputs and other files

A result replaces only an earlier one of its kind, known by what is in the file; before, most of these replaced the file
and ended with status 0. `tests/commands/test_outputs.py` and the tests of `extract`, `import` and `init` try them.

{table(header, OUTPUTS, words=4)}
"""


def _kill(rows: Rows) -> str:
    shown = [
        (
            f"`{name}`",
            row["kills"],
            row["with_files"] - row["with_all"],
            row["broken"],
            row["leftovers"],
            row["leftovers_stay"],
            row["identical"],
            row["kills"] - row["identical"],
        )
        for name, row in rows.items()
    ]
    header = [
        "command",
        "kills while it worked",
        "with some of its files there",
        "with a broken file",
        "with a leftover",
        "the same after the next run",
        "identical after the next run",
        "differing",
    ]
    return f"""\
## Killed while they work

SIGKILL to the whole process group, half of the moments spread evenly over the time of work (which begins when a command
opens its inputs: before that it loads libraries), half within two milliseconds after something was made, changed or
renamed below the output folder. Then every file is read to its end, and the command is run again and compared with an
undisturbed run. `detect` writes JSON of 60 feature files; `detect-video` a page and an annotated video.

{table(header, shown)}

{_made_by(rows)}"""


def _signals(rows: Rows) -> str:
    fields = ("sigint", "sigterm", "ended", "early", "at_exit", "otherwise", "orphans", "broken", "leftovers")
    shown = [
        (
            f"`{name}`",
            *((row | {"otherwise": _otherwise(row)}).get(key, "-") for key in fields),
            f"{row['slowest']:.2f}",
        )
        for name, row in rows.items()
    ]
    header = [
        "command",
        "SIGINT while it ran",
        "SIGTERM while it ran",
        "status 130 or 143 and one sentence",
        "before it listened, ended by the system",
        "while it shut down, ended by the system",
        "otherwise",
        "with a process left",
        "with a broken file",
        "with a leftover",
        "slowest end in s",
    ]
    faulty = [f"`{name}` {len(row['faults'])}" for name, row in rows.items() if row["faults"]]
    bad = f"Not as they should be (a traceback, an abort, a file that stays): {', '.join(faulty)}; all others were."
    return f"""\
## Told to stop

SIGINT (Ctrl-C) and SIGTERM in turn, to the whole process group, at moments spread over the life of a command, from its
start; `extract` works in two processes, which are started anew (`spawn`) whatever start method the system or the
program has chosen: no other is used, and Ctrl-C ends them within two seconds under each (`tests/test_endings.py`).
While Python itself starts, and while it shuts down after a command (a fifth of the life of a short one that loaded
torch), nothing of ours listens: the system ends the process, which a shell reports as 130 or 143 as well. These are
counted by themselves. No command is over before a signal reaches it: loading libraries alone takes long enough.

{table(header, shown)}

{bad if faulty else "All were as they should be."}

{_made_by(rows)}"""


def _otherwise(row: Mapping[str, Any]) -> int:
    """Signals after which a command ended in none of the ways that it should."""
    return int(row["signals"] - row["ended"] - row["early"] - row["at_exit"])


def _disk(rows: Rows) -> str:
    real = all(row["real"] for row in rows.values())
    how = (
        "A file system in memory is really full, or mounted read-only."
        if real
        else "A limit on the size of files stands in for a full disk: this system lets us mount none."
    )
    shown = [(f"`{name}`", row["tried"], row["sound_tries"], _example(row)) for name, row in rows.items()]
    header = ["command", "tries", "as promised", "what it says on a full disk"]
    lines = table(header, shown).replace("|---:|---:|---:|", "|---:|---:|---|")
    return f"""\
## Full and read-only disks

Each command with nothing free, with half of what it writes free, on a read-only disk, and where a plain file stands in
place of its folder.
{how}
As promised is: exit status 1, one line, no traceback, nothing changed that was there before, and no leftover; or
success, where files that replace others one by one found room enough.

{lines}

{_made_by(rows)}"""


def _example(row: Mapping[str, Any]) -> str:
    said = next((line for obstacle, line in row["said"].items() if obstacle.endswith(" 0 bytes free")), "")
    return f"`{said}`"


def _crowd(rows: Rows) -> str:
    shown = [(f"`{name}`", row["videos"], row["broken"], row["results"], row["named"]) for name, row in rows.items()]
    header = ["command", "videos", "of them broken", "results", "broken ones named"]
    ways: dict[str, list[str]] = {}
    for suffix, way in sorted({tuple(way.split(", ", 1)) for row in rows.values() for way in row["said"]}):
        ways.setdefault(suffix, []).append(way)
    listed = "\n".join(f"- `{suffix}`: {', '.join(names)}" for suffix, names in ways.items())
    return f"""\
## Many videos, some of them broken

One call, one video broken in each way, the first and the last among them. Each sound video must have its result, and
each broken one a line of its own that names it.

{table(header, shown)}

The ways to be broken:

{listed}

{_made_by(rows)}"""


def _watching(rows: Rows) -> str:
    (row,) = rows.values()
    times = row["hours"] * 3600 / row["seconds"]
    hours = [f"{hour} h" for hour in range(1, row["hours"] + 1)]
    return f"""\
## Hours of watching

`logotal watch` on {row["hours"]} hours of video from an address of the same machine, encoded while it is sent, as fast
as it goes ({times:.0f} times real time, other work beside it): {row["actions"]:,} actions, and the resident memory of
the process.

{table(["after", *hours], [("MiB", *(f"{each:.0f}" for each in row["memory"]))])}

{_made_by(rows)}"""


def fuzz_table(rows: Rows) -> str:
    """What became of broken files, a row for each reader of them."""
    fields = ("inputs", "accepted", "refused", "crashes", "hangs", "blow_ups")
    shown = [
        (name, *(row[key] for key in fields), f"{row['slowest']:.2f}", f"{row['peak']:.0f}")
        for name, row in rows.items()
    ]
    header = ["what reads it", *(field.replace("_", "-") for field in fields), "slowest s", "most memory MiB"]
    return table(header, shown)


BEFORE = (
    ("files of a run folder", "15 tracebacks, one of which ended `train --resume`", ("run ",)),
    ("`checkpoint.ckpt`", "20 of 35 damaged ones raised raw errors, one flipped bit was accepted", ("run checkpoint",)),
    (
        "label files",
        "lines of 100,000 spaces or letters: minutes; numbers of 400 digits: tracebacks",
        ("labels ", "label tables"),
    ),
    ("tables for `import`", "a cell of more than 131,072 characters: a traceback", ("import ",)),
)
"""What fuzzing found, and how the names of the targets begin that try it now."""


def _since(rows: Rows) -> list[tuple[str, str, int]]:
    """What broke before, and how often the same breaks now."""
    return [
        (what, before, sum(_broke(row) for name, row in rows.items() if name.startswith(targets)))
        for what, before, targets in BEFORE
    ]


def _broke(row: Mapping[str, Any]) -> int:
    return int(row["crashes"] + row["hangs"] + row["blow_ups"])


def _fuzz(rows: Rows) -> str:
    total = sum(row["inputs"] for row in rows.values())
    return f"""\
## Broken files

Files that are whole, then changed at random or made by hand to be nasty, for everything that reads a file, each reader
in a process that is watched: {total:,} inputs. `reliability/readers.py` names every function that reads a file and its
targets; `tests/reliability/test_readers.py` holds the list against the source, and every form of labels and features
against the inputs. Half of the broken checkpoints are sealed anew, so that their checksum is right; what is accepted is
gone on from to the end.

{table(["what broke", "before", "crashes, hangs and blow-ups now"], _since(rows), words=2)}

{fuzz_table(rows)}

{_made_by(rows)}"""


def _mutants(rows: Rows) -> str:
    tried, killed = (sum(row[key] for row in rows.values()) for key in ("tried", "killed"))
    same = {each: why for row in rows.values() for each, why in row.get("equivalent", {}).items()}
    shown = [
        (f"`logotal/{name}`", row["tried"], row["killed"], len(row.get("equivalent", ()))) for name, row in rows.items()
    ]
    since = {survivor for row in rows.values() for survivor in row.get("tested_since", ())}
    survivors = "\n".join(
        f"- `{survivor}`{', tested since' if survivor in since else ''}"
        f"{f': changes nothing that can be seen ({same[survivor]})' if survivor in same else ''}"
        for row in rows.values()
        for survivor in row["survivors"]
    )
    return f"""\
## Faults in the code itself

Faults of cosmic-ray (an operator, a comparison, a number, a truth value or a keyword is another one) at places drawn at
random, one at a time, tried by the tests that run the line.

The tests noticed {killed} of {tried}: {killed / tried:.0%}; of those that change anything that can be seen, {killed} of
{tried - len(same)}: {killed / (tried - len(same)):.0%}.

{table(["code", "faults", "noticed by tests", "change nothing that can be seen"], shown)}

Those that no test noticed, and for those that change nothing that can be seen, why. Tests that were written because of
one leave the share as it was: it would not be one of faults drawn at random any more.

{survivors or "- none"}

{_made_by(rows)}"""


def _made_by(rows: Rows) -> str:
    """The commands that make the figures, and when they were last made."""
    commands = dict.fromkeys(row["made_by"] for row in rows.values())
    dates = sorted({row["date"] for row in rows.values()})
    when = dates[0] if len(dates) == 1 else f"{dates[0]} to {dates[-1]}"
    return "\n".join(["```", *commands, "```", f"\nMade on {when}.\n"])


SECTIONS = {
    "kill": _kill,
    "signals": _signals,
    "disk": _disk,
    "crowd": _crowd,
    "watching": _watching,
    "fuzz": _fuzz,
    "mutants": _mutants,
}
"""What writes the results of each kind of trial, in the order of the page."""


def main() -> None:
    """The command line."""
    write_whole(PAGE, page(recorded()).encode())
    print(f"written: {PAGE.relative_to(PAGE.parents[1])}")


if __name__ == "__main__":
    main()
