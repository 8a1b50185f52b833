"""The files of a run folder: each is broken in a run that is whole else, and everything that reads it is called."""

import json
import shutil
from collections.abc import Callable, Sequence
from dataclasses import replace
from functools import cache
from pathlib import Path
from random import Random
from tempfile import TemporaryDirectory

from reliability import bombs
from reliability.material import JSON, Material
from reliability.mutation import Mutation, byte_level, in_archive, in_safetensors, token_level

BYTES: tuple[Mutation, ...] = (byte_level, token_level)
METRICS = b"epoch,classification,learning_rate,loss,regression,seconds\n0,1.5,0.001,2.5,1,3.25\n1,,0.001,2,1,3.5\n"
HARDWARE = {"logotal": "0.1.0", "torch": "2.10.0", "python": "3.11.2", "hardware": "CPU x86_64", "threads": 2}
PROVENANCE = {
    **HARDWARE,
    **{"numpy": "2.2.0", "lightning": "2.6.1", "seed": 0, "checkpoint": "last epoch", "seconds": 12.5},
    **{"training_split": "training", "protocol": "generic", "splits": {"training": {"videos": 6, "actions": 30}}},
    **{"annotations": {"file": "annotations.json", "sha256": "0f" * 32}, "features": {"folder": "f", "channels": 32}},
    **{"trained_on": {"videos": 6, "actions": 30}, "actions_per_label": {"action_0": 30}},
}

_kept: list[TemporaryDirectory[str]] = []


@cache
def whole_run() -> Path:
    """A run that was evaluated, with all files that a run folder can hold; once in a process."""
    from logotal.inference.operating_point import FittedOn, OperatingPoint, write_operating_point  # noqa: PLC0415
    from logotal.places import OPERATING_POINT  # noqa: PLC0415
    from logotal.runs.evaluate import evaluate  # noqa: PLC0415
    from logotal.runs.folder import Run  # noqa: PLC0415
    from logotal.runs.learned import Learned  # noqa: PLC0415
    from reliability import samples  # noqa: PLC0415

    _kept.append(TemporaryDirectory(prefix="logotal-run-"))
    place = Path(_kept[-1].name)
    data = samples.synthetic(place / "data", training=4, validation=2)
    made = {"backbone": "i3d-rgb", "weights": "0f", "channels": 1024, "fps": 25.0, "clip_frames": 16, "clip_stride": 4}
    made |= {"resize": [256, 340], "antialias": True, "crop": "center 224"}
    made |= {"normalization": {"mean": [0.5], "std": [0.5]}}
    run = Run(samples.run(place / "run", channels=64, data=data, made=made))
    (run.folder / "provenance.json").write_text(json.dumps(PROVENANCE))
    (run.folder / "metrics.csv").write_bytes(METRICS)
    (run.folder / "left_out.txt").write_text("video_1: too short\nGröße: no features\n", encoding="utf-8")
    Learned({"other_1": "Ann", "other_2": None}, {"other_3": None}).write(run.folder)
    label = run.labels()[0]
    fitted = FittedOn("held-out", 3, 12, 0.5, 0.75)
    write_operating_point(run.folder / OPERATING_POINT, OperatingPoint(0.3, {label: 0.4}, 0.5, fitted_on=fitted))
    evaluate(run.folder)
    return run.folder


def card(folder: Path) -> None:
    """The model card, as `train`, `evaluate` and `thresholds` write it at their end."""
    from logotal.runs.folder import Run  # noqa: PLC0415
    from logotal.runs.model_card import model_card  # noqa: PLC0415

    model_card(Run(folder)).encode()


def page(folder: Path) -> None:
    """The page about the run, without its evaluation."""
    from logotal.report.run_page import run_page  # noqa: PLC0415
    from logotal.runs.folder import Run  # noqa: PLC0415

    run_page(Run(folder), None).encode()


def evaluation(folder: Path) -> None:
    """What `report` and `diagnose` rest on, and its tables."""
    from logotal.runs.evaluate import last_evaluation  # noqa: PLC0415

    str(last_evaluation(folder))


def numbers(folder: Path) -> None:
    """What `ablate` takes of a run that is finished."""
    from logotal.ablation.jobs import Job, read_numbers  # noqa: PLC0415
    from logotal.ablation.session import hardware  # noqa: PLC0415
    from logotal.recipes import read_recipe  # noqa: PLC0415

    config = read_recipe("synthetic", {})
    hardware([Job("key", config, folder)])
    found = read_numbers(folder / "evaluation.json", config)
    [f"{value:.2f}" for value in found.values()]


def loaded(folder: Path) -> None:
    """What `detect` does before its first video, and `export` before its file."""
    from logotal.runs.load import load_run  # noqa: PLC0415

    predictor = load_run(folder, device="cpu")
    "\n".join(predictor.labels).encode()


def published(folder: Path) -> None:
    """What `push` makes before it sends anything."""
    from logotal.runs.folder import Run  # noqa: PLC0415
    from logotal.runs.published import publish  # noqa: PLC0415

    with TemporaryDirectory() as copy:
        publish(Run(folder), Path(copy), repository="ann/moves", license="mit")


def resumed(folder: Path) -> None:
    """The row that a resumed training adds to the table."""
    from logotal.training.metrics import write_row  # noqa: PLC0415

    write_row(folder / "metrics.csv", {"epoch": 2, "loss": 0.5})


def learned(folder: Path) -> None:
    """What must not be scored."""
    from logotal.formats.annotations import VideoTruth  # noqa: PLC0415
    from logotal.runs.learned import read_learned  # noqa: PLC0415

    found = read_learned(folder)
    assert found is not None
    for name in ("other_1", "video_3"):
        found.reason(VideoTruth(name, "validation", group="Ann"))


def recipe(folder: Path) -> None:
    """How features were made, and the settings that make such again."""
    from logotal.extraction.folder import settings_like  # noqa: PLC0415
    from logotal.runs.folder import Run  # noqa: PLC0415

    found = Run(folder).feature_recipe()
    assert found is not None
    settings_like(found)


def _broken(name: str, *uses: Callable[[Path], None], mutations: tuple[Mutation, ...]) -> Callable[[Path], Material]:
    """The target of one file of a run; after each use the folder is as before."""

    def material(folder: Path) -> Material:
        whole = whole_run()
        run = folder.parent / "in" / "run"
        content = (whole / name).read_bytes()

        def read(path: Path) -> object:
            if not run.is_dir():
                shutil.copytree(whole, run)
            for use in uses:
                shutil.copyfile(path, run / name)
                use(run)
            return None

        suffix = Path(name).suffix
        hostile = bombs.of_json("%s") if suffix == ".json" else NASTY.get(suffix, [])
        return Material(suffix, read, [content], mutations, hostile)

    return material


NASTY: dict[str, list[bytes]] = {
    ".csv": [
        b"",
        b"\xff\xfe\x00",
        b"epoch,loss\nx,1\n",
        b"loss\n1\n",
        b"epoch,seconds\n0,abc\n",
        b"epoch,loss\n0,1,2,3\n",
        b"epoch,loss\n0\n",
        b"epoch\n1e400\n",
        b"epoch\nnan\n",
        b"epoch,epoch\n1,2\n",
        b'epoch,loss\n0,"' + b"9" * 200_000 + b'"\n',
        b"epoch\r0\r\x00\n",
        b"epoch\n" + b"9" * 5000 + b"\n",
        b"epoch,seconds\n0,nan\n1,inf\n",
    ],
    ".txt": [b"", b"\xff\xfe\xff", b"\x80\x81", b"\x00" * 100, b"x" * 1_000_000],
    ".yaml": [b"", b"[]", b"a", b"\xff", b"model: 1", b"model: {width: 1000000000}", b"!!python/object:os.system {}"],
    ".safetensors": [b"", b"\xff" * 8, b"\x02" + b"\x00" * 7 + b"{}", b"\x00" * 64],
}

TARGETS: dict[str, Callable[[Path], Material]] = {
    "run provenance.json": _broken("provenance.json", card, page, numbers, mutations=tuple(JSON)),
    "run evaluation.json": _broken("evaluation.json", card, numbers, evaluation, published, mutations=tuple(JSON)),
    "run detections.json": _broken("detections.json", evaluation, mutations=tuple(JSON)),
    "run videos.json": _broken("videos.json", learned, evaluation, mutations=tuple(JSON)),
    "run labels.json": _broken("labels.json", card, loaded, evaluation, mutations=tuple(JSON)),
    "run operating_point.json": _broken("operating_point.json", card, loaded, evaluation, mutations=tuple(JSON)),
    "run features.json": _broken("features.json", card, page, recipe, mutations=tuple(JSON)),
    "run metrics.csv": _broken("metrics.csv", resumed, card, page, mutations=BYTES),
    "run left_out.txt": _broken("left_out.txt", card, page, mutations=BYTES),
    "run left_out_evaluation.txt": _broken("left_out_evaluation.txt", page, mutations=BYTES),
    "run config.yaml": _broken("config.yaml", card, page, loaded, mutations=BYTES),
    "run model.safetensors": _broken("model.safetensors", loaded, mutations=(byte_level, in_safetensors)),
}


def classifier(folder: Path) -> Material:
    """The video classifier of a class-agnostic run."""
    import numpy as np  # noqa: PLC0415

    from logotal.inference.video_classifier import Accuracy, VideoClassifier, read_video_classifier  # noqa: PLC0415

    labels, ones = ("jump", "run"), np.ones((2, 8), np.float32)
    whole = VideoClassifier(labels, ones[0], ones[0], ones, ones[:, 0], Accuracy("validation", 3, 0.5, 0.25))
    seeds = [whole.to_bytes(), replace(whole, accuracy=None).to_bytes()]

    def read(path: Path) -> object:
        found = read_video_classifier(path, labels, 4)
        assert found is not None
        return found.sentence, f"{found.scores(np.ones((4, 5)))[0]:.3f} {found.accuracy}"

    return Material(".safetensors", read, seeds, (byte_level, in_safetensors), NASTY[".safetensors"])


TARGETS["run classifier.safetensors"] = classifier


def resumed_checkpoint(folder: Path) -> Material:
    """The checkpoint of a training; what is accepted is gone on from to the end.

    Half of the inputs are broken inside and sealed anew: their checksum is right, as somebody who wants harm would
    have it.
    """
    import torch  # noqa: PLC0415

    from logotal.places import CHECKPOINT, PREVIOUS_CHECKPOINT  # noqa: PLC0415
    from logotal.runs.folder import Run  # noqa: PLC0415
    from logotal.runs.train import train  # noqa: PLC0415
    from logotal.training.engine.checkpoint import read_checkpoint, sealed  # noqa: PLC0415
    from tests.training.small import small_config, small_data  # noqa: PLC0415

    whole = train(small_config(small_data(folder / "data", training=2, validation=1)), folder / "run").folder
    (whole / PREVIOUS_CHECKPOINT).unlink()
    content = (whole / CHECKPOINT).read_bytes()
    network = torch.load(whole / CHECKPOINT, weights_only=True)["state_dict"]
    inner = (in_archive("data.pkl"), in_archive("data.pkl"), byte_level)

    def sealed_anew(random: Random, seeds: Sequence[bytes]) -> bytes:
        return sealed(random.choice(inner)(random, seeds) + bytes(2))

    def read(path: Path) -> object:
        found = read_checkpoint(path, network)
        if (changed := path.read_bytes()) == content:
            return found
        assert len(changed) != len(content) or changed[-64:] != content[-64:], "a flipped bit was accepted"
        run = path.parent / "run"
        shutil.rmtree(run, ignore_errors=True)
        shutil.copytree(whole, run)
        (run / "model.safetensors").unlink()
        shutil.copyfile(path, run / CHECKPOINT)
        return train(Run(run).config(), run, resume=True)

    return Material(".ckpt", read, [content], (byte_level, sealed_anew), [b"", b"text", *bombs.of_checkpoint()])


TARGETS["run checkpoint.ckpt"] = resumed_checkpoint
