"""Readers of networks that lie elsewhere: ONNX files, and what a model's files say about its frames."""

import json
from pathlib import Path

import numpy as np

from reliability import bombs
from reliability.material import JSON, Material
from reliability.mutation import byte_level

SHOWN = {"size": {"shortest_edge": 40}, "crop_size": {"height": 32, "width": 32}, "do_center_crop": True}
NORMALIZED = {"image_mean": [0.5, 0.4, 0.3], "image_std": [0.2, 0.2, 0.5], "rescale_factor": 1 / 127.5, "offset": True}


def network(folder: Path) -> Material:
    """Image networks in ONNX files, and a frame that they are shown."""
    from onnx import TensorProto, helper, numpy_helper  # noqa: PLC0415

    from logotal.backbones.load import load_backbone  # noqa: PLC0415

    def model(*shape: object) -> bytes:
        value = helper.make_tensor_value_info("x", TensorProto.FLOAT, shape)
        out = helper.make_tensor_value_info("y", TensorProto.FLOAT, ["N", 2, "h", "w"])
        kernel = numpy_helper.from_array(np.ones((2, 3, 4, 4), np.float32), "kernel")
        nodes = [helper.make_node("Conv", ["x", "kernel"], ["y"], strides=[4, 4])]
        graph = helper.make_graph(nodes, "g", [value], [out], [kernel])
        made = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)], ir_version=8)
        return bytes(made.SerializeToString())

    def read(path: Path) -> object:
        loaded = load_backbone(f"image:{path}", changes={"mean": (0.5,), "std": (0.5,)})
        return loaded.weights_hash, loaded.backbone.channels

    hostile = [model("N", 3, 10**9, 10**9), model("N", 3, 0, 0), model(), model(1, 3, -5, -5)]
    return Material(".onnx", read, [model("N", 3, "H", "W"), model(1, 3, 16, 16)], (byte_level,), hostile)


def processor(folder: Path) -> Material:
    """How a model's files say that frames are prepared."""
    from transformers import ViTConfig  # noqa: PLC0415

    from logotal.backbones.backbone import find_backbone  # noqa: PLC0415

    ViTConfig(image_size=32).save_pretrained(folder)

    def read(path: Path) -> object:
        path.replace(folder / "preprocessor_config.json")
        found = find_backbone(f"image:{folder}")
        return found.resize, found.crop_size, found.mean, found.std

    seeds = [SHOWN | NORMALIZED, {"size": 36} | NORMALIZED, {"image_processor": SHOWN | NORMALIZED}]
    return Material(".json", read, [json.dumps(each).encode() for each in seeds], JSON, bombs.of_json("%s"))
