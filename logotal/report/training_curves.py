"""The course of a training: curves of what metrics.csv holds."""

import math
from collections.abc import Mapping, Sequence
from pathlib import Path

from logotal.report.charts.lines import Series, line_chart
from logotal.report.sheet import Section, paragraph
from logotal.training.metrics import read_rows

Metrics = Mapping[str, Sequence[float]]


def read_metrics(path: Path) -> dict[str, list[float]]:
    """The columns of a run's metrics.csv by name, a value per epoch, nan where it has none; empty without the file.

    Raises:
        InputError: it is no table of numbers.
    """
    rows = read_rows(path)
    return {name: [float(row[name] or "nan") for row in rows] for name in (rows[0] if rows else ())}


def training_section(metrics: Metrics, *, epochs: int, finished: bool) -> Section:
    """Curves of the losses, the learning rate and the fusion's weights.

    Args:
        metrics: the columns of metrics.csv.
        epochs: how many there shall be.
        finished: whether the trained weights are there.
    """
    done = len(metrics.get("epoch", ()))
    body = []
    if not finished:
        body.append(
            paragraph(
                f"Training has not finished: {done} of {epochs} epochs are done. Go on with `logotal train --resume`. "
                "There are no trained weights yet, so nothing can be said about detections."
            )
        )
    if not done:
        return Section("Training", [*body, paragraph("No epoch has been completed: there are no curves.")])
    # Rows count from 0, people from 1.
    epoch = [value + 1 for value in metrics["epoch"]]
    losses = {"total": "loss", "classification": "class", "regression": "boundary"}
    body.append(_chart("Loss, mean of each epoch", "loss", epoch, metrics, losses))
    body.append(_chart("Learning rate at the end of each epoch", "rate", epoch, metrics, {"": "learning_rate"}))
    if "w1" in metrics and "w2" in metrics:
        names = {"w1, the level itself": "w1", "w2, the finer level": "w2"}
        body.append(_chart("Weights of the cross-level fusion", "weight (mean)", epoch, metrics, names))
    return Section("Training", body)


def _chart(title: str, y_label: str, epoch: Sequence[float], metrics: Metrics, names: Mapping[str, str]) -> str:
    """A chart of columns of the table; `names` gives the column of each line."""
    nothing = [math.nan] * len(epoch)
    lines = [Series(name, epoch, metrics.get(column, nothing)) for name, column in names.items()]
    return line_chart(lines, title=title, x_label="epoch", y_label=y_label, markers=len(epoch) <= 10)
