"""Every function of logotal that reads a file, and the targets of `reliability.fuzz` that feed it with broken ones.

`found` looks for them in the source, so that a new reader without a target is noticed (`tests/reliability`).
"""

import ast
from collections.abc import Iterator
from pathlib import Path

import logotal

OPENING = {
    *("read_text", "read_raw", "read_plain", "read_lines", "read_json", "read_bytes", "open_plain", "load_tensors"),
    *("load_file", "load_workbook", "InferenceSession", "read_model", "open_container", "is_zipfile"),
    *("np.load", "torch.load", "av.open", "mmap.mmap", "gzip.open", "h5py.File", "path.open", "tarfile.open"),
}
"""Calls that read a file."""

EVERY = "*"
"""In the place of a target: what all readers go through."""
OURS = "-"
"""In the place of a target: reads nothing of others."""

READERS: dict[str, tuple[str, ...]] = {
    "files/text.py read_text": (EVERY,),
    "files/text.py read_raw": (EVERY,),
    "files/text.py read_plain": (EVERY,),
    "files/text.py read_lines": (EVERY,),
    "files/text.py _unpacked": ("annotations, gzip",),
    "files/json.py read_json": (EVERY,),
    "files/target.py marked.is_ours": (OURS,),  # looks for marks in the bytes
    "files/target.py numbers.is_ours": ("run evaluation.json",),
    "files/target.py write_target": (OURS,),  # compares bytes, and keeps them
    "files/target.py keep_copy": (OURS,),
    "formats/annotations.py read_annotations": ("annotations", "annotations, gzip", "project annotations"),
    "formats/edited.py read_edited": ("app edited.json",),
    "formats/form.py Source.raw": ("labels .csv", "labels .json", "labels .txt", "labels .xml", "labels .eaf"),
    "formats/timelines.py saved_kind.is_ours": ("timeline .json",),
    "formats/timelines.py read_timelines": ("timeline .json", "timeline .csv", "timeline .eaf", "timeline .otio"),
    "formats/workbook.py sheets_of": ("labels .xlsx",),
    "project/grouping.py read_groups": ("groups",),
    "project/earlier.py read_earlier": ("project annotations",),
    "project/folder.py project_videos": ("project annotations",),
    "project/next_steps.py is_outdated": ("project provenance",),
    "project/writing.py is_ours": ("project annotations",),
    "project/writing.py write_project": (OURS,),  # compares bytes
    "recipes/__init__.py read_recipe": ("recipe",),
    "recipes/__init__.py recipe_text": (OURS,),
    "recipes/__init__.py preset_text": (OURS,),
    "report/sheet.py source": (OURS,),
    "convert/checkpoint.py convert_checkpoint": (OURS,),  # hashes what "checkpoint .pth" has read
    "convert/checkpoint.py _yaml": ("published settings",),
    "backbones/state.py read_state": ("checkpoint .pth", "weights .safetensors"),
    "backbones/state.py load_tensors": ("checkpoint .pth", "import .pt"),
    "backbones/state.py check_modest": ("checkpoint .pth", "run checkpoint.ckpt"),
    "backbones/weights.py _read": (OURS,),  # whose hash is known
    "backbones/weights.py _members": ("I3D pickle",),
    "backbones/pose.py _compiled": (OURS,),  # made of an archive whose hash is known
    "backbones/onnx.py OnnxImages.__init__": ("image network .onnx",),
    "backbones/hub.py read_processor": ("processor settings",),
    "data/feature_recipe.py read_feature_recipe": ("feature recipe", "run features.json"),
    "data/feature_recipe.py read_video_features": ("video sidecar",),
    "data/features.py read_features": ("features .npy",),
    "evaluation/detections.py read_detections": ("detections", "run detections.json"),
    "evaluation/saved.py read_saved_evaluation": ("run evaluation.json",),
    "inference/operating_point.py read_operating_point": ("operating point", "run operating_point.json"),
    "files/onnx.py refuse_external_data": ("exported model",),
    "inference/runtimes.py _onnxruntime": ("exported model",),
    "inference/runtimes.py _openvino": ("exported model",),
    "inference/video_classifier.py read_video_classifier": ("run classifier.safetensors",),
    "inference/video_scores.py read_video_scores": ("video scores",),
    "importing/arrays.py _loaded": ("import .npy", "import .npz"),
    "importing/arrays.py _tensors": ("import .pt",),
    "importing/cells.py rows_of": ("import .csv",),
    "importing/hdf.py opened": ("import .h5",),
    "runs/folder.py Run.config": ("run config.yaml",),
    "runs/folder.py Run.labels": ("run labels", "run labels.json"),
    "runs/folder.py Run.weights": ("run weights", "run model.safetensors"),
    "runs/learned.py read_learned": ("run videos.json",),
    "runs/parts.py Part.read": ("part of detections",),
    "runs/provenance.py read_provenance": ("run provenance.json",),
    "runs/model_card.py _data": ("run left_out.txt",),
    "runs/evaluate.py weights_digest": (OURS,),  # hashes
    "runs/published.py publish": (OURS,),  # copies
    "runs/published.py _evaluation": ("run evaluation.json",),
    "runs/published.py _check_nothing_local": (OURS,),  # looks for places in the bytes
    "runs/train.py provenance": (OURS,),  # hashes
    "report/run_page.py _lines": ("run left_out.txt", "run left_out_evaluation.txt"),
    "training/metrics.py read_rows": ("run metrics.csv",),
    "training/engine/checkpoint.py read_checkpoint": ("run checkpoint.ckpt",),
    "training/engine/checkpoint.py _bytes": ("run checkpoint.ckpt",),
    "ablation/costs.py _read": ("ablation costs",),
    "app/drafts.py read_drafts": ("app drafts.json",),
    "app/jobs.py Jobs.read": ("app job",),
    "app/pages.py Page.text": (OURS,),
    "app/pictures.py kept": (OURS,),
    "app/results.py rounds": ("app round",),
    "app/rounds.py _put_aside": (OURS,),  # a number
    "app/store.py LabelStore._lines": ("app edits",),
    "export/export.py _onnx": (OURS,),
    "video/source.py open_container": ("video .mp4", "video .avi", "video .mkv"),
    "video/live.py _open": ("video that is watched",),
    "video/sound.py copy_streams": ("sound of a video",),
    "video/sound.py _decoded": ("sound of a video",),
    "video/playable.py _write": (OURS,),  # what is written
    "video/writer.py write_video": (OURS,),
}
"""Readers by file and function."""


def found(folder: Path = Path(logotal.__file__).parent) -> Iterator[str]:
    """The functions below a folder that read files, as `READERS` names them."""
    for path in sorted(folder.rglob("*.py")):
        name = path.relative_to(folder).as_posix()
        for function, call in _calls(ast.parse(path.read_text(encoding="utf-8")), ()):
            if call in OPENING or call.rpartition(".")[2] in OPENING:
                yield f"{name} {function}"


def _calls(node: ast.AST, within: tuple[str, ...]) -> Iterator[tuple[str, str]]:
    """The calls in a piece of source: the function that each stands in, and what is called."""
    for child in ast.iter_child_nodes(node):
        named = isinstance(child, ast.FunctionDef | ast.ClassDef)
        if isinstance(child, ast.Call):
            yield ".".join(within) or "the module", ast.unparse(child.func)
        yield from _calls(child, (*within, child.name) if named else within)  # type: ignore[attr-defined]
