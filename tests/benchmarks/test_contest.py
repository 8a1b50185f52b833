import json
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from benchmarks import contest, material, timeline
from benchmarks.contest import Contestant, Work, hold, without_bf16
from benchmarks.worker import Stages


def test_contestants_take_turns_and_warm_runs_do_not_count(tmp_path: Path) -> None:
    given = {"candidates": str(material.write_candidates(tmp_path / "candidates.npz")), "keep": 5}
    pair = [Contestant("loop", "loops", "suppress", given), Contestant("again", "loops", "suppress", given)]
    found = hold(Work("nms", "", pair, repetitions=2, warm=1), print)
    assert [len(found[name]["seconds"]) for name in ("loop", "again")] == [2, 2]
    assert found["loop"]["extra"] == found["again"]["extra"]
    assert found["loop"]["peak"] > 2**20


def test_where_the_processor_has_no_bf16_nobody_computes_in_it() -> None:
    group = [Contestant(name, "ours", "detect") for name in ("logotal fp32", "logotal bf16", "logotal OpenVINO bf16")]
    assert [each.name for each in without_bf16(Work("", "", group)).contestants] == ["logotal fp32"]


@pytest.mark.parametrize(("way", "part"), [({"backbone": "mobilenetv2", "pixels": 64}, None), ({"pixels": 32}, 20)])
def test_a_part_of_a_video_tells_the_time_of_all_of_it(way: dict[str, Any], part: int | None, tmp_path: Path) -> None:
    film = timeline.write_film(tmp_path / "film.mp4", 40)
    told = timeline.timeline(str(film), 40, part=part, **way)[0]()
    assert told["video"] == 40 / 30
    assert ("seconds" in told) == (part is not None)
    assert timeline.decode(str(film), 40)[0]() == {"video": 40 / 30}


def test_a_work_started_again_pools_its_repetitions_and_leaves_out_who_failed(tmp_path: Path) -> None:
    once = tmp_path / "once"
    code = f"import pathlib; pathlib.Path({str(once)!r}).mkdir()"  # fails the second time
    commands = {"python": "pass", "once": code}
    group = [Contestant(name, "command", command=(sys.executable, "-c", each)) for name, each in commands.items()]
    said: list[str] = []
    found = hold(Work("", "", group, repetitions=1, warm=0, starts=3), said.append)
    assert len(found["python"]["seconds"]) == 3
    assert found["once"] == {"absent": "ended with status 1"}
    assert said == ["  once: ended with status 1"]


def test_our_suppression_and_evaluation_give_what_plain_loops_give(tmp_path: Path) -> None:
    pytest.importorskip("torch")
    given = {"candidates": str(material.write_candidates(tmp_path / "candidates.npz")), "keep": 50}
    pair = [Contestant("ours", "ours", "suppress", given), Contestant("loop", "loops", "suppress", given)]
    found = hold(Work("nms", "", pair, 1, warm=0), print)
    assert np.allclose(found["ours"]["extra"]["found"], found["loop"]["extra"]["found"], atol=1e-5)
    folder = material.write_detections(tmp_path / "judged", videos=8, labels=4, truths=6, each=40)
    given = {"folder": str(folder), "tious": [0.3, 0.5]}
    pair = [Contestant("ours", "ours", "evaluate", given), Contestant("loop", "loops", "evaluate", given)]
    found = hold(Work("evaluate", "", pair, 1, warm=0), print)
    assert np.allclose(found["ours"]["extra"]["numbers"], found["loop"]["extra"]["numbers"], atol=1e-9)
    assert 0.1 < found["ours"]["extra"]["numbers"][0] < 0.95


def test_a_contestant_that_fails_is_absent_with_its_reason_and_spoils_nothing_else(tmp_path: Path) -> None:
    given = {"candidates": str(tmp_path / "nothing.npz"), "keep": 5}
    command = Contestant("python", "command", command=(sys.executable, "-c", "pass"))
    said: list[str] = []
    found = hold(Work("nms", "", [Contestant("loop", "loops", "suppress", given), command], 1, warm=0), said.append)
    assert "FileNotFoundError" in found["loop"]["absent"]
    assert len(found["python"]["seconds"]) == 1
    assert said[0].startswith("  loop: FileNotFoundError")


def test_a_command_that_fails_is_absent() -> None:
    failing = Contestant("python", "command", command=(sys.executable, "-c", "raise SystemExit(3)"))
    assert hold(Work("", "", [failing], 1, warm=0), id)["python"] == {"absent": "ended with status 3"}


def test_a_rival_that_is_not_built_is_absent(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(contest, "RIVAL", tmp_path / "python")
    found = hold(Work("", "", [Contestant("theirs", "rival", "detect")], 1), id)
    assert "make benchmark" in found["theirs"]["absent"]


def test_stages_add_up_and_begin_anew() -> None:
    class Network:
        def forward(self) -> int:
            return 7

    network, stages = Network(), Stages()
    stages.watch(network, "forward", "forward")
    stages.watch(network, "backward", "backward")  # which it does not have
    assert network.forward() == network.forward() == 7
    taken = stages.take()
    assert list(taken) == ["forward"]
    assert taken["forward"] > 0
    assert stages.take() == {}


def test_sampled_lengths_follow_the_split_without_its_annotations() -> None:
    lengths = material.sampled_lengths("Test", 12)
    assert lengths == sorted(lengths)
    assert lengths[0] < 500
    assert lengths[-1] > 5000


def test_sampled_lengths_are_the_middles_of_equal_parts_of_the_annotated_videos(tmp_path: Path) -> None:
    durations = [(4 * (length - 1) + 16) / 30 for length in (100, 200, 300, 400)]
    videos: dict[str, Any] = {str(i): {"subset": "Test", "duration": each} for i, each in enumerate(durations)}
    videos["other"] = {"subset": "Validation", "duration": 1000.0}
    path = tmp_path / "annotations.json"
    path.write_text(json.dumps({"database": videos}))
    assert material.sampled_lengths("Test", 2, path) == [200, 400]


def test_features_on_disk_are_made_in_parts_and_whole(tmp_path: Path) -> None:
    made = np.load(material.write_features(tmp_path / "long.npy", 5000), mmap_mode="r")
    assert made.shape == (5000, 2048)
    assert np.abs(made).max(axis=1).min() > 0
