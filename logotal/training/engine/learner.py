"""What Lightning trains: one step of the detector, and the windows of the current epoch."""

from typing import Any

import lightning as L
import numpy as np
import torch
from torch import Tensor
from torch.optim.lr_scheduler import LambdaLR
from torch.utils.data import DataLoader

from logotal.config import Config
from logotal.data.batch import Batch, Sample, collate
from logotal.data.dataset import EpochOrder, TrainingWindows
from logotal.errors import InputError
from logotal.model.detector import Detector
from logotal.training.assign import assign
from logotal.training.losses import Criterion
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
        self.log_dict(shown, **how)
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
