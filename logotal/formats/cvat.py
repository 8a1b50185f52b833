"""CVAT for video 1.1 (XML): a track is an action of its label, from its first frame to the one that is outside.

Layout: https://docs.cvat.ai/docs/manual/advanced/formats/format-cvat/. Frames count from 0. With `--attribute` the
label is the value of an attribute of the track, for as long as it has it.
"""

from collections.abc import Iterator
from pathlib import Path
from xml.etree.ElementTree import Element

from logotal.formats.comma_separated import number
from logotal.formats.form import Form, Source
from logotal.formats.label_file import FoundAction, LabelFile, NotLabelsError, VideoLabels
from logotal.formats.moments import Clock, Moment


def _claims(source: Source) -> bool:
    root = source.xml
    return root is not None and root.tag == "annotations" and root.find("version") is not None


def _labels(source: Source) -> LabelFile:
    root = source.xml if source.xml is not None else Element("annotations")
    path = source.path
    tracks = list(root.iter("track"))
    if not tracks:
        raise NotLabelsError(f"{path}: CVAT without tracks: shapes in pictures, and nothing says how long they last")
    names = list(dict.fromkeys(each.get("name", "") for track in tracks for each in track.iter("attribute")))
    attribute = source.use("attribute", names)
    attribute = attribute if attribute in names else None
    actions = tuple(action for track in tracks for action in _actions(track, attribute, path))
    video = next((each.text for each in root.iter("source") if each.text), None)
    entry = VideoLabels((video or path.stem,), path, actions, named=video is not None)
    return LabelFile(path, "CVAT", (entry,), notes=tuple(_notes(root, path)))


def _actions(track: Element, attribute: str | None, path: Path) -> Iterator[FoundAction]:
    """The spans of a track in which its shape is there, and says the same."""
    where = f"{path}: track {track.get('id')}"
    shapes = [each for each in track if each.get("frame") is not None]
    start, label, end = 0.0, None, 0.0
    for shape in shapes:
        frame = number(shape.get("frame"), f"{where}: a frame")
        now = None if shape.get("outside") == "1" else _label(track, shape, attribute)
        if label is not None and now != label:
            yield FoundAction(Moment(start, Clock.FRAMES), Moment(frame, Clock.FRAMES), label, where)
        if now is not None and now != label:
            start = frame
        label, end = now, frame + 1
    if label is not None:
        yield FoundAction(Moment(start, Clock.FRAMES), Moment(end, Clock.FRAMES), label, where)


def _label(track: Element, shape: Element, attribute: str | None) -> str | None:
    """What the shape of a track says; None where it has not the attribute that counts."""
    if attribute is None:
        return track.get("label", "")
    said = (each.text or "" for each in shape.iter("attribute") if each.get("name") == attribute)
    return next((text for text in said if text.strip()), None)


def _notes(root: Element, path: Path) -> Iterator[str]:
    """What changes the meaning of frame numbers."""
    for element in root.iter("frame_filter"):
        if element.text and element.text.strip():
            yield f"{path}: the task has a frame filter ({element.text.strip()}); check the times of one action"
    for element in root.iter("start_frame"):
        if (element.text or "0").strip() not in ("", "0"):
            yield f"{path}: the task starts at frame {element.text}; check the times of one action"
    images = sum(1 for _ in root.iter("image"))
    if images:
        yield f"{path}: {images} pictures with shapes of their own are not read"


CVAT = Form("CVAT for video XML", _claims, _labels, (".xml",))
