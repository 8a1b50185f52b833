"""The results of all trials, in one file that docs/reliability.md is written from."""

import argparse
import json
import sys
import tempfile
from collections.abc import Callable, Collection
from dataclasses import asdict
from datetime import date
from pathlib import Path
from typing import Any, NoReturn

import logotal
from logotal.files.whole import write_whole
from reliability.process import ROOT
from reliability.trials import Missing

RESULTS = Path(__file__).with_name("results.json")


PLACES = {sys.prefix: "PYTHON", str(ROOT): "PROJECT", tempfile.gettempdir(): "TEMPORARY"}
"""What stands for the folders of this machine; the first may lie in the second."""


def record(kind: str, rows: dict[str, dict[str, Any]], path: Path = RESULTS) -> None:
    """Keeps the rows of a kind of trial, each by its name, beside those that were kept before.

    What a command said names folders of the machine that it ran on: they become the words of `PLACES`.
    """
    text = json.dumps(rows)
    for folder, word in PLACES.items():
        text = text.replace(json.dumps(folder)[1:-1], word)
    results, rows = recorded(path), json.loads(text)
    about = {"date": date.today().isoformat(), "logotal": logotal.__version__}
    results.setdefault(kind, {}).update({name: row | about for name, row in rows.items()})
    write_whole(path, (json.dumps(results, indent=1, sort_keys=True) + "\n").encode())


def recorded(path: Path = RESULTS) -> dict[str, dict[str, dict[str, Any]]]:
    """What was kept: by kind, then by name."""
    return json.loads(path.read_text()) if path.is_file() else {}


def try_commands(
    kind: str,
    about: str | None,
    names: Collection[str],
    trial: Callable[[str, Path, argparse.Namespace], Any],
    **numbers: int,
) -> NoReturn:
    """The command line of a kind of trial: tries the commands that are asked for and keeps the rows that it gets.

    Args:
        kind: name of the module and of the kind.
        about: what `--help` says.
        names: the commands that can be tried.
        trial: of a command's name, an empty folder and the options; its row says whether it was `sound`, and if not
            the exit status is 1.
        numbers: options of the kind, and what they are when nobody says.
    """
    parser = argparse.ArgumentParser(description=about, formatter_class=argparse.RawDescriptionHelpFormatter)
    for name, usual in numbers.items():
        parser.add_argument(f"--{name}", type=int, default=usual)
    parser.add_argument("--command", nargs="+", choices=names, default=list(names))
    parser.add_argument("--no-record", action="store_true", help=f"leave reliability/{RESULTS.name} as it is")
    options = parser.parse_args()
    given = "".join(f" --{name} {getattr(options, name)}" for name in numbers)
    sound = True
    for name in options.command:
        with tempfile.TemporaryDirectory(prefix=f"logotal-{kind}-") as folder:
            try:
                tried = trial(name, Path(folder), options)
            except Missing as missing:
                print(f"{name}: left out, {missing}", flush=True)
                continue
        row = asdict(tried) | {"sound": tried.sound}
        print(json.dumps(row, indent=1), flush=True)
        sound &= tried.sound
        if not options.no_record:
            record(kind, {name: row | {"made_by": f"python -m reliability.{kind} --command {name}{given}"}})
    raise SystemExit(0 if sound else 1)
