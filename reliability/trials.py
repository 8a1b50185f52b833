"""The commands that are killed or stopped: each with its inputs, what its work begins with, and how to repeat it."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path

from reliability import samples
from reliability.process import command_line
from tests.convert.published import write_release
from tests.shared import SHARED


class Missing(Exception):  # noqa: N818 - no error: a clone has not all files
    """A file that does not come with the repository; the message names it."""


@dataclass(frozen=True)
class Trial:
    """A command that writes below `out` and has begun to work when it opens `sign`.

    `again` is what a user types after it was killed; the same command if absent. `also` is another folder that it
    writes in.
    """

    command: list[str]
    sign: Path
    again: list[str] | None = None
    also: Path | None = None


def extract(inputs: Path, out: Path) -> Trial:
    """Six videos to features; work begins with the weights."""
    samples.videos(inputs / "videos")
    weights = samples.backbone_weights(inputs)
    options = samples.extraction_options(weights)
    return Trial(command_line("extract", inputs / "videos", "--out", out, *options), weights)


def train(inputs: Path, out: Path) -> Trial:
    """Twelve epochs of a small network, with --resume after the kill; work begins with the features."""
    data = samples.synthetic(inputs / "synthetic")
    command = command_line("train", "synthetic", "--out", out, *samples.training_options(data))
    return Trial(command, data / "features", [*command, "--resume"])


def convert(inputs: Path, out: Path) -> Trial:
    """A checkpoint in the form of those that are published; work begins with its settings."""
    if not (file := SHARED / "golden" / "tridet.npz").is_file():
        raise Missing(f"{file} does not come with the repository")
    inputs.mkdir(parents=True)
    checkpoint, settings, annotations, _, _ = write_release(inputs, "tridet")
    options = ("--from", "tridet", "--settings", settings, "--annotations", annotations)
    return Trial(command_line("convert", checkpoint, *options, "--out", out), settings)


def init(inputs: Path, out: Path) -> Trial:
    """Videos and labels to a project; work begins with the labels.

    It may take as long as it takes: what it proposes must not depend on how fast this machine is at the moment.
    """
    named = samples.videos(inputs / "videos", 20, frames=75)
    labels = samples.labels(inputs / "videos", named, seconds=3.0)
    return Trial(command_line("init", inputs / "videos", "--out", out, "--accurate"), labels)


def detect(inputs: Path, out: Path) -> Trial:
    """Features to timelines in JSON; work begins with the first feature file."""
    samples.features(inputs / "features", 60, length=300)
    run = samples.run(inputs / "run", channels=64)
    command = command_line(
        "detect",
        inputs / "features",
        "--model",
        run,
        "--fps",
        "30",
        "--threshold",
        "0.01",
        "--save",
        out / "timelines.json",
    )
    return Trial(command, inputs / "features" / "features_0000.npy")


def detect_video(inputs: Path, out: Path) -> Trial:
    """A video to a page and an annotated video; work begins with the video."""
    video = samples.videos(inputs, 1, frames=150, size=(240, 320))[0]
    weights = samples.backbone_weights(inputs)
    run = samples.run(inputs / "run", channels=1024, made=samples.recipe_of(weights))
    options = ("--weights", weights, "--save", out / "page.html", "--annotated-video", out / "annotated.mp4")
    return Trial(command_line("detect", video, "--model", run, "--threshold", "0.01", "--best", "5", *options), video)


TRIALS: Mapping[str, Callable[[Path, Path], Trial]] = {
    "extract": extract,
    "train": train,
    "convert": convert,
    "init": init,
    "detect": detect,
    "detect-video": detect_video,
}
"""What is killed in the middle of its writing."""


def _run(inputs: Path) -> Path:
    """A run with random weights, which finds many actions, and its data set."""
    return samples.run(inputs / "run", channels=64, data=samples.synthetic(inputs / "synthetic"))


def _of_run(*words: str | Path, save: str, option: str = "--save") -> Callable[[Path, Path], Trial]:
    """A command about a run whose result is written below `out` by the name `save`."""

    def trial(inputs: Path, out: Path) -> Trial:
        run = _run(inputs)
        command = command_line(words[0], run, *words[1:], option, out / save)
        return Trial(command, run / "config.yaml", also=run)

    return trial


def check(inputs: Path, out: Path) -> Trial:
    """What is odd in a data set, features included."""
    data = samples.synthetic(inputs / "synthetic")
    options = ("--data.annotations", data / "annotations.json", "--data.features", data / "features")
    return Trial(command_line("check", "synthetic", *options), data / "annotations.json")


def suggest(inputs: Path, out: Path) -> Trial:
    """A recipe from the durations of actions."""
    data = samples.synthetic(inputs / "synthetic")
    return Trial(command_line("suggest", data / "annotations.json", "--fps", "30"), data / "annotations.json")


def watch(inputs: Path, out: Path) -> Trial:
    """A video as it comes, to lines of JSON."""
    video = samples.videos(inputs, 1, frames=150, size=(240, 320))[0]
    weights = samples.backbone_weights(inputs)
    run = samples.run(inputs / "run", channels=1024, made=samples.recipe_of(weights))
    options = ("--lookahead", "3", "--longest", "3", "--threshold", "0.01", "--weights", weights)
    return Trial(command_line("watch", video, "--model", run, *options), video, also=run)


def import_features(inputs: Path, out: Path) -> Trial:
    """Feature arrays of others to a folder."""
    samples.features(inputs / "features", 60, length=300)
    options = ("--fps", "25", "--stride", "4", "--layout", "TC")
    command = command_line("import", inputs / "features", "--out", out, *options)
    return Trial(command, inputs / "features" / "features_0000.npy")


STOPPED: Mapping[str, Callable[[Path, Path], Trial]] = TRIALS | {
    "evaluate": _of_run("evaluate", save="numbers.json"),
    "export": _of_run("export", "--to", "pt2", save="model.pt2", option="--out"),
    "export-onnx": _of_run("export", save="model.onnx", option="--out"),
    "report": _of_run("report", save="report.html"),
    "diagnose": _of_run("diagnose", save="diagnosis.html"),
    "thresholds": _of_run("thresholds", "--split", "validation", save="thresholds.html"),
    "check": check,
    "suggest": suggest,
    "import": import_features,
    "watch": watch,
}
"""What is told to stop at any moment of its life."""
