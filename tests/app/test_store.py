"""Labels while they are edited: what was confirmed is there after any end, and any state comes back."""

import json
from pathlib import Path

import pytest

from logotal.app import store as module
from logotal.app.edits import Edit
from logotal.app.store import ConflictError, LabelStore
from logotal.errors import InputError
from logotal.formats.edited import EditedVideo, Marked, Rejected

MATCH = EditedVideo(file="match.mp4", duration=10.0, fps=25.0)


def jump(id: str, start: float = 1.0, end: float = 2.0, **more: str) -> Marked:
    return Marked(id=id, start=start, end=end, label="jump", **more)


def put(*actions: Marked, video: str = "match", **more: object) -> Edit:
    return Edit.model_validate({"video": video, "put": list(actions), **more})


@pytest.fixture
def store(tmp_path: Path) -> LabelStore:
    store = LabelStore(tmp_path)
    store.put_videos({"match": MATCH, "other": MATCH})
    return store


def again(store: LabelStore) -> LabelStore:
    """The store that a server finds which starts now."""
    return LabelStore(store.path.parents[1])


def test_what_was_confirmed_is_there_after_a_kill_that_saved_nothing_else(store: LabelStore) -> None:
    version = store.change(put(jump("a"), jump("b", 4, 5)), store.version)
    store.change(Edit(video="match", remove=["a"], labelled=[[0.0, 10.0]]), version)
    assert not store.path.exists()
    found = again(store)
    assert found.videos == store.videos
    assert [action.id for action in found.videos["match"].actions] == ["b"]
    assert found.version == store.version == 3


@pytest.mark.parametrize("torn", [1, 30, 100])
def test_half_a_line_at_the_end_was_never_confirmed_and_goes(store: LabelStore, torn: int) -> None:
    store.change(put(jump("a")), store.version)
    before = store.journal.read_bytes()
    store.change(put(jump("b")), store.version)
    store.journal.write_bytes(before + store.journal.read_bytes()[len(before) :][:torn])
    found = again(store)
    assert [action.id for action in found.videos["match"].actions] == ["a"]
    found.change(put(jump("c", 3, 4)), found.version)
    assert [action.id for action in again(found).videos["match"].actions] == ["a", "c"]


def test_a_full_disk_changes_nothing_and_the_next_edit_is_whole(
    store: LabelStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(descriptor: int) -> None:
        raise OSError(28, "No space left on device")

    with monkeypatch.context() as patch:
        patch.setattr(module.os, "fsync", full)
        with pytest.raises(InputError, match=r"No space left.*nothing is saved"):
            store.change(put(jump("a")), store.version)
    assert store.videos["match"].actions == []
    store.change(put(jump("b")), store.version)
    assert [action.id for action in again(store).videos["match"].actions] == ["b"]


def test_two_people_who_change_different_actions_both_count_and_the_same_action_is_a_conflict(
    store: LabelStore,
) -> None:
    seen = store.change(put(jump("a"), jump("b", 4, 5)), store.version)
    store.change(put(jump("a", 1, 3)), seen)
    store.change(put(jump("b", 4, 6)), seen)
    store.change(put(jump("b", 4, 6), video="other"), seen)
    with pytest.raises(ConflictError, match="match: changed elsewhere"):
        store.change(put(jump("a", 0, 3)), seen)
    with pytest.raises(ConflictError):
        store.change(Edit(video="match", remove=["a"]), seen)
    assert [(action.start, action.end) for action in store.videos["match"].actions] == [(1, 3), (4, 6)]


@pytest.mark.parametrize(
    "edit",
    [
        put(jump("a", 3, 2)),
        put(jump("a", 9, 11)),
        put(labelled=[[0.0, 12.0]]),
        put(rejected=[Rejected(start=3, end=1, label="jump")]),
    ],
    ids=["backwards", "beyond the end", "labelled beyond the end", "rejected backwards"],
)
def test_what_cannot_be_is_refused_with_its_times(store: LabelStore, edit: Edit) -> None:
    with pytest.raises(InputError, match=r"match: expected a span within the 10 s"):
        store.change(edit, store.version)
    assert again(store).version == 1


def test_any_state_of_before_comes_back_and_that_can_be_undone_too(store: LabelStore) -> None:
    first = store.change(put(jump("a"), labelled=[[0.0, 5.0]]), store.version)
    second = store.change(Edit(video="match", remove=["a"], labelled=[]), first)
    store.change(put(jump("b", 7, 8)), second)
    store.restore("match", first)
    assert store.videos["match"] == MATCH.model_copy(update={"actions": [jump("a")], "labelled": [[0.0, 5.0]]})
    store.restore("match", 4)
    assert [action.id for action in store.videos["match"].actions] == ["b"]
    assert [entry.version for entry, _ in store.history("match")] == [6, 5, 4, 3, 2, 1]
    with pytest.raises(InputError, match="no state 99"):
        store.restore("match", 99)


def test_what_somebody_changed_in_the_file_while_the_app_was_closed_counts(store: LabelStore) -> None:
    store.change(put(jump("a")), store.version)
    store.save()
    content = json.loads(store.path.read_text())
    content["videos"]["match"]["actions"][0]["label"] = "hop"
    store.path.write_text(json.dumps(content))
    found = again(store)
    assert [action.label for action in found.videos["match"].actions] == ["hop"]
    assert again(found).videos == found.videos


def test_a_file_that_is_behind_the_journal_is_made_anew(store: LabelStore) -> None:
    store.save()
    store.change(put(jump("a")), store.version)
    found = again(store)
    assert found.videos == store.videos
    found.save()
    assert json.loads(found.path.read_text())["journal"] == 2


def test_a_journal_with_a_hole_is_refused_with_the_cure(store: LabelStore) -> None:
    store.change(put(jump("a")), store.version)
    store.change(put(jump("b")), store.version)
    lines = store.journal.read_text().splitlines(keepends=True)
    store.journal.write_text(lines[0] + lines[2])
    with pytest.raises(InputError, match=r"expected edit 2, found 3; bring back a copy of the file, or move it away"):
        again(store)
