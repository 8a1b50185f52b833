"""Values do not change once made."""

import ast
from pathlib import Path

import logotal

PACKAGE = Path(logotal.__file__).parent
# What these collect while they read or work is their purpose.
WORKING = {"_Place", "_Rows", "_Reader", "Worker", "Session", "Watcher", "Parts"}


def test_dataclasses_are_frozen():
    changing = {
        node.name
        for path in PACKAGE.rglob("*.py")
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if isinstance(node, ast.ClassDef)
        for decorator in map(ast.unparse, node.decorator_list)
        if decorator.split("(")[0].endswith("dataclass") and "frozen=True" not in decorator
    }

    assert changing == WORKING
