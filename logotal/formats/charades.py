"""Charades: a table with a video a line, whose actions stand in one cell as `class start end;...`, in seconds.

Layout: https://prior.allenai.org/projects/charades, Charades_v1_train.csv.
"""

from logotal.errors import InputError
from logotal.formats.comma_separated import number
from logotal.formats.form import Form, Source
from logotal.formats.label_file import FoundAction, LabelFile, VideoLabels
from logotal.formats.moments import Moment
from logotal.formats.tables import parse_table


def _claims(source: Source) -> bool:
    first = source.lines[0] if source.lines else ""
    return {"id", "subject", "scene", "script", "actions"} <= {cell.strip() for cell in first.split(",")}


def _labels(source: Source) -> LabelFile:
    table = parse_table(source.text, source.path, needed=())
    headers = [cell.strip() for cell in table.header]
    if not {"id", "actions"} <= set(headers):  # the header has more of another delimiter
        raise InputError(f"{source.path}: expected commas between columns, found {table.delimiter!r}; save it so")
    group = table.group_column(source.options.group)
    videos = []
    for line, cells in table.rows:
        where = f"{source.path}, line {line}"
        said = dict(zip(headers, (cell.strip() for cell in cells), strict=True))
        actions = []
        for part in filter(None, (each.strip() for each in said["actions"].split(";"))):
            label, start, end, *_ = (*part.split(), "", "", "")
            times = (Moment(number(text, f"{where}: a time of {part!r:.60}")) for text in (start, end))
            actions.append(FoundAction(next(times), next(times), label, where))
        length = number(said["length"], f"{where}: length") if said.get("length") else None
        grouped = None if group is None else cells[group].strip() or None
        videos.append(VideoLabels((said["id"],), source.path, tuple(actions), group=grouped, duration=length))
    return LabelFile(source.path, "Charades", tuple(videos))


CHARADES = Form("Charades CSV", _claims, _labels, (".csv",))
