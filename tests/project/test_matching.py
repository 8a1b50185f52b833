"""Which video a name means: on another machine, in another tool, in other letters; and when nobody can know."""

from pathlib import Path, PurePosixPath

import pytest

from logotal.errors import InputError
from logotal.formats.label_file import VideoLabels
from logotal.project.matching import Matches, match
from logotal.project.video_files import VideoFile, find_video_files


def videos(*paths: str) -> list[VideoFile]:
    folder = Path("films")
    return [VideoFile(path.replace("/", "__").rpartition(".")[0], folder / path, PurePosixPath(path)) for path in paths]


def matched(files: list[VideoFile], *names: str, source: str = "films/labels.csv") -> Matches:
    return match([VideoLabels((name,), Path(source)) for name in names], files, Path("films"))


@pytest.mark.parametrize(
    "name",
    [
        "match 1.mp4",
        "match 1",
        " match 1.mp4 ",
        "MATCH 1.MP4",
        "Match 1.avi",
        "day1/match 1.mp4",
        "./day1/match 1",
        "C:\\Users\\anna\\day1\\match 1.mp4",
        "file:///media/day1/match%201.mp4",
        "https://example.org/day1/match%201.mp4?key=1#t=3",
        "/data/upload/3/4f0e1c2a-match 1.mp4",
        "/data/local-files/?d=day1/match%201.mp4",
        "day1__match 1",
    ],
)
def test_one_video_is_found_under_all_its_names(name: str) -> None:
    files = videos("day1/match 1.mp4", "day1/match 10.mp4", "other.mov")
    assert list(matched(files, name).videos) == ["day1__match 1"]


@pytest.mark.parametrize("name", ["match", "match 1.txt", "match 1.mp4.bak", "", "/", "..", "4f0e1c2a-match 2.mp4"])
def test_a_name_of_no_video_is_unmatched(name: str) -> None:
    found = matched(videos("match 1.mp4"), name)
    assert (dict(found.videos), len(found.unmatched)) == ({}, 1)


def test_percent_signs_of_a_plain_name_are_its_own() -> None:
    assert list(matched(videos("50%25.mp4", "50%.mp4"), "50%25.mp4").videos) == ["50%25"]


def test_the_same_case_wins_and_without_it_both_fit() -> None:
    files = videos("Match.mp4", "match.mp4")
    assert list(matched(files, "Match.mp4").videos) == ["Match"]
    with pytest.raises(InputError, match=r"labels\.csv: 'MATCH\.mp4' fits 2 videos \(Match\.mp4, match\.mp4\)"):
        matched(files, "MATCH.mp4")


def test_folders_tell_videos_of_one_name_apart() -> None:
    files = videos("day1/cam.mp4", "day2/cam.mp4")
    found = matched(files, "day1/cam.mp4", "E:\\export\\day2\\cam.mp4")
    assert {video: entries[0].names for video, entries in found.videos.items()} == {
        "day1__cam": ("day1/cam.mp4",),
        "day2__cam": ("E:\\export\\day2\\cam.mp4",),
    }
    with pytest.raises(InputError, match=r"'cam\.mp4' fits 2 videos .*write the folder before the name"):
        matched(files, "cam.mp4")
    with pytest.raises(InputError, match=r"'day3/cam\.mp4' fits 2 videos .*correct its folder"):
        matched(files, "day3/cam.mp4")


def test_a_label_file_beside_a_video_means_that_one() -> None:
    files = videos("day1/cam.mp4", "day2/cam.mp4")
    assert list(matched(files, "cam", source="films/day2/cam.csv").videos) == ["day2__cam"]


def test_a_name_with_a_suffix_tells_files_of_one_stem_apart() -> None:
    files = [VideoFile(name, Path(name), PurePosixPath(name)) for name in ("cam.avi", "cam.mp4")]
    assert list(matched(files, "cam.avi").videos) == ["cam.avi"]
    with pytest.raises(InputError, match="'cam' fits 2 videos"):
        matched(files, "cam")


def test_labels_of_another_folder_do_not_slip_into_the_video_that_is_there() -> None:
    found = matched(videos("day1/cam.mp4"), "day1/cam.mp4", "day2/cam.mp4")
    assert [entry.names[0] for entry in found.videos["day1__cam"]] == ["day1/cam.mp4"]
    assert [entry.names[0] for entry in found.unmatched] == ["day2/cam.mp4"]
    with pytest.raises(InputError, match=r"'day2/cam\.mp4', 'day3/cam\.mp4' would all be day1/cam\.mp4"):
        matched(videos("day1/cam.mp4"), "day2/cam.mp4", "day3/cam.mp4")


def test_two_label_files_about_one_video_are_joined() -> None:
    entries = [VideoLabels((name,), Path(source)) for name, source in (("cam.mp4", "a.csv"), ("cam", "b.csv"))]
    assert len(match(entries, videos("cam.mp4"), Path("films")).videos["cam"]) == 2


def test_the_second_name_counts_where_the_first_fits_nothing() -> None:
    entry = VideoLabels(("renamed.mp4", "cam"), Path("cam.eaf"))
    assert list(match([entry], videos("cam.mp4"), Path("films")).videos) == ["cam"]


# Files and their ids


def ids(folder: Path, *names: str) -> dict[str, str]:
    for name in names:
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).touch()
    return {str(video.relative): video.id for video in find_video_files(folder)}


def test_ids_are_stems_and_have_folders_and_suffixes_where_they_must(tmp_path: Path) -> None:
    assert ids(tmp_path, "a.mp4", "x/b.mp4", "x/cam.mp4", "y/cam.mp4", "z/Two.avi", "z/two.MOV", "z/notes.txt") == {
        "a.mp4": "a",
        "x/b.mp4": "b",
        "x/cam.mp4": "x__cam",
        "y/cam.mp4": "y__cam",
        "z/Two.avi": "z__Two.avi",
        "z/two.MOV": "z__two.MOV",
    }


def test_hidden_files_and_what_logotal_made_are_no_videos(tmp_path: Path) -> None:
    (tmp_path / "run").mkdir()
    for name in ("config.yaml", "labels.json"):
        (tmp_path / "run" / name).touch()
    assert ids(tmp_path, "a.mp4", ".b.mp4", ".trash/c.mp4", "run/d.mp4") == {"a.mp4": "a"}


def test_ids_that_cannot_be_kept_apart_are_an_error(tmp_path: Path) -> None:
    with pytest.raises(InputError, match=r"would both be called .*; rename one"):
        ids(tmp_path, "x/y__cam.mp4", "x/y/cam.mp4", "x__y/cam.mp4", "x__y__cam.mp4")


def test_a_name_that_no_terminal_can_print_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(InputError, match=r"found 'a\\nb'; rename the file"):
        ids(tmp_path, "a\nb.mp4")


def test_a_folder_without_videos_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="no videos here or below"):
        find_video_files(tmp_path)
    with pytest.raises(InputError, match="no such folder"):
        find_video_files(tmp_path / "nowhere")


# Names that differ as tools make them differ


@pytest.mark.parametrize(
    ("name", "file", "prefix"),
    [
        ("v_abc", "abc.mp4", None),
        ("abc", "v_abc.mp4", None),
        ("study_abc.mp4", "abc.mp4", "study_"),
        ("abc", "study_abc.mp4", "study_"),
        ("e\u0301te\u0301.mp4", "\u00e9t\u00e9.mp4", None),
        ("\u00e9t\u00e9", "e\u0301te\u0301.mp4", None),
    ],
)
def test_prefixes_and_composed_letters_agree_by_themselves(name: str, file: str, prefix: str | None) -> None:
    (video,) = videos(file)
    found = match([VideoLabels((name,), Path("films/labels.csv"))], [video], Path("films"), prefix)
    assert (list(found.videos), found.prefixed) == ([video.id], prefix is not None)


def own(source: str) -> VideoLabels:
    path = Path("films") / source
    return VideoLabels((path.stem,), path, named=False)


@pytest.mark.parametrize(
    ("source", "expected"),
    [
        ("match 1_final.csv", ["match 1"]),
        ("match 1.labels.csv", ["match 1"]),
        ("match 10_final.csv", ["match 10"]),
        ("match 1a.csv", []),
        ("match 2_final.csv", []),
        ("other.csv", []),
    ],
)
def test_a_file_that_names_no_video_is_about_the_one_that_its_name_begins_with(
    source: str, expected: list[str]
) -> None:
    found = match([own(source)], videos("match 1.mp4", "match 10.mp4", "match.mp4"), Path("films"))
    assert list(found.videos) == expected
    assert all("is taken to be about" in note for note in found.notes)


def test_the_only_video_is_the_one_that_a_single_file_is_about() -> None:
    found = match([own("export.csv")], videos("match.mp4"), Path("films"))
    assert list(found.videos) == ["match"]
    assert found.notes == ("films/export.csv: names no video and is taken to be about the only one, match.mp4",)
    assert match([own("a.csv"), own("b.csv")], videos("match.mp4"), Path("films")).videos == {}
    named = VideoLabels(("gone.mp4",), Path("films/labels.csv"))
    assert match([named], videos("match.mp4"), Path("films")).videos == {}


def test_the_labels_of_another_medium_are_taken_where_the_first_is_not_there() -> None:
    second = VideoLabels(("right.mp4",), Path("films/a.eaf"), split="second")
    first = VideoLabels(("left.mp4",), Path("films/a.eaf"), split="first", otherwise=second)
    both, right = videos("left.mp4", "right.mp4"), videos("right.mp4")
    assert {name: found[0].split for name, found in match([first], both, Path("films")).videos.items()} == {
        "left": "first"
    }
    assert match([first], right, Path("films")).videos["right"][0].split == "second"
