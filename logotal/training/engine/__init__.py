"""The engine: Lightning's Trainer around the detector. Nothing else imports Lightning.

Law 6, resuming equals never having stopped: order and windows come from (seed, epoch, index), noise and drop path
from (seed, step, rank), and everything that moves (weights, averages, optimizer, normalizer) is in the checkpoint,
which is written at the end of every epoch, and after the step at which a signal asks the training to stop. A killed
run so repeats the epoch that it was in, a stopped one nothing.
"""

import logging
import warnings
from importlib.util import find_spec
from pathlib import Path
from typing import Any, cast

import lightning as L
import torch
from lightning.fabric.plugins.environments.cluster_environment import ClusterEnvironment
from lightning.fabric.plugins.environments.lightning import LightningEnvironment
from lightning.fabric.plugins.environments.slurm import SLURMEnvironment
from lightning.fabric.plugins.environments.torchelastic import TorchElasticEnvironment
from lightning.pytorch.callbacks import Callback, ModelCheckpoint, WeightAveraging
from lightning.pytorch.loggers import TensorBoardLogger
from torch.optim.swa_utils import get_ema_multi_avg_fn

from logotal.callbacks import Say, silent
from logotal.config import Config
from logotal.data.dataset import TrainingWindows
from logotal.endings import Stopped, deferred
from logotal.errors import InputError
from logotal.model.ensemble import Network
from logotal.places import CHECKPOINT, METRICS
from logotal.training.engine.callbacks import Asked, MetricsTable, Progress, StepTeller, StopBetweenSteps
from logotal.training.engine.checkpoint import Sizes, WholeCheckpoints, check_sizes, read_last_sound
from logotal.training.engine.learner import Learner, Windows
from logotal.training.world import find_world, launcher

__all__ = ["Progress", "fit", "make_trainer", "seed_weights"]


def fit(
    detector: Network,
    dataset: TrainingWindows,
    config: Config,
    folder: Path,
    *,
    resume: bool,
    progress: Progress | None = None,
    say: Say = silent,
) -> None:
    """Trains the detector in place; afterwards it holds the averaged weights of the last epoch.

    Args:
        detector: freshly built.
        dataset: the training windows.
        config: the complete configuration.
        folder: where checkpoints and metrics go.
        resume: whether to go on from the checkpoint there.
        progress: callback(steps done, steps in all, loss), after every step.
        say: callback(sentence): the last checkpoint is damaged, or was written by more or fewer processes.

    Raises:
        InputError: there are fewer videos than a batch holds, the loss is not finite, no checkpoint is sound, or the
            processes do not begin at the same step.
        Stopped: a signal came; the training ended after the step that it was at.
    """
    training = config.training
    files = WholeCheckpoints()
    trainer = make_trainer(config, folder, progress=progress, files=files)
    steps = len(dataset) // training.batch_size
    if steps == 0:
        raise InputError(
            f"{len(dataset)} training videos do not fill one batch of {training.batch_size}; lower training.batch_size"
        )
    num_classes = 1 if config.model.class_agnostic else len(dataset.label_index)
    learner = Learner(
        detector,
        config,
        num_classes=num_classes,
        steps_per_epoch=steps,
        class_counts=dataset.class_counts(),
    )
    last: dict[str, Any] | None = None
    if resume:
        last, files.keep = read_last_sound(folder, learner.state_dict(), say)
        files.sound = last
        check_sizes(last, folder / CHECKPOINT, Sizes(trainer.world_size, steps), say)
    with deferred() as asked:
        stopper = StopBetweenSteps(asked, folder / CHECKPOINT)
        cast(list[Callback], trainer.callbacks).append(stopper)  # type: ignore[attr-defined]
        try:
            windows = Windows(dataset, config, steps_per_epoch=steps)
            trainer.fit(learner, windows, ckpt_path=folder / CHECKPOINT if resume else None)
        except (InputError, KeyboardInterrupt):
            raise
        except Asked as error:
            raise Stopped(error.number) from error
        except BaseException as error:
            if (number := asked()) is not None:  # a signal to the whole group may have ended what loads data
                raise Stopped(number) from error
            if last is not None and not stopper.began and isinstance(error, Exception):
                raise InputError(
                    f"{folder / CHECKPOINT}: not a checkpoint that logotal wrote for this run "
                    f"({type(error).__name__}); train anew in another folder"
                ) from error
            raise
    if last is not None and not learner.stepped:
        # The last epoch was over already. Lightning then puts the weights of its last step into the model, and ends
        # before it would put their averages there; in the checkpoint these are the state of the model.
        own = "detector."
        detector.load_state_dict(
            {name.removeprefix(own): value for name, value in last["state_dict"].items() if name.startswith(own)}
        )


def make_trainer(
    config: Config, folder: Path, *, progress: Progress | None = None, files: WholeCheckpoints | None = None
) -> L.Trainer:
    """Lightning's trainer with our callbacks: checkpoints, averaging, metrics, progress."""
    training, world = config.training, find_world(config.training)
    environment: ClusterEnvironment = LightningEnvironment()
    if (by := launcher()) == "torchrun":
        environment = TorchElasticEnvironment()
    elif by == "SLURM":
        environment = SLURMEnvironment(auto_requeue=False)  # it would write checkpoints of its own
    for name in ("lightning.pytorch", "lightning.fabric"):
        logging.getLogger(name).setLevel(logging.WARNING)
    for harmless in (
        "does not have many workers",
        "Checkpoint directory",
        "Starting from v1.9",
        "logging interval",
        "LeafSpec",
        "dirpath has changed",
        "resuming from a checkpoint that ended before the epoch ended",  # the order of an epoch can
    ):
        warnings.filterwarnings("ignore", f".*{harmless}.*")
    callbacks: list[Callback] = [
        MetricsTable(folder / METRICS),
        ModelCheckpoint(
            dirpath=folder,
            filename=Path(CHECKPOINT).stem,
            enable_version_counter=False,
            save_on_train_epoch_end=True,
        ),
    ]
    if training.ema_decay:
        average = get_ema_multi_avg_fn(training.ema_decay)  # type: ignore[no-untyped-call]
        callbacks.append(WeightAveraging(multi_avg_fn=average))
    if progress is not None:
        callbacks.append(StepTeller(progress))
    return L.Trainer(
        max_epochs=training.epochs,
        accelerator=world.accelerator,
        devices=world.devices,
        num_nodes=world.nodes,
        precision="bf16-mixed" if training.precision == "bf16" else "32-true",
        gradient_clip_val=training.clip_gradient_norm or None,
        callbacks=callbacks,
        plugins=[files or WholeCheckpoints(), environment],
        logger=TensorBoardLogger(folder, name="tensorboard", version="") if find_spec("tensorboard") else False,
        enable_progress_bar=False,  # the commands show one, of the whole training
        enable_model_summary=False,
        use_distributed_sampler=False,
        reload_dataloaders_every_n_epochs=1,
        default_root_dir=folder,
    )


def seed_weights(seed: int) -> None:
    """Makes the initial weights a function of the seed."""
    torch.manual_seed(seed)
