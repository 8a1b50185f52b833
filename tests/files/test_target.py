"""Where results may be written: over nothing that is read, and over nothing that is not ours, of the same kind."""

import os
from pathlib import Path

import pytest

from logotal.errors import InputError
from logotal.files import target
from logotal.files.target import Kind, check_target, keep_copy, marked, numbers, write_target
from logotal.formats.timelines import FORMATS, READERS, saved_kind, write_timelines
from logotal.report.save import save_timelines
from logotal.timeline import Action, Timeline

NUMBERS = numbers("numbers", "mAP")
FOUND = Timeline("match", (Action(1.0, 2.5, "serve", 0.53), Action(3.0, 4.0, "return", 0.9)), 10.0)
ANNOTATED = Timeline("match", (Action(1.0, 2.0, "serve"), Action(3.0, 4.0, "return")), 10.0)


def contents(folder: Path) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in folder.iterdir()}


@pytest.mark.parametrize("content", [b"mine", b'{"notes": 1}', b"[1]", b'"mAP"', b"\xff\x00", b'{"mAP"' * 9])
def test_a_strangers_file_is_left_alone_and_replaced_only_when_that_is_said(content: bytes, tmp_path: Path) -> None:
    path = tmp_path / "numbers.json"
    path.write_bytes(content)
    with pytest.raises(InputError, match=r"is not numbers that logotal wrote; choose another name.*--overwrite"):
        write_target(path, b'{"mAP": 1}', NUMBERS)
    assert contents(tmp_path) == {"numbers.json": content}
    write_target(path, b'{"mAP": 1}', NUMBERS, overwrite=True)
    assert contents(tmp_path) == {"numbers.json": b'{"mAP": 1}', "numbers.json.bak": content}
    write_target(path, b'{"mAP": 2}', NUMBERS)
    assert contents(tmp_path) == {"numbers.json": b'{"mAP": 2}', "numbers.json.bak": content}


def test_an_input_is_never_replaced_whatever_its_name(tmp_path: Path) -> None:
    read = tmp_path / "read.json"
    read.write_bytes(b'{"mAP": 1}')
    (tmp_path / "soft.json").symlink_to(read)
    os.link(read, tmp_path / "hard.json")
    (tmp_path / "sub").mkdir()
    for name in ("read.json", "soft.json", "hard.json", "sub/../read.json"):
        for overwrite in (False, True):
            with pytest.raises(InputError, match=r"is read here .*choose another name"):
                check_target(tmp_path / name, NUMBERS, inputs=[tmp_path / "absent", read], overwrite=overwrite)


def test_what_is_no_file_is_refused_without_being_opened(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe.json")
    (tmp_path / "nowhere.json").symlink_to(tmp_path / "absent")
    (tmp_path / "folder.json").mkdir()
    for name, said in (("pipe", "a device or pipe"), ("nowhere", "is there already"), ("folder", "found a folder")):
        with pytest.raises(InputError, match=said):
            check_target(tmp_path / f"{name}.json", NUMBERS)


def test_copies_are_numbered_and_an_equal_one_is_enough(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "a.txt"
    for content in (b"1", b"2", b"2", b"1"):
        path.write_bytes(content) if not path.exists() else (path.unlink(), path.write_bytes(content))
        keep_copy(path)
    assert contents(tmp_path) == {"a.txt": b"1", "a.txt.bak": b"1", "a.txt.bak2": b"2"}

    def without_links(*_: object) -> None:
        raise PermissionError(1, "no links here")

    monkeypatch.setattr(target.os, "link", without_links)
    (tmp_path / "b.txt").write_bytes(b"3")
    assert keep_copy(tmp_path / "b.txt").read_bytes() == b"3"


def test_a_mark_counts_where_it_has_to_stand(tmp_path: Path) -> None:
    path, kind = tmp_path / "page.html", marked("a page", b"by logotal", within=20)
    for content, ours in ((b"<!-- by logotal -->", True), (b" " * 20 + b"by logotal", False), (b"logotal", False)):
        path.write_bytes(content)
        assert kind.is_ours(path) == ours


@pytest.mark.parametrize("suffix", FORMATS)
def test_timelines_of_a_model_replace_their_like_and_a_copy_stays(suffix: str, tmp_path: Path) -> None:
    path = tmp_path / f"match{suffix}"
    write_timelines([FOUND], path)
    first = path.read_bytes()
    write_timelines([FOUND], path)
    assert contents(tmp_path) == {path.name: first}
    write_timelines([FOUND.best(1)], path)
    assert contents(tmp_path) == {path.name: path.read_bytes(), f"{path.name}.bak": first}
    assert len(READERS[suffix](path.read_text(), path)[0]) == 1


@pytest.mark.parametrize("suffix", FORMATS)
def test_a_persons_timelines_are_not_replaced_by_a_models(suffix: str, tmp_path: Path) -> None:
    path = tmp_path / f"match{suffix}"
    write_timelines([ANNOTATED], path)
    held = path.read_bytes()
    write_timelines([FOUND], other := tmp_path / f"other{suffix}")
    if READERS[suffix](other.read_text(), other)[0].actions[0].score == 1:  # the form has no place for scores
        write_timelines([FOUND], path)
        assert (tmp_path / f"{path.name}.bak").read_bytes() == held
        return
    with pytest.raises(InputError, match="of timelines that logotal wrote"):
        write_timelines([FOUND], path)
    assert path.read_bytes() == held
    write_timelines([ANNOTATED.best(1)], path)  # a person's by a person's
    assert (tmp_path / f"{path.name}.bak").read_bytes() == held


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("truth.json", '{"version": "1", "database": {"a": {"annotations": []}}}'),
        ("features.json", '{"fps": 25, "stride": 4}'),
        ("labels.csv", "video,start,end,label\na,1,2,jump\n"),
        ("others.csv", "name;from;to\n"),
        ("film.vtt", "WEBVTT\n\n00:01.000 --> 00:02.000\nHello\n"),
        ("film.srt", "1\n00:00:01,000 --> 00:00:02,000\nHello\n"),
        ("notes.txt", "buy milk\n"),
        ("work.eaf", '<?xml version="1.0"?><ANNOTATION_DOCUMENT AUTHOR="me"/>'),
        ("cut.otio", '{"OTIO_SCHEMA": "Timeline.1", "name": "mine"}'),
        ("tasks.labelstudio.json", '[{"id": 1, "annotations": []}]'),
        ("set.fiftyone.json", '{"classes": [], "labels": {}, "mine": 1}'),
        ("page.html", "<html><title>mine</title></html>"),
    ],
)
def test_other_peoples_files_of_the_same_suffix_are_left_alone(name: str, content: str, tmp_path: Path) -> None:
    path = tmp_path / name
    path.write_text(content)
    with pytest.raises(InputError, match=r"that logotal wrote; choose another name"):
        save_timelines([FOUND], path)
    assert contents(tmp_path) == {name: content.encode()}
    save_timelines([FOUND], path, overwrite=True)
    assert (tmp_path / f"{name}.bak").read_text() == content


def test_detections_with_labels_from_elsewhere_are_ours_too(tmp_path: Path) -> None:
    path = tmp_path / "found.json"
    write_timelines([FOUND], path, labels_from="a classifier")
    assert saved_kind(path).is_ours(path)


def test_an_empty_file_can_be_written_over(tmp_path: Path) -> None:
    path = tmp_path / "made-by-mktemp.html"
    path.touch()
    write_target(path, b"page", Kind("a page", lambda _: False))
    assert contents(tmp_path) == {path.name: b"page"}
