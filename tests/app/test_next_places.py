"""What the editor says of what to label next: the order of `logotal next`, by drafts that nobody has answered."""

from logotal.app.drafts import Draft, Drafts
from logotal.app.next_places import next_places
from logotal.formats.edited import EditedVideo, Rejected


def video(**more: object) -> EditedVideo:
    return EditedVideo.model_validate({"file": "v.mp4", "duration": 30.0, "fps": 25.0, **more})


UNSURE = Draft(start=3.0, end=5.0, label="jump", score=0.5)


def test_labelled_videos_are_left_out_and_unsure_ones_come_first() -> None:
    videos = {"labelled": video(labelled=[[0.0, 30.0]]), "empty": video(), "unsure": video()}
    drafts = Drafts(number=1, videos={name: [UNSURE] for name in ("labelled", "unsure")})
    found = next_places(videos, drafts)
    assert [(each["video"], each["why"]) for each in found] == [
        ("unsure", "1 action found, 1 of them unsure"),
        ("empty", "the model finds nothing here"),
    ]
    assert (found[0]["time"], found[0]["end"]) == (0.0, 30.0)


def test_a_draft_that_was_answered_counts_no_more() -> None:
    refused = Rejected(start=3.1, end=5.0, label="jump")
    videos = {"refused": video(rejected=[refused]), "waiting": video()}
    drafts = Drafts(number=1, videos={"refused": [UNSURE], "waiting": [UNSURE]})
    assert [each["video"] for each in next_places(videos, drafts)] == ["waiting", "refused"]


def test_before_the_first_model_videos_come_in_order() -> None:
    found = next_places({"b": video(), "a": video()}, Drafts())
    assert [(each["video"], each["why"]) for each in found] == [
        ("a", "nothing is known of it yet"),
        ("b", "nothing is known of it yet"),
    ]
