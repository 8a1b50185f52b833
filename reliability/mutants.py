"""Random faults put into the code, one at a time: do the tests notice?

    python -m reliability.mutants --count 40 --seed 0

Faults are those of cosmic-ray: an operator, a comparison, a number, a truth value or a keyword is another one. A place
is drawn from all of `FOLDERS`, then a fault from those that are possible there. Each is tried in a copy of the project,
by `tests/test_values.py`, which looks at all files, and by the tests and examples of the same folder and of those in
`BESIDE` that run the line, the quickest first. A line that runs while it is imported, or in other processes alone, is
tried by all tests of its folder. What takes `SLOWER` times as long as without the fault, or longer than `--limit`
seconds, is counted as killed; the tests of each folder must pass within half of the limit before. Left out are `|`,
which joins types here, decorators, and `strict=True`, which says what holds anyway. Some survivors change nothing that
anybody could see; a person has to tell which, in `equivalent` of its row in results.json, with the reason.
"""

import argparse
import multiprocessing
import os
import shutil
import signal
import sys
import tempfile
import time
from collections.abc import Iterable, Iterator
from dataclasses import asdict, dataclass, field
from pathlib import Path
from random import Random

import lightning  # noqa: F401 - so that no fork has to import it
import pytest
from cosmic_ray.ast import ast_nodes, get_ast
from cosmic_ray.mutating import mutate_code
from cosmic_ray.plugins import get_operator, operator_names

from reliability.covering import Covering, Recorder
from reliability.process import ROOT
from reliability.record import record
from tests.shared import SHARED

FOLDERS = ("model", "training", "inference", "evaluation")
BESIDE = {"inference": ("runs", "export"), "evaluation": ("runs",), "training": ("runs",), "model": ("inference",)}
"""Folders whose tests are tried too."""
SLOWER, STARTS = 10, 120
"""How many times longer tests may take with a fault, and seconds besides, for what starts before them."""
LEFT_OUT = ("ReplaceBinaryOperator_BitOr", "RemoveDecorator", "NoOp", "Variable")
COPIED = (
    "logotal",
    "tests",
    "docs",
    "examples",
    "reliability",
    "benchmarks",
    "pyproject.toml",
    "README.md",
    "Makefile",
)


@dataclass(frozen=True)
class Mutant:
    """A fault: the `occurrence`-th place of a file where an operator of cosmic-ray can act, and the line there."""

    file: str
    line: int
    operator: str
    occurrence: int

    def source(self) -> str:
        """The text of the file with the fault."""
        mutated = mutate_code((ROOT / self.file).read_text(), get_operator(self.operator)(), self.occurrence)
        assert mutated is not None, f"{self} does not exist"
        return str(mutated)

    def __str__(self) -> str:
        return f"{self.file}:{self.line} {self.operator.removeprefix('core/')}"


@dataclass
class Row:
    """How many mutants of a folder were tried and killed, and the survivors, by file and line."""

    tried: int = 0
    killed: int = 0
    survivors: list[str] = field(default_factory=list)


def possible(folder: str) -> Iterator[tuple[tuple[str, int, int], Mutant]]:
    """Every mutant of a folder of the package, with the place (file, line, column) that it changes."""
    names = [name for name in operator_names() if not any(left_out in name for left_out in LEFT_OUT)]
    for path in sorted((ROOT / "logotal" / folder).rglob("*.py")):
        file = path.relative_to(ROOT).as_posix()
        text = path.read_text()
        nodes, lines = list(ast_nodes(get_ast(text))), text.splitlines()
        for name in names:
            if get_operator(name).arguments():
                continue
            operator = get_operator(name)()
            places = (start for node in nodes for start, _ in operator.mutation_positions(node))
            for occurrence, (line, column) in enumerate(places):
                if not lines[line - 1][:column].endswith("strict="):
                    yield (file, line, column), Mutant(file, line, name, occurrence)


def drawn(count: int, seed: int, folders: Iterable[str] = FOLDERS) -> list[Mutant]:
    """So many mutants at different places, drawn from all places of the folders alike."""
    at: dict[tuple[str, int, int], list[Mutant]] = {}
    for folder in folders:
        for place, mutant in possible(folder):
            at.setdefault(place, []).append(mutant)
    random = Random(seed)
    return [random.choice(at[place]) for place in random.sample(sorted(at), count)]


def tests_of(file: str) -> list[str]:
    """A file's own examples and the tests of its folder."""
    return [file, f"tests/{Path(file).parts[1]}"]


def passes(copy: Path, tests: list[str], limit: float, recorded: Path | None = None) -> bool | None:
    """Whether all tests pass in a copy of the project; None where they take longer than `limit` seconds.

    The process that runs them is a fork of this one, which has imported torch already, by way of Lightning. It notes in
    the file `recorded`, if any, which test runs which line.
    """
    process = multiprocessing.get_context("fork").Process(target=run_tests, args=(copy, tests, recorded))
    process.start()
    process.join(limit)
    if process.exitcode is None:
        os.killpg(process.pid, signal.SIGKILL)
        process.join()
        return None
    return process.exitcode == 0


def run_tests(copy: Path, tests: list[str], recorded: Path | None) -> None:
    """Ends the process with pytest's status, with the code and the tests of the copy only."""
    os.setsid()
    os.chdir(copy)
    with Path(os.devnull).open("r+") as quiet:
        for stream in range(3):
            os.dup2(quiet.fileno(), stream)
    for name in list(sys.modules):
        if name.split(".")[0] in {"logotal", "tests", "reliability", "benchmarks"}:
            del sys.modules[name]
    sys.path.insert(0, str(copy))
    sys.dont_write_bytecode = True
    os.environ |= {"PYTHONPATH": str(copy), "PYTHONDONTWRITEBYTECODE": "1", "LOGOTAL_SHARED": str(SHARED)}
    imported = "ignore:Module already imported:pytest.PytestAssertRewriteWarning"  # plugins, by Lightning
    options = ["-q", "-x", "--doctest-modules", "-p", "no:cacheprovider", "-W", imported]
    os._exit(pytest.main([*options, *tests], [] if recorded is None else [Recorder(copy / "logotal", recorded)]))


def copied(folder: Path) -> Path:
    """A copy of what tests need of the project."""
    for name in COPIED:
        source, ignored = ROOT / name, shutil.ignore_patterns("__pycache__", ".*")
        if source.is_dir():
            shutil.copytree(source, folder / name, ignore=ignored)
        else:
            shutil.copy(source, folder / name)
    return folder


def covered(copy: Path, folders: Iterable[str], limit: float) -> Covering:
    """Which test of some folders runs which line.

    Raises:
        SystemExit: where the tests of a folder do not pass without any fault, or take longer than `limit` seconds.
    """
    covering, recorded = Covering(), copy / "lines.json"
    for name in folders:
        passed = passes(copy, [f"tests/{name}", f"logotal/{name}"], limit, recorded)
        if not passed:
            what = f"take longer than {limit:g} s; raise --limit" if passed is None else "fail in a copy; mend them"
            raise SystemExit(f"tests/{name}: {what}")
        covering.add(recorded)
    return covering


def try_mutants(mutants: list[Mutant], copy: Path, covering: Covering, *, limit: float) -> dict[str, Row]:
    """What became of mutants, by folder; says so of each at once."""
    rows: dict[str, Row] = {}
    for mutant in mutants:
        path, folder = copy / mutant.file, Path(mutant.file).parts[1]
        whole, began = path.read_text(), time.monotonic()
        path.write_text(mutant.source())
        try:
            tests = covering.of(mutant.file, mutant.line)
            patience = STARTS + SLOWER * sum(covering.seconds[test] for test in tests) if tests else limit
            tests = ["tests/test_values.py", *(tests or tests_of(mutant.file))]
            survived = passes(copy, tests, min(patience, limit))
        finally:
            path.write_text(whole)
        row = rows.setdefault(folder, Row())
        row.tried += 1
        row.killed += not survived
        if survived:
            row.survivors.append(str(mutant))
        fate = "survived" if survived else "killed by time" if survived is None else "killed"
        print(f"{fate} after {time.monotonic() - began:.0f} s: {mutant}", flush=True)
    return rows


def main() -> int:
    """Draws mutants, tries them and prints the share that was killed."""
    parser = argparse.ArgumentParser(description="Puts random faults into the code and runs the tests.")
    parser.add_argument("--count", type=int, default=40, help="mutants in all")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--only", nargs="+", choices=FOLDERS, default=list(FOLDERS), help="folders of the package")
    parser.add_argument("--limit", type=float, default=900, help="seconds for the tests of a folder")
    parser.add_argument("--no-record", action="store_true", help="leave reliability/results.json as it is")
    options = parser.parse_args()
    mutants = drawn(options.count, options.seed, options.only)
    with tempfile.TemporaryDirectory(prefix="logotal-mutants-") as folder:
        copy = copied(Path(folder))
        names = sorted({Path(mutant.file).parts[1] for mutant in mutants})
        beside = sorted({other for name in names for other in BESIDE[name]} - set(names))
        covering = covered(copy, [*names, *beside], options.limit / 2)
        rows = try_mutants(mutants, copy, covering, limit=options.limit)
    tried, killed = (sum(getattr(row, key) for row in rows.values()) for key in ("tried", "killed"))
    print(f"\n{killed} of {tried} killed ({100 * killed / tried:.0f} %); survivors:")
    print("\n".join(f"  {survivor}" for row in rows.values() for survivor in row.survivors))
    if not options.no_record:
        made_by = f"python -m reliability.mutants --count {options.count} --seed {options.seed}"
        made_by += "" if len(options.only) == len(FOLDERS) else f" --only {' '.join(options.only)}"
        record("mutants", {name: asdict(row) | {"made_by": made_by} for name, row in rows.items()})
    return 0


if __name__ == "__main__":
    sys.exit(main())
