"""The labels of the app as a label file: where nobody has looked nothing is background."""

from pathlib import Path

import pytest

from logotal.errors import InputError
from logotal.formats.edited import AROUND, EditedFile, EditedVideo, Marked, Rejected, edited_text
from logotal.formats.labels import read_labels

JUMP = Marked(id="a", start=4.0, end=5.0, label="jump", subject="Ada")


def video(**more: object) -> EditedVideo:
    return EditedVideo.model_validate({"file": "match.mp4", "duration": 10.0, "fps": 25.0, **more})


def written(folder: Path, **videos: EditedVideo) -> Path:
    path = folder / "edited.json"
    path.write_text(edited_text(EditedFile(videos=videos)))
    return path


def test_it_is_read_as_labels_and_a_video_that_nobody_touched_says_nothing(tmp_path: Path) -> None:
    done = video(actions=[JUMP], labelled=[[0.0, 10.0]])
    empty = video(labelled=[[0.0, 10.0]])
    found = read_labels(written(tmp_path, done=done, empty=empty, untouched=video()))
    assert found.form == "logotal app"
    assert [entry.names for entry in found.videos] == [("done",), ("empty",)]
    (action,) = found.videos[0].actions
    assert (action.action.start, action.action.end, action.label, action.subject) == (4.0, 5.0, "jump", "Ada")
    assert found.videos[0].ignored == found.videos[1].ignored == ()


@pytest.mark.parametrize(
    ("more", "ignored"),
    [
        ({"labelled": [[0.0, 10.0]]}, []),
        ({"labelled": [[0.0, 6.0]]}, [(6.0, 10.0)]),
        ({"labelled": [[0.0, 3.0], [2.0, 6.0]]}, [(6.0, 10.0)]),
        ({"labelled": []}, [(0.0, 4.0 - AROUND), (5.0 + AROUND, 10.0)]),
        (
            {"rejected": [Rejected(start=7.0, end=8.0, label="jump")]},
            [(0.0, 4.0 - AROUND), (5.0 + AROUND, 7.0 - AROUND), (8.0 + AROUND, 10.0)],
        ),
        ({"labelled": [[0.0, 10.0]], "ignored": [[1.0, 2.0]]}, [(1.0, 2.0)]),
        ({"labelled": [[0.0, 9.99]]}, []),
    ],
    ids=["whole", "up to here", "overlapping", "the action alone", "a refused draft", "ignored", "but a frame"],
)
def test_where_nobody_has_looked_is_neither_action_nor_background(
    more: dict[str, object], ignored: list[tuple[float, float]]
) -> None:
    assert video(actions=[JUMP], **more).unusable == ignored


def test_a_video_is_labelled_where_all_of_it_was_looked_at() -> None:
    assert video(labelled=[[0.0, 4.0], [4.0, 10.0]]).is_labelled
    assert not video(labelled=[[0.0, 4.0], [5.0, 10.0]]).is_labelled
    assert not video(actions=[JUMP]).is_labelled
    assert video(actions=[JUMP]).is_begun
    assert not video().is_begun


def test_an_action_that_ends_before_it_starts_is_refused_by_its_video(tmp_path: Path) -> None:
    path = written(tmp_path, match=video(actions=[JUMP.model_copy(update={"end": 1.0})]))
    with pytest.raises(InputError, match=r"video 'match': ends before it starts"):
        read_labels(path)


@pytest.mark.parametrize("label", ["", "  ", "a\nb", "x" * 201])
def test_a_label_that_is_no_name_is_refused(label: str) -> None:
    with pytest.raises(ValueError, match="label"):
        Marked(id="a", start=0.0, end=1.0, label=label)
