"""The notebooks of examples/ run from top to bottom, each in one namespace: fewer videos, fewer epochs."""

import json
from pathlib import Path
from typing import Any

import pytest

from logotal.backbones.weights import UnreachableError, fetch_weights

NOTEBOOKS = Path(__file__).parents[1] / "examples" / "notebooks"
FEWER = {
    "first_model": {
        "training=12, validation=4": "training=3, validation=1",
        '"hold_out": 0.25': '"hold_out": 0.34',
        '"epochs": 60': '"epochs": 9, "batch_size": 2',
    },
    "own_labels": {"range(8)": "range(3)", "(4, 0)": "(2, 0)", "folds=4": "folds=2"},
}


def cells(name: str) -> list[dict[str, Any]]:
    """The cells of a notebook."""
    found: list[dict[str, Any]] = json.loads((NOTEBOOKS / f"{name}.ipynb").read_text())["cells"]
    return found


def test_every_notebook_is_run_and_none_holds_outputs() -> None:
    assert {path.stem for path in NOTEBOOKS.iterdir()} == FEWER.keys()
    for name in FEWER:
        assert [cell for cell in cells(name) if cell.get("outputs") or cell.get("execution_count")] == []


@pytest.mark.slow
@pytest.mark.parametrize("name", FEWER)
def test_a_notebook_runs(
    name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    pytest.importorskip("torch")
    try:
        fetch_weights("mobilenetv2")  # does nothing where they are there
    except UnreachableError as error:
        pytest.skip(str(error))
    monkeypatch.chdir(tmp_path)
    sources = ["".join(cell["source"]) for cell in cells(name) if cell["cell_type"] == "code"]
    for text, smaller in FEWER[name].items():
        assert sum(text in source for source in sources) == 1, text
        sources = [source.replace(text, smaller) for source in sources]
    namespace: dict[str, Any] = {}
    for number, source in enumerate(sources):
        exec(compile(source, f"{name}.ipynb, cell {number}", "exec"), namespace)
    printed = capsys.readouterr().out
    if name == "first_model":
        assert "mAP" in printed
        assert "new.mp4" in Path("new.html").read_text()
        assert namespace["timeline"]._repr_html_()
    else:
        assert "3 videos" in printed
        assert "labels in 3 videos; how likely the labels are wrong" in printed
