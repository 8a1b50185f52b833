import sys
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from torch import Tensor, nn

from logotal.backbones.load import load_backbone
from logotal.errors import InputError
from logotal.extraction.extractor import feature_recipe
from logotal.extraction.folder import Settings, matching_extractor
from logotal.video.writer import write_video

onnx = pytest.importorskip("onnx", reason="needs the extra onnx")
pytest.importorskip("onnxruntime", reason="needs the extra onnx")

PLAIN = {"mean": (0.5,), "std": (0.25,)}
WEIGHTS = np.random.default_rng(0).normal(size=(5, 3, 4, 4)).astype(np.float32)


def write_network(
    path: Path, *, form: str = "NChw", shape: tuple[Any, ...] = ("N", 3, "H", "W"), kind: int = 1, inputs: int = 1
) -> Path:
    """A convolution of 4 x 4 pixels; `form` is what comes out: a map, tokens or a vector."""
    helper, tensors = onnx.helper, [onnx.numpy_helper.from_array(WEIGHTS, "weights")]
    nodes = [helper.make_node("Conv", ["images0", "weights"], ["map"], strides=[4, 4])]
    out, shape_out = "map", ("N", 5, "h", "w")
    if form == "NTC":
        tensors.append(onnx.numpy_helper.from_array(np.array([0, 5, -1]), "flat"))
        nodes.append(helper.make_node("Reshape", ["map", "flat"], ["rows"]))
        nodes.append(helper.make_node("Transpose", ["rows"], ["tokens"], perm=[0, 2, 1]))
        out, shape_out = "tokens", ("N", "T", 5)
    if form == "NC":
        nodes.append(helper.make_node("GlobalAveragePool", ["map"], ["mean"]))
        nodes.append(helper.make_node("Flatten", ["mean"], ["vector"]))
        out, shape_out = "vector", ("N", 5)
    named = [helper.make_tensor_value_info(f"images{index}", kind, shape) for index in range(inputs)]
    graph = helper.make_graph(nodes, "g", named, [helper.make_tensor_value_info(out, kind, shape_out)], tensors)
    onnx.save(helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)], ir_version=8), path)
    return path


def by_hand(clips: Tensor) -> Tensor:
    images = clips[:, 0].transpose(1, 2).flatten(0, 1)
    made = nn.functional.conv2d(images, torch.from_numpy(WEIGHTS), stride=4).mean(dim=(2, 3))
    return made.view(len(clips), -1, 5).mean(dim=1)


@pytest.mark.parametrize("shape", [("N", 3, "H", "W"), (1, 3, 16, 16), ("N", "C", 16, 16)], ids=str)
@pytest.mark.parametrize("form", ["NC", "NChw", "NTC"])
def test_features_are_the_mean_of_what_the_network_gives(form: str, shape: tuple[Any, ...], tmp_path: Path):
    path = write_network(tmp_path / "net.onnx", form=form, shape=shape)
    loaded = load_backbone(f"image:{path}", changes=PLAIN | {"crop_size": 16, "clip_frames": 2})
    clips = torch.randn(3, 1, 3, 2, 16, 16, generator=torch.Generator().manual_seed(0))

    torch.testing.assert_close(loaded.features(clips), by_hand(clips), atol=1e-5, rtol=1e-4)
    assert loaded.backbone.channels == 5
    assert loaded.backbone.resize == ((16, 16) if 16 in shape else (224, 224))


def test_a_video_has_the_same_features_again_by_their_recipe(tmp_path: Path):
    path = write_network(tmp_path / "net.onnx", shape=(1, 3, 16, 16))
    video = tmp_path / "v.mp4"
    write_video(video, np.random.default_rng(0).integers(0, 255, (30, 48, 64, 3), dtype=np.uint8), fps=10)
    changes = {"mean": (0.1, 0.2, 0.3), "std": (0.3, 0.2, 0.1), "clip_stride": 5, "differences": "after"}
    first = Settings(f"image:{path}", changes=changes).extractor()
    features, _ = first.extract(video)
    again = matching_extractor(feature_recipe(first))

    assert features.shape == (6, 10)
    assert feature_recipe(first)["normalization"] == {"mean": [0.1, 0.2, 0.3], "std": [0.3, 0.2, 0.1]}
    np.testing.assert_array_equal(again.extract(video)[0], features)
    other = write_network(tmp_path / "other.onnx", form="NC", shape=(1, 3, 16, 16))
    with pytest.raises(InputError, match="makes other features than the model needs: weights is"):
        matching_extractor(feature_recipe(first), weights=other)


def test_the_normalization_is_asked_for(tmp_path: Path):
    with pytest.raises(
        InputError, match="do not say how frames are normalized; name --mean and --std as it was trained"
    ):
        load_backbone(f"image:{write_network(tmp_path / 'net.onnx')}")


@pytest.mark.parametrize("wrong", [(0.0,), (1.0, 1.0), (float("nan"),)], ids=str)
def test_a_spread_that_is_none_is_refused(wrong: tuple[float, ...], tmp_path: Path):
    with pytest.raises(InputError, match="std: expected one number or three, no std of 0, found"):
        load_backbone(f"image:{write_network(tmp_path / 'net.onnx')}", changes=PLAIN | {"std": wrong})


def test_frames_of_another_size_are_refused_before_any_video(tmp_path: Path):
    path = write_network(tmp_path / "net.onnx", shape=("N", 3, 16, 16))
    with pytest.raises(InputError, match=r"cannot read 1 frames of 12 x 12 pixels \(.+\); leave out or change"):
        load_backbone(f"image:{path}", changes=PLAIN | {"crop_size": 12})


@pytest.mark.parametrize(
    "options",
    [
        {"shape": (4, 3, 16, 16)},
        {"shape": ("N", 1, 16, 16)},
        {"shape": ("N", 3, 16, 20)},
        {"shape": ("N", 3, 2, 16, 16)},
        {"inputs": 2},
    ],
    ids=str,
)
def test_a_network_of_something_else_is_refused_with_what_it_reads(options: dict[str, Any], tmp_path: Path):
    path = tmp_path / "net.onnx"
    if len(options.get("shape", ())) == 5:
        one = onnx.helper.make_tensor_value_info("clips", 1, options["shape"])
        same = onnx.helper.make_tensor_value_info("same", 1, options["shape"])
        node = onnx.helper.make_node("Identity", ["clips"], ["same"])
        graph = onnx.helper.make_graph([node], "g", [one], [same])
        opset = [onnx.helper.make_opsetid("", 17)]
        onnx.save(onnx.helper.make_model(graph, opset_imports=opset, ir_version=8), path)
    else:
        write_network(path, **options)
    with pytest.raises(InputError, match=r"expected an image network with one input \(N, 3, H, W\) .* found \w+ \("):
        load_backbone(f"image:{path}", changes=PLAIN)


def test_files_that_are_none_or_reach_for_others_are_refused(tmp_path: Path):
    (tmp_path / "notes.onnx").write_text("these are notes")
    with pytest.raises(InputError, match=r"notes\.onnx: not an ONNX model"):
        load_backbone(f"image:{tmp_path / 'notes.onnx'}", changes=PLAIN)
    with pytest.raises(InputError, match=r"none\.onnx"):
        load_backbone(f"image:{tmp_path / 'none.onnx'}", changes=PLAIN)
    model = onnx.load(write_network(tmp_path / "net.onnx"))
    onnx.save(model, tmp_path / "net.onnx", save_as_external_data=True, location="beside", size_threshold=0)
    with pytest.raises(InputError, match="keeps tensors in other files"):
        load_backbone(f"image:{tmp_path / 'net.onnx'}", changes=PLAIN)


def test_an_onnx_file_is_shown_frames_and_not_clips(tmp_path: Path):
    with pytest.raises(InputError, match="ONNX files are shown single frames; name it image:"):
        load_backbone(f"video:{write_network(tmp_path / 'net.onnx')}", changes=PLAIN)


def test_a_missing_extra_answers_with_its_install_line(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setitem(sys.modules, "onnxruntime", None)
    with pytest.raises(InputError, match=r"pip install 'logotal\[onnx\]'"):
        load_backbone(f"image:{tmp_path / 'net.onnx'}", changes=PLAIN)
