"""Training from a configuration to a run folder."""

import hashlib
import os
import platform
import shlex
import time
from collections import Counter
from collections.abc import Sequence
from contextlib import nullcontext
from dataclasses import replace
from importlib.metadata import version
from pathlib import Path
from typing import Any

import torch

import logotal
from logotal.callbacks import Say, silent
from logotal.config import Config, ModelConfig
from logotal.data.arrange import moments
from logotal.data.dataset import TrainingWindows, WholeVideos, label_index
from logotal.data.feature_recipe import read_feature_recipe
from logotal.data.selection import HELD_OUT, Source, measure_channels, open_source, select
from logotal.data.spread import measure_spread
from logotal.endings import Stopped, ended_with_parent, number_of
from logotal.errors import InputError
from logotal.evaluation.protocols import find_protocol
from logotal.files.cached import cache_folder
from logotal.files.lock import alone_in
from logotal.files.remote import is_remote, resolved
from logotal.files.text import read_plain
from logotal.formats.annotations import VideoTruth, read_annotations
from logotal.inference.operating_point import write_operating_point
from logotal.model.detector import check_network
from logotal.model.ensemble import Network, build_network
from logotal.places import CHECKPOINT, CONFIG, METRICS, OPERATING_POINT, PREVIOUS_CHECKPOINT, SIDECAR
from logotal.project.next_steps import is_outdated
from logotal.runs.folder import Run
from logotal.runs.learned import Learned, read_learned
from logotal.runs.load import load_run
from logotal.runs.model_card import write_model_card
from logotal.training.engine import Progress, fit, seed_weights
from logotal.training.fit_linear import fit_linear
from logotal.training.fit_operating_point import fit_operating_point
from logotal.training.metrics import read_rows
from logotal.training.threads import threads_for
from logotal.training.video_classifier import fit_video_classifier, unlearnable_labels
from logotal.training.world import find_world, first_process, launched, processes


def train(
    config: Config,
    folder: str | Path,
    *,
    resume: bool = False,
    progress: Progress | None = None,
    say: Say = silent,
    warn: Say = silent,
) -> Run:
    """Trains a model and leaves a run folder.

    Args:
        config: what to train on, and how.
        folder: the run folder; it must not hold a run unless `resume`.
        resume: go on with an interrupted run of the same configuration, from its last checkpoint.
        progress: callback(steps done, steps in all, loss), after every step.
        say: callback(sentence): what does not take part.
        warn: callback(sentence), at once: the last checkpoint is damaged, and the one before is taken, more or fewer
            processes go on with the run, or features are fetched.

    Raises:
        InputError: the data are not as expected, or the folder holds another run, or another training is at it, or
            processes, devices and machines disagree.
        KeyboardInterrupt: Ctrl-C or SIGTERM came; the message says from where it can be gone on.
    """
    started = time.time()
    folder = Path(folder)
    run = Run(folder)
    find_protocol(config.data.protocol)  # a mistyped name should fail now, not after hours of training
    check_network(config.model)
    if config.training.method != "regression":  # which is solved by each process for itself
        find_world(config.training)
    config, source = settled(config)
    try:
        with (
            ended_with_parent() if launched() else nullcontext(),
            alone_in(folder) if first_process() else nullcontext(True) as alone,
        ):
            if not alone:
                raise InputError(f"{folder}: another training is at work here; wait for it, or choose another folder")
            return _train(run, config, source, resume=resume, progress=progress, say=say, warn=warn, started=started)
    except KeyboardInterrupt as error:
        raise Stopped(number_of(error), _how_to_go_on(folder) if first_process() else "") from None


def _how_to_go_on(folder: Path) -> str:
    """What is said of a training that was stopped."""
    if not (folder / CONFIG).is_file():
        return "stopped before the training began; the same command begins again"
    saved = "what it has learned is saved" if (folder / CHECKPOINT).is_file() else "no step was done yet"
    return f"stopped; {saved}; go on with: logotal train --resume {shlex.quote(str(folder))}"


def _train(
    run: Run,
    config: Config,
    source: Source,
    *,
    resume: bool,
    progress: Progress | None,
    say: Say,
    warn: Say,
    started: float,
) -> Run:
    """The training itself, alone in its folder."""
    folder = run.folder
    resume = _claim(run, config, resume=resume)
    read_rows(run.folder / METRICS)  # a table that no row can be added to should fail now, not after an epoch
    labels = source.annotations.labels
    chosen = select(source, config.data.training_split, config.data, labels)
    learned = Learned.of(chosen.videos, source.annotations.split(HELD_OUT) if config.data.hold_out else ())
    if resume:
        _check_same_data(run, source, learned)
    if first_process():
        left_out = [*chosen.left_out]
        if config.model.class_agnostic:
            left_out += unlearnable_labels(chosen.videos, labels)
        for sentence in left_out:
            say(sentence)
        if is_remote(source.features.folder):
            warn(f"{source.features.folder}: what is not in {cache_folder()} yet is fetched before the training")
        run.write_setup(config, labels, left_out, read_feature_recipe(source.features.folder))
        learned.write(folder)

    seed_weights(config.training.seed)
    index = label_index(labels, class_agnostic=config.model.class_agnostic)
    detector = build_network(config.model, num_labels=len(labels))
    if config.model.standardize:
        _standardize(detector, source, chosen.videos)
    dataset = TrainingWindows(chosen.videos, source.features, config.data, index, seed=config.training.seed)
    with threads_for(detector, config) as threads:
        if config.training.method == "regression":
            fit_linear(detector, WholeVideos(chosen.videos, source.features, config.data, index), config.training.seed)
        else:
            told = warn if first_process() else silent
            fit(detector, dataset, config, folder, resume=resume, progress=progress, say=told)
    if first_process():
        if config.model.class_agnostic:
            run.write_classifier(fit_video_classifier(source, chosen.videos, config.data))
        about = provenance(config, source, chosen.videos, seconds=time.time() - started, threads=threads)
        run.write_model(detector.state_dict(), about)
        if config.data.hold_out:
            _choose_thresholds(run, source, say)
        write_model_card(run)
    if processes() > 1:
        torch.distributed.barrier()  # what a program does with the run, it does in all processes
    return run


def _standardize(detector: Network, source: Source, videos: Sequence[VideoTruth]) -> None:
    """Gives a network the mean and the deviation of each channel in its training videos."""
    mean, deviation = map(torch.from_numpy, measure_spread(source.features, [video.id for video in videos]))
    for member in detector.members:
        assert member.encoder.embedding.standard is not None
        member.encoder.embedding.standard.learn(mean.float(), deviation.float())


def _choose_thresholds(run: Run, source: Source, say: Say) -> None:
    """Fits the operating point of a finished run on the videos that were held out of its training."""
    predictor = load_run(run.folder)
    data, labels = predictor.config.data, predictor.labels
    try:
        held = select(source, HELD_OUT, data, labels)
        timelines = predictor.detect_dataset(WholeVideos(held.videos, source.features, data, predictor.label_index))
        learned = source.annotations.split(data.training_split)
        point = fit_operating_point(held.videos, timelines, labels, learned=learned)
    except InputError as error:  # the training is done, and a model that finds nothing right is a result too
        say(f"no thresholds were chosen: {error}")
    else:
        write_operating_point(run.folder / OPERATING_POINT, point)


def settled(config: Config) -> tuple[Config, Source]:
    """A configuration as config.yaml has it, and its data: absolute paths, and what was left open (channels, moments).

    Raises:
        InputError: the data are not where they are said to be.
    """
    source = open_source(config.data, config.model.input_channels)
    channels = config.model.input_channels or measure_channels(source)
    if config.model.streams and sum(config.model.streams) != channels:
        raise InputError(
            f"model.streams: expected parts that add up to the features' {channels} channels, found "
            f"{list(config.model.streams)}"
        )
    source = replace(source, features=replace(source.features, channels=channels))
    where = {"features": source.features.folder, "annotations": source.annotations.source}
    data: dict[str, object] = {name: resolved(path) for name, path in where.items()}
    if config.data.widen_points or config.data.moments:
        data["moments"] = moments(read_annotations(source.annotations.source), config.data)
    sections = {
        "data": config.data.model_copy(update=data),
        "model": ModelConfig.model_validate({**config.model.model_dump(), "input_channels": channels}),
    }
    return config.model_copy(update=sections), source


def _claim(run: Run, config: Config, *, resume: bool) -> bool:
    """Whether there is a checkpoint to go on from."""
    if not (run.folder / "config.yaml").is_file():
        if resume and not _never_begun(run.folder):
            raise InputError(f"{run.folder}: cannot resume, this is not a run folder; choose another with --out")
        run.refuse_strangers()
        return False
    if not resume and first_process():  # the others find what the first has just written
        raise InputError(
            f"{run.folder}: already holds a run; go on with --resume if it was interrupted; to train again, as after "
            "labels changed, rename that folder first, or choose another one with --out"
        )
    if _anywhere(run.config()) != _anywhere(config):
        raise InputError(f"{run.folder}: its config.yaml is not this configuration; choose another folder with --out")
    return resume and any(os.path.lexists(run.folder / name) for name in (CHECKPOINT, PREVIOUS_CHECKPOINT))


def _anywhere(config: Config) -> Config:
    """A configuration without where it is trained, which may be elsewhere when a run goes on."""
    where = {"accelerator": "auto", "devices": "auto", "nodes": "auto"}
    return config.model_copy(update={"training": config.training.model_copy(update=where)})


def _check_same_data(run: Run, source: Source, learned: Learned) -> None:
    """A run goes on with what it began with: it would not know what it has learned from, or have learned nothing new.

    Its videos and labels are known from the beginning, the annotations themselves once it is finished.
    """
    same = run.labels() == source.annotations.labels and read_learned(run.folder) in (None, learned)
    if not same or is_outdated(run.folder, source.annotations.source):
        raise InputError(
            f"{run.folder}: was begun with other videos, splits or labels than the annotations have now; rename that "
            "folder and train again, or choose another one with --out"
        )


def _never_begun(folder: Path) -> bool:
    """Whether all that a folder holds was left by a training that was killed before it wrote its configuration."""
    names = {path.name for path in folder.iterdir() if not path.name.startswith(".")} if folder.is_dir() else set()
    return names <= {SIDECAR}


def provenance(
    config: Config, source: Source, trained_on: Sequence[VideoTruth], *, seconds: float, threads: int
) -> dict[str, Any]:
    """How a model came about (law 10); `trained_on` are the usable videos of the training split."""
    decay = config.training.ema_decay
    digest = hashlib.sha256(read_plain(source.annotations.source)).hexdigest()
    actions = Counter(action.label for video in trained_on for action in video.actions)
    return {
        "logotal": logotal.__version__,
        "torch": torch.__version__,
        "python": platform.python_version(),
        "numpy": version("numpy"),
        "lightning": version("lightning"),
        "hardware": torch.cuda.get_device_name() if torch.cuda.is_available() else f"CPU {platform.machine()}",
        "threads": threads,
        "processes": processes(),
        "seed": config.training.seed,
        "checkpoint": f"last epoch, weights averaged with decay {decay}" if decay else "last epoch",
        "training_split": config.data.training_split,
        "protocol": config.data.protocol,
        "annotations": {"file": source.annotations.source.name, "sha256": digest},
        "features": {"folder": source.features.folder.name, "channels": config.model.input_channels},
        "splits": {name: _size(source.annotations.split(name)) for name in source.annotations.splits()},
        "trained_on": _size(trained_on),
        "longest_action": max((action.duration for video in trained_on for action in video.actions), default=None),
        "actions_per_label": {label: actions[label] for label in source.annotations.labels},
        "seconds": round(seconds, 1),
    }


def _size(videos: Sequence[VideoTruth]) -> dict[str, int]:
    return {"videos": len(videos), "actions": sum(len(video.actions) for video in videos)}
