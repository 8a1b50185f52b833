"""The page of a run: what it is, how its training went, what it detects and where it fails."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from logotal.callbacks import Progress, Say, silent
from logotal.config import Config
from logotal.evaluation.measured import Measured
from logotal.evaluation.result import Result
from logotal.evaluation.scored import scored
from logotal.files.target import check_target
from logotal.files.text import read_lines
from logotal.places import LEFT_OUT, METRICS, WEIGHTS, run_folder
from logotal.ranges import check_range
from logotal.recipes.keys import changes, flat
from logotal.report.charts.lines import bar_chart
from logotal.report.class_results import class_section, precision_recall_section
from logotal.report.sheet import PAGE, Section, paragraph, sheet, table, write_page
from logotal.report.training_curves import read_metrics, training_section
from logotal.report.video_results import video_sections
from logotal.runs.doubts import doubts_of
from logotal.runs.evaluate import last_evaluation
from logotal.runs.evaluation import Evaluation
from logotal.runs.folder import Run
from logotal.runs.learned import UNKNOWN, Learned, read_learned
from logotal.runs.provenance import Provenance, read_provenance
from logotal.runs.split import Detected
from logotal.words import amount, duration, few

LISTED = 20
PLACES = ("data.features", "data.annotations")


def write_run_page(
    run: str | Path,
    save: Path | None = None,
    *,
    annotations: Path | None = None,
    features: Path | None = None,
    videos: int = 3,
    score: float | None = None,
    overwrite: bool = False,
    progress: Progress = silent,
    say: Say = silent,
) -> Path:
    """Writes the page of a run, and returns its place; a run that has not been evaluated is evaluated first.

    Args:
        run: a run folder, or a project folder with one.
        save: the page; report.html in the run folder if absent.
        annotations: another place of the truth than the run was trained with.
        features: another place of the features, for a run that has not been evaluated.
        videos: how many of the best and of the worst videos are drawn.
        score: predictions below it are not drawn; where F1 is highest if absent.
        overwrite: replaces a file that is no page of ours; a copy of it stays.
        progress: callback(videos done, videos in all), where it has to detect first.
        say: callback(sentence).

    Raises:
        InputError: a file of the run folder is not as expected.
    """
    check_range("--worst", videos, least=0, whole=True)
    check_range("--score", score, least=0, most=1)
    folder = run_folder(run)
    opened = Run(folder)
    opened.config()  # a folder that is no run should fail before anything is computed
    page = save or folder / "report.html"
    inputs = [*folder.glob("*"), *([annotations] if annotations else [])] if save else []
    check_target(page, PAGE, inputs=inputs, overwrite=overwrite)
    evaluation = None
    if (folder / WEIGHTS).is_file():
        evaluation = last_evaluation(folder, annotations=annotations, features=features, progress=progress, say=say)
    else:
        say(f"{folder}: training has not finished; the page shows the curves so far")
    write_page(page, run_page(opened, evaluation, videos=videos, score=score), overwrite=overwrite)
    return page


def run_page(run: Run, evaluation: Evaluation | None, *, videos: int = 3, score: float | None = None) -> str:
    """The text of the page.

    Args:
        run: a run folder, its training finished or not.
        evaluation: what the run detects; None leaves a page about the training.
        videos: how many of the best and of the worst videos are drawn.
        score: predictions below it are not drawn; where F1 is highest if absent.

    Raises:
        InputError: a file of the run folder is not as expected.
    """
    config = run.config()
    finished = (run.folder / WEIGHTS).is_file()
    training = training_section(read_metrics(run.folder / METRICS), epochs=config.training.epochs, finished=finished)
    name = "/".join(run.folder.resolve().parts[-2:])
    if evaluation is None:
        return sheet(f"Run {name}", [training, *about_sections(run, config)], subtitle="Training")
    result, detected = evaluation.result, evaluation.detected
    compared = scored(detected.annotations, detected.timelines, result.protocol, result.split)
    headline = ", ".join(f"mAP {100 * value:.2f} % at tIoU {key}" for key, value in result.averages.items())
    sections = [
        result_section(result, _who_detected(run, evaluation), evaluation.measured),
        class_section(result),
        precision_recall_section(result, compared),
        *video_sections(result, compared, detected.timelines, count=videos, score=score),
        *(doubts_section(detected) if detected.by_folds else []),
        training,
        *about_sections(run, config),
    ]
    return sheet(f"Run {name}", sections, subtitle=f"{headline}; protocol {result.protocol.name}")


def _who_detected(run: Run, evaluation: Evaluation) -> str:
    if evaluation.detected.by_folds:
        return (
            "Each video was looked at by a network of the cross-validation (logotal folds) that has not learned from "
            "it. This run has learned from all of them; its thresholds were chosen on these detections."
        )
    return learned_sentence(read_learned(run.folder), evaluation.result)


def doubts_section(detected: Detected) -> list[Section]:
    """The labels that may be wrong, the strongest doubt first; nothing where there is no doubt."""
    found = doubts_of(detected.annotations, detected.timelines)
    if not found.doubts:
        return []
    (shown,) = found.tables(LISTED)
    return [Section("Labels to look at again", [table(shown.rows, caption=shown.title)])]


def learned_sentence(learned: Learned | None, result: Result) -> str:
    """Whether the numbers are about videos that the model has learned from (law 11)."""
    if learned is None:
        return f"{UNKNOWN[0].upper()}{UNKNOWN[1:]}."
    count = amount(len(learned.videos), "video")
    return (
        f"The numbers leave out what the model has learned from: {count}, {few(sorted(learned.videos))}, "
        f"and others of their groups. None of the {result.coverage.videos:,} that are scored is among them."
    )


def result_section(result: Result, learned: str, measured: Measured | None = None) -> Section:
    """The numbers of the protocol, what they are about, and all that did not enter them."""
    protocol, coverage = result.protocol, result.coverage
    counted = (
        f"{coverage.videos} videos, {result.truth_counts.sum()} actions, {result.prediction_counts.sum()} detections"
    )
    means = result.mean_average_precision
    body = [
        paragraph(f"{protocol.name}, split {result.split}: {protocol.description}. {counted}."),
        paragraph(learned),
        bar_chart(
            [f"{tiou:g}" for tiou in means],
            {"mAP in %": [100 * value for value in means.values()]},
            title="mAP per tIoU",
            y_label="mAP in %",
            y_range=(0, 100),
        ),
        table([list(row) for row in zip(*result.table(), strict=True)], caption="mAP and recall@kx in %"),
    ]
    if measured is not None:
        numbers, *_ = measured.tables("")
        body.append(table(numbers.rows, caption=f"Measure of the protocol, in %, {measured.by}"))
    if proposals := result.proposal_table():
        body.append(table(proposals, caption="Proposals, whatever their label: AR@AN and AUC in %"))
    return Section("Result", [*body, *(paragraph(f"{sentence}.") for sentence in result.notes())])


def about_sections(run: Run, config: Config) -> list[Section]:
    """What the run is made of: data, model, settings, provenance; and what did not take part."""
    provenance = read_provenance(run.folder)
    rows = [["what", "value"], *_model_rows(config), *_data_rows(config, provenance, run.feature_recipe() or {})]
    rows += _provenance_rows(provenance)
    sections = [Section("The run", [table(rows), table(_settings(config), caption="Settings other than the default")])]
    for file, heading in (
        (LEFT_OUT, "Left out of the training"),
        ("left_out_evaluation.txt", "Left out of, or odd in, the evaluation"),
    ):
        if sentences := _lines(run, file):
            shown = [paragraph(sentence) for sentence in sentences[:LISTED]]
            rest = len(sentences) - len(shown)
            shown += [paragraph(f"And {rest} more: {file} in the run folder has them all.")] if rest else []
            sections.append(Section(f"{heading}: {len(sentences)}", shown))
    return sections


def _model_rows(config: Config) -> list[list[str]]:
    model, training = config.model, config.training
    return [
        ["model", f"{model.mixer} mixer, {model.head} head, {model.levels} levels of {model.width} channels"],
        ["layout", model.layout],
        ["training", f"{training.epochs} epochs, {training.warmup_epochs} of them warm-up"],
        ["batch", f"{training.batch_size} videos per step"],
        ["learning rate", f"{training.learning_rate:g}, weight decay {training.weight_decay:g}"],
        ["seed", str(training.seed)],
    ]


def _data_rows(config: Config, provenance: Provenance | None, recipe: Mapping[str, Any]) -> list[list[str]]:
    data = config.data
    digest = "" if provenance is None else f"sha256 {provenance.annotations.sha256[:16]}"
    rows = [["annotations", _joined(data.annotations, digest)]]
    channels = config.model.input_channels
    rows.append(["features", _joined(data.features, channels and f"{channels} channels")])
    if recipe:
        made = ", ".join(f"{key} {value}" for key, value in recipe.items() if isinstance(value, str | int | float))
        rows.append(["made by", made])
    rows.append(["splits", f"{data.training_split} to learn from, {data.evaluation_split} to be scored on"])
    return [*rows, ["protocol", data.protocol]]


def _provenance_rows(provenance: Provenance | None) -> list[list[str]]:
    if provenance is None:
        return [["provenance", "none yet: it is written at the end of the training"]]
    versions = provenance.versions("logotal", "torch", "python")
    rows = [["checkpoint", provenance.checkpoint or ""], ["versions", versions]]
    threads, seconds = provenance.threads, provenance.seconds
    rows.append(["hardware", _joined(provenance.hardware, threads and f"{threads} CPU threads")])
    return [*rows, ["training took", duration(seconds)]] if seconds is not None else rows


def _settings(config: Config) -> list[list[str]]:
    """Rows, a header first, of the settings that are not the defaults, which are the paper's for THUMOS14."""
    defaults = flat(Config().model_dump())
    changed = {key: value for key, value in changes(config).items() if key not in PLACES}
    rows = [[key, _value(value), _value(defaults[key])] for key, value in changed.items()]
    return [["setting", "here", "default"], *rows]


def _value(value: object) -> str:
    return "none" if value is None else f"{value:g}" if isinstance(value, float) else str(value)


def _lines(run: Run, name: str) -> list[str]:
    return read_lines(run.folder / name)


def _joined(*parts: object) -> str:
    return ", ".join(str(part) for part in parts if part)
