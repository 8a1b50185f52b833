"""What is fed with broken files: every reader of files that others may have made, by name.

A target gives its `Material` from a folder that it may write to. `read` uses what it read as the commands would, so
that a value which only looks sound is found out.
"""

from collections.abc import Callable
from pathlib import Path

from reliability import app_targets, backbone_targets, binary_targets, label_targets, run_targets, text_targets
from reliability.material import Material

TARGETS: dict[str, Callable[[Path], Material]] = {
    "annotations": text_targets.annotations,
    "annotations, gzip": text_targets.packed_annotations,
    "detections": text_targets.detections,
    "part of detections": text_targets.part_of_detections,
    "video scores": text_targets.video_scores,
    "timeline .json": text_targets.timelines(".json"),
    "timeline .csv": text_targets.timelines(".csv"),
    "timeline .vtt": text_targets.timelines(".vtt"),
    "timeline .srt": text_targets.timelines(".srt"),
    "timeline .txt": text_targets.timelines(".txt"),
    "timeline .eaf": text_targets.timelines(".eaf"),
    "timeline .otio": text_targets.timelines(".otio"),
    "timeline .via.csv": text_targets.timelines(".via.csv"),
    "timeline .labelstudio.json": text_targets.timelines(".labelstudio.json"),
    "timeline .fiftyone.json": text_targets.timelines(".fiftyone.json"),
    "label tables": text_targets.labels,
    "features .npy": binary_targets.features,
    "feature recipe": binary_targets.feature_recipe,
    "video sidecar": binary_targets.video_sidecar,
    "recipe": text_targets.recipe,
    "run labels": binary_targets.run_labels,
    "run weights": binary_targets.run_weights,
    "operating point": text_targets.operating_point,
    "checkpoint .pth": binary_targets.checkpoint,
    "published settings": text_targets.published_settings,
    "weights .safetensors": binary_targets.weights,
    "I3D pickle": binary_targets.array_pickle,
    "exported model": binary_targets.exported,
    "image network .onnx": backbone_targets.network,
    "processor settings": backbone_targets.processor,
    "video .mp4": binary_targets.videos(".mp4", "libx264"),
    "video .avi": binary_targets.videos(".avi", "mpeg4"),
    "video .mkv": binary_targets.videos(".mkv", "libvpx"),
    "video that is watched": binary_targets.videos(".mkv", "libvpx", watched=True),
    "sound of a video": binary_targets.sound,
    **label_targets.TARGETS,
    **run_targets.TARGETS,
    **app_targets.TARGETS,
}
"""All that reads files of others, by name; each gives its material from a folder of its own."""
