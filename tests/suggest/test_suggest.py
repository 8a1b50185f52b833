import math
from pathlib import Path

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from logotal.config import Config
from logotal.data.grid import FeatureGrid
from logotal.errors import InputError
from logotal.formats.annotations import VideoTruth, read_annotations
from logotal.model.points import make_points
from logotal.recipes import parse_config, read_recipe
from logotal.suggest.measured import measure, placeable
from logotal.suggest.suggestion import Suggestion, recipe_yaml, suggest
from logotal.timeline import Action
from logotal.training.assign import assign
from tests.shared import shared


def video(
    name: str, *lengths: float, duration: float | None = None, label: str = "jump", gap: float = 1.0
) -> VideoTruth:
    """Actions of these lengths, one after the other."""
    actions, time = [], gap
    for length in lengths:
        actions.append(Action(time, time + length, label))
        time += length + gap
    return VideoTruth(name, "training", tuple(actions), time if duration is None else duration, 30.0)


def videos(count: int, *lengths: float, duration: float | None = None) -> list[VideoTruth]:
    return [video(f"v{i}", *lengths, duration=duration) for i in range(count)]


def config(suggestion: Suggestion) -> Config:
    return parse_config(recipe_yaml(suggestion, header="", fixed={}), "text")


# The recipe as text


def test_the_recipe_is_read_by_logotal_itself_and_holds_what_was_suggested(tmp_path: Path):
    suggestion = suggest(videos(20, 1, 2, 3), clip_frames=16, fps=30)
    fixed = {"data.annotations": "annotations.json", "data.features": Path("features"), "data.fps": 30.0}
    (tmp_path / "recipe.yaml").write_text(recipe_yaml(suggestion, header="Mine.", fixed=fixed))
    read = read_recipe(tmp_path / "recipe.yaml")

    assert read.data.fps == 30
    assert read.data.features == tmp_path / "features"
    for key in suggestion.reasons:
        value, expected = read, suggestion.settings
        for part in key.split("."):
            value, expected = getattr(value, part), expected[part]
        assert value == expected, key


def test_every_suggested_setting_has_its_reason_on_its_line():
    suggestion = suggest(videos(20, 1, 2, 3), clip_frames=16, fps=30)
    lines = recipe_yaml(suggestion, header="", fixed={"data.fps": 30}).splitlines()

    for key, reason in suggestion.reasons.items():
        assert any(
            line.strip().startswith(f"{key.split('.')[-1]}: ") and line.endswith(f"# {reason}") for line in lines
        )
    assert "  fps: 30" in lines


def test_a_fixed_setting_wins_and_loses_the_reason_of_the_suggested_one():
    text = recipe_yaml(suggest(videos(3, 2), clip_frames=16, fps=30), header="", fixed={"data": {"clip_stride": 5}})

    assert "  clip_stride: 5\n" in text


def test_header_and_notes_are_comments_whatever_they_hold():
    odd = VideoTruth("a\nmodel: 5", "training", (Action(0, 0.001, "x\r# y"), Action(3, 9, "x\r# y")), 10.0, 30.0)
    suggestion = suggest([odd], clip_frames=16, fps=30, clip_stride=4)
    text = recipe_yaml(suggestion, header="Line one\n\nline: two", fixed={})

    assert text.startswith("# Line one\n#\n# line: two\n# Note: ")
    assert "a model: 5" in text
    assert parse_config(text, "text").data.clip_stride == 4


@pytest.mark.parametrize("name", ["null", "1.5", "a: b # c", "yes", "é\u2028x", "~", "'", "", "[a]"])
def test_a_text_value_is_read_as_the_text_it_was(name: str):
    text = recipe_yaml(suggest(videos(3, 2), clip_frames=16, fps=30), header="", fixed={"data.training_split": name})

    assert parse_config(text, "text").data.training_split == name


def test_lists_and_none_are_read_back():
    fixed = {"data.exclude": ("a", "b: c"), "model.input_channels": None, "training.learning_rate": 1e-5}
    read = parse_config(recipe_yaml(suggest(videos(3, 2), clip_frames=16, fps=30), header="", fixed=fixed), "text")

    assert read.data.exclude == ("a", "b: c")
    assert read.model.input_channels is None
    assert read.training.learning_rate == 1e-5


# What follows from durations


def test_on_thumos14_the_suggestion_is_near_the_published_settings():
    truth = read_annotations(shared("thumos14/thumos14.json")).split("Validation")
    suggestion = suggest(truth, clip_frames=16, fps=30)
    chosen = config(suggestion)

    assert (chosen.data.clip_stride, chosen.model.levels, chosen.model.first_range) == (4, 6, 4)
    assert (chosen.model.head, chosen.model.bins, chosen.model.width) == ("clff", 16, 512)
    assert chosen.data.window == 2048
    assert chosen.training.batch_size == 2
    assert 40 <= chosen.training.epochs <= 50
    assert "0.7 s" in suggestion.reasons["data.clip_stride"]
    assert len(suggestion.unanswered) == 4  # those that begin when the video is over


def test_on_sbhar_the_suggestion_is_near_the_recipe_that_ships():
    truth = read_annotations(shared("sbhar/annotations.json")).split("training")
    shipped = read_recipe("sbhar")
    free = config(suggest(truth, clip_frames=50, fps=50))
    fixed = config(suggest(truth, clip_frames=50, fps=50, clip_stride=25))

    assert free.data.clip_stride == 24
    assert fixed.data.clip_stride == 25
    for chosen in (free, fixed):
        assert (chosen.data.window, chosen.training.batch_size) == (shipped.data.window, shipped.training.batch_size)
        assert chosen.model.logo.pool_window == shipped.model.logo.pool_window
        assert (chosen.model.head, chosen.model.layout, chosen.model.width) == ("clff-light", "tridet", 128)
        assert chosen.training.ema_decay == shipped.training.ema_decay
        assert chosen.inference == shipped.inference.model_copy(update={"min_score": chosen.inference.min_score})
        assert chosen.data.hold_out == 0.2


def test_short_actions_span_several_steps():
    chosen = suggest(videos(20, *[0.5] * 10), clip_frames=16, fps=30)

    assert chosen.settings["data"]["clip_stride"] == 3
    assert chosen.reasons["data.clip_stride"] == "5 % of the actions last at most 0.5 s, which are 5.0 steps"


@pytest.mark.parametrize("duration", [None, 2.0])
def test_a_lone_point_at_the_end_of_a_video_gives_the_usual_pyramid(duration: float | None) -> None:
    point = Action(2.0, 2.0, "jump")
    suggestion = suggest(
        [VideoTruth("v", "training", (point,), duration=duration)], clip_frames=16, fps=25, clip_stride=25
    )
    assert (suggestion.settings["model"]["levels"], suggestion.settings["model"]["first_range"]) == (6, 4.0)
    assert "no action to judge by" in suggestion.reasons["model.levels"]


def test_a_stride_is_never_so_small_that_the_features_could_not_be_extracted():
    chosen = suggest(videos(100, 0.2, duration=7200.0), clip_frames=16, fps=30)

    assert 100 * 7200 * 30 / chosen.settings["data"]["clip_stride"] <= 1_200_000
    assert "a stride of 1 would make 21,600,000 clips" in chosen.reasons["data.clip_stride"]


def test_long_actions_allow_a_stride_above_the_usual():
    hour = suggest(videos(10, 300, 600, duration=3600.0), clip_frames=16, fps=30)

    assert hour.settings["data"]["clip_stride"] > 16


def test_no_level_lies_idle_where_actions_have_ordinary_lengths():
    lengths = np.geomspace(1, 30, 20).tolist()
    chosen = suggest(videos(20, *lengths), clip_frames=16, fps=30)

    assert chosen.settings["model"]["levels"] >= 4
    assert not [note for note in chosen.notes if "of the pyramid" in note]
    assert not chosen.unanswered


def test_few_videos_have_short_windows_and_pool_as_far_as_these():
    few = suggest(videos(20, *[2.0, 20.0] * 5, duration=1200.0), clip_frames=16, fps=30)
    many = suggest(videos(120, *[2.0, 20.0] * 5, duration=1200.0), clip_frames=16, fps=30)

    assert few.settings["data"]["window"] < many.settings["data"]["window"] == 2048
    assert few.settings["model"]["logo"]["pool_window"] == few.settings["data"]["window"] + 1
    assert "logo" not in many.settings["model"]


def test_a_network_that_learns_from_a_few_short_videos_sees_a_film_as_it_saw_these():
    short = suggest(videos(20, *[2.0, 4.0] * 3, duration=30.0), clip_frames=16, fps=30)
    points = [VideoTruth(f"v{i}", "training", (Action(9.0, 9.0, "a"),), 30.0, 30.0) for i in range(20)]
    moments = suggest(points, clip_frames=16, fps=30)

    assert short.settings["model"]["logo"]["pool_window"] == short.settings["data"]["window"] + 1
    assert short.settings["model"]["mlp_norm"] == "layer"
    assert "mlp_norm" not in moments.settings["model"]


def test_a_small_set_projects_each_feature_by_itself_where_that_has_seen_some_frames():
    few, many = videos(20, 1, 2, 3), videos(300, *[2.0] * 10)
    assert config(suggest(few, clip_frames=16, fps=30)).model.embedding_kernel == 1
    assert config(suggest(few, clip_frames=1, fps=30)).model.embedding_kernel == 3
    assert config(suggest(many, clip_frames=16, fps=30)).model.embedding_kernel == 3  # as in the paper


def test_few_actions_have_three_networks():
    assert config(suggest(videos(20, 1, 2, 3), clip_frames=16, fps=30)).model.members == 3
    assert config(suggest(videos(200, 1, 2, 3), clip_frames=16, fps=30)).model.members == 1


def test_batches_and_epochs_fit_the_videos_that_are_left_to_train_on():
    for count in (1, 2, 3, 10, 40, 300):
        chosen = suggest(videos(count, 1, 2, 3, 4, 5), clip_frames=16, fps=30)
        left = count - round(chosen.settings["data"]["hold_out"] * count)
        assert 1 <= chosen.settings["training"]["batch_size"] <= left
        assert 15 <= chosen.settings["training"]["epochs"] <= 400


def test_nothing_is_held_out_of_few_groups_though_videos_are_many():
    many = [
        VideoTruth(f"v{i}", "training", v.actions, v.duration, group=f"g{i % 4}")
        for i, v in enumerate(videos(40, 1, 2, 3))
    ]
    chosen = suggest(many, clip_frames=16, fps=30)

    assert chosen.settings["data"]["hold_out"] == 0
    assert any("4 groups" in note for note in chosen.notes)
    assert suggest(videos(40, 1, 2, 3), clip_frames=16, fps=30).settings["data"]["hold_out"] == 0.2


def test_rare_labels_weigh_more_only_where_labels_are_very_unbalanced():
    rare = video("rare", 2, label="fall")
    unbalanced = suggest([*videos(30, 2), rare], clip_frames=16, fps=30)
    balanced = suggest([*videos(5, 2), rare], clip_frames=16, fps=30)

    assert unbalanced.settings["training"]["class_balance"] == 0.5
    assert unbalanced.reasons["training.class_balance"].startswith("'jump' is 30 times as frequent as 'fall'")
    assert "class_balance" not in balanced.settings["training"]


def test_events_without_length_become_segments_that_stay_apart():
    far = VideoTruth("far", "training", tuple(Action(5.0 * i, 5.0 * i, "hit") for i in range(1, 9)), 60.0)
    near = VideoTruth("near", "training", tuple(Action(0.5 * i, 0.5 * i, "hit") for i in range(1, 9)), 60.0)
    widths = [suggest([each], clip_frames=16, fps=30).settings["data"]["widen_points"] for each in (far, near)]

    assert widths == [1.0, 0.5]
    assert not suggest([far], clip_frames=16, fps=30).unanswered


def test_a_moment_at_the_end_of_its_video_is_not_shorter_than_others() -> None:
    videos = [VideoTruth(f"v{i}", "training", (Action(t, t, "a"),), 30.0, 30.0) for i, t in enumerate((0.1, 15, 29.9))]
    assert sorted(a.duration for v in placeable(videos, 1.0) for a in v.actions) == pytest.approx([0.35, 0.35, 1.0])
    assert list(measure(videos).seconds) == [1.0, 1.0, 1.0]
    outside = VideoTruth("w", "training", (Action(31, 31, "a"), Action(2, 2, "a")), 30.0, 30.0)
    assert list(measure([outside]).seconds) == [1.0]


def test_moments_get_a_heat_map_on_one_level_and_the_surest_of_near_ones():
    events = VideoTruth("v", "training", tuple(Action(5.0 * i, 5.0 * i, "hit") for i in range(1, 9)), 60.0)
    chosen = suggest([events], clip_frames=16, fps=30)
    mixed = suggest([events, *videos(4, 1, 2)], clip_frames=16, fps=30)

    found = config(chosen)
    assert (found.model.levels, found.model.stem_blocks, found.model.head) == (1, 4, "light")
    assert found.model.logo.kernel == (3, 5, 9, 17)
    assert (found.training.heat, found.inference.nms, found.inference.nms_tiou) == (0.2, "hard", 0.33)
    assert "nms_sigma" not in chosen.settings["inference"]
    assert "heat" not in mixed.settings["training"]
    assert config(mixed).inference.nms == "soft"


def test_a_single_event_without_length_among_many_actions_is_named_and_left_out():
    slip = VideoTruth("slip", "training", (Action(3, 3, "jump"),), 10.0)
    chosen = suggest([*videos(40, 1, 2, 3, 4, 5), slip], clip_frames=16, fps=30)

    assert "widen_points" not in chosen.settings["data"]
    assert chosen.unanswered == ("slip 'jump' 3-3 s, without length, left out",)


def test_overlapping_actions_of_one_label_soften_the_suppression():
    apart = suggest(videos(3, 2, 2), clip_frames=16, fps=30)
    over = VideoTruth("o", "training", (Action(0, 5, "a"), Action(3, 8, "a"), Action(4, 9, "b")), 10.0)

    assert apart.settings["inference"]["nms_sigma"] == 0.4
    assert suggest([over], clip_frames=16, fps=30).settings["inference"]["nms_sigma"] == 0.7


# Edges


def test_one_video_is_enough_and_a_note_says_what_it_cannot_show():
    chosen = suggest([video("only", 1, 2)], clip_frames=16, fps=30)

    assert config(chosen).training.batch_size == 1
    assert any(note.startswith("one video") for note in chosen.notes)


@pytest.mark.parametrize("duration", [None, 30.0])
def test_without_any_action_the_settings_are_usual_ones_and_a_note_says_so(duration: float | None):
    chosen = suggest([VideoTruth("empty", "training", (), duration)], clip_frames=16, fps=30)

    assert config(chosen).data.clip_stride == 4
    assert any("no action is annotated" in note for note in chosen.notes)


def test_without_durations_videos_end_with_their_last_action():
    bare = [VideoTruth(f"v{i}", "training", (Action(1, 4, "a"), Action(5, 7, "a"))) for i in range(5)]
    chosen = suggest(bare, clip_frames=16, fps=30)

    assert not chosen.unanswered
    assert any(note.startswith("5 videos without 'duration'") and "v0, v1, v2, ..." in note for note in chosen.notes)


def test_actions_of_one_length_are_all_answered():
    for length in (0.2, 1.0, 8.0, 100.0):
        chosen = suggest(videos(10, *[length] * 5), clip_frames=16, fps=30)
        assert not chosen.unanswered, length


def test_a_blink_beside_ten_minutes_is_answered_as_both_are():
    chosen = suggest(videos(10, 0.2, 600.0, 0.2), clip_frames=16, fps=30)

    assert not chosen.unanswered
    assert chosen.settings["data"]["clip_stride"] == 1
    assert any("of the pyramid answer for no action" in note for note in chosen.notes)  # nothing is of medium length


def test_an_action_too_short_for_a_fixed_stride_is_named():
    blink = video("blink", 3.0, 0.04, 3.0, duration=30.0)
    chosen = suggest([blink], clip_frames=16, fps=30, clip_stride=16)

    assert len(chosen.unanswered) == 1
    assert "blink 'jump' 5-5.04 s" in chosen.unanswered[0]
    assert any("blink 'jump' 5-5.04 s" in note for note in chosen.notes)


def test_many_unanswered_actions_are_counted_in_the_note_and_all_named_beside_it():
    chosen = suggest([video("v", *[0.01] * 50)], clip_frames=16, fps=30, clip_stride=64)
    note = next(note for note in chosen.notes if "no level answers for" in note)

    named = [entry for entry in chosen.unanswered if entry.endswith("that no level answers for")]

    assert note.startswith(f"{len(named)} actions (98.0 %)")
    assert note.endswith(f"; and {len(named) - 5} more")


def test_one_class_for_all_is_proposed_where_videos_have_one_of_many_labels():
    many = [video(f"v{i}", 2, 3, label=f"label {i % 60}") for i in range(120)]

    assert any("class_agnostic" in note for note in suggest(many, clip_frames=16, fps=30).notes)


def test_no_videos_and_no_frame_rate_are_errors_that_name_the_cure():
    with pytest.raises(InputError, match="no videos"):
        suggest([], clip_frames=16, fps=30)
    for fps in (0.0, -1.0, math.nan, math.inf):
        with pytest.raises(InputError, match="--fps"):
            suggest(videos(1, 1), clip_frames=16, fps=fps)


def test_the_same_videos_give_the_same_text():
    texts = {recipe_yaml(suggest(videos(20, 1, 2, 9), clip_frames=16, fps=25), header="h", fixed={}) for _ in range(2)}

    assert len(texts) == 1


# The law

LENGTHS = st.one_of(st.floats(0.02, 2), st.floats(0.2, 60), st.floats(60, 900), st.just(0.0))


@st.composite
def data_sets(draw: st.DrawFn) -> list[VideoTruth]:
    drawn = []
    for index in range(draw(st.integers(1, 5))):
        one = video(f"v{index}", *draw(st.lists(LENGTHS, max_size=6)), gap=draw(st.sampled_from((0.1, 2.0))))
        drawn.append(VideoTruth(one.id, one.split, one.actions, draw(st.sampled_from((one.duration, None)))))
    return drawn


@settings(max_examples=60, deadline=None)
@given(data=data_sets(), fps=st.sampled_from((5.0, 25.0, 60.0)), stride=st.sampled_from((None, None, 4.0, 25.0)))
def test_every_action_is_answered_by_some_level_or_named(data: list[VideoTruth], fps: float, stride: float | None):
    suggestion = suggest(data, clip_frames=16, fps=fps, clip_stride=stride)
    chosen = config(suggestion)
    assert chosen.data.clip_stride
    grid = FeatureGrid(fps, chosen.data.clip_stride, 16)
    for each in data:
        if not each.actions:
            continue
        duration = each.duration or max(*(action.end for action in each.actions), 1.0)
        (wide,) = placeable([each], chosen.data.widen_points)
        segments = [(action.start, action.end) for action in wide.actions]
        length = max(int((duration * fps - 16) / chosen.data.clip_stride) + 1, 1)
        points = make_points([math.ceil(length / s) for s in chosen.model.strides], chosen.model.regression_ranges)
        on_grid = torch.from_numpy(grid.steps(np.array(segments))).float()
        numbers = torch.arange(len(segments))
        targets = assign(points, [on_grid], [numbers], num_classes=len(segments), radius=1.5)
        answered = targets.classes[0].sum(dim=0) > 0
        for action, (start, end), yes in zip(each.actions, segments, answered.tolist(), strict=True):
            names = (f"{each.id} 'jump' {s:g}-{e:g} s" for s, e in ((start, end), (action.start, action.end)))
            named = any(entry.startswith(name) for name in names for entry in suggestion.unanswered)
            assert yes or named, (action, suggestion.unanswered)
