"""Which tests run which lines: only they can notice a fault there."""

import json
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
from coverage import Coverage


@dataclass
class Covering:
    """The tests that run each line, by file and line, and how long each took.

    Lines that run while modules are imported belong to no test, nor does what a test starts in other processes.
    """

    lines: dict[str, dict[str, list[str]]] = field(default_factory=dict)
    seconds: dict[str, float] = field(default_factory=dict)

    def of(self, file: str, line: int) -> list[str]:
        """The tests that run a line, the quickest first."""
        return sorted(self.lines.get(file, {}).get(str(line), ()), key=lambda test: self.seconds[test])

    def add(self, path: Path) -> None:
        """Takes over what a `Recorder` saved, besides what is known of other tests."""
        saved = json.loads(path.read_text())
        for file, lines in saved["lines"].items():
            for line, tests in lines.items():
                self.lines.setdefault(file, {}).setdefault(line, []).extend(tests)
        self.seconds |= saved["seconds"]


class Recorder:
    """Plugin of pytest that notes the lines of a package that each test runs, and saves them as JSON."""

    def __init__(self, package: Path, path: Path) -> None:
        self.root, self.path = package.parent, path
        self.coverage = Coverage(data_file=None, source=[str(package)], config_file=False)
        self.seconds: dict[str, float] = {}
        self.coverage.start()

    @pytest.hookimpl(wrapper=True)
    def pytest_runtest_protocol(self, item: pytest.Item) -> Iterator[Any]:
        """Gives what runs during a test, its fixtures among it, to the test."""
        began = time.monotonic()
        self.coverage.switch_context(item.nodeid)
        result = yield
        self.coverage.switch_context("")
        self.seconds[item.nodeid] = time.monotonic() - began
        return result

    def pytest_sessionfinish(self) -> None:
        """Saves what was noted."""
        self.coverage.stop()
        data = self.coverage.get_data()
        lines = {
            Path(file).relative_to(self.root).as_posix(): {
                str(line): [test for test in tests if test] for line, tests in data.contexts_by_lineno(file).items()
            }
            for file in data.measured_files()
        }
        self.path.write_text(json.dumps({"lines": lines, "seconds": self.seconds}))
