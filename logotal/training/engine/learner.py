"""What Lightning trains: one step of the detector, and the windows of the current epoch."""

import math
from collections.abc import Sequence
from typing import Any, NoReturn

import lightning as L
import numpy as np
import torch
from torch import Tensor
from torch.optim import Optimizer
from torch.optim.lr_scheduler import LambdaLR
from torch.utils.data import DataLoader, Dataset

from logotal.config import Config
from logotal.data.batch import Batch, Sample, collate
from logotal.data.dataset import EpochOrder, TrainingWindows
from logotal.endings import end_worker_with_parent
from logotal.errors import InputError
from logotal.model.ensemble import Network
from logotal.training.assign import assign
from logotal.training.engine.checkpoint import SIZES, Sizes
from logotal.training.losses import Criterion, Losses, class_weights
from logotal.training.schedule import learning_rate_factor, make_optimizer


class Learner(L.LightningModule):
    """Detector and criterion, and how one step is made.

    A loss, a gradient or a weight that is not finite ends the training before a checkpoint could take it in. The host
    reads from the device once in a step: the losses, together with the gradient's norm of the step before.

    `class_counts` (K,), the actions of each class in training, are what `training.class_balance` goes by.

    Attributes:
        shown: losses and positives of the last step.
        stepped: whether there was one, in this process.
    """

    def __init__(
        self,
        detector: Network,
        config: Config,
        *,
        num_classes: int,
        steps_per_epoch: int,
        class_counts: Tensor | None = None,
    ) -> None:
        super().__init__()
        self.detector = detector
        power = config.training.class_balance
        if power and class_counts is None:
            raise ValueError(f"training.class_balance {power:g} needs class_counts, found None")
        weights = class_weights(class_counts, power) if power and class_counts is not None else None
        self.criterion = Criterion(config.training, weights=weights)
        self.config = config
        self.num_classes = num_classes
        self.steps_per_epoch = steps_per_epoch
        self.shown: dict[str, float] = {}
        self.stepped = False
        self._gradient_norm: Tensor | None = None
        self._last_step = ""

    def on_train_start(self) -> None:
        """Makes sure that all processes begin at the same step: each has read its checkpoint by itself.

        Raises:
            InputError: this one does not.
        """
        mine = [self.global_step, self.steps_per_epoch]
        if self.trainer.world_size > 1 and (first := self.trainer.strategy.broadcast(mine)) != mine:
            raise InputError(
                f"process {self.global_rank} begins after step {mine[0]} with {mine[1]} steps per epoch, the first one "
                f"after step {first[0]} with {first[1]}; give all machines the same run folder and the same data"
            )

    def on_save_checkpoint(self, checkpoint: dict[str, Any]) -> None:
        """Adds how many processes write it, and how many steps an epoch has."""
        checkpoint[SIZES] = Sizes(self.trainer.world_size, self.steps_per_epoch)._asdict()

    def on_train_batch_start(self, batch: Batch, batch_idx: int) -> None:
        """Draws noise and drop path from (seed, step, rank) alone."""
        del batch, batch_idx
        words = np.random.SeedSequence([self.config.training.seed, self.global_step, self.global_rank])
        torch.manual_seed(int(words.generate_state(1)[0]))

    def training_step(self, batch: Batch, batch_idx: int) -> Tensor:
        """The loss of a batch.

        Raises:
            InputError: it, or the gradient of the step before, is not finite; the message names the videos.
        """
        del batch_idx
        config = self.config.training
        features = self._noised(batch)
        predictions = [member(features, batch.mask) for member in self.detector.members]
        targets = assign(
            predictions[0].points,
            batch.segments,
            batch.labels,
            num_classes=self.num_classes,
            radius=config.center_radius,
            ignored=batch.ignored,
            heat=config.heat,
        )
        with torch.autocast(self.device.type, enabled=False):
            losses = self.criterion.of_members(predictions, targets)
        self._stop_unless_finite(losses, f"at step {self.global_step}, videos {', '.join(batch.ids)}")
        total: Tensor = losses.total
        return total

    def _noised(self, batch: Batch) -> Tensor:
        """The features (B, C, T) with the input noise of the recipe on their real steps."""
        if not self.config.training.input_noise:
            return batch.features
        # Drawn as features lie in memory, (B, T, C): a fifth of the time of `randn_like`.
        noise = torch.randn(batch.features.mT.shape, dtype=batch.features.dtype, device=batch.features.device).mT
        standard = self.detector.members[0].encoder.embedding.standard
        if standard is not None:
            noise.mul_(standard.deviation)
        return noise.mul_(self.config.training.input_noise).mul_(batch.mask).add_(batch.features)

    def _stop_unless_finite(self, losses: Losses, step: str) -> None:
        before = losses.total.new_zeros(()) if self._gradient_norm is None else self._gradient_norm
        parts = [losses.total.detach(), losses.classification, losses.regression, losses.positives, before]
        loss, classification, boundaries, positives, norm = torch.stack([part.float() for part in parts]).tolist()
        self.shown = {"loss": loss, "class": classification, "boundary": boundaries, "positives": positives}
        if not math.isfinite(norm):  # and so are the weights that this step was made with
            self._stop(f"the gradient's norm is {norm} {self._last_step}")
        if not math.isfinite(loss):
            which = f"classification {classification:g}, boundaries {boundaries:g}"
            self._stop(f"the loss is {loss} {step}, in epoch {self.current_epoch} ({which})")
        self._last_step = f"{step}, in epoch {self.current_epoch}"

    def _stop(self, found: str) -> NoReturn:
        raise InputError(
            f"{found}; look at their features with `logotal check`, or lower training.learning_rate "
            f"({self.config.training.learning_rate:g}); --resume then goes on from the last checkpoint"
        )

    def configure_gradient_clipping(
        self, optimizer: Optimizer, gradient_clip_val: float | None = None, gradient_clip_algorithm: str | None = None
    ) -> None:
        """Clips the L2 norm of each member's gradient, if a largest one is set, and keeps what the largest was."""
        del optimizer, gradient_clip_algorithm
        most = gradient_clip_val or math.inf
        norms = [torch.nn.utils.clip_grad_norm_(member.parameters(), most) for member in self.detector.members]
        self._gradient_norm = torch.stack(norms).max()

    def on_train_batch_end(self, outputs: Any, batch: Batch, batch_idx: int) -> None:
        """After the last step of an epoch comes a checkpoint."""
        del outputs, batch, batch_idx
        self.stepped = True
        if self.trainer.is_last_batch:
            self.check_sound()

    def check_sound(self) -> None:
        """Makes sure that a checkpoint written after this step can be gone on from.

        Raises:
            InputError: the last gradient or a weight is not finite.
        """
        if self._gradient_norm is None:
            return
        weights = torch.nn.utils.get_total_norm([parameter.detach() for parameter in self.parameters()])
        for what, norm in (("gradient's", self._gradient_norm.item()), ("weights'", weights.item())):
            if not math.isfinite(norm):
                self._stop(f"the {what} norm is {norm} {self._last_step}")

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
    """Training windows, in the order of the epoch that the trainer is in, from the step that it is at."""

    def __init__(self, dataset: TrainingWindows, config: Config, *, steps_per_epoch: int) -> None:
        super().__init__()
        self.dataset = dataset
        self.config = config.training
        self.steps_per_epoch = steps_per_epoch

    def train_dataloader(self) -> DataLoader[Sample | InputError]:
        """The loader of the current epoch; Lightning asks for a new one in every epoch."""
        assert self.trainer is not None
        done = self.trainer.global_step - self.trainer.current_epoch * self.steps_per_epoch
        share = self.config.batch_size // self.trainer.world_size
        order = EpochOrder(
            len(self.dataset),
            epoch=self.trainer.current_epoch,
            seed=self.config.seed,
            rank=self.trainer.global_rank,
            replicas=self.trainer.world_size,
            done=done * share,
        )
        return DataLoader(
            _Tried(self.dataset),
            batch_size=share,
            sampler=order,
            num_workers=self.config.workers,
            worker_init_fn=_begin_loading,
            collate_fn=_collate_tried,
            drop_last=True,
            pin_memory=self.trainer.strategy.root_device.type == "cuda",
        )

    def on_before_batch_transfer(self, batch: Batch | InputError, dataloader_idx: int) -> Batch:
        """The batch.

        Raises:
            InputError: a sample of it could not be made.
        """
        del dataloader_idx
        if isinstance(batch, InputError):
            raise batch
        return batch

    def transfer_batch_to_device(self, batch: Batch, device: torch.device, dataloader_idx: int) -> Batch:
        """The batch on the device; Lightning by itself has the host wait for whatever is not a tensor."""
        del dataloader_idx
        return batch.to(device, non_blocking=device.type == "cuda")


class _Tried(Dataset[Sample | InputError]):
    """The samples of a data set, or why there is none.

    What a data-loading process raises comes out of the loader as another error, whose message is a traceback.
    """

    def __init__(self, dataset: TrainingWindows) -> None:
        self.dataset = dataset

    def __getitem__(self, key: tuple[int, int]) -> Sample | InputError:
        try:
            return self.dataset[key]
        except InputError as error:
            return error


def _begin_loading(worker: int) -> None:
    del worker
    end_worker_with_parent()


def _collate_tried(samples: Sequence[Sample | InputError]) -> Batch | InputError:
    """The batch of some samples, or why the first that is missing could not be made."""
    made = [sample for sample in samples if isinstance(sample, Sample)]
    failed = [sample for sample in samples if isinstance(sample, InputError)]
    return failed[0] if failed else collate(made)
