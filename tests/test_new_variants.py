"""A mixer and a head from outside: whatever is asked about them is answered rightly, though no file names them."""

import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch

import logotal
from logotal.ablation.plan import Plan, make_plan
from logotal.check import check
from logotal.config import Config
from logotal.errors import InputError
from logotal.formats.annotations import VideoTruth
from logotal.inference.offsets import DECODERS
from logotal.inference.onnx import OnnxPredictor
from logotal.model.heads import REGRESSION_HEADS
from logotal.runs.folder import Run
from logotal.runs.train import train
from logotal.suggest.suggestion import suggest
from logotal.timeline import Action
from tests.new_variants import MIDDLE, Echo, MiddleHead, install
from tests.training.small import small_config, small_data

NETWORK = {"mixer": "echo", "head": "middle", "layout": "tridet", "stem_blocks": 1}
EXPORT = """
import sys
from operator import setitem
from pathlib import Path
from tests.new_variants import install
install(setitem)
from logotal.export.export import export
for to in ("onnx", "pt2"):
    assert export(sys.argv[1], Path(sys.argv[1]) / f"model.{to}", to) <= 1e-4
"""


@pytest.fixture
def known(monkeypatch: pytest.MonkeyPatch) -> None:
    install(monkeypatch.setitem)


@pytest.fixture(scope="module")
def trained(tmp_path_factory: pytest.TempPathFactory) -> tuple[Config, Run]:
    """A run of the network, and its configuration."""
    folder = tmp_path_factory.mktemp("new")
    config = small_config(small_data(folder / "data"), model=NETWORK, training={"epochs": 2})
    with pytest.MonkeyPatch.context() as patch:
        install(patch.setitem)
        return config, train(config, folder / "run")


@pytest.mark.usefixtures("known")
def test_they_are_trained_and_detect_what_they_can_express(trained: tuple[Config, Run]) -> None:
    config, run = trained
    predictor = logotal.load(run.folder, device="cpu")
    assert any(isinstance(module, Echo) for module in predictor.detector.modules())
    assert isinstance(predictor.detector.regression, MiddleHead)
    assert predictor.detector.fusion is not None
    features = np.random.default_rng(0).normal(size=(300, 64)).astype(np.float32)
    timeline = predictor.detect(features, fps=30, name="v", everything=True)
    longest = 2 * config.model.strides[-1] * 4 / 30  # seconds; a clip every 4 frames
    assert 0.1 * longest < max(action.end - action.start for action in timeline) <= longest


@pytest.mark.usefixtures("known")
def test_check_says_what_is_too_long_for_them_and_that_bins_are_no_cure(trained: tuple[Config, Run]) -> None:
    config, _ = trained
    (found,) = [f.sentence for f in check(config).findings if "too long for the head" in f.sentence]
    assert "which expresses 8 steps on either side of a point, 16 steps in all; raise --model.levels" in found
    assert "--model.bins" not in found
    unlimited = config.model_copy(update={"model": config.model.model_copy(update={"head": "light"})})
    assert not [f for f in check(unlimited).findings if "too long for the head" in f.sentence]


def test_suggest_takes_a_head_without_a_limit_where_theirs_is_too_short(monkeypatch: pytest.MonkeyPatch) -> None:
    actions = tuple(Action(start, start + 9.0 + start % 3, "jump") for start in np.arange(1.0, 501.0, 20.0).tolist())
    videos = [VideoTruth(f"v{i}", "training", actions, 520.0, 30.0) for i in range(110)]
    assert suggest(videos, clip_frames=16, fps=30).settings["model"]["head"] == "clff"
    monkeypatch.setitem(REGRESSION_HEADS, "clff", MIDDLE)
    found = suggest(videos, clip_frames=16, fps=30)
    assert found.settings["model"]["head"] == "clff-light"
    assert "bins" not in found.settings["model"]
    assert "would be too long for clff; this head has no limit" in found.reasons["model.head"]
    monkeypatch.setitem(REGRESSION_HEADS, "clff", replace(MIDDLE, farthest=lambda bins: bins / 2))
    assert suggest(videos, clip_frames=16, fps=30).settings["model"]["head"] == "clff"


@pytest.mark.slow
@pytest.mark.usefixtures("known")
def test_exported_they_answer_as_the_run_does(trained: tuple[Config, Run], monkeypatch: pytest.MonkeyPatch) -> None:
    pytest.importorskip("onnxruntime", reason="needs the extra onnx")
    _, run = trained
    done = subprocess.run([sys.executable, "-c", EXPORT, str(run.folder)], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    ours, theirs = logotal.load(run.folder, device="cpu"), OnnxPredictor(run.folder / "model.onnx")
    features = np.random.default_rng(1).normal(size=(201, 64)).astype(np.float32)
    expected, found = (each.detect(features, fps=30, name="v", everything=True) for each in (ours, theirs))
    assert len(found) == len(expected) > 0
    assert [(a.start, a.end, a.score) for a in found] == [
        pytest.approx((a.start, a.end, a.score), abs=2e-3) for a in expected
    ]
    program = torch.export.load(run.folder / "model.pt2").module()
    given = torch.from_numpy(features.T[None]), torch.ones(1, 1, 201, dtype=torch.bool)
    with torch.no_grad():
        assert torch.allclose(program(*given)[1], ours.detector(*given).boundaries.half, atol=1e-4)
    monkeypatch.delitem(DECODERS, frozenset({"half"}))
    with pytest.raises(InputError, match="gives boundaries as half, which cannot be decoded here; known: distances;"):
        theirs.detect(features, fps=30, name="v", everything=True)


@pytest.mark.usefixtures("known")
def test_ablations_know_which_tables_mean_something_for_them() -> None:
    overrides = {"model": NETWORK}
    assert isinstance(make_plan("fusion", "thumos14", overrides), Plan)
    assert make_plan("gate", "thumos14", overrides) == (
        "table 'gate' is left out: it needs model.mixer logo, the recipe has echo"
    )
    assert isinstance(make_plan("normalizer", "thumos14", overrides), Plan)


@pytest.mark.parametrize(("key", "name"), [("head", "middle"), ("mixer", "echo")])
def test_where_nobody_made_them_known_they_are_refused_before_anything_is_written(
    tmp_path: Path, key: str, name: str
) -> None:
    config = small_config(small_data(tmp_path / "data"), model={key: name})
    with pytest.raises(InputError, match=rf"^model\.{key}: no '{name}'; "):
        train(config, tmp_path / "run")
    assert not (tmp_path / "run").exists()
    with pytest.raises(InputError, match=rf"^model\.{key}: no '{name}'; "):
        check(config)
