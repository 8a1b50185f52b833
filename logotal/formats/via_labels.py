"""VIA 3, the VGG Image Annotator for video, as labels: the segments of its CSV exports and of its projects.

A segment may have several attributes (what is done, who does it, a comment), and any may be the label; where there is
more than one, it is asked for. One that is called subject, or the like, says who acts. Regions and still frames are no
actions and are counted.

Layout of projects: https://gitlab.com/vgg/via/-/blob/master/via-3.x.y/CodeDoc.md (`metadata` with `z`, the times, and
`av`, the values by attribute).
"""

import re
from collections import Counter
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

from logotal.files.json import as_list, as_number, as_object
from logotal.formats.columns import subject_name
from logotal.formats.detections import refuse_scores
from logotal.formats.form import Form, Saved, Source
from logotal.formats.label_file import Collected, LabelFile, NotLabelsError
from logotal.formats.via import SCORE, Segment, attribute_name, attribute_value, read_via, segments_of, write_via
from logotal.timeline import Action
from logotal.words import amount

UNSAID = "_DEFAULT"
"""The value of an attribute that nobody has set."""


def read_segments(source: Source, segments: Sequence[Segment]) -> LabelFile:
    """The labels that segments say, by the attribute that counts.

    Raises:
        AskError: they have several attributes.
        NotLabelsError: they are detections.
    """
    scores = [(each.where, each.said.get(SCORE, "")) for each in segments]
    refuse_scores(source.path, scores, f"the attribute {SCORE}")
    names = list(dict.fromkeys(name for each in segments for name in each.said if name != SCORE))
    label = source.choose("attribute", names, "attributes, and any may be the label") if names else ""
    who = subject_name(name for name in names if name != label)
    found = Collected(source.path)
    for each in segments:
        found.see(each.video)
        said = each.said.get(label, "").strip()
        if said in ("", UNSAID):
            found.leave_unlabelled(each.video, Action(each.start, each.end, ""), each.where)
        else:
            subject = each.said.get(who, "").strip() if who else ""
            subject = "" if subject == UNSAID else subject
            found.add(each.video, Action(each.start, each.end, said, subject=subject or None), each.where)
    return found.file("VIA")


def _claims_csv(source: Source) -> bool:
    return re.search(r"^#[ \t]*CSV_HEADER[ \t]*=", source.text, re.MULTILINE) is not None


def _labels_csv(source: Source) -> LabelFile:
    return read_segments(source, list(segments_of(source.text, source.path)))


def _claims_project(source: Source) -> bool:
    return {"project", "attribute", "view", "metadata", "file"} <= set(source.object)


def _labels_project(source: Source) -> LabelFile:
    other = Counter[str]()
    file = read_segments(source, list(_of_project(source.object, source.path, other)))
    notes = tuple(f"{source.path}: {amount(n, what)} in the project are no actions" for what, n in other.items())
    if not file.videos:
        raise NotLabelsError(
            f"{source.path}: a VIA project without a segment of a video{': ' if notes else ''}{'; '.join(notes)}"
        )
    return LabelFile(file.path, "VIA project", file.videos, file.left_out, (*file.notes, *notes))


def _of_project(content: dict[str, Any], path: Path, other: Counter[str]) -> Iterator[Segment]:
    """The segments of a project; what else is there is counted in `other`."""
    parts = ("attribute", "view", "file", "metadata")
    attributes, views, files, metadata = (as_object(content[part], f"{path}: {part!r}") for part in parts)
    for name, item in metadata.items():
        where = f"{path}: metadata {name!r}"
        entry = as_object(item, where)
        times = [as_number(time, f"{where}: a time") for time in as_list(entry.get("z", []), where, "times")]
        if len(times) != 2 or entry.get("xy"):
            other["region" if entry.get("xy") else "still frame or note on a file"] += 1
            continue
        view = as_object(views.get(str(entry.get("vid"))), f"{where}: its view")
        shown = as_list(view.get("fid_list"), f"{where}: its view", "files")
        file = as_object(files.get(str(shown[0])) if shown else None, f"{where}: its file")
        values = as_object(entry.get("av", {}), f"{where}: 'av'")
        said = {attribute_name(key, attributes): attribute_value(values[key], attributes.get(key)) for key in values}
        yield Segment(str(file.get("fname", "")), times[0], times[1], said, where)


def _claims_pictures(source: Source) -> bool:
    first = source.lines[0] if source.lines else ""
    return "region_shape_attributes" in first or (
        "_via_img_metadata" in source.object or "_via_settings" in source.object
    )


def _labels_pictures(source: Source) -> LabelFile:
    raise NotLabelsError(
        f"{source.path}: VIA 2, regions of pictures and not times; annotate segments with VIA 3 for video"
    )


VIA = Form("VIA 3 CSV", _claims_csv, _labels_csv, (".csv",), saved=Saved(".via.csv", write_via, read_via))
VIA_PROJECT = Form("VIA 3 project", _claims_project, _labels_project, (".json",))
VIA_PICTURES = Form(
    "VIA 2 regions of pictures", _claims_pictures, _labels_pictures, (".csv", ".json"), holds_labels=False
)
