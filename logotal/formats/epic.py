"""EPIC-KITCHENS (100 and 55): a table of narrations, each with a verb and a noun; which of them is the label is asked.

Layout: https://github.com/epic-kitchens/epic-kitchens-100-annotations; times are hh:mm:ss.ff of seconds.
"""

from logotal.formats.event_table import read_table, table_of
from logotal.formats.form import Form, Source
from logotal.formats.label_file import LabelFile, ask
from logotal.formats.tables import parse_table


def _claims(source: Source) -> bool:
    first = source.lines[0] if source.lines else ""
    if not {"verb", "noun", "video_id"} <= {cell.strip() for cell in first.split(",")}:
        return False
    return table_of(source, "video", "start", "end") is not None


def _labels(source: Source) -> LabelFile:
    table = parse_table(source.text, source.path, needed=("video", "start", "end"), columns=source.options.columns)
    if "label" not in table.named:
        headers = [cell.strip() for cell in table.header]
        offered = [name for name in ("verb", "noun", "narration") if name in headers]
        missing = f", and no column {wanted!r}" if (wanted := source.options.columns.get("label")) else ""
        raise ask(
            source.path,
            f"a verb and a noun of each action{missing}",
            "--columns",
            [f"label={name}" for name in offered],
        )
    return read_table(table, source)


EPIC = Form("EPIC-KITCHENS CSV", _claims, _labels, (".csv",))
