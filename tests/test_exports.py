"""The public names, and every example in a docstring."""

import ast
import doctest
import importlib
import pkgutil
import re
import subprocess
import sys
from pathlib import Path

import pytest

import logotal

MODULES = sorted(module.name for module in pkgutil.walk_packages(logotal.__path__, "logotal."))


def test_public_names_are_sorted_and_come_from_where_they_are_said_to():
    assert logotal.__all__ == sorted(logotal.__all__)
    assert set(logotal.__all__) == set(logotal._HOME)
    for name, home in logotal._HOME.items():
        assert getattr(logotal, name) is getattr(importlib.import_module(home), name)
        assert getattr(logotal, name).__module__ == home


def test_editors_see_the_same_public_names():
    tree = ast.parse(Path(logotal.__file__).read_text())
    (block,) = (node for node in tree.body if isinstance(node, ast.If) and ast.unparse(node.test) == "TYPE_CHECKING")
    imported = {alias.name: node.module for node in block.body for alias in node.names}
    assert imported == logotal._HOME


def test_dir_lists_the_public_names_and_the_version():
    assert dir(logotal) == sorted([*logotal.__all__, "__version__"])


def test_every_public_name_is_documented():
    assert [name for name in logotal.__all__ if not getattr(logotal, name).__doc__] == []


def test_every_public_class_has_an_example_that_runs() -> None:
    for name in logotal.__all__:
        public = getattr(logotal, name)
        if isinstance(public, type):
            examples = doctest.DocTestParser().get_examples(public.__doc__)
            assert [one for one in examples if doctest.SKIP not in one.options and one.want], name


def test_a_name_that_does_not_exist_is_an_attribute_error():
    with pytest.raises(AttributeError, match="module 'logotal' has no attribute 'Detector'"):
        _ = logotal.Detector


def test_importing_logotal_loads_neither_torch_nor_lightning_nor_numpy():
    code = "import sys, logotal; dir(logotal); print(*{'torch', 'lightning', 'numpy', 'pydantic'} & set(sys.modules))"
    found = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert found.stdout.strip() == ""


def test_values_and_annotations_need_no_torch():
    names = "logotal.Timeline, logotal.FeatureGrid, logotal.read_annotations"
    code = f"import sys, logotal; {names}; print('torch' in sys.modules)"
    found = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert found.stdout.strip() == "False"


def docstrings(source: str):
    """Name, text and line of every docstring."""
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Module | ast.ClassDef | ast.FunctionDef) and (
            text := ast.get_docstring(node, clean=False)
        ):
            yield getattr(node, "name", "module"), text, node.body[0].lineno


@pytest.mark.parametrize("name", ["logotal", *MODULES])
def test_every_module_says_what_it_is_for_and_its_examples_hold(name):
    module = importlib.import_module(name)
    assert module.__doc__
    runner = doctest.DocTestRunner()
    for where, text, line in docstrings(Path(module.__file__).read_text()):
        example = doctest.DocTestParser().get_doctest(
            text, dict(vars(module)), f"{name}.{where}", module.__file__, line
        )
        runner.run(example)
    assert runner.summarize(verbose=False).failed == 0


def test_there_are_examples_to_hold():
    files = [importlib.import_module(name).__file__ for name in MODULES]
    texts = [text for file in files for _, text, _ in docstrings(Path(file).read_text())]
    assert sum(len(doctest.DocTestParser().get_examples(text)) for text in texts) >= 10


def test_the_engine_alone_imports_lightning() -> None:
    package = Path(logotal.__file__).parent
    importers = {
        path.relative_to(package).parts[:2]
        for path in package.rglob("*.py")
        if re.search(r"^\s*(import|from) (lightning|pytorch_lightning)\b", path.read_text(), flags=re.MULTILINE)
    }
    assert importers == {("training", "engine")}


def test_nothing_in_the_model_knows_seconds_or_losses() -> None:
    package = Path(logotal.__file__).parent
    for path in (package / "model").glob("*.py"):
        imported = re.findall(r"^from logotal\.(\w+)", path.read_text(), flags=re.MULTILINE)
        assert set(imported) <= {"config", "device", "errors", "model"}, path.name
