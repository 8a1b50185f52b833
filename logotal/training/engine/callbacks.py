"""What a training reports while it runs: the table of epochs, and every step."""

import signal
import threading
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import lightning as L
import torch
from lightning.pytorch.callbacks import Callback

from logotal.endings import SIGNALS
from logotal.training.engine.learner import Learner
from logotal.training.metrics import write_row

SUMS = "sums_of_the_epoch"
"""What a checkpoint within an epoch holds of that epoch's row."""

Progress = Callable[[int, int, float], object]
"""`progress(steps done, steps in all, loss)`."""


class MetricsTable(Callback):
    """Keeps metrics.csv: mean losses, learning rate, normalizer, the fusion's w1 and w2, one row per epoch."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.started = time.monotonic()
        self.sums: dict[str, float] = {}

    def on_train_epoch_start(self, trainer: L.Trainer, pl_module: L.LightningModule) -> None:
        """Starts the clock."""
        self.started = time.monotonic()

    def on_train_batch_end(
        self, trainer: L.Trainer, pl_module: L.LightningModule, outputs: Any, batch: Any, batch_idx: int
    ) -> None:
        """Counts in a step."""
        assert isinstance(pl_module, Learner)
        self.sums = {name: self.sums.get(name, 0.0) + value for name, value in pl_module.shown.items()}

    def on_save_checkpoint(self, trainer: L.Trainer, pl_module: L.LightningModule, checkpoint: dict[str, Any]) -> None:
        """Puts what there is of this epoch into a checkpoint."""
        checkpoint[SUMS] = self._of_all(trainer)

    def on_load_checkpoint(self, trainer: L.Trainer, pl_module: L.LightningModule, checkpoint: dict[str, Any]) -> None:
        """Goes on with it."""
        self.sums = {str(name): float(value) for name, value in checkpoint.get(SUMS, {}).items()}

    def _of_all(self, trainer: L.Trainer) -> dict[str, float]:
        """The sums of this epoch so far, averaged over all processes."""
        if trainer.world_size == 1:
            return self.sums
        mine = torch.tensor(list(self.sums.values()), device=trainer.strategy.root_device)
        mean = trainer.strategy.reduce(mine, reduce_op="mean")
        return dict(zip(self.sums, mean.tolist(), strict=True))

    def on_train_epoch_end(self, trainer: L.Trainer, pl_module: L.LightningModule) -> None:
        """Writes the row of this epoch."""
        assert isinstance(pl_module, Learner)
        sums, self.sums = self._of_all(trainer), {}
        if not trainer.is_global_zero:
            return
        row = {
            "epoch": trainer.current_epoch,
            **{name: total / pl_module.steps_per_epoch for name, total in sorted(sums.items())},
            "learning_rate": float(trainer.optimizers[0].param_groups[0]["lr"]),
            "normalizer": float(pl_module.criterion.normalizer),
            "seconds": round(time.monotonic() - self.started, 2),
        }
        fusion = pl_module.detector.members[0].fusion
        if fusion is not None:
            row["w1"], row["w2"] = fusion.ratios().detach().flatten(1).mean(1).tolist()
        write_row(self.path, row)
        for logger in trainer.loggers:
            logger.log_metrics(row, step=trainer.global_step)


class StepTeller(Callback):
    """Calls `tell(steps done, steps in all, loss)` after every step."""

    def __init__(self, tell: Progress) -> None:
        self.tell = tell

    def on_train_batch_end(
        self, trainer: L.Trainer, pl_module: L.LightningModule, outputs: Any, batch: Any, batch_idx: int
    ) -> None:
        """After a step."""
        if trainer.is_global_zero:
            assert isinstance(pl_module, Learner)
            self.tell(trainer.global_step, int(trainer.estimated_stepping_batches), pl_module.shown["loss"])


class Asked(BaseException):
    """Ends a training between two steps; `number` is that of the signal that asked one of its processes to.

    Lightning takes a KeyboardInterrupt for the end of the whole process.
    """

    def __init__(self, number: int) -> None:
        super().__init__(number)
        self.number = number


class StopBetweenSteps(Callback):
    """Ends the training after the step at which `asked` gives the number of a signal, with a checkpoint of that step.

    Attributes:
        began: whether the first step was reached, with all of a checkpoint taken in.
    """

    def __init__(self, asked: Callable[[], int | None], checkpoint: Path) -> None:
        self.asked = asked
        self.checkpoint = checkpoint
        self.began = False
        here = threading.current_thread() is threading.main_thread()
        self.handlers = {number: signal.getsignal(number) for number in SIGNALS} if here else {}

    def on_train_start(self, trainer: L.Trainer, pl_module: L.LightningModule) -> None:
        """Takes the signals back, for which Lightning has just put handlers of its own."""
        self.began = True
        for number, handler in self.handlers.items():
            if handler is not None:
                signal.signal(number, handler)
        self._look(trainer)

    def on_train_batch_end(
        self, trainer: L.Trainer, pl_module: L.LightningModule, outputs: Any, batch: Any, batch_idx: int
    ) -> None:
        """After a step; after the last one of an epoch there is a checkpoint anyway."""
        assert isinstance(pl_module, Learner)
        if not trainer.is_last_batch:
            self._look(trainer, learner=pl_module)

    def on_train_epoch_start(self, trainer: L.Trainer, pl_module: L.LightningModule) -> None:
        """Between two epochs."""
        self._look(trainer)

    def _look(self, trainer: L.Trainer, learner: Learner | None = None) -> None:
        """Ends the training if that is asked for, with a checkpoint of what `learner` has learned."""
        number = self.asked() or 0
        if trainer.world_size > 1:  # all stop at the same step, or none
            numbers = torch.tensor(number, device=trainer.strategy.root_device)
            number = int(trainer.strategy.reduce(numbers, reduce_op="max"))
        if not number:
            return
        if learner is not None:
            learner.check_sound()
            trainer.save_checkpoint(self.checkpoint)
        raise Asked(number)
