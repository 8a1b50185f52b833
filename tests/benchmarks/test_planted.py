"""What the benchmark of doubts plants, and when a doubt names it."""

from collections import Counter
from pathlib import Path

from benchmarks.planted import KINDS, Fault, plant, with_one_more, without_one
from logotal.evaluation.doubts import Doubt
from logotal.formats.annotations import Annotations, VideoTruth
from logotal.timeline import Action

ACTIONS = (Action(1, 3, "jump"), Action(4, 6, "sit"), Action(16, 17, "jump"))
VIDEO = VideoTruth("v", "all", ACTIONS, duration=18.0)


def test_each_seed_plants_two_faults_of_each_kind_in_other_videos() -> None:
    videos = {f"v{i}": VideoTruth(f"v{i}", "all", ACTIONS[: i % 4], duration=18.0) for i in range(40)}
    made, faults = plant(Annotations(("jump", "sit"), videos, Path("a")), 0)
    assert Counter(fault.kind for fault in faults) == {"missing": 2, "label": 2, "times": 4, "empty": 2, "not found": 2}
    assert {name for name, video in made.items() if video != videos[name]} == {fault.video for fault in faults}
    assert len({fault.video for fault in faults}) == 2 * len(KINDS)


def test_one_more_action_lies_where_nothing_happens() -> None:
    video, fault = with_one_more(VIDEO, ("jump", "sit"))
    assert video.actions[-1] == Action(10, 12, "jump")
    assert fault == Fault("not found", "v", 10)


def test_a_doubt_names_a_fault_of_its_kind_at_its_time() -> None:
    _, fault = without_one(VIDEO, ("jump", "sit"))
    near, far = (Doubt("missing", "v", start, start + 2, "jump", 0.9, "") for start in (1.4, 4.0))
    assert fault.is_named(near)
    assert not fault.is_named(far)
    assert not fault.is_named(Doubt("label", "v", 1.0, 3.0, "jump", 0.9, ""))
    assert Fault("times", "v").is_named(Doubt("times", "v", None, None, None, 0.9, ""))
