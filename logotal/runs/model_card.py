"""The model card of a run: MODEL_CARD.md, what the model is, what it rests on and what it is for, in words.

It is a function of the files in the run folder, so that whoever changes them can write it anew: `logotal train` does at
its end, `logotal evaluate` when there are numbers. Nothing in it depends on the day; the same training gives the same
bytes, but for the line that says how long it took. Its front matter is that of the Hugging Face hub.
"""

import csv
import hashlib
import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from logotal.config import Config
from logotal.files.json import read_json
from logotal.files.whole import write_whole
from logotal.inference.operating_point import read_operating_point
from logotal.places import LEFT_OUT, METRICS, MODEL_CARD, OPERATING_POINT
from logotal.recipes.keys import changes
from logotal.runs.folder import Run
from logotal.words import amount, duration

FEW_ACTIONS = 20
"""A label with fewer training actions is named among the limitations."""

_LISTED = 200


def write_model_card(run: Run) -> None:
    """Writes the model card of a run, or writes it anew."""
    write_whole(run.folder / MODEL_CARD, model_card(run).encode())


def model_card(run: Run) -> str:
    """The text of a run's model card: Markdown under a front matter in YAML."""
    config, about, evaluation = run.config(), _object(run, "provenance.json"), _evaluation(run)
    sections = {
        "Intended use": _intended_use(),
        "Data": _data(run, config, about),
        "Labels": _labels(run, about),
        "Results": _results(run, config, about, evaluation),
        "Training": _training(run, config, about),
        "Limitations": _limitations(run, config, about),
    }
    agnostic = ", class-agnostic" if config.model.class_agnostic else ""
    lines = [
        *("---", _front_matter(evaluation), "---", ""),
        "# Temporal action localization with logotal",
        "",
        f"Says what happens, from when to when, in untrimmed video: {amount(len(run.labels()), 'label')}, mixer "
        f"`{config.model.mixer}`, head `{config.model.head}`, {config.model.levels} levels of {config.model.width} "
        f"channels{agnostic}.",
    ]
    for title, body in sections.items():
        lines += ["", f"## {title}", "", *body]
    return "\n".join(lines) + "\n"


def _front_matter(evaluation: Mapping[str, Any]) -> str:
    """What the hub reads; whoever publishes the model says under which license."""
    from huggingface_hub import EvalResult, ModelCardData  # noqa: PLC0415 - takes as long as the rest of this module

    protocol = evaluation.get("protocol", {})
    results = [
        EvalResult(
            task_type="temporal-action-localization",
            dataset_name=protocol["name"],
            dataset_type=protocol["name"],
            dataset_split=protocol["split"],
            metric_type="mAP",
            metric_name=f"average mAP at tIoU {name}",
            metric_value=round(100 * value, 2),
        )
        for name, value in evaluation.get("average_mAP", {}).items()
    ]
    tags = ["temporal-action-localization", "temporal-action-detection", "video", "logotal"]
    card = ModelCardData(license="unknown", library_name="logotal", tags=tags)
    if results:
        card.model_name, card.eval_results = "logotal", results
    return card.to_yaml()


def _intended_use() -> list[str]:
    return [
        "To find the actions listed below, with start and end, in videos like those of its training: for search,",
        "for a first pass of annotation that a person corrects, for research. Try it on your own videos, and count its",
        "errors there, before anything depends on it:",
        "",
        "```",
        "logotal detect VIDEO --model FOLDER --save timeline.html",
        "logotal evaluate FOLDER --annotations YOURS.json --features DIR --split NAME",
        "```",
        "",
        "It was not made for decisions about people (surveillance, judging performance, diagnosis); no number here",
        "says how it does there.",
        "",
        "The code of logotal is under the MIT license. Whoever publishes these weights says under which license they",
        "are, which depends on the videos, the annotations and the backbone; set `license` above.",
    ]


def _data(run: Run, config: Config, about: Mapping[str, Any]) -> list[str]:
    truth, trained = about.get("annotations", {}), about.get("trained_on", {})
    left_out = run.folder / LEFT_OUT
    number = len(left_out.read_text(encoding="utf-8").splitlines()) if left_out.is_file() else 0
    recipe = run.feature_recipe()
    lines = ["| split | videos | actions |", "|---|---:|---:|"]
    for name, size in about.get("splits", {}).items():
        lines.append(f"| {_code(name)} | {size['videos']} | {size['actions']} |")
    lines += [
        "",
        f"- Trained on the usable part of split {_code(config.data.training_split)}: "
        f"{amount(trained.get('videos', '?'), 'video')}, {amount(trained.get('actions', '?'), 'action')}; "
        f"what was left out, and why, is in `{LEFT_OUT}` ({amount(number, 'line')}).",
        f"- Annotations: {_code(truth.get('file', 'not known'))}, sha256 `{truth.get('sha256', 'not known')}`.",
    ]
    if recipe is None:
        lines.append("- Features: how they were made is not known; the model takes no videos, only such features.")
    else:
        lines.append(
            f"- Features: backbone {_code(recipe.get('backbone', 'not named'))}, recipe `{_digest(recipe)}` (sha256 of "
            "`features.json` in canonical form); features made in another way are refused."
        )
    return [*lines, f"- Channels of the features: {config.model.input_channels}."]


def _labels(run: Run, about: Mapping[str, Any]) -> list[str]:
    labels, counts = run.labels(), about.get("actions_per_label", {})
    lines = ["| label | training actions |", "|---|---:|"]
    lines += [f"| {_code(label)} | {counts.get(label, '?')} |" for label in labels[:_LISTED]]
    return lines + ([f"| and {len(labels) - _LISTED} more in `labels.json` | |"] if len(labels) > _LISTED else [])


def _results(run: Run, config: Config, about: Mapping[str, Any], evaluation: Mapping[str, Any]) -> list[str]:
    lines = ["Not evaluated yet: `logotal evaluate FOLDER` adds the numbers."]
    if evaluation:
        protocol, counts = evaluation["protocol"], evaluation["counts"]
        lines = ["| tIoU | mAP |", "|---|---:|"]
        lines += [f"| {tiou} | {100 * value:.2f} |" for tiou, value in evaluation["mAP"].items()]
        lines += [f"| average {name} | {100 * value:.2f} |" for name, value in evaluation["average_mAP"].items()]
        lines += [
            "",
            f"In percent, by protocol {_code(protocol['name'])} on split {_code(protocol['split'])}: "
            f"{counts['truths']} actions in {amount(counts['videos'], 'video')}; one training, seed "
            f"{about.get('seed', config.training.seed)}, {about.get('checkpoint', 'checkpoint not known')}.",
        ]
    if sentence := evaluation.get("labels_from"):
        lines += ["", f"In these numbers {_code(sentence)}."]
    if (classifier := run.classifier()) is not None:
        lines += ["", f"Without external scores, {classifier.sentence}."]
        if (accuracy := classifier.accuracy) is not None:
            lines[-1] += f" Its mAP over labels there is {100 * accuracy.mean_average_precision:.1f} %."
    return [*lines, "", *_operating_point(run)]


def _operating_point(run: Run) -> list[str]:
    path = run.folder / OPERATING_POINT
    if not path.is_file():
        return ["Scores are ranks, not probabilities: no thresholds were chosen (`logotal thresholds FOLDER`)."]
    point = read_operating_point(path)
    own = f"{amount(len(point.thresholds), 'label')} with one of their own; largest overlap {point.max_overlap:g}"
    lines = [f"Operating point: threshold {point.threshold:.3f}, {own}."]
    for name, by_label in (("Shortest durations", point.shortest), ("Gaps within which actions are joined", point.gap)):
        if by_label:
            listed = ", ".join(f"{_code(label)} {seconds:g} s" for label, seconds in by_label.items())
            lines.append(f"{name}: {listed}.")
    if (fitted := point.fitted_on) is not None:
        lines.append(
            f"It was chosen on {amount(fitted.videos, 'video')} and {amount(fitted.actions, 'action')} of split "
            f"{_code(fitted.split)}, where it reaches F1 {100 * fitted.f1:.1f} % at tIoU {fitted.tiou:g}."
        )
    return lines


def _training(run: Run, config: Config, about: Mapping[str, Any]) -> list[str]:
    versions = ", ".join(
        f"{name} {about[name]}" for name in ("logotal", "torch", "lightning", "numpy") if name in about
    )
    lines = [
        f"- {config.training.epochs} epochs in batches of {config.training.batch_size}, seed {config.training.seed}; "
        f"checkpoint: {about.get('checkpoint', 'not known')}. None was chosen by its results.",
        f"- Hardware: {about.get('hardware', 'not known')}, {about.get('threads', '?')} CPU threads.",
        f"- Versions: {versions or 'not known'}, Python {about.get('python', '?')}.",
        f"- Time: {_time(run.folder / METRICS)}.",
        "",
        "Settings that differ from the defaults of logotal (`config.yaml` has all):",
        "",
        "| setting | value |",
        "|---|---|",
    ]
    # A path by its last part: the rest is of another machine.
    changed = {key: value.name if isinstance(value, Path) else value for key, value in changes(config).items()}
    return lines + [f"| `{key}` | {_code(value)} |" for key, value in changed.items()]


def _limitations(run: Run, config: Config, about: Mapping[str, Any]) -> list[str]:
    counts = about.get("actions_per_label", {})
    few = [label for label in run.labels() if counts.get(label, FEW_ACTIONS) < FEW_ACTIONS]
    lines = [
        "- It knows its labels and nothing else: other actions are background to it, or taken for one of these.",
        "- Other cameras, places, people or frame rates than in the training videos make it worse; by how much is only "
        "known once it is measured.",
        "- It misses actions and reports some that are not there; boundaries are off by more where people too would "
        "disagree about them.",
    ]
    if config.model.class_agnostic:
        lines.append(
            "- It finds when something happens; each segment then gets the "
            f"{amount(config.inference.video_labels, 'best label')} of the whole video. Where a video holds "
            "different actions, segments often get the labels of others."
        )
    if few:
        more = f" and {len(few) - 20} more" if len(few) > 20 else ""
        named = ", ".join(map(_code, few[:20]))
        lines.append(f"- Labels with fewer than {FEW_ACTIONS} training actions, which it hardly knows: {named}{more}.")
    return lines


def _object(run: Run, name: str) -> dict[str, Any]:
    """The object in one of the run's files; empty where there is none yet."""
    path = run.folder / name
    content = read_json(path) if path.is_file() else {}
    return content if isinstance(content, dict) else {}


def _evaluation(run: Run) -> dict[str, Any]:
    """What `logotal evaluate` last found; empty where it did not run yet, or the file is of something else."""
    found = _object(run, "evaluation.json")
    return (
        found if all(isinstance(found.get(key), dict) for key in ("protocol", "counts", "mAP", "average_mAP")) else {}
    )


def _digest(recipe: Mapping[str, Any]) -> str:
    return hashlib.sha256(json.dumps(dict(recipe), sort_keys=True, separators=(",", ":")).encode()).hexdigest()


def _time(metrics: Path) -> str:
    """How long the epochs took together, those before an interruption too."""
    if not metrics.is_file():
        return "not known"
    with metrics.open(newline="") as file:
        return duration(sum(float(row.get("seconds") or 0) for row in csv.DictReader(file)))


def _code(value: object) -> str:
    """Any text as Markdown shows it: in a code span, in one line, breaking no table."""
    text = " ".join(str(value).split()).replace("`", "'").replace("|", "\\|")
    return f"`{text}`" if text else "``(empty)``"
