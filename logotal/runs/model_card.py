"""The model card of a run: MODEL_CARD.md, what the model is, what it rests on and what it is for, in words.

It is a function of the files in the run folder, so that whoever changes them can write it anew: `logotal train` does at
its end, `logotal evaluate` when there are numbers. Nothing in it depends on the day; the same training gives the same
bytes, but for the line that says how long it took. Its front matter is that of the Hugging Face hub.
"""

import hashlib
import json
from collections.abc import Mapping
from math import isfinite
from pathlib import Path
from typing import Any

from logotal.config import Config
from logotal.errors import InputError
from logotal.evaluation.saved import SavedEvaluation, read_saved_evaluation
from logotal.files.markdown import code, text
from logotal.files.text import is_there, read_lines
from logotal.files.whole import write_whole
from logotal.inference.operating_point import read_operating_point
from logotal.places import EVALUATION, LEFT_OUT, METRICS, MODEL_CARD, OPERATING_POINT
from logotal.recipes.keys import changes
from logotal.runs.folder import Run
from logotal.runs.provenance import Provenance, read_provenance
from logotal.training.metrics import read_rows
from logotal.words import amount, duration

FEW_ACTIONS = 20
"""A label with fewer training actions is named among the limitations."""

UNKNOWN = "unknown"
"""The license of weights of which nobody said one, by the hub's name."""

TASK = "video-classification"
"""Of the hub's tasks the nearest: videos go in, labels with scores come out; it has none in which these have times."""

_LISTED = 200


def write_model_card(run: Run) -> None:
    """Writes the model card of a run, or writes it anew."""
    write_whole(run.folder / MODEL_CARD, model_card(run).encode())


def model_card(run: Run, *, repository: str | None = None, license: str = UNKNOWN) -> str:
    """The text of a run's model card: Markdown under a front matter in YAML.

    Args:
        run: the run.
        repository: OWNER/NAME under which others find it; none if it lies in a folder.
        license: of the weights, by the hub's name for it.
    """
    config, about, evaluation = run.config(), read_provenance(run.folder) or Provenance(), _evaluation(run)
    sections = {
        "Intended use": _intended_use(repository or "FOLDER", license),
        "Data": _data(run, config, about, published=repository is not None),
        "Labels": _labels(run, about),
        "Results": _results(run, config, about, evaluation),
        "Training": _training(run, config, about),
        "Limitations": _limitations(run, config, about),
    }
    agnostic = ", class-agnostic" if config.model.class_agnostic else ""
    lines = [
        *("---", _front_matter(evaluation, repository or "logotal", license), "---", ""),
        "# Temporal action localization with logotal",
        "",
        f"Says what happens, from when to when, in untrimmed video: {amount(len(run.labels()), 'label')}, mixer "
        f"`{config.model.mixer}`, head `{config.model.head}`, {config.model.levels} levels of {config.model.width} "
        f"channels{agnostic}.",
    ]
    for title, body in sections.items():
        lines += ["", f"## {title}", "", *body]
    return "\n".join(lines) + "\n"


def _front_matter(evaluation: SavedEvaluation | None, name: str, license: str) -> str:
    """What the hub reads; whoever publishes the model says under which license."""
    from huggingface_hub import EvalResult, ModelCardData  # noqa: PLC0415 - takes as long as the rest of this module

    results = (
        []
        if evaluation is None
        else [
            EvalResult(
                task_type="temporal-action-localization",
                dataset_name=_plain(evaluation.protocol.name),
                dataset_type=_plain(evaluation.protocol.name),
                dataset_split=_plain(evaluation.protocol.split),
                metric_type="mAP",
                metric_name=f"average mAP at tIoU {_plain(name)}",
                metric_value=round(100 * value, 2),
            )
            for name, value in evaluation.average_mAP.items()
            if isfinite(value)  # an average over no label is no number, and the hub takes none such
        ]
    )
    tags = ["temporal-action-localization", "temporal-action-detection", "video", "logotal"]
    card = ModelCardData(license=license, library_name="logotal", pipeline_tag=TASK, tags=tags)
    if results:
        card.model_name, card.eval_results = name.rpartition("/")[2], results
    return card.to_yaml()


def _intended_use(model: str, license: str) -> list[str]:
    lines = [
        "To find the actions listed below, with start and end, in videos like those of its training: for search,",
        "for a first pass of annotation that a person corrects, for research. Try it on your own videos, and count its",
        "errors there, before anything depends on it:",
        "",
        "```",
        f"logotal detect VIDEO --model {model} --save timeline.html",
        f"logotal evaluate {model} --annotations YOURS.json --features DIR --split NAME",
        "```",
        "",
        "It was not made for decisions about people (surveillance, judging performance, diagnosis); no number here",
        "says how it does there.",
        "",
    ]
    if license != UNKNOWN:
        return [*lines, f"The code of logotal is under the MIT license, these weights are under {code(license)}."]
    return [
        *lines,
        "The code of logotal is under the MIT license. Whoever publishes these weights says under which license they",
        "are, which depends on the videos, the annotations and the backbone; set `license` above.",
    ]


def _data(run: Run, config: Config, about: Provenance, *, published: bool) -> list[str]:
    truth, trained = about.annotations, about.trained_on
    videos, actions = ("?", "?") if trained is None else (trained.videos, trained.actions)
    number = len(read_lines(run.folder / LEFT_OUT))
    left_out = f"; what was left out, and why, is in `{LEFT_OUT}` ({amount(number, 'line')})"
    file = f"sha256 {code(truth.sha256)}" if published else f"{code(truth.file)}, sha256 {code(truth.sha256)}"
    recipe = run.feature_recipe()
    lines = ["| split | videos | actions |", "|---|---:|---:|"]
    lines += [f"| {code(name)} | {size.videos} | {size.actions} |" for name, size in about.splits.items()]
    lines += [
        "",
        f"- Trained on the usable part of split {code(config.data.training_split)}: "
        f"{amount(videos, 'video')}, {amount(actions, 'action')}{'' if published else left_out}.",
        f"- Annotations: {file}.",
    ]
    if recipe is None:
        lines.append("- Features: how they were made is not known; the model takes no videos, only such features.")
    else:
        lines.append(
            f"- Features: backbone {code(recipe.get('backbone', 'not named'))}, recipe `{_digest(recipe)}` (sha256 of "
            "`features.json` in canonical form); features made in another way are refused."
        )
    return [*lines, f"- Channels of the features: {config.model.input_channels}."]


def _labels(run: Run, about: Provenance) -> list[str]:
    labels, counts = run.labels(), about.actions_per_label
    lines = ["| label | training actions |", "|---|---:|"]
    lines += [f"| {code(label)} | {counts.get(label, '?')} |" for label in labels[:_LISTED]]
    return lines + ([f"| and {len(labels) - _LISTED} more in `labels.json` | |"] if len(labels) > _LISTED else [])


def _results(run: Run, config: Config, about: Provenance, evaluation: SavedEvaluation | None) -> list[str]:
    lines = ["Not evaluated yet: `logotal evaluate FOLDER` adds the numbers."]
    if evaluation is not None:
        protocol, counts = evaluation.protocol, evaluation.counts
        checkpoint = text(about.checkpoint or "checkpoint not known")
        lines = ["| tIoU | mAP |", "|---|---:|"]
        lines += [f"| {text(tiou)} | {100 * value:.2f} |" for tiou, value in evaluation.mAP.items()]
        lines += [f"| average {text(name)} | {100 * value:.2f} |" for name, value in evaluation.average_mAP.items()]
        lines += [
            "",
            f"In percent, by protocol {code(protocol.name)} on split {code(protocol.split)}: "
            f"{counts.truths} actions in {amount(counts.videos, 'video')}; one training, seed "
            f"{config.training.seed if about.seed is None else about.seed}, {checkpoint}.",
        ]
        if (measured := evaluation.measured) is not None:
            lines += ["", "| measure | % |", "|---|---:|"]
            lines += [f"| {text(name)} | {100 * value:.2f} |" for name, value in measured.numbers.items()]
            lines += ["", f"By the same protocol, {text(measured.by)}."]
        if evaluation.labels_from:
            lines += ["", f"In these numbers {code(evaluation.labels_from)}."]
    if (classifier := run.classifier()) is not None:
        lines += ["", f"Without external scores, {text(classifier.sentence)}."]
        if (accuracy := classifier.accuracy) is not None:
            lines[-1] += f" Its mAP over labels there is {100 * accuracy.mean_average_precision:.1f} %."
    return [*lines, "", *_operating_point(run)]


def _operating_point(run: Run) -> list[str]:
    path = run.folder / OPERATING_POINT
    if not is_there(path):
        return ["Scores are ranks, not probabilities: no thresholds were chosen (`logotal thresholds FOLDER`)."]
    point = read_operating_point(path)
    own = f"{amount(len(point.thresholds), 'label')} with one of their own; {point.rule_of_overlaps}"
    lines = [f"Operating point: threshold {point.threshold:.3f}, {own}."]
    for name, by_label in (("Shortest durations", point.shortest), ("Gaps within which actions are joined", point.gap)):
        if by_label:
            listed = ", ".join(f"{code(label)} {seconds:g} s" for label, seconds in by_label.items())
            lines.append(f"{name}: {listed}.")
    if (fitted := point.fitted_on) is not None:
        lines.append(
            f"It was chosen on {amount(fitted.videos, 'video')} and {amount(fitted.actions, 'action')} of split "
            f"{code(fitted.split)}, where it reaches F1 {100 * fitted.f1:.1f} % at tIoU {fitted.tiou:g}."
        )
    return lines


def _training(run: Run, config: Config, about: Provenance) -> list[str]:
    versions = about.versions("logotal", "torch", "lightning", "numpy")
    lines = [
        f"- {config.training.epochs} epochs in batches of {config.training.batch_size}, seed {config.training.seed}; "
        f"checkpoint: {text(about.checkpoint or 'not known')}. None was chosen by its results.",
        f"- Hardware: {text(about.hardware or 'not known')}, {'?' if about.threads is None else about.threads} CPU "
        "threads.",
        f"- Versions: {text(versions or 'not known')}, Python {text(about.python or '?')}.",
        f"- Time: {_time(run.folder / METRICS)}.",
        "",
        "Settings that differ from the defaults of logotal (`config.yaml` has all):",
        "",
        "| setting | value |",
        "|---|---|",
    ]
    # A path by its last part: the rest is of another machine.
    changed = {key: value.name if isinstance(value, Path) else value for key, value in changes(config).items()}
    return lines + [f"| `{key}` | {code(value)} |" for key, value in changed.items()]


def _limitations(run: Run, config: Config, about: Provenance) -> list[str]:
    counts = about.actions_per_label
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
        named = ", ".join(map(code, few[:20]))
        lines.append(f"- Labels with fewer than {FEW_ACTIONS} training actions, which it hardly knows: {named}{more}.")
    return lines


def _evaluation(run: Run) -> SavedEvaluation | None:
    """What `logotal evaluate` last found; None where it did not run yet, or the file is of something else."""
    try:
        return read_saved_evaluation(run.folder / EVALUATION, cure="evaluate the run again")
    except InputError:
        return None


def _digest(recipe: Mapping[str, Any]) -> str:
    return hashlib.sha256(json.dumps(dict(recipe), sort_keys=True, separators=(",", ":")).encode()).hexdigest()


def _time(metrics: Path) -> str:
    """How long the epochs took together, those before an interruption too."""
    rows = read_rows(metrics)
    seconds = sum(float(row.get("seconds") or 0) for row in rows)
    return duration(seconds) if rows and isfinite(seconds) else "not known"


def _plain(value: str) -> str:
    """A name of others for the front matter, where the hub shows it: in one line, without markup."""
    return " ".join(value.translate(dict.fromkeys(map(ord, "<>`|[]()*_"), "?")).split())
