from pathlib import Path

from logotal.training.metrics import write_row


def test_rows_of_repeated_epochs_are_replaced(tmp_path: Path) -> None:
    path = tmp_path / "run" / "metrics.csv"
    for epoch, loss in ((0, 1.0), (1, 0.5), (2, 0.25)):
        write_row(path, {"epoch": epoch, "loss": loss})
    write_row(path, {"epoch": 1, "loss": 1 / 3})
    assert path.read_text().split() == ["epoch,loss", "0,1", "1,0.333333"]
