from pathlib import Path

import pytest

from logotal.errors import InputError
from logotal.training.metrics import read_rows, write_row


def test_rows_of_repeated_epochs_are_replaced(tmp_path: Path) -> None:
    path = tmp_path / "run" / "metrics.csv"
    for epoch, loss in ((0, 1.0), (1, 0.5), (2, 0.25)):
        write_row(path, {"epoch": epoch, "loss": loss})
    write_row(path, {"epoch": 1, "loss": 1 / 3})
    assert path.read_text().split() == ["epoch,loss", "0,1", "1,0.333333"]


def test_what_a_table_has_instead_of_epochs_is_said_in_sixty_letters(tmp_path: Path) -> None:
    path = tmp_path / "metrics.csv"
    path.write_text(f"{'loss' * 20}\n0.5\n")
    with pytest.raises(InputError) as raised:
        read_rows(path)
    assert f"expected a column 'epoch', found {'loss' * 15}; " in str(raised.value)
