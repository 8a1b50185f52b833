"""Readers of text: annotations, detections, scores, timelines, labels, recipes, published settings."""

import gzip
import json
from collections.abc import Callable, Sequence
from pathlib import Path
from random import Random

import numpy as np

from reliability import bombs
from reliability.material import JSON, LABELS, TIMELINES, Material
from reliability.mutation import (
    byte_level,
    token_level,
)


def annotations(folder: Path) -> Material:
    """Annotation files, and the feature files of the videos in them."""
    from logotal.formats.annotations import read_annotations  # noqa: PLC0415 - a process loads what it needs

    content = {
        "version": "1",
        "database": {
            "video_1": {
                **{"subset": "training", "duration": 33.8, "fps": 30, "group": "a", "ignored": [[2.5, 3]]},
                "annotations": [{"segment": [0.2, 1.1], "label": "jump", "label_id": 1}],
            },
            "video_2": {"subset": "test", "annotations": [], "url": "https://x"},
            "video_3": {
                **{"subset": "training", "duration": 9},
                "annotations": [{"segment": [1, 1], "label": "run", "label_id": 0}],
            },
        },
    }

    def read(path: Path) -> object:
        from logotal.data.features import FeatureFolder  # noqa: PLC0415

        truth = read_annotations(path)
        places = FeatureFolder(path.parent)
        for video in truth.split(*truth.splits()):
            if places.path(video.id).parent != path.parent:
                raise AssertionError(f"{video.id!r} leads out of the folder")
        return [video in places for video in truth.videos], "\n".join(truth.labels).encode()

    return Material(".json", read, [json.dumps(content).encode()], JSON, bombs.of_json('{"database": %s}'))


def packed_annotations(folder: Path) -> Material:
    """The same, gzipped."""
    plain = annotations(folder)
    seeds = [gzip.compress(seed, mtime=0) for seed in plain.seeds]
    return Material(".json.gz", plain.read, seeds, (byte_level,), bombs.of_gzip())


def detections(folder: Path) -> Material:
    """Detection files, as evaluations take them."""
    from logotal.evaluation.detections import columns, read_detections  # noqa: PLC0415

    rows = [{"label": "jump", "score": 0.81, "segment": [3.2, 5.9]}, {"label": 1, "score": 0, "segment": [0, 0]}]
    content = {"results": {"video_1": rows, "video_2": []}, "version": "1", "external_data": {}}

    def read(path: Path) -> object:
        timelines = read_detections(path, LABELS)
        return columns(timelines, [timeline.video for timeline in timelines], LABELS).ranked

    return Material(".json", read, [json.dumps(content).encode()], JSON, bombs.of_json('{"results": %s}'))


def part_of_detections(folder: Path) -> Material:
    """What was kept of one video; a part that is broken inside and sealed anew is as somebody who wants harm has it."""
    from logotal.formats.activitynet import write_activitynet  # noqa: PLC0415
    from logotal.inference.operating_point import UNFITTED  # noqa: PLC0415
    from logotal.runs.detect import Detections  # noqa: PLC0415
    from logotal.runs.parts import Part, sealed  # noqa: PLC0415

    made_of, text = {"model": "0f", "fps": 25.0, "duration": None}, write_activitynet(TIMELINES[:1], {})

    def sealed_anew(random: Random, seeds: Sequence[bytes]) -> bytes:
        return sealed(made_of, random.choice(JSON)(random, [text.encode()]).decode("utf-8", "replace"))

    def read(path: Path) -> object:
        found = Part(path, TIMELINES[0].video, made_of).read()
        return str(Detections({path: UNFITTED.apply(found)}))

    mutations = (*JSON, sealed_anew, sealed_anew)
    return Material(".json", read, [sealed(made_of, text)], mutations, bombs.of_json('{"made_of": %s}'))


def video_scores(folder: Path) -> Material:
    """Scores of an external classifier, fused with a detection."""
    from logotal.inference.candidates import Candidates  # noqa: PLC0415
    from logotal.inference.video_scores import read_video_scores  # noqa: PLC0415

    contents = (
        {"results": {"a": [0.1, 0.2, 0.7], "b": [1, 0, 0]}, "class": list(LABELS)},
        {"a": {"jump": 0.5}, "b": [0, 0, 1]},
    )
    found = Candidates(np.array([[1.0, 2.0]]), np.array([0.5]), np.array([0]))

    def read(path: Path) -> object:
        scores = read_video_scores(path, LABELS)
        return [scores.fuse(video, found, num_labels=2, num_segments=5) for video in scores.scores]

    seeds = [json.dumps(content).encode() for content in contents]
    return Material(".json", read, seeds, JSON, bombs.of_json('{"results": %s}'))


def timelines(suffix: str) -> Callable[[Path], Material]:
    """The reader of one format, which also writes what it read as JSON and as a page."""

    def material(folder: Path) -> Material:
        from logotal.formats.timelines import FORMATS, read_timelines, write_timelines  # noqa: PLC0415
        from logotal.report.page import timeline_page  # noqa: PLC0415

        several = suffix in (".json", ".csv", ".via.csv", ".labelstudio.json", ".fiftyone.json")
        texts = [FORMATS[suffix](TIMELINES if several else TIMELINES[:1], {}), *bombs.MORE.get(suffix, ())]

        def read(path: Path) -> object:
            timelines = read_timelines(path)
            write_timelines(timelines, path.with_name("again.json"))
            return timeline_page(timelines)

        mutations = JSON if suffix.endswith("json") or suffix == ".otio" else (byte_level, token_level)
        hostile = bombs.of_json("%s") if mutations is JSON else bombs.of_text(suffix)
        return Material(suffix, read, [text.encode() for text in texts], mutations, hostile)

    return material


def labels(folder: Path) -> Material:
    """Tables of labels, as `logotal init` finds them."""
    from logotal.formats.labels import read_labels  # noqa: PLC0415

    table = b"video;label;start;end\nmatch.mp4;jump;00:01.5;2,5\nmatch.mp4;run;3;4\n"
    seeds = [table, table.replace(b";", b"\t"), table.replace(b",", b".").replace(b";", b",")]
    return Material(".csv", read_labels, seeds, bombs=bombs.of_text(".csv"))


def recipe(folder: Path) -> Material:
    """Recipes, which are written and read again."""
    from logotal.recipes import dump_config, parse_config, read_recipe, recipe_names, recipe_text  # noqa: PLC0415

    def read(path: Path) -> object:
        config = read_recipe(path)
        assert parse_config(dump_config(config), "again") == config
        return config

    seeds = [recipe_text(name).encode() for name in recipe_names()]
    return Material(".yaml", read, [*seeds, *bombs.SOUND_YAML], bombs=bombs.of_yaml())


def published_settings(folder: Path) -> Material:
    """The YAML of published trainings, for each of the three."""
    import yaml  # noqa: PLC0415

    from logotal.convert.settings import convert_settings  # noqa: PLC0415
    from logotal.files.text import read_text  # noqa: PLC0415
    from logotal.files.yaml import parsed_yaml  # noqa: PLC0415
    from logotal.recipes import parse_config  # noqa: PLC0415

    def read(path: Path) -> object:
        content = parsed_yaml(read_text(path), path, unique=False)
        found = []
        for origin in ("actionformer", "tridet", "temporalmaxer"):
            sections = convert_settings(content if isinstance(content, dict) else {}, origin, str(path))
            found.append(parse_config(yaml.safe_dump(sections), str(path)))
        return found

    return Material(".yaml", read, [bombs.PUBLISHED], bombs=bombs.of_yaml())


def operating_point(folder: Path) -> Material:
    """Operating points, applied to a timeline."""
    from logotal.inference.operating_point import (  # noqa: PLC0415
        OperatingPoint,
        read_operating_point,
        write_operating_point,
    )

    folder.mkdir(parents=True, exist_ok=True)
    write_operating_point(folder / "whole.json", OperatingPoint(0.2, {"jump": 0.3}, notes=("a",)))

    def read(path: Path) -> object:
        return read_operating_point(path, LABELS).apply(TIMELINES[0])

    return Material(".json", read, [(folder / "whole.json").read_bytes()], JSON, bombs.of_json("%s"))
