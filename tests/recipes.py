"""Data sets as they are published, made up and tiny: label files in their layouts, and features in theirs."""

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np

from logotal.formats.options import Options

SECONDS = 20.0
TRAINING, EVALUATION = ("one", "two"), ("three",)
Actions = Mapping[str, Sequence[tuple[float, float, str]]]


@dataclass(frozen=True)
class Published:
    """How a data set comes: what writes its label files, what reads them, and how its features lie.

    `names` are the videos to train on and the one to evaluate on, as such names look.
    """

    labels: Callable[[Path, Actions, Sequence[str]], object]
    names: tuple[str, str, str]
    split: Callable[[str, Path], str] = lambda name, path: path.stem
    options: Options = field(default_factory=Options)
    fps: float | None = None
    key: str | None = None
    channels_first: bool = False


def thumos(folder: Path, actions: Actions, training: Sequence[str]) -> None:
    rows: dict[str, list[str]] = {}
    for name, listed in actions.items():
        for start, end, label in listed:
            rows.setdefault(label, []).append(f"{name} {start:.1f} {end:.1f}")
    for label, lines in rows.items():
        (folder / f"{label}.txt").write_text("\n".join(lines) + "\n")


EPIC = (
    "narration_id,participant_id,video_id,narration_timestamp,start_timestamp,stop_timestamp,start_frame,stop_frame,"
    "narration,verb,verb_class,noun,noun_class,all_nouns,all_noun_classes"
)


def epic(folder: Path, actions: Actions, training: Sequence[str]) -> None:
    rows: dict[str, list[str]] = {"EPIC_100_train": [EPIC], "EPIC_100_validation": [EPIC]}
    for name, listed in actions.items():
        for i, (start, end, label) in enumerate(listed):
            number = 3 if label == "a" else 8
            times = f"00:00:{start:05.2f},00:00:{start:05.2f},00:00:{end:05.2f},{start * 50:.0f},{end * 50:.0f}"
            row = f"{name}_{i},{name[:3]},{name},{times},open door,open,{number},door,{number},['door'],[{number}]"
            rows["EPIC_100_train" if name in training else "EPIC_100_validation"].append(row)
    for stem, lines in rows.items():
        (folder / f"{stem}.csv").write_text("\n".join(lines) + "\n")


def database(folder: Path, actions: Actions, training: Sequence[str]) -> None:
    videos = {
        name: {
            "url": f"https://example.org/watch?v={name}",
            "duration": SECONDS,
            "subset": "training" if name in training else "validation",
            "annotations": [{"label": label, "segment": [start, end]} for start, end, label in listed],
        }
        for name, listed in actions.items()
    }
    (folder / "segments.json").write_text(json.dumps({"version": "1.1.1", "taxonomy": [], "database": videos}))


def ego4d(folder: Path, actions: Actions, training: Sequence[str]) -> None:
    for split in ("train", "val"):
        videos = []
        for name in (each for each in actions if (each in training) is (split == "train")):
            labels = [
                {"start_time": start, "end_time": end, "label": label, "primary": True}
                for start, end, label in actions[name]
            ]
            labels.append({"start_time": 18.0, "end_time": 19.0, "label": "other", "primary": False})
            clip = {"clip_uid": name, "video_start_sec": 30.0, "video_end_sec": 30.0 + SECONDS}
            clip["annotations"] = [{"annotator_uid": "u", "labels": labels}]
            videos.append({"video_uid": f"whole-{name}", "split": split, "clips": [clip]})
        (folder / f"moments_{split}.json").write_text(json.dumps({"version": "1.0", "videos": videos}))


def charades(folder: Path, actions: Actions, training: Sequence[str]) -> None:
    header = "id,subject,scene,quality,relevance,verified,script,objects,descriptions,actions,length"
    rows = {"Charades_v1_train": [header], "Charades_v1_test": [header]}
    for name, listed in actions.items():
        cell = ";".join(f"c{'abc'.index(label):03d} {start:.2f} {end:.2f}" for start, end, label in listed)
        stem = "Charades_v1_train" if name in training else "Charades_v1_test"
        rows[stem].append(f'{name},HR43,Kitchen,6,7,Yes,"A person cooks, then eats.",food,,{cell},{SECONDS}')
    for stem, lines in rows.items():
        (folder / f"{stem}.csv").write_text("\n".join(lines) + "\n")


def frame_lines(rate: float) -> Callable[[Path, Actions, Sequence[str]], None]:
    def write(folder: Path, actions: Actions, training: Sequence[str]) -> None:
        for name, listed in actions.items():
            labels = ["SIL"] * round(SECONDS * rate)
            for start, end, label in listed:
                first, behind = round(start * rate), round(end * rate)
                labels[first:behind] = [label] * (behind - first)
            (folder / f"{name}.txt").write_text("\n".join(labels) + "\n")

    return write


def by_file(word: str, training: str, evaluation: str) -> Callable[[str, Path], str]:
    """The split of a video whose label file says it."""
    return lambda _, path: training if word in path.stem else evaluation


def bundle(*names: str) -> Callable[[str, Path], str]:
    """The split of a video that a list names, or does not."""
    return lambda name, _: "training" if name in names else "validation"


SALADS = ("rgb-01-1", "rgb-01-2", "rgb-02-1")
BREAKFAST = ("P03_cam01_P03_cereals", "P04_cam01_P04_tea", "P16_cam01_P16_cereals")
VERB = Published(
    epic,
    ("P01_01", "P01_02", "P02_12"),
    by_file("train", "training", "validation"),
    Options(columns={"label": "verb_class"}, group="participant_id"),
    key="feats",
)
PUBLISHED = {
    "multithumos": Published(
        thumos,
        ("video_validation_0000051", "video_validation_0000052", "video_test_0000004"),
        lambda name, _: "training" if "validation" in name else "validation",
    ),
    "epic-kitchens100-verb": VERB,
    "epic-kitchens100-noun": Published(
        epic, VERB.names, VERB.split, Options(columns={"label": "noun_class"}), key="feats"
    ),
    "hacs": Published(database, ("--2uZkBH3-U", "-0BmF1XC2oE", "_0FF1M0cPqs")),
    "fineaction": Published(database, ("v_00000001", "v_00000002", "v_00000003")),
    "ego4d-mq": Published(ego4d, ("0a3b-11", "0a3b-12", "5f2c-13")),
    "charades": Published(charades, ("46GP8", "N11GT", "0IH69"), by_file("train", "training", "testing")),
    "50salads": Published(frame_lines(30), SALADS, bundle(*SALADS[:2]), fps=30, channels_first=True),
    "breakfast": Published(frame_lines(15), BREAKFAST, bundle(*BREAKFAST[:2]), fps=15, channels_first=True),
}


def write_features(published: Published, folder: Path, steps: int, channels: int) -> None:
    """A file a video, of random numbers, as the data set comes."""
    random = np.random.default_rng(0)
    for name in published.names:
        features = random.standard_normal((steps, channels)).astype(np.float32)
        features = features.T if published.channels_first else features
        if published.key is None:
            np.save(folder / f"{name}.npy", features)
        else:
            np.savez(folder / f"{name}.npz", feats=features)
