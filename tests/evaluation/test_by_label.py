"""How each label fares, and what would help most."""

from logotal.evaluation.by_label import LabelFate, advice, fates, fates_table, to_json
from logotal.evaluation.segment_f1 import LabelF1
from logotal.formats.annotations import VideoTruth
from logotal.timeline import Action, Timeline

VIDEOS = [
    VideoTruth("a", "all", (Action(0, 2, "jump"), Action(5, 7, "jump"), Action(10, 12, "run"))),
    VideoTruth("b", "all", (Action(0, 2, "jump"), Action(5, 7, "run"))),
    VideoTruth("c", "all", (Action(0, 2, "sit"),)),
]
SHOWN = [
    # Found; taken for another label; found, which a rival of another label does not change.
    Timeline(
        "a", (Action(0, 2, "jump", 0.9), Action(5, 6.5, "run", 0.8), Action(10, 12, "run"), Action(10, 12, "sit"))
    ),
    Timeline("b", (Action(0.4, 2, "run", 0.7), Action(20, 22, "run", 0.5))),
]


def test_labels_are_counted_found_and_mistaken() -> None:
    jump, run, sit = fates(VIDEOS, SHOWN, ("jump", "run", "sit", "fly"), 0.5)
    assert jump == LabelFate(LabelF1("jump", 3, 1, 1), 2, (("run", 2),))
    assert run == LabelFate(LabelF1("run", 2, 4, 1), 2, ())
    assert (sit.videos, sit.missed, sit.false, sit.taken_for) == (1, 1, 1, ())
    assert (jump.missed, jump.false, run.missed, run.false) == (2, 0, 1, 3)
    assert str(fates_table([jump, sit], "labels")).splitlines() == [
        "labels",
        "label  mostly taken for  videos  actions  found  false    F1",
        "jump   run (2)                2        3      1      0  50.0",
        "sit                           1        1      0      1   0.0",
    ]
    assert to_json([jump])["jump"] == {
        "videos": 2,
        "actions": 3,
        "found": 1,
        "false": 0,
        "F1": 0.5,
        "taken_for": {"run": 2},
    }


def fate(label: str, truths: int, shown: int, hits: int, *, videos: int = 4, taken_for: tuple = ()) -> LabelFate:
    return LabelFate(LabelF1(label, truths, shown, hits), videos, taken_for)


def test_what_was_not_learned_is_said_with_how_much_there_was() -> None:
    said = advice([fate("pull", 200, 190, 180), fate("dip", 8, 0, 0, videos=3)])
    assert said[0] == "dip: 8 actions in 3 videos, not learned (F1 0)"
    assert (
        said[1]
        == "what would help most: pull has most errors (20 missed, 10 false); look at what is missed and what is false"
    )


def test_the_advice_follows_from_the_errors() -> None:
    (few,) = advice([fate("pull", 200, 190, 190), fate("dip", 40, 40, 25)])
    assert few == (
        "what would help most: dip has most errors (15 missed, 15 false); label more of it, in other videos than now "
        "(40 actions in 4 videos)"
    )
    (mistaken,) = advice([fate("dip", 40, 40, 25, taken_for=(("pull", 6),))])
    assert mistaken.endswith("6 of them look like pull: look whether the two labels are told apart everywhere")
    at_the_edge = fate("dip", 10, 10, 3)  # F1 0.3, from which a label counts as learned
    assert advice([at_the_edge])[0].startswith("what would help most")
    assert advice([fate("dip", 40, 40, 40)]) == []
    assert advice([]) == []
