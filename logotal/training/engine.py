"""The engine: Lightning's Trainer around the detector. The only file that imports Lightning.

Law 6, resuming equals never having stopped: order and windows come from (seed, epoch, index), noise and drop path
from (seed, step, rank), and everything that moves (weights, averages, optimizer, normalizer) is in the checkpoint,
which is written at the end of every epoch. A killed run so repeats the epoch that it was in.
"""

import logging
import time
import warnings
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import lightning as L
import numpy as np
import torch
from lightning.pytorch.callbacks import Callback, ModelCheckpoint, RichProgressBar, WeightAveraging
from lightning.pytorch.loggers import TensorBoardLogger
from lightning.pytorch.utilities import rank_zero_only
from torch import Tensor
from torch.optim.lr_scheduler import LambdaLR
from torch.optim.swa_utils import get_ema_multi_avg_fn
from torch.utils.data import DataLoader

from logotal.config import Config
from logotal.data.batch import Batch, Sample, collate
from logotal.data.dataset import EpochOrder, TrainingWindows
from logotal.errors import InputError
from logotal.model.detector import Detector
from logotal.run import CHECKPOINT, METRICS, Run
from logotal.training.assign import assign
from logotal.training.losses import Criterion
from logotal.training.metrics import write_row
from logotal.training.schedule import learning_rate_factor, make_optimizer


class Learner(L.LightningModule):
    """Detector and criterion, and how one step is made."""

    def __init__(self, detector: Detector, config: Config, *, num_classes: int, steps_per_epoch: int) -> None:
        super().__init__()
        self.detector = detector
        self.criterion = Criterion(config.training)
        self.config = config
        self.num_classes = num_classes
        self.steps_per_epoch = steps_per_epoch

    def on_train_batch_start(self, batch: Batch, batch_idx: int) -> None:
        """Draws noise and drop path from (seed, step, rank) alone."""
        del batch, batch_idx
        words = np.random.SeedSequence([self.config.training.seed, self.global_step, self.global_rank])
        torch.manual_seed(int(words.generate_state(1)[0]))

    def training_step(self, batch: Batch, batch_idx: int) -> Tensor:
        """The loss of a batch.

        Raises:
            InputError: it is not finite; the message names the videos.
        """
        del batch_idx
        config = self.config.training
        features = batch.features
        if config.input_noise:
            features = features + torch.randn_like(features) * config.input_noise * batch.mask
        predictions = self.detector(features, batch.mask)
        targets = assign(
            predictions.points,
            batch.segments,
            batch.labels,
            num_classes=self.num_classes,
            radius=config.center_radius,
        )
        with torch.autocast(self.device.type, enabled=False):
            losses = self.criterion(predictions, targets)
        if not torch.isfinite(losses.total):
            raise InputError(
                f"the loss is {losses.total.item()} at step {self.global_step}, videos {', '.join(batch.ids)}; look at "
                f"their features with `logotal check`, or lower training.learning_rate ({config.learning_rate:g})"
            )
        shown = {"loss": losses.total.detach(), "class": losses.classification, "boundary": losses.regression}
        how: dict[str, Any] = {"on_step": False, "on_epoch": True, "sync_dist": True, "batch_size": len(batch.ids)}
        self.log_dict(shown, prog_bar=True, **how)
        self.log("positives", losses.positives.float(), **how)
        total: Tensor = losses.total
        return total

    def configure_optimizers(self) -> Any:
        """AdamW, and a learning rate that changes every step."""
        config = self.config.training
        optimizer = make_optimizer(self.detector, config)

        def factor(step: int) -> float:
            return learning_rate_factor(
                step,
                warmup=config.warmup_epochs * self.steps_per_epoch,
                total=config.epochs * self.steps_per_epoch,
                final=config.final_learning_rate / config.learning_rate,
            )

        return {"optimizer": optimizer, "lr_scheduler": {"scheduler": LambdaLR(optimizer, factor), "interval": "step"}}


class Windows(L.LightningDataModule):
    """Training windows, in the order of the epoch that the trainer is in."""

    def __init__(self, dataset: TrainingWindows, config: Config) -> None:
        super().__init__()
        self.dataset = dataset
        self.config = config.training

    def train_dataloader(self) -> DataLoader[Sample]:
        """The loader of the current epoch; Lightning asks for a new one in every epoch."""
        assert self.trainer is not None
        order = EpochOrder(
            len(self.dataset),
            epoch=self.trainer.current_epoch,
            seed=self.config.seed,
            rank=self.trainer.global_rank,
            replicas=self.trainer.world_size,
        )
        return DataLoader(
            self.dataset,
            batch_size=self.config.batch_size,
            sampler=order,
            num_workers=self.config.workers,
            collate_fn=collate,
            drop_last=True,
            pin_memory=torch.cuda.is_available(),
        )


class MetricsTable(Callback):
    """Keeps metrics.csv: losses, learning rate, normalizer, the fusion's w1 and w2, one row per epoch."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.started = time.monotonic()

    def on_train_epoch_start(self, trainer: L.Trainer, pl_module: L.LightningModule) -> None:
        """Starts the clock."""
        self.started = time.monotonic()

    def on_train_epoch_end(self, trainer: L.Trainer, pl_module: L.LightningModule) -> None:
        """Writes the row of this epoch."""
        if not trainer.is_global_zero:
            return
        assert isinstance(pl_module, Learner)
        row = {
            "epoch": trainer.current_epoch,
            **{name: float(value) for name, value in sorted(trainer.callback_metrics.items())},
            "learning_rate": float(trainer.optimizers[0].param_groups[0]["lr"]),
            "normalizer": float(pl_module.criterion.normalizer),
            "seconds": round(time.monotonic() - self.started, 2),
        }
        if pl_module.detector.fusion is not None:
            row["w1"], row["w2"] = pl_module.detector.fusion.ratios().detach().flatten(1).mean(1).tolist()
        write_row(self.path, row)


def fit(
    detector: Detector, dataset: TrainingWindows, config: Config, run: Run, *, resume: bool, progress: bool
) -> None:
    """Trains the detector in place; afterwards it holds the averaged weights of the last epoch.

    Args:
        detector: freshly built.
        dataset: the training windows.
        config: the complete configuration.
        run: where checkpoints and metrics go.
        resume: whether to go on from the run's checkpoint.
        progress: whether to show a progress bar.

    Raises:
        InputError: there are fewer videos than a batch holds, or the loss is not finite.
    """
    training = config.training
    trainer = make_trainer(config, run, progress=progress)
    steps = len(dataset) // trainer.world_size // training.batch_size
    if steps == 0:
        raise InputError(
            f"{len(dataset)} training videos do not fill one batch of {training.batch_size} on each of "
            f"{trainer.world_size} devices; lower training.batch_size"
        )
    num_classes = 1 if config.model.class_agnostic else len(dataset.label_index)
    learner = Learner(detector, config, num_classes=num_classes, steps_per_epoch=steps)
    checkpoint = run.folder / CHECKPOINT
    try:
        trainer.fit(learner, Windows(dataset, config), ckpt_path=checkpoint if resume else None, weights_only=True)
    except InputError as error:
        # A data-loading process wraps what it raises in its traceback; the last line is the message.
        raise InputError(str(error).rsplit("InputError: ", maxsplit=1)[-1].strip()) from error


def make_trainer(config: Config, run: Run, *, progress: bool) -> L.Trainer:
    """Lightning's trainer with our callbacks: checkpoints, averaging, metrics, progress."""
    training = config.training
    logging.getLogger("lightning.pytorch").setLevel(logging.WARNING)
    for harmless in (
        "does not have many workers",
        "Checkpoint directory",
        "Starting from v1.9",
        "logging interval",
        "LeafSpec",
    ):
        warnings.filterwarnings("ignore", f".*{harmless}.*")
    callbacks: list[Callback] = [
        MetricsTable(run.folder / METRICS),
        ModelCheckpoint(
            dirpath=run.folder,
            filename=Path(CHECKPOINT).stem,
            enable_version_counter=False,
            save_on_train_epoch_end=True,
        ),
    ]
    if training.ema_decay:
        average = get_ema_multi_avg_fn(training.ema_decay)  # type: ignore[no-untyped-call]
        callbacks.append(WeightAveraging(multi_avg_fn=average))
    if progress:
        callbacks.append(RichProgressBar(leave=False))
    return L.Trainer(
        max_epochs=training.epochs,
        devices=training.devices,
        precision="bf16-mixed" if training.precision == "bf16" else "32-true",
        gradient_clip_val=training.clip_gradient_norm or None,
        callbacks=callbacks,
        logger=TensorBoardLogger(run.folder, name="tensorboard", version="") if find_spec("tensorboard") else False,
        enable_progress_bar=progress,
        enable_model_summary=False,
        use_distributed_sampler=False,
        reload_dataloaders_every_n_epochs=1,
        default_root_dir=run.folder,
    )


def first_process() -> bool:
    """Whether this is the process that writes, of the several that train on several devices."""
    return int(getattr(rank_zero_only, "rank", None) or 0) == 0


def seed_weights(seed: int) -> None:
    """Makes the initial weights a function of the seed."""
    torch.manual_seed(seed)
