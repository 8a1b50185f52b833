"""Exported models answer as the run does: for any length, in onnxruntime and OpenVINO, without torch."""

import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from filelock import FileLock

import logotal
from logotal.config import Config
from logotal.errors import InputError
from logotal.export.export import export
from logotal.formats.timelines import read_timelines
from logotal.inference.onnx import OnnxPredictor, decode
from logotal.inference.operating_point import OperatingPoint, write_operating_point
from logotal.inference.pipeline import Pipeline
from logotal.inference.predictor import Predictor
from logotal.model.ensemble import build_network
from logotal.openvino import open_openvino
from logotal.runs.folder import Run
from logotal.timeline import Timeline
from tests.inference.cases import assert_twins
from tests.model.cases import CHANNELS, small

pytest.importorskip("onnxruntime", reason="needs the extra onnx")
LABELS = ("jump", "run", "sit")
POINT = OperatingPoint(shortest={"jump": 2.0}, gap={"run": 1.5, "sit": 0.5})


def write_run(folder: Path, **model: Any) -> Path:
    """A run of a small network with random weights, none of them at a round number."""
    network = small(**{"levels": 2, "stem_blocks": 1, "embedding_layers": 1, "head_layers": 2, **model}).model_dump()
    config = Config.model_validate(
        {"model": network, "data": {"fps": 30, "window": 256}, "inference": {"min_score": 0.0001}}
    )
    torch.manual_seed(0)
    detector = build_network(config.model, num_labels=len(LABELS))
    with torch.no_grad():
        for parameter in detector.parameters():
            parameter.add_(0.1 * torch.randn_like(parameter))
    run = Run(folder)
    run.write_setup(config, LABELS, left_out=())
    run.write_model(detector.state_dict(), {})
    return folder


NETWORKS: dict[str, dict[str, Any]] = {
    "logo-paper": {"levels": 3},
    "logo in windows, light on fused levels": {
        "layout": "tridet",
        "head": "clff-light",
        "logo": {"pool_window": 17, "gate": "softplus"},
        "fusion": {"down": "conv", "weights": "per_channel", "branches": "all"},
    },
    "logo with attention beside its convolution": {
        "layout": "tridet",
        "logo": {"local": "both", "pool_window": 17},
        "attention": {"window": 9, "heads": 2},
        "head": "clff-light",
    },
    "two networks": {"members": 2, "layout": "tridet", "head": "clff-light"},
    "two networks with bins": {"members": 2},
    "tridet, positions": {
        "layout": "tridet",
        "mixer": "sgp",
        "sgp": {"window": 3},
        "position_length": 80,
        "head": "trident",
    },
    # To half of 35 steps is farther than the last level of the shortest video reaches; 0 is to all.
    "actionformer": {
        "levels": 3,
        "layout": "actionformer",
        "mixer": "attention",
        "attention": {"window": [9, 0, 35], "heads": 2},
        "mlp_norm": "layer",
        "head": "light",
    },
    "temporalmaxer": {"layout": "tridet", "stem_blocks": 0, "mixer": "maxpool", "neck_norm": "group", "head": "light"},
}


def run_python(*arguments: str) -> str:
    """What a process of its own says: the types that the tests check at run time know nothing of symbolic lengths."""
    done = subprocess.run([sys.executable, *arguments], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    return done.stderr


@pytest.fixture(scope="module")
def exported(tmp_path_factory: pytest.TempPathFactory) -> Callable[[str], tuple[Path, Path]]:
    """A run and its exported model, by name; made once for all workers, where a test first asks for it."""
    shared = tmp_path_factory.getbasetemp()
    shared = shared.parent if "PYTEST_XDIST_WORKER" in os.environ else shared

    def make(name: str) -> tuple[Path, Path]:
        run = shared / f"exported-{list(NETWORKS).index(name)}"
        with FileLock(f"{run}.lock"):
            if not (run / "model.onnx").exists():
                write_operating_point(write_run(run, **NETWORKS[name]) / "operating_point.json", POINT)
                run_python("-m", "logotal", "export", str(run))
        return run, run / "model.onnx"

    return make


def features(length: int) -> np.ndarray[Any, Any]:
    return np.random.default_rng(length).normal(size=(length, CHANNELS)).astype(np.float32)


def rows(timeline: Timeline) -> np.ndarray[Any, Any]:
    return np.array([(a.start, a.end, LABELS.index(a.label), a.score) for a in timeline])


@pytest.mark.slow
@pytest.mark.parametrize(("runtime", "lengths"), [("onnxruntime", (1, 7, 64, 101, 1000)), ("openvino", (1, 200))])
@pytest.mark.parametrize("name", NETWORKS)
def test_an_exported_model_detects_what_the_run_detects(
    name: str, runtime: str, lengths: tuple[int, ...], exported: Callable[[str], tuple[Path, Path]]
) -> None:
    pytest.importorskip(runtime, reason=f"needs {runtime}")
    run, model = exported(name)
    ours, theirs = logotal.load(run, device="cpu"), OnnxPredictor(model, runtime=runtime)
    assert theirs.labels == LABELS
    for length in lengths:
        for everything in (False, True):
            expected, found = (
                rows(each.find(features(length), name="v", everything=everything)) for each in (ours, theirs)
            )
            assert_twins(found, expected, 2e-3)


@pytest.mark.parametrize("name", NETWORKS)
def test_decoding_in_numpy_is_that_in_torch(name: str, tmp_path: Path) -> None:
    from logotal.export.export import RawOutputs  # noqa: PLC0415
    from logotal.inference.decode import decode as decode_in_torch  # noqa: PLC0415

    predictor = logotal.load(write_run(tmp_path / "run", **NETWORKS[name]), device="cpu")
    detector, config = predictor.detector, predictor.config
    mask = torch.arange(90)[None, None] < 83
    given = torch.from_numpy(features(90).T[None]) * mask, mask
    with torch.no_grad():
        predictions = detector(*given)
        expected = decode_in_torch(predictions, config.inference)[0]
        raw = RawOutputs(detector, predictions.boundaries.tensors)
        outputs = {name: value.numpy() for name, value in zip(raw.names, raw(*given), strict=True)}
    found = decode(outputs, mask[0, 0].numpy(), config.model.levels, config.inference)
    ours, theirs = (np.column_stack([c.segments, c.labels, c.scores]) for c in (found, expected))
    assert_twins(ours, theirs, (1e-3, 1e-3, 0.5, 1e-5))


@pytest.mark.slow
def test_the_runner_loads_no_torch_and_writes_what_the_run_writes(
    tmp_path: Path, exported: Callable[[str], tuple[Path, Path]]
) -> None:
    run, model = exported("logo-paper")
    np.save(tmp_path / "v.npy", features(150))
    code = (
        "import sys\n"
        "from logotal.commands.detect import detect\n"
        "from pathlib import Path\n"
        "detect(Path(sys.argv[1]), model=sys.argv[2], save=Path(sys.argv[3]), everything=True)\n"
        "assert 'torch' not in sys.modules and 'lightning' not in sys.modules\n"
    )
    given = [str(tmp_path / "v.npy"), str(model), str(tmp_path / "exported.json")]
    done = subprocess.run([sys.executable, "-c", code, *given], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    expected = logotal.load(run, device="cpu").detect(tmp_path / "v.npy", everything=True)
    found = read_timelines(tmp_path / "exported.json")[0]
    assert_twins(rows(found), rows(expected), 2e-3)


@pytest.mark.slow
def test_what_an_exported_model_found_is_taken_over_but_not_by_another_runtime_or_model(
    tmp_path: Path, exported: Callable[[str], tuple[Path, Path]]
) -> None:
    pytest.importorskip("openvino", reason="needs the extra openvino")
    run, model = exported("logo-paper")
    np.save(tmp_path / "v.npy", features(150))
    said: list[str] = []
    for each, runtime in ((model, "onnxruntime"), (model, "onnxruntime"), (model, "openvino"), (run, "onnxruntime")):
        logotal.detect(tmp_path / "v.npy", each, runtime=runtime, device="cpu", keep=tmp_path / "kept", say=said.append)
    assert [sentence.partition(":")[0].partition(" from")[0] for sentence in said] == [
        "taken over",
        *["not taken over, and made anew"] * 2,
    ]


@pytest.mark.slow
def test_openvino_answers_nearly_the_same_in_bf16(exported: Callable[[str], tuple[Path, Path]]) -> None:
    pytest.importorskip("openvino", reason="needs the extra openvino")
    if "BF16" not in open_openvino("fp32").get_property("CPU", "OPTIMIZATION_CAPABILITIES"):
        pytest.skip("this processor does not compute in bf16")
    model = exported("actionformer")[1]
    given = features(200).T[None], np.ones((1, 1, 200), dtype=np.bool_)
    exact, rough = (
        OnnxPredictor(model, runtime="openvino", precision=each).network(*given)["logits"] for each in ("fp32", "bf16")
    )
    assert rough.dtype == np.float32
    assert 1e-5 < np.abs(rough - exact).max() / np.abs(exact).max() < 0.1


@pytest.mark.slow
def test_an_exported_model_carries_the_lengths_of_the_run(exported: Callable[[str], tuple[Path, Path]]) -> None:
    run, model = exported("logo-paper")
    ours, theirs = logotal.load(run, device="cpu"), OnnxPredictor(model)
    assert theirs.pipeline.operating_point == POINT
    given = features(300)
    options: tuple[dict[str, Any], ...] = ({}, {"min_duration": {"jump": 0.2}, "merge_gap": 0.1})
    for each in options:
        expected, found = (rows(one.detect(given, name="v", **each)) for one in (ours, theirs))
        assert_twins(found, expected, 2e-3)
    assert 0 < len(theirs.detect(given)) < len(theirs.detect(given, min_duration=0, merge_gap=0))


def test_an_exported_program_of_pytorch_is_the_same_network_at_any_length(tmp_path: Path) -> None:
    run = write_run(tmp_path / "run", **NETWORKS["actionformer"])
    said = run_python("-m", "logotal", "export", str(run), "--to", "pt2")
    assert "its outputs differ from ours by" in said
    detector = logotal.load(run, device="cpu").detector
    program = torch.export.load(run / "model.pt2").module()
    for length in (64, 65, 137):
        given = torch.from_numpy(features(length).T[None]), torch.ones(1, 1, length, dtype=torch.bool)
        with torch.no_grad():
            expected, found = detector(*given).logits, program(*given)[0]
        assert found.numpy() == pytest.approx(expected.numpy(), abs=1e-4)


def test_a_precision_that_a_runtime_lacks_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    onnx = pytest.importorskip("onnx")
    path = tmp_path / "sums.onnx"
    value = [onnx.helper.make_tensor_value_info(name, onnx.TensorProto.FLOAT, [None]) for name in ("x", "y")]
    axis = onnx.helper.make_tensor("axis", onnx.TensorProto.INT64, [], [0])
    node = onnx.helper.make_node("CumSum", ["x", "axis"], ["y"])
    graph = onnx.helper.make_graph([node], "sums", value[:1], value[1:], initializer=[axis])
    opset = [onnx.helper.make_opsetid("", 20)]
    onnx.save(onnx.helper.make_model(graph, ir_version=10, opset_imports=opset), str(path))
    with pytest.raises(InputError, match="no precision 'fp16' for exported models; choose one of auto, fp32, bf16"):
        OnnxPredictor(path, precision="fp16")
    with pytest.raises(InputError, match="onnxruntime computes in fp32 only, found precision 'bf16'; use --runtime"):
        OnnxPredictor(path, precision="bf16")
    openvino = pytest.importorskip("openvino", reason="needs the extra openvino")
    able = ["FP32", "BF16"]
    monkeypatch.setattr(openvino.Core, "get_property", lambda *asked: able)
    with pytest.raises(InputError, match="has running sums"):
        OnnxPredictor(path, runtime="openvino", precision="bf16")
    able.remove("BF16")
    with pytest.raises(InputError, match="bf16: OpenVINO finds only FP32 in this processor; use fp32"):
        OnnxPredictor(path, runtime="openvino", precision="bf16")


def test_what_cannot_be_exported_or_read_is_said(tmp_path: Path) -> None:
    run = write_run(tmp_path / "run", compat=64)
    with pytest.raises(InputError, match="no format 'onx'; choose one of onnx, pt2"):
        export(run, tmp_path / "model.onx", "onx")
    with pytest.raises(InputError, match="answers by its padding"):
        export(run, tmp_path / "model.onnx")
    with pytest.raises(InputError, match="no such model; export one"):
        OnnxPredictor(tmp_path / "none.onnx")
    (tmp_path / "broken.onnx").write_bytes(b"nothing")
    with pytest.raises(InputError, match="not an ONNX model"):
        OnnxPredictor(tmp_path / "broken.onnx")
    with pytest.raises(InputError, match="no runtime 'tensorrt'"):
        OnnxPredictor(tmp_path / "broken.onnx", runtime="tensorrt")
    onnx = pytest.importorskip("onnx")
    value = [onnx.helper.make_tensor_value_info(name, onnx.TensorProto.FLOAT, [1]) for name in ("x", "y")]
    graph = onnx.helper.make_graph([onnx.helper.make_node("Identity", ["x"], ["y"])], "other", value[:1], value[1:])
    opset = [onnx.helper.make_opsetid("", 20)]
    onnx.save(onnx.helper.make_model(graph, ir_version=10, opset_imports=opset), str(tmp_path / "other.onnx"))
    with pytest.raises(InputError, match="not a model that `logotal export` wrote"):
        OnnxPredictor(tmp_path / "other.onnx")


@pytest.mark.slow
def test_an_exported_model_refuses_videos_with_the_command_that_helps(
    tmp_path: Path, exported: Callable[[str], tuple[Path, Path]]
) -> None:
    model = exported("logo-paper")[1]
    with pytest.raises(InputError, match=r"reads features \(\.npy\); make them with: logotal extract .*match\.mp4"):
        OnnxPredictor(model).detect(tmp_path / "match.mp4", everything=True)


def test_a_predictor_and_its_pipeline_agree(tmp_path: Path) -> None:
    predictor = logotal.load(write_run(tmp_path / "run"), device="cpu")
    assert isinstance(predictor, Predictor)
    assert isinstance(predictor.pipeline, Pipeline)
    assert (predictor.labels, predictor.config) == (predictor.pipeline.labels, predictor.pipeline.config)
