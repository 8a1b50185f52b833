"""Tasks of Label Studio out of its exports: JSON, JSON-MIN and CSV say the same in three ways.

Layouts: https://labelstud.io/guide/export and https://labelstud.io/guide/task_format. The short exports lay what a tag
holds beside the data of the task, under the tag's name, a row for each annotation.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from logotal.errors import InputError
from logotal.files.json import as_list, as_object, parsed_json
from logotal.formats.tables import Table

ABOUT = ("id", "annotator", "annotation_id", "created_at", "updated_at", "lead_time", "agreement")
"""What a short export says about an annotation, besides the data of its task and the results."""

KINDS = ("timelinelabels", "timeserieslabels", "labels", "choices", "taxonomy", "text", "rating", "number")


@dataclass(frozen=True)
class Annotation:
    """What one person said of a task; `results` are values by the type of their tag."""

    who: str
    number: str
    results: tuple[tuple[str, dict[str, Any]], ...]


@dataclass(frozen=True)
class Task:
    """A task: its data, and its annotations that nobody cancelled; `full` says whether the export has both apart."""

    data: Mapping[str, Any]
    annotations: tuple[Annotation, ...]
    where: str
    full: bool


def is_export(content: object) -> bool:
    """Whether a JSON value is a list of tasks."""
    if not (isinstance(content, list) and content and all(isinstance(item, dict) for item in content)):
        return False
    return all(_is_task(item) for item in content)


def tasks_of(content: Sequence[Any], path: Path) -> list[Task]:
    """The tasks of a JSON export, full or short.

    Raises:
        InputError: a task is not as expected.
    """
    full = [_full(item, f"{path}: task {i}") for i, item in enumerate(content) if isinstance(item.get("data"), dict)]
    short = [item for item in content if not isinstance(item.get("data"), dict)]
    return [*full, *_joined(short, path)]


def tasks_of_table(table: Table) -> list[Task]:
    """The tasks of a CSV export: JSON-MIN in cells."""
    rows = []
    for line, cells in table.rows:
        pairs = zip((cell.strip() for cell in table.header), cells, strict=True)
        rows.append({name: _cell(cell, f"{table.path}, line {line}: {name}") for name, cell in pairs})
    return _joined(rows, table.path)


def _is_task(item: Mapping[str, Any]) -> bool:
    if "data" in item:
        return isinstance(item["data"], dict)
    return "annotation_id" in item or any(
        isinstance(value, list) and any(isinstance(each, dict) and "timelinelabels" in each for each in value)
        for value in item.values()
    )


def _full(item: Mapping[str, Any], where: str) -> Task:
    kept = []
    for i, entry in enumerate(as_list(item.get("annotations") or [], f"{where}: 'annotations'", "annotations")):
        annotation = as_object(entry, f"{where}: an annotation")
        if annotation.get("was_cancelled"):  # people may skip a task
            continue
        results = []
        for k, listed in enumerate(as_list(annotation.get("result"), f"{where}: 'result'", "results")):
            result = as_object(listed, f"{where}, result {k}")
            value = as_object(result.get("value", {}), f"{where}, result {k}: 'value'")
            results.append((str(result.get("type")), value))
        number = str(annotation.get("id", i + 1))
        kept.append(Annotation(_who(annotation.get("completed_by")) or number, number, tuple(results)))
    return Task(as_object(item["data"], f"{where}: 'data'"), tuple(kept), where, full=True)


def _who(completed_by: object) -> str:
    """The person of an annotation, by address or number; empty where nobody says it."""
    if isinstance(completed_by, dict):
        completed_by = completed_by.get("email", completed_by.get("id"))
    return "" if completed_by is None else str(completed_by)


def _joined(rows: Sequence[Mapping[str, Any]], path: Path) -> list[Task]:
    """The tasks of rows, of which each is an annotation."""
    found: dict[str, Task] = {}
    for i, row in enumerate(rows):
        results = tuple(_results(row))
        data = {name: value for name, value in row.items() if not isinstance(value, list | dict)}
        number = str(row.get("annotation_id", i + 1))
        annotation = Annotation(_who(row.get("annotator")) or number, number, results)
        before = found.get(name := str(row.get("id", i)))
        annotations = (*before.annotations, annotation) if before else (annotation,)
        found[name] = Task(data, annotations, f"{path}: task {name}", full=False)
    return list(found.values())


def _results(row: Mapping[str, Any]) -> Iterator[tuple[str, dict[str, Any]]]:
    for name, value in row.items():
        if name in ABOUT:
            continue
        for each in value if isinstance(value, list) else [value]:
            if isinstance(each, dict):
                yield _kind(each), each


def _kind(value: Mapping[str, Any]) -> str:
    """The type of a result, which the short exports do not say."""
    if "sequence" in value:
        return "videorectangle"
    return next((kind for kind in KINDS if kind in value), f"with {', '.join(value)}")


def _cell(text: str, where: str) -> Any:
    if text.strip()[:2] not in ("[{", '{"', "[]"):
        return text
    try:
        return parsed_json(text, where)
    except InputError:
        return text
