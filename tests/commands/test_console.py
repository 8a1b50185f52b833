import pytest
from rich.table import Table

from logotal.commands.console import note, out, table
from logotal.errors import printable


def test_a_label_gives_the_terminal_no_orders(capsys: pytest.CaptureFixture[str]) -> None:
    out.print("jump\x1b[2J\x07 twice", markup=False)
    table = Table("label")
    table.add_row("run\x1b]0;title\x07")
    out.print(table)
    note("left out: \x9b31m")
    shown = capsys.readouterr()
    assert "jump?[2J? twice" in shown.out
    assert "run?]0;title?" in shown.out
    assert "left out: ?31m" in shown.err
    assert "\x1b" not in shown.out + shown.err


def test_words_of_any_language_stay() -> None:
    text = "größer\tジャンプ\n"
    assert printable(text) == text


def test_a_table_says_names_as_they_are_and_knows_words_from_numbers(capsys: pytest.CaptureFixture[str]) -> None:
    out.print(table([["label", "AP"], ["[red]wave[/]", "7.1"], ["jump", "81.25"]]))

    assert capsys.readouterr().out.splitlines() == [
        "label            AP",
        "[red]wave[/]    7.1",
        "jump          81.25",
    ]
