"""The results of all trials, in one file that docs/reliability.md is written from."""

import json
from datetime import date
from pathlib import Path
from typing import Any

import logotal
from logotal.files import write_whole

RESULTS = Path(__file__).with_name("results.json")


def record(kind: str, rows: dict[str, dict[str, Any]], path: Path = RESULTS) -> None:
    """Keeps the rows of a kind of trial, each by its name, beside those that were kept before."""
    results = recorded(path)
    about = {"date": date.today().isoformat(), "logotal": logotal.__version__}
    results.setdefault(kind, {}).update({name: row | about for name, row in rows.items()})
    write_whole(path, (json.dumps(results, indent=1, sort_keys=True) + "\n").encode())


def recorded(path: Path = RESULTS) -> dict[str, dict[str, dict[str, Any]]]:
    """What was kept: by kind, then by name."""
    return json.loads(path.read_text()) if path.is_file() else {}
