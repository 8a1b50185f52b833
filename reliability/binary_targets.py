"""Readers of arrays, weights, networks and videos, and of the small files beside them."""

import io
import json
import pickle
import struct
import zipfile
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from reliability import bombs
from reliability.material import JSON, LABELS, Material, Payload, canary
from reliability.mutation import (
    byte_level,
    in_archive,
    in_npy,
    in_safetensors,
    json_level,
)


def features(folder: Path) -> Material:
    """Feature files: headers above all, and arrays of objects."""
    from logotal.data.features import check_finite, read_features  # noqa: PLC0415

    seeds = []
    for kind, shape in (("<f4", (12, 8)), ("<f2", (3, 8)), (">f8", (5, 8))):
        buffer = io.BytesIO()
        np.save(buffer, np.ones(shape, kind))
        seeds.append(buffer.getvalue())
    buffer = io.BytesIO()
    np.save(buffer, np.array([Payload(canary(folder.parent))], object), allow_pickle=True)

    def read(path: Path) -> object:
        features = read_features(path)
        check_finite(features, path)
        return np.asarray(features[:100], np.float32)

    return Material(".npy", read, seeds, (byte_level, in_npy, in_npy), [buffer.getvalue(), *bombs.of_npy()])


def feature_recipe(folder: Path) -> Material:
    """The recipe of a feature folder, and the settings that would make such features again."""
    from logotal.data.feature_recipe import differences, read_feature_recipe  # noqa: PLC0415
    from logotal.extraction.folder import settings_like  # noqa: PLC0415
    from logotal.places import SIDECAR  # noqa: PLC0415

    recipe = {
        **{"backbone": "i3d-rgb", "weights": "0f", "channels": 1024, "fps": 25.0, "clip_frames": 16, "clip_stride": 4},
        **{"resize": [256, 340], "antialias": True, "crop": "center 224", "normalization": {"mean": [0.5], "std": [1]}},
    }

    def read(path: Path) -> object:
        path.replace(path.with_name(SIDECAR))
        found = read_feature_recipe(path.parent)
        assert found is not None
        return differences(recipe, found), settings_like(found)

    return Material(".json", read, [json.dumps(recipe).encode()], JSON, bombs.of_json("%s"))


def video_sidecar(folder: Path) -> Material:
    """What stands beside a feature file."""
    from logotal.data.feature_recipe import read_video_features  # noqa: PLC0415

    about = {"fps": 25.0, "duration": 9.5, "frames": 237, "source": "a.mp4", "source_bytes": 1234}

    def read(path: Path) -> object:
        found = read_video_features(path.with_suffix(".npy"))
        assert found is not None
        return found.duration / found.fps, f"{found.source:.20} {found.frames + found.source_bytes:d}"

    return Material(".json", read, [json.dumps(about).encode()], JSON, bombs.of_json("%s"))


def run_labels(folder: Path) -> Material:
    """The labels of a run folder."""
    from logotal.runs.folder import Run  # noqa: PLC0415

    def read(path: Path) -> object:
        path.replace(path.with_name("labels.json"))
        return "\n".join(Run(path.parent).labels()).encode()

    return Material(".json", read, [json.dumps(LABELS).encode()], JSON, bombs.of_json("%s"))


def run_weights(folder: Path) -> Material:
    """The weights of a run folder."""
    import torch  # noqa: PLC0415
    from safetensors.torch import save  # noqa: PLC0415

    from logotal.backbones.state import load_strictly  # noqa: PLC0415
    from logotal.runs.folder import Run  # noqa: PLC0415

    network = torch.nn.Linear(3, 2)

    def read(path: Path) -> object:
        path.replace(path.with_name("model.safetensors"))
        load_strictly(network, Run(path.parent).weights(), "its weights")
        return network

    seeds = [save(network.state_dict(), {"a": "b"}), save({"weight": torch.ones(2, 3).half(), "bias": torch.ones(2)})]
    claim = json.dumps({"weight": {"dtype": "F32", "shape": [10**6, 10**6], "data_offsets": [0, 4 * 10**12]}}).encode()
    hostile = [struct.pack("<Q", len(claim)) + claim, struct.pack("<Q", 2**63) + b"{}", b"\xff" * 8]
    return Material(".safetensors", read, seeds, (byte_level, in_safetensors), hostile)


def weights(folder: Path) -> Material:
    """Weights of a backbone as safetensors."""
    import torch  # noqa: PLC0415
    from safetensors.torch import save  # noqa: PLC0415

    from logotal.backbones.state import load_strictly, read_state  # noqa: PLC0415

    network = torch.nn.Linear(3, 2)

    def read(path: Path) -> object:
        load_strictly(network, read_state(path), "its weights")
        return network

    hostile = [struct.pack("<Q", 2**63) + b"{}", b"\xff" * 8, b""]
    return Material(".safetensors", read, [save(network.state_dict())], (byte_level, in_safetensors), hostile)


def checkpoint(folder: Path) -> Material:
    """Checkpoints of others, as archives and as torch before 1.6 wrote them."""
    import torch  # noqa: PLC0415

    from logotal.backbones.state import load_strictly, read_state  # noqa: PLC0415
    from logotal.convert.names import rename  # noqa: PLC0415
    from logotal.errors import InputError  # noqa: PLC0415

    network = torch.nn.Linear(3, 2)
    state = {f"module.{name}": value for name, value in network.state_dict().items()}
    published = {"epoch": 35, "state_dict": state, "state_dict_ema": state, "optimizer": {"lr": [1e-4]}}
    seeds = []
    for content, new in ((published, True), (state, True), (published, False)):
        buffer = io.BytesIO()
        torch.save(content, buffer, _use_new_zipfile_serialization=new)
        seeds.append(buffer.getvalue())
    payload = io.BytesIO()
    torch.save({"state_dict": Payload(canary(folder.parent))}, payload)
    bare = pickle.dumps(Payload(canary(folder.parent)), protocol=2)

    def read(path: Path) -> object:
        found = read_state(path, wrappers=("state_dict_ema", "state_dict"))
        load_strictly(network, found, "its weights")
        try:
            return rename(found, "actionformer", {})
        except InputError:
            return network

    archives = (in_archive("data.pkl"), in_archive("data.pkl"))

    def in_pickle(random: Any, inputs: Sequence[bytes]) -> bytes:
        return random.choice(archives)(random, [each for each in inputs if zipfile.is_zipfile(io.BytesIO(each))])

    hostile = [payload.getvalue(), bare, *bombs.of_checkpoint()]
    return Material(".pth", read, seeds, (byte_level, in_pickle, in_pickle), hostile)


def array_pickle(folder: Path) -> Material:
    """The pickle of I3D's arrays."""
    from logotal.backbones.numpy_pickle import read_arrays  # noqa: PLC0415

    arrays = {"params": {"Logits": {"bias": np.ones(4, np.float32), "kernel": np.ones((2, 3), np.float32)}}}
    seeds = [pickle.dumps(arrays, protocol=protocol) for protocol in (3, 4)]

    def read(path: Path) -> object:
        return {name: array.sum() for name, array in read_arrays(path.read_bytes(), str(path)).items()}

    hostile = [pickle.dumps({"a": Payload(canary(folder.parent))}), *bombs.of_pickle()]
    return Material(".ckpt", read, seeds, (byte_level,), hostile)


def videos(suffix: str, codec: str, *, watched: bool = False) -> Callable[[Path], Material]:
    """Videos of one container, probed and read at five frames a second, or watched as a file that may still grow."""

    def material(folder: Path) -> Material:
        import av  # noqa: PLC0415

        from logotal.video.live import Connection  # noqa: PLC0415
        from logotal.video.probe import probe  # noqa: PLC0415
        from logotal.video.reader import read_frames  # noqa: PLC0415

        folder.mkdir(parents=True, exist_ok=True)
        seeds = []
        for count in (12, 3):
            with av.open(str(folder / f"whole{suffix}"), "w") as container:
                stream: Any = container.add_stream(codec, rate=25)
                stream.width, stream.height, stream.pix_fmt = 64, 48, "yuv420p"
                for i in range(count):
                    frame = av.VideoFrame.from_ndarray(np.full((48, 64, 3), 20 * i, np.uint8), format="rgb24")
                    container.mux(stream.encode(frame))
                container.mux(stream.encode(None))
            seeds.append((folder / f"whole{suffix}").read_bytes())

        def read(path: Path) -> object:
            if watched:
                connection = Connection(str(path), follow=0.0)
                shown = [frame.image.sum() for frame, _ in zip(connection.frames(5), range(200), strict=False)]
                return shown, connection.broken
            info = probe(path)
            shown = [frame.image.sum() for frame, _ in zip(read_frames(path, 5), range(200), strict=False)]
            return info.duration / float(info.fps), shown

        return Material(suffix, read, seeds, (byte_level,), bombs.of_video())

    return material


def sound(folder: Path) -> Material:
    """Videos whose sound goes into an annotated one."""
    import av  # noqa: PLC0415

    from logotal.video.probe import probe  # noqa: PLC0415
    from logotal.video.sound import add_sound  # noqa: PLC0415
    from logotal.video.writer import write_video  # noqa: PLC0415

    folder.mkdir(parents=True, exist_ok=True)
    seeds, images = [], [np.full((48, 64, 3), 20 * i, np.uint8) for i in range(6)]
    for suffix, codec in ((".mp4", "aac"), (".mkv", "pcm_s16le")):
        with av.open(str(folder / f"whole{suffix}"), "w") as container:
            stream: Any = container.add_stream(codec, rate=8000, layout="mono")
            video: Any = container.add_stream("mpeg4", rate=25)
            video.width, video.height, video.pix_fmt = 64, 48, "yuv420p"
            for image in images:
                container.mux(video.encode(av.VideoFrame.from_ndarray(image, format="rgb24")))
            frame = av.AudioFrame.from_ndarray(np.zeros((1, 1024), np.int16), format="s16", layout="mono")
            frame.sample_rate = 8000
            container.mux(stream.encode(frame))
            container.mux(video.encode(None))
            container.mux(stream.encode(None))
        seeds.append((folder / f"whole{suffix}").read_bytes())
    write_video(folder / "silent.mp4", images, fps=25)

    def read(path: Path) -> object:
        info = probe(path)  # as all do before
        return info.has_audio and add_sound(folder / "silent.mp4", path, path.with_name("annotated.mp4"))

    return Material(".mp4", read, seeds, (byte_level,), bombs.of_video())


def exported(folder: Path) -> Material:
    """Exported models: their file and their metadata."""
    import onnx  # noqa: PLC0415
    from onnx import TensorProto, helper  # noqa: PLC0415

    from logotal.config import Config  # noqa: PLC0415
    from logotal.inference.onnx import METADATA, OnnxPredictor  # noqa: PLC0415
    from logotal.recipes import dump_config  # noqa: PLC0415

    def model(about: object) -> bytes:
        value = helper.make_tensor_value_info("x", TensorProto.FLOAT, [1])
        out = helper.make_tensor_value_info("y", TensorProto.FLOAT, [1])
        graph = helper.make_graph([helper.make_node("Identity", ["x"], ["y"])], "g", [value], [out])
        made = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)], ir_version=8)
        helper.set_model_props(made, {METADATA: about if isinstance(about, str) else json.dumps(about)})
        return bytes(made.SerializeToString())

    about = {"config": dump_config(Config()), "labels": list(LABELS), "feature_recipe": None}
    hostile = [model(text.decode("utf-8", "replace")) for text in bombs.of_json("%s") if len(text) < 10**6]

    def absurd(random: Any, inputs: Sequence[bytes]) -> bytes:
        return model(json_level(random, [json.dumps(about).encode()]).decode("utf-8", "replace"))

    def read(path: Path) -> object:
        return "\n".join(OnnxPredictor(path).labels).encode()

    assert onnx
    return Material(".onnx", read, [model(about)], (byte_level, absurd), hostile)
