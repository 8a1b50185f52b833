"""Measures everything and writes `docs/performance.md`; `make benchmark` builds what it needs and calls it.

python -m benchmarks.run                     everything, some 20 minutes on two idle cores
python -m benchmarks.run --only nms detect   some of it; the page keeps the rest of the last run on this machine
python -m benchmarks.run --quick             small stand-ins, to see that it works; writes no page unless --out
"""

import argparse
import json
import shutil
import tempfile
import time
from pathlib import Path
from typing import Any

from benchmarks.contest import ROOT, Work, hold, without_bf16
from benchmarks.machine import describe
from benchmarks.measures import clock, median
from benchmarks.page import page
from benchmarks.pictures import draw
from benchmarks.works import GROUPS, Settings
from logotal.device import computes_in_bf16

RESULTS = Path(__file__).with_name("results.json")


def main() -> None:
    """Runs the groups that are asked for, keeps the results, writes the page."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--only", nargs="+", choices=list(GROUPS), default=list(GROUPS), metavar="WORK")
    parser.add_argument("--repetitions", type=int, default=5, help="of what is short; the long has fewer")
    parser.add_argument("--quick", action="store_true", help="small stand-ins, once")
    parser.add_argument("--annotations", type=Path, help="THUMOS14's annotation file, for its videos' lengths")
    parser.add_argument("--out", type=Path, help="the page; docs/performance.md if absent")
    parser.add_argument("--page", action="store_true", help="measures nothing, writes the page of the last results")
    arguments = parser.parse_args()
    results = _earlier() if arguments.page or set(arguments.only) != set(GROUPS) else None
    results = results or {"machine": describe(), "quick": arguments.quick, "seconds": 0.0, "works": {}}
    if not arguments.page:
        machine = describe()
        if results["quick"] != arguments.quick or results["machine"]["processor"] != machine["processor"]:
            results["works"] = {}
        results |= {"machine": machine, "quick": arguments.quick}
        measure(arguments, results)
    out = arguments.out or (None if arguments.quick else ROOT / "docs" / "performance.md")
    if out is not None:
        out.write_text(page(results, draw(results["works"], out.parent)))
        print(f"wrote {out}")


def measure(arguments: argparse.Namespace, results: dict[str, Any]) -> None:
    """Does the works and writes their results after each, so that a broken run loses little."""
    folder = Path(tempfile.mkdtemp(prefix="logotal-benchmark-"))
    settings = Settings(folder, 1 if arguments.quick else arguments.repetitions, arguments.quick, arguments.annotations)
    started = time.monotonic()
    spent = results["seconds"] if set(arguments.only) != set(GROUPS) else 0.0
    try:
        for group in arguments.only:
            for work in GROUPS[group](settings):
                results["works"][work.name] = held(work, group)
                results["seconds"] = spent + time.monotonic() - started
                RESULTS.write_text(json.dumps(results))
    finally:
        shutil.rmtree(folder)


def held(work: Work, group: str) -> dict[str, Any]:
    """Holds a work and prints how it went; what a page wants to know of it."""
    print(f"{group}: {work.title}", flush=True)
    contestants = hold(work if computes_in_bf16("cpu") else without_bf16(work), print)
    for name, found in contestants.items():
        print(f"  {name}: {clock(median(found))}", flush=True)
    return {"group": group, "title": work.title, "contestants": contestants}


def _earlier() -> dict[str, Any] | None:
    found: dict[str, Any] | None = json.loads(RESULTS.read_text()) if RESULTS.is_file() else None
    return found


if __name__ == "__main__":
    main()
