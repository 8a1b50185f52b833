"""The structure of the package in numbers: `python -m benchmarks.house` prints them as a table.

Packages are the folders of `logotal/` and the modules beside them. An import runs upwards if it names a package of a
higher layer of the contract in pyproject.toml. A circle is a set of packages that import each other, over any number of
steps; the imports that the contract ignores do not count for it. Imports inside functions count for both; those for
type checkers alone do not.
"""

import ast
import re
import subprocess
import sys
import tomllib
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any, NamedTuple

from pydantic import BaseModel

from logotal.config import Config

ROOT = Path(__file__).parents[1]
PACKAGE = ROOT / "logotal"


class Import(NamedTuple):
    """One import of a module of ours by another, and whether it stands inside a function."""

    importer: str
    imported: str
    deferred: bool


def modules() -> dict[str, Path]:
    """The file of each module, by its dotted name."""
    files = {}
    for path in sorted(PACKAGE.rglob("*.py")):
        parts = path.relative_to(ROOT).with_suffix("").parts
        files[".".join(parts[:-1] if parts[-1] == "__init__" else parts)] = path
    return files


def imports() -> list[Import]:
    """Every import between modules of ours."""
    known = modules()
    return [found for name, path in known.items() for found in _imports(name, ast.parse(path.read_text()), known)]


def deferred_imports() -> int:
    """How many import statements stand inside functions, of ours and of others."""
    trees = [ast.parse(path.read_text()) for path in modules().values()]
    return sum(deferred for tree in trees for _, deferred in _statements(tree, deferred=False))


def _imports(importer: str, tree: ast.Module, known: dict[str, Path]) -> Iterator[Import]:
    for statement, deferred in _statements(tree, deferred=False):
        if isinstance(statement, ast.Import):
            names = [alias.name for alias in statement.names]
        else:
            submodules = [f"{statement.module}.{alias.name}" for alias in statement.names]
            names = [name if name in known else str(statement.module) for name in submodules]
        for name in dict.fromkeys(names):
            if name in known:
                yield Import(importer, name, deferred)


def _statements(tree: ast.AST, *, deferred: bool) -> Iterator[tuple[ast.Import | ast.ImportFrom, bool]]:
    """The import statements under a node, without those for type checkers, and whether a function holds each."""
    for node in ast.iter_child_nodes(tree):
        if isinstance(node, ast.Import | ast.ImportFrom):
            yield node, deferred
        elif not (isinstance(node, ast.If) and ast.unparse(node.test) == "TYPE_CHECKING"):
            yield from _statements(node, deferred=deferred or isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef))


def package_of(module: str) -> str:
    """The part of the package that a module belongs to.

    >>> package_of("logotal.model.heads"), package_of("logotal")
    ('model', 'logotal')
    """
    return module.split(".")[1] if "." in module else module


def circles(found: Sequence[Import]) -> list[set[str]]:
    """The largest sets of packages that import each other, over any number of steps."""
    reached: dict[str, set[str]] = {package_of(one.importer): set() for one in found}
    for one in found:
        reached[package_of(one.importer)].add(package_of(one.imported))
    for middle, beyond in reached.items():
        for others in reached.values():
            if middle in others:
                others.update(beyond)
    sets: list[set[str]] = []
    for package, others in reached.items():
        circle = {other for other in others if package in reached.get(other, ())} | {package}
        if len(circle) > 1 and circle not in sets:
            sets.append(circle)
    return sets


def contract() -> dict[str, Any]:
    """What pyproject.toml says of the layers."""
    contracts = tomllib.loads((ROOT / "pyproject.toml").read_text())["tool"]["importlinter"]["contracts"]
    (layers,) = (one for one in contracts if one["type"] == "layers")
    return dict(layers)


def without_exceptions(found: Sequence[Import]) -> list[Import]:
    """The imports that the contract does not ignore."""
    ignored = {tuple(one.split(" -> ")) for one in contract()["ignore_imports"]}
    return [one for one in found if (one.importer, one.imported) not in ignored]


def upward(found: Sequence[Import]) -> list[Import]:
    """The imports of a higher layer."""
    layers = [re.split("[:|]", layer) for layer in contract()["layers"]]
    level = {package_of(name.strip()): number for number, names in enumerate(layers) for name in names}
    places = [(one, level.get(package_of(one.importer)), level.get(package_of(one.imported))) for one in found]
    return [one for one, own, other in places if own is not None and other is not None and other < own]


def loaded(statement: str) -> tuple[int, int]:
    """How many modules of ours a statement loads in a fresh process, and how many lines they have."""
    code = f"{statement}\nimport sys; print(*(name for name in sys.modules if name.split('.')[0] == 'logotal'))"
    done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True)
    files = modules()
    names = [name for name in done.stdout.split() if name in files]
    return len(names), sum(_lines(files[name]) for name in names)


def settings(model: type[BaseModel] = Config) -> int:
    """How many keys a configuration has; a section counts with its keys."""
    kinds = [field.annotation for field in model.model_fields.values()]
    return sum(settings(kind) if isinstance(kind, type) and issubclass(kind, BaseModel) else 1 for kind in kinds)


def contributions() -> dict[str, int]:
    """How many files each kind of contribution touches, as CONTRIBUTING.md says and a test holds."""
    rows = re.findall(r"^\| ([a-z ]+) \| .* \| (\d) \|$", (ROOT / "CONTRIBUTING.md").read_text(), re.MULTILINE)
    return {kind: int(number) for kind, number in rows}


def _lines(path: Path) -> int:
    return len(path.read_text().splitlines())


def table() -> list[tuple[str, str]]:
    """The numbers, with a name each."""
    found, files = imports(), modules()
    number, lines = loaded("import logotal.runs.train")
    return [
        ("circles of imports between packages", str(len(circles(without_exceptions(found))))),
        ("modules that import upwards", str(len({one.importer for one in upward(found)}))),
        ("imports inside functions", str(deferred_imports())),
        ("settings", str(settings())),
        ("files and lines that a training loads", f"{number}, {lines:,}"),
        ("files and lines of logotal/", f"{len(files)}, {sum(map(_lines, files.values())):,}"),
        *((f"files that a contribution touches: {kind}", str(count)) for kind, count in contributions().items()),
    ]


if __name__ == "__main__":
    for name, value in table():
        print(f"| {name} | {value} |")
