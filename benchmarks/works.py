"""Which works there are, and who does them. A group makes what it needs on disk when it is asked for."""

import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from benchmarks import material
from benchmarks.contest import RIVAL, Contestant, Work
from benchmarks.contestants import (
    ACTIONFORMER,
    BF16,
    CLIPS,
    DECODING,
    DENSE,
    DENSE_DEEP,
    DENSE_SMALL,
    FP32,
    LIGHT,
    LOOP,
    OUR_ACTIONFORMER,
    PYTHON_NMS,
    THEIR_LIGHT,
    VIDEOMAE,
    lean,
    ours,
    own_tridet,
    precisions,
    rival,
    tridet,
)
from benchmarks.counting import counted
from benchmarks.extraction import write_material
from benchmarks.pictures import sbhar_networks
from benchmarks.timeline import write_film

EXPORTED = "model.onnx"
THUMOS, ACTIVITYNET = [0.3, 0.4, 0.5, 0.6, 0.7], [round(0.5 + 0.05 * i, 2) for i in range(10)]


@dataclass(frozen=True)
class Settings:
    """Where files go, how often everything is done, and whether small stand-ins do."""

    folder: Path
    repetitions: int = 5
    quick: bool = False
    annotations: Path | None = None


def detect(settings: Settings) -> list[Work]:
    """From features to timelines at four lengths; in memory up to 2,304 steps, from a .npy file beyond."""
    works = []
    for length in (200, 500, 3000) if settings.quick else material.LENGTHS:
        given: dict[str, Any] = {"length": length}
        if length > 2304:
            path = material.write_features(settings.folder / f"{length}.npy", length)
            given["features"] = str(path)
        few, many = precisions("detect", settings.folder / EXPORTED, **given), [rival("detect", **given)]
        if length < 100_000:
            many.append(tridet("detect", **given))
        else:
            few = few[:2]
        if length <= 2304:
            many.append(ours(OUR_ACTIONFORMER, "detect", preset="actionformer", published=True, **given))
            few += lean("detect", **given)
        if length == 2304:
            few.append(own_tridet("detect", **given))
        title = f"{length:,} steps, {'from a .npy file' if 'features' in given else 'features in memory'}"
        short = length <= 2304
        repetitions = min(settings.repetitions, 3) if short else 2 if length < 100_000 else 1
        starts = 3 if short and not settings.quick else 1
        contestants = list(counted(few + many, [length]))
        works.append(Work(f"detect-{length}", title, contestants, repetitions, warm=int(short), starts=starts))
    return works


def split(settings: Settings) -> list[Work]:
    """A sample of THUMOS14's test split by length, from files on disk to timelines."""
    lengths = material.sampled_lengths("Test", 3 if settings.quick else 12, settings.annotations)
    folder = str(material.write_split(settings.folder / "split", lengths))
    mine = [*precisions("split", settings.folder / EXPORTED, folder=folder), *lean("split", folder=folder)]
    theirs = [rival("split", folder=folder), tridet("split", folder=folder)]
    title = f"{len(lengths)} videos of {min(lengths):,} to {max(lengths):,} steps, {sum(lengths):,} in all"
    return [Work("split", title, list(counted(mine + theirs, lengths)), min(settings.repetitions, 2), warm=0)]


def load(settings: Settings) -> list[Work]:
    """One epoch of training windows from files that the system has in memory."""
    lengths = material.sampled_lengths("Validation", 4 if settings.quick else 12, settings.annotations)
    folder = str(material.write_split(settings.folder / "windows", lengths))
    contestants = [ours("logotal", "load", folder=folder), rival("load", folder=folder)]
    return [Work("load", f"{len(lengths)} videos in batches of 2", contestants, settings.repetitions)]


def train(settings: Settings) -> list[Work]:
    """Training steps of two windows: of full length, and of real lengths, where theirs pads to 2,304."""
    full = [[300, 300]] if settings.quick else [[2304, 2304]]
    lengths = [min(each, 2304) for each in material.sampled_lengths("Validation", 6, settings.annotations)]
    # Such pairs that the longer of the two has the mean that it has in random pairs.
    real = [[lengths[a], lengths[b]] for a, b in ((0, 1), (2, 5), (3, 4))][: 1 if settings.quick else 3]
    works = []
    for name, title, batches in (
        ("train", f"one step, 2 windows of {full[0][0]:,}", full),
        ("train-real", f"{len(real)} steps of 2 windows as long as real videos are", real),
    ):
        few = [ours(FP32, "train", batches=batches), ours(BF16, "train", batches=batches, precision="bf16")]
        many = [rival("train", batches=batches), tridet("train", batches=batches)]
        windows = [length for pair in batches for length in pair]
        contestants = list(counted(few + many, windows, training=True))
        starts = 2 if name == "train" and not settings.quick else 1
        works.append(Work(name, title, contestants, min(settings.repetitions, 2), starts=starts))
    return works


def nms(settings: Settings) -> list[Work]:
    """Soft-NMS of the 11,440 candidates that a video of 2,304 steps has, keeping 200 and 2,000."""
    path = str(material.write_candidates(settings.folder / "candidates.npz"))
    works = []
    for keep in (200, 2000):
        given: dict[str, Any] = {"candidates": path, "keep": keep}
        slow = [
            rival("suppress", name=PYTHON_NMS, compiled=False, **given),
            Contestant(LOOP, "loops", "suppress", given),
        ]
        contestants = [ours("logotal", "suppress", **given), rival("suppress", **given), *slow]
        works.append(Work(f"nms-{keep}", f"keeping {keep:,} a video", contestants, settings.repetitions))
    return works


def evaluate(settings: Settings) -> list[Work]:
    """MAP and recall at the size of THUMOS14 and of ActivityNet."""
    sizes = [("evaluate-42k", 212, 20, 16, 200, THUMOS, 1)]
    sizes += [("evaluate-212k", 212, 20, 16, 1000, THUMOS, 20), ("evaluate-400k", 212, 20, 16, 1887, THUMOS, 40)]
    sizes += [("evaluate-activitynet", 4728, 200, 2, 100, ACTIVITYNET, 40)]
    works = []
    for name, videos, labels, truths, each, tious, every in sizes:
        if settings.quick:
            videos, each = max(videos // 20, 20), max(each // 20, 10)  # noqa: PLW2901
        made = material.write_detections(settings.folder / name, videos=videos, labels=labels, truths=truths, each=each)
        given: dict[str, Any] = {"folder": str(made), "tious": tious}
        contestants = [
            ours("logotal", "evaluate", **given),
            rival("evaluate", every=every, **given),
            Contestant(LOOP, "loops", "evaluate", given),
        ]
        title = f"{videos * each:,} detections in {videos:,} videos, {labels} labels, {len(tious)} tIoU"
        works.append(Work(name, title, contestants, 1, warm=0))
    return works


def startup(settings: Settings) -> list[Work]:
    """Whole processes: the bare interpreter, imports, `--help`."""
    python, command = sys.executable, str(Path(sys.executable).with_name("logotal"))

    def work(name: str, title: str, mine: tuple[str, ...], theirs: tuple[str, ...]) -> Work:
        commands = {"logotal": mine, ACTIONFORMER: (str(RIVAL), *theirs), "bare interpreter": (python, "-c", "pass")}
        contestants = [Contestant(name, "command", command=each) for name, each in commands.items()]
        return Work(name, title, contestants, settings.repetitions)

    return [
        work("help", "the command with --help", (command, "--help"), ("-m", "actionformer.eval", "--help")),
        work("import", "import of the package", (python, "-c", "import logotal"), ("-c", "import actionformer")),
    ]


def presets(settings: Settings) -> list[Work]:
    """All presets on a recording of SBHAR's size, for the picture of accuracy against time."""
    length = 200 if settings.quick else 1000
    given = {"length": length, "recipe": "sbhar", "channels": 150, "keep": 2000}
    contestants = [
        ours(each["name"], "detect", preset=each.get("preset"), changes=each.get("changes"), **given)
        for each in sbhar_networks()
    ]
    return [Work("presets", f"{length:,} steps of 150 channels, width 128", contestants, settings.repetitions)]


def extract(settings: Settings) -> list[Work]:
    """I3D features of a rendered video."""
    frames = 20 if settings.quick else 44
    given = write_material(settings.folder, frames)
    both = ((FP32, "fp32"), (BF16, "bf16"))
    contestants = [Contestant(name, "extraction", "extract", given | {"precision": each}) for name, each in both]
    contestants.append(Contestant(LOOP, "extraction", "plain", given))
    title = f"{frames} frames, {(frames - 16) // 4 + 1} clips of 224 x 224"
    return [Work("extract", title, contestants, min(settings.repetitions, 3), warm=0)]


def timeline(settings: Settings) -> list[Work]:
    """From a video file to a timeline, by each way to make features; what is slow gets a part of the video."""
    frames, part = (64, 32) if settings.quick else (900, 76)
    given = {"video": str(write_film(settings.folder / "film.mp4", frames)), "frames": frames}
    ways: dict[str, dict[str, Any]] = {
        CLIPS: {"part": part},
        DENSE: {"clips": "dense", "part": 3 * part},
        DENSE_SMALL: {"clips": "dense", "pixels": 112},
    }
    contestants = [Contestant(DECODING, "timeline", "decode", given)]
    for name, way in ways.items():
        for exact in ("fp32", "bf16"):
            contestants.append(
                Contestant(f"{name} {exact}", "timeline", "timeline", given | way | {"precision": exact})
            )
    deep = {"clips": "dense", "pixels": 112, "depths": "several", "precision": "fp32"}
    contestants.append(Contestant(f"{DENSE_DEEP} fp32", "timeline", "timeline", given | deep))
    for pixels in (224, 160, 112):
        light = {"backbone": "mobilenetv2", "pixels": pixels}
        contestants.append(Contestant(f"{LIGHT}, {pixels} px", "timeline", "timeline", given | light))
    contestants.append(Contestant(VIDEOMAE, "timeline", "transformers", given | {"model": "videomae", "part": 64}))
    contestants.append(Contestant(THEIR_LIGHT, "timeline", "transformers", given | {"model": "mobilenet_v2"}))
    title = f"{frames / 30:.0f} s of video, 704 x 576, 30 frames a second"
    return [Work("timeline", title, contestants, min(settings.repetitions, 3), warm=0 if settings.quick else 1)]


def limits(settings: Settings) -> list[Work]:
    """The highest rates of arithmetic and memory, each in a process that has the machine for itself."""
    precise = [(job, name) for job in ("convolve", "multiply") for name in ("fp32", "bf16")]
    contestants = [Contestant(f"{job} {name}", "limits", job, {"precision": name}) for job, name in precise]
    contestants.append(Contestant("copy", "limits", "copy", {"size": 2**20} if settings.quick else {}))
    return [Work("limits", "the machine", contestants, 3 * settings.repetitions)]


def agreement(settings: Settings) -> list[Work]:
    """Whether our `actionformer` preset with the rival's weights answers as the rival does."""
    given: dict[str, Any] = {"length": 2304}  # what theirs pads to, so that no padding differs
    reference = str(settings.folder / "reference.pt")
    pair = [rival("reference", out=reference, **given), ours("logotal", "agree", reference=reference, **given)]
    return [Work("agreement", "our actionformer preset with the rival's weights", pair, 1, warm=0)]


GROUPS: dict[str, Callable[[Settings], list[Work]]] = {
    "agreement": agreement,
    "limits": limits,
    "startup": startup,
    "nms": nms,
    "evaluate": evaluate,
    "load": load,
    "detect": detect,
    "split": split,
    "train": train,
    "extract": extract,
    "timeline": timeline,
    "presets": presets,
}
