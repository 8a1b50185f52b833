import json
from dataclasses import replace

import numpy as np
import pytest
import torch
from torch.utils.data import DataLoader

from logotal.data.batch import collate
from logotal.data.dataset import EpochOrder, label_index
from logotal.data.features import read_features
from logotal.errors import InputError
from tests.data.cases import save_features, training_windows, truth, whole_videos

LENGTHS = {"a": 40, "b": 90, "c": 33, "d": 1}
VIDEOS = (
    truth("a", (1.0, 2.0, "jump"), (1.5, 3.0, "run")),
    truth("b", (5.1, 8.1, "run"), (0.2, 0.7, "jump"), duration=9.1),
    truth("c"),
    truth("d", (0.05, 0.15, "jump")),
)


@pytest.fixture
def folder(tmp_path):
    return save_features(tmp_path / "features", LENGTHS)


def raw(folder, video):
    return torch.from_numpy(np.array(read_features(folder / f"{video}.npy"))).T


def same(one, other):
    """Whether two samples agree in everything."""
    tensors = ("features", "segments", "labels")
    return (one.id, one.grid, one.duration) == (other.id, other.grid, other.duration) and all(
        torch.equal(getattr(one, name), getattr(other, name)) for name in tensors
    )


def test_a_whole_video_is_its_features_and_its_actions_on_their_grid(folder):
    sample = whole_videos(folder, VIDEOS)[1]
    assert (sample.id, sample.duration, len(whole_videos(folder, VIDEOS))) == ("b", 9.1, 4)
    assert torch.equal(sample.features, raw(folder, "b"))
    assert torch.allclose(sample.segments, torch.tensor([[50.0, 80.0], [1.0, 6.0]]), atol=1e-5)
    assert sample.labels.tolist() == [1, 0]


def test_a_video_without_actions_has_empty_segments(folder):
    for sample in (whole_videos(folder, VIDEOS)[2], training_windows(folder, VIDEOS, window=20)[0, 2]):
        assert (sample.segments.shape, sample.labels.shape) == ((0, 2), (0,))
        assert sample.labels.dtype == torch.long


def ignoring(video, *spans):
    return replace(video, ignored=spans)


def test_ignored_spans_lie_on_the_grid_of_the_features_as_actions_do(folder):
    video = ignoring(VIDEOS[1], (5.1, 8.1), (0.2, 0.7))
    for changes in ({}, {"downsample": 2}, {"resize_to": 30}):
        sample = whole_videos(folder, [video], **changes)[0]
        assert torch.equal(sample.ignored, sample.segments)
    assert whole_videos(folder, VIDEOS)[1].ignored.shape == (0, 2)


def test_a_window_shows_the_part_of_an_ignored_span_that_lies_in_it(folder):
    windows = training_windows(folder, [ignoring(truth("b"), (1.1, 2.1), (6.1, 7.1))], window=30)
    whole = raw(folder, "b")
    seen = set()
    for epoch in range(40):
        window = windows[epoch, 0]
        first = next(i for i in range(90) if torch.equal(window.features[:, 0], whole[:, i]))
        spans = [(max(start - first, -1.0), min(end - first, 30.0)) for start, end in ((10.0, 20.0), (60.0, 70.0))]
        expected = [span for span in spans if span[0] < span[1]]
        assert torch.allclose(window.ignored, torch.tensor(expected).reshape(-1, 2), atol=1e-4)
        seen.add(len(expected))
    assert seen == {0, 1}


def test_actions_are_counted_by_class(folder):
    unknown = truth("e", (0.0, 1.0, "swim"))
    assert training_windows(folder, [*VIDEOS, unknown]).class_counts().tolist() == [3, 2]
    assert training_windows(folder, [unknown]).class_counts().tolist() == [0, 0]


def test_labels_that_the_model_does_not_know_are_no_targets(folder):
    sample = whole_videos(folder, [truth("a", (1.0, 2.0, "swim"), (2.0, 3.0, "run"))])[0]
    assert sample.labels.tolist() == [1]


def test_every_second_feature_keeps_its_place_in_time(folder):
    whole, halved = whole_videos(folder, VIDEOS)[1], whole_videos(folder, VIDEOS, downsample=2)[1]
    assert torch.equal(halved.features, whole.features[:, ::2])
    assert torch.allclose(halved.segments, whole.segments / 2, atol=1e-5)
    assert halved.grid.seconds(halved.segments.double().numpy()) == pytest.approx(
        np.array([[5.1, 8.1], [0.2, 0.7]]), abs=1e-5
    )


@pytest.mark.parametrize("size", [7, 64])
def test_resized_videos_all_have_that_many_steps_and_keep_their_seconds(folder, size):
    for sample in (whole_videos(folder, VIDEOS, resize_to=size)[i] for i in range(4)):
        assert sample.features.shape == (4, size)
        assert sample.features.isfinite().all()
        seconds = sample.grid.seconds(sample.segments.double().numpy())
        expected = [(action.start, action.end) for video in VIDEOS if video.id == sample.id for action in video.actions]
        assert seconds == pytest.approx(np.array(expected).reshape(-1, 2), abs=1e-4)


def test_resizing_interpolates_between_neighbors(tmp_path):
    folder = save_features(tmp_path, {"a": 2})
    np.save(folder / "a.npy", np.array([[0.0], [4.0]], dtype=np.float32))
    features = whole_videos(folder, [truth("a")], resize_to=4)[0].features
    assert features.tolist() == [[0.0, 1.0, 3.0, 4.0]]  # centers at 1/8, 3/8, 5/8 and 7/8 of the video


def test_without_a_stride_features_span_the_duration_evenly(folder):
    sample = whole_videos(folder, [truth("a", (0.0, 20.0, "jump"), duration=20.0)], clip_stride=None, fps=None)[0]
    assert sample.grid.span(40) == pytest.approx(20.0)
    assert sample.segments.tolist() == [[-0.5, 39.5]]


def test_without_a_stride_or_a_duration_the_video_is_named(folder):
    dataset = whole_videos(folder, [truth("a", (0.0, 20.0, "jump"))], clip_stride=None)
    with pytest.raises(InputError, match="video 'a': features that span the duration evenly need one"):
        dataset[0]


@pytest.mark.parametrize("changes", [{}, {"downsample": 2}, {"resize_to": 30}], ids=str)
@pytest.mark.parametrize("epoch", range(4))
def test_a_window_is_a_slice_of_the_whole_video(folder, epoch, changes):
    whole = whole_videos(folder, VIDEOS, **changes)
    windows = training_windows(folder, VIDEOS, window=16, crop=(0.5, 0.9), **changes)
    for index, video in enumerate(VIDEOS):
        window, entire = windows[epoch, index].features, whole[index].features
        size = window.shape[1]
        places = [
            first for first in range(entire.shape[1] - size + 1) if torch.equal(window, entire[:, first : first + size])
        ]
        assert places, video.id
        assert size == 16 or entire.shape[1] <= 16


def test_actions_of_a_window_are_those_of_the_video_seen_from_its_first_step(folder):
    whole, windows = whole_videos(folder, VIDEOS)[1], training_windows(folder, VIDEOS, window=45)
    seen = set()
    for epoch in range(20):
        window = windows[epoch, 1]
        first = next(i for i in range(90) if torch.equal(window.features[:, 0], whole.features[:, i]))
        expected = [
            (max(start - first, -1), min(end - first, 45), label)  # a clip reaches one step beyond the window
            for (start, end), label in zip(whole.segments.tolist(), whole.labels.tolist(), strict=True)
        ]
        expected = [
            (start, end, label)
            for (start, end, label), (a, b) in zip(expected, whole.segments.tolist(), strict=True)
            if end - start >= 0.5 * (b - a)
        ]
        found = [
            (*segment, label) for segment, label in zip(window.segments.tolist(), window.labels.tolist(), strict=True)
        ]
        assert np.array(found) == pytest.approx(np.array(expected), abs=1e-4)
        assert found, "a window without an action, where there are windows with one"
        seen.add(tuple(label for *_, label in found))
    assert len(seen) > 1


def test_a_sample_is_a_function_of_seed_epoch_and_index(folder):
    windows = training_windows(folder, VIDEOS, window=16, seed=3)
    before = windows[5, 1]
    windows[0, 0], windows[5, 0]
    torch.rand(3), np.random.default_rng().random()
    assert same(windows[5, 1], before)
    assert same(training_windows(folder, VIDEOS, window=16, seed=3)[5, 1], before)
    assert not same(training_windows(folder, VIDEOS, window=16, seed=4)[5, 1], before)
    assert not same(windows[6, 1], before)


@pytest.fixture
def viewed(folder):
    """Two views of the videos: features that are 100 and 200 more."""
    for number in (1, 2):
        (folder / "views" / str(number)).mkdir(parents=True)
        for video in LENGTHS:
            np.save(
                folder / "views" / str(number) / f"{video}.npy", read_features(folder / f"{video}.npy") + 100 * number
            )
    return folder


def test_windows_are_cut_from_all_views_alike_and_lie_where_they_do_without_views(viewed):
    plain, drawn = (training_windows(viewed, VIDEOS, window=16, views=views) for views in (0, 2))
    seen = []
    for epoch in range(60):
        for index in range(4):
            expected, found = plain[epoch, index], drawn[epoch, index]
            more = (found.features - expected.features).unique()
            seen.append(round(more.mean().item()))
            assert torch.allclose(more, more.mean(), atol=1e-3)
            assert torch.equal(found.segments, expected.segments)
            assert same(drawn[epoch, index], found)
    assert set(seen) == {0, 100, 200}
    assert all(60 < seen.count(view) < 100 for view in (0, 100, 200))


def test_views_are_for_training_alone(viewed):
    assert same(whole_videos(viewed, VIDEOS, views=2)[0], whole_videos(viewed, VIDEOS)[0])


def test_a_view_that_is_missing_or_of_other_features_is_refused_with_the_cure(viewed):
    with pytest.raises(
        InputError, match=r"views/3: no features of this view for 'a', .*'d'; make them with `logotal ex"
    ):
        training_windows(viewed, VIDEOS, views=3)
    np.save(viewed / "views" / "2" / "b.npy", np.zeros((80, 4), np.float32))
    with pytest.raises(InputError, match=r"views/2/b\.npy: expected 90 steps as in .*, found 80; make them"):
        training_windows(viewed, VIDEOS, views=2)
    for place, recipe in ((viewed, {"clip_stride": 1}), (viewed / "views" / "1", {"clip_stride": 2, "view": 1})):
        (place / "features.json").write_text(json.dumps(recipe))
    with pytest.raises(InputError, match=r"views/1: no view of the features in .*: clip_stride is 2, expected 1; make"):
        training_windows(viewed, VIDEOS, views=1)


@pytest.mark.slow
def test_workers_change_nothing(folder):
    dataset = training_windows(folder, VIDEOS, window=16)
    order = EpochOrder(4, epoch=2, seed=0)

    def batches(workers):
        return list(DataLoader(dataset, batch_size=2, sampler=order, num_workers=workers, collate_fn=collate))

    alone, helped = batches(0), batches(2)
    assert [batch.ids for batch in alone] == [batch.ids for batch in helped]
    for one, other in zip(alone, helped, strict=True):
        assert torch.equal(one.features, other.features)
        assert all(torch.equal(a, b) for a, b in zip(one.segments, other.segments, strict=True))


def test_every_video_comes_once_in_an_epoch_and_in_another_order_in_the_next():
    first, again, second = (list(EpochOrder(20, epoch=epoch, seed=0)) for epoch in (1, 1, 2))
    assert sorted(first) == [(1, index) for index in range(20)]
    assert first == again
    assert [index for _, index in first] != [index for _, index in second]
    assert first != list(EpochOrder(20, epoch=1, seed=1))


@pytest.mark.parametrize(("length", "replicas"), [(20, 4), (10, 3), (7, 2), (2, 3)])
def test_processes_share_an_epoch_evenly_and_no_video_twice(length, replicas):
    shares = [EpochOrder(length, epoch=0, seed=0, rank=rank, replicas=replicas) for rank in range(replicas)]
    assert {len(share) for share in shares} == {length // replicas}
    dealt = [key for share in shares for key in share]
    assert len(set(dealt)) == len(dealt) == length // replicas * replicas


@pytest.mark.parametrize(("length", "replicas", "size"), [(24, 2, 3), (23, 2, 3), (25, 4, 1), (11, 3, 2)])
def test_the_batches_of_all_processes_are_together_that_of_one(length, replicas, size):
    def batches(size, **process):
        keys = list(EpochOrder(length, epoch=1, seed=5, **process))
        return [set(keys[step * size : (step + 1) * size]) for step in range(len(keys) // size)]

    dealt = [batches(size, rank=rank, replicas=replicas) for rank in range(replicas)]
    assert [set().union(*step) for step in zip(*dealt, strict=True)] == batches(size * replicas)


def test_what_does_not_divide_evenly_waits_for_another_epoch():
    def left_out(epoch):
        dealt = [key for rank in range(3) for key in EpochOrder(10, epoch=epoch, seed=0, rank=rank, replicas=3)]
        return set(range(10)) - {index for _, index in dealt}

    assert {len(left_out(epoch)) for epoch in range(30)} == {1}
    assert len({index for epoch in range(30) for index in left_out(epoch)}) > 5


@pytest.mark.parametrize("step", [2, 15, 31])
def test_features_that_are_not_numbers_name_the_file_and_its_step(folder, step):
    spoiled = np.array(read_features(folder / "c.npy"))
    spoiled[step, 2], spoiled[step + 1] = np.nan, np.inf
    np.save(folder / "c.npy", spoiled)
    with pytest.raises(
        InputError, match=rf"c\.npy: 2 of 33 steps hold NaN or infinite values, the first is step {step};"
    ):
        whole_videos(folder, VIDEOS)[2]
    windows, named = training_windows(folder, VIDEOS, window=16), set()
    for epoch in range(200):  # windows that hold both, one or none of them
        try:
            windows[epoch, 2]
        except InputError as error:
            named.add(int(str(error).split("the first is step ")[1].split(";")[0]))
    assert step in named <= {step, step + 1}


def test_half_precision_and_double_precision_features_become_single(tmp_path):
    for dtype in (np.float16, np.float64, ">f4"):
        np.save(tmp_path / "a.npy", np.ones((5, 4), dtype=dtype))
        features = whole_videos(tmp_path, [truth("a")])[0].features
        assert features.dtype == torch.float32
        assert features.tolist() == [[1.0] * 5] * 4


def test_a_class_agnostic_model_has_one_index_for_all_labels():
    assert label_index(("run", "jump"), class_agnostic=False) == {"run": 0, "jump": 1}
    assert label_index(("run", "jump"), class_agnostic=True) == {"run": 0, "jump": 0}
