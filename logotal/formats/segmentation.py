"""Action segmentation: spans of frames with a label a line (Breakfast, 50 Salads, JIGSAWS), last frame included.

Layouts: https://serre-lab.clps.brown.edu/resource/breakfast-actions-dataset/ (`1-30 SIL`, from 1 on),
https://cvip.computing.dundee.ac.uk/datasets/foodpreparation/50salads/ (`1000 2500 cut`) and
https://cirl.lcsr.jhu.edu/research/hmm/datasets/jigsaws_release/ (`80 107 G1`). Frames count from 0 where a span starts
there, and from 1 elsewhere. Every label is an action unless `--background` names it.
"""

import re
from collections.abc import Iterable
from itertools import pairwise

from logotal.formats.form import Form, Source
from logotal.formats.label_file import FoundAction, LabelFile, NotLabelsError, VideoLabels, ask
from logotal.formats.label_names import idle_labels
from logotal.formats.moments import Clock, Moment
from logotal.words import few

SPAN = re.compile(r"(\d{1,9})(-|[ ]+)(\d{1,9})[ ]+(\S(?:.*\S)?)[ \t]*")


def _claims(source: Source) -> bool:
    return source.suffix == ".txt" and bool(source.lines) and all(map(SPAN.fullmatch, source.lines))


def _labels(source: Source) -> LabelFile:
    path = source.path
    rows = [(i, match) for i, line in enumerate(source.text.splitlines(), 1) if (match := SPAN.fullmatch(line))]
    spans = [(int(match[1]), int(match[3]), match[4], f"{path}, line {i}") for i, match in rows]
    if all(re.fullmatch(r"[-+.,\d\s]+", label) for _, _, label, _ in spans):
        raise NotLabelsError(f"{path}: lines of numbers, a log of measurements and no labels")
    unit = (source.options.unit or "").partition("@")[0]
    if unit in ("ms", "s"):
        source.use("unit")
        factor = 0.001 if unit == "ms" else 1.0
        actions = [FoundAction(Moment(a * factor), Moment(b * factor), label, where) for a, b, label, where in spans]
    elif unit == "frames" or _are_frames(spans, hyphens=any(match[2] == "-" for _, match in rows)):
        actions = [_in_frames(span, source, base=min(1, *(start for start, *_ in spans), 1)) for span in spans]
    else:
        raise ask(path, "spans of whole numbers without a unit", "--unit", ("frames", "s", "ms"))
    notes = background_notes(source, (label for _, _, label, _ in spans))
    entry = VideoLabels((path.stem,), path, tuple(actions), named=False)
    return LabelFile(path, "action segmentation", (entry,), notes=tuple(notes))


def _are_frames(spans: list[tuple[int, int, str, str]], *, hyphens: bool) -> bool:
    """Whether spans follow each other as frames do, the next one behind the last that is included."""
    ordered = sorted(span[:2] for span in spans)
    return hyphens or any(later[0] == earlier[1] + 1 for earlier, later in pairwise(ordered))


def _in_frames(span: tuple[int, int, str, str], source: Source, base: int) -> FoundAction:
    first, last, label, where = span
    start, end = (frame_moment(frame - base, source) for frame in (first, last + 1))
    return FoundAction(start, end, label, where)


def frame_moment(frame: float, source: Source) -> Moment:
    """The moment at which a frame, counted from 0, begins: at the rate of the video unless a person says another."""
    if (source.options.unit or "").startswith("frames"):
        source.use("unit")
    rate = source.options.rate
    return Moment(frame, Clock.FRAMES) if rate is None else Moment(round(frame / rate, 6))


def background_notes(source: Source, labels: Iterable[str]) -> list[str]:
    """What to say where every frame has a label, and some usually mean that nothing happens."""
    idle = [label for label in idle_labels(labels) if label not in source.options.background]
    if not idle:
        return []
    return [
        f"{source.path}: every frame has a label, and {few(idle)} may mean that nothing happens; if so, say "
        f"--background {idle[0]}"
    ]


SEGMENTATION = Form("action segmentation, spans of frames", _claims, _labels, (".txt",), loose=True)
