"""Released checkpoints become run folders that answer as the published code did, to 1e-4 at every stage."""

import hashlib
import json
from pathlib import Path

import numpy as np
import pytest
import torch
import torch.nn.functional as F
import yaml

import logotal
from logotal.convert.checkpoint import convert_checkpoint
from logotal.data.grid import FeatureGrid
from logotal.errors import InputError
from logotal.runs.folder import Run
from logotal.training.assign import assign
from logotal.training.losses import Criterion
from tests.convert.published import ORIGINS, write_release
from tests.model.golden import LEVELS, levels

close = {"rtol": 1e-4, "atol": 1e-5}


def converted(folder: Path, name: str, **changes):
    checkpoint, settings, annotations, arrays, configuration = write_release(folder, name)
    run = convert_checkpoint(
        checkpoint, settings, folder / "run", origin=ORIGINS[name], annotations=annotations, **changes
    )
    return run, arrays, configuration


def predictions_of(run: Run, arrays):
    detector = logotal.load(run.folder, device="cpu").detector
    features = arrays["input/features"][None]
    mask = torch.ones(1, 1, features.shape[-1], dtype=torch.bool)
    padding = (0, arrays["cls_logits/level0"].shape[-1] - features.shape[-1])
    padded = F.pad(features, padding), F.pad(mask, padding)
    return detector, detector.encoder.stages(*padded), detector.encoder(*padded), detector(features, mask)


@torch.no_grad()
@pytest.mark.parametrize("name", ORIGINS)
def test_pyramid_logits_and_offsets_are_the_published_ones(tmp_path: Path, name: str):
    run, arrays, _ = converted(tmp_path, name)
    _, raw, pyramid, predictions = predictions_of(run, arrays)
    for level in range(LEVELS):
        assert torch.allclose(raw.levels[level], levels(arrays, "encoder")[level], **close)
        assert torch.allclose(pyramid.levels[level], levels(arrays, "encoder_normed")[level], **close)
    assert torch.allclose(predictions.logits, torch.cat(levels(arrays, "cls_logits"), dim=-1), **close)
    points, classes = predictions.mask.shape[1], predictions.logits.shape[1]
    point, label = (
        part.flatten() for part in torch.meshgrid(torch.arange(points), torch.arange(classes), indexing="ij")
    )
    offsets = predictions.boundaries.offsets(torch.zeros_like(point), point, label).reshape(points, classes, 2)
    if ORIGINS[name] == "tridet":
        expected = torch.cat([level[0].transpose(0, 1) for level in levels(arrays, "offsets")])
    else:
        expected = torch.cat([level[0].T[:, None].expand(-1, classes, -1) for level in levels(arrays, "reg_head")])
    assert torch.allclose(offsets, expected, **close)


@pytest.mark.parametrize("name", ORIGINS)
def test_losses_and_the_norm_of_their_gradient_are_the_published_ones(tmp_path: Path, name: str):
    run, arrays, configuration = converted(tmp_path, name)
    detector = logotal.load(run.folder, device="cpu").detector.train()
    features = arrays["input/features"][None]
    predictions = detector(features, torch.ones(1, 1, features.shape[-1], dtype=torch.bool))
    config = run.config().training
    targets = assign(
        predictions.points,
        [arrays["input/segments"]],
        [arrays["input/labels"]],
        num_classes=configuration["model"]["num_classes"],
        radius=config.center_radius,
    )
    losses = Criterion(config)(predictions, targets)
    losses.total.backward()
    gradients = [parameter.grad for parameter in detector.parameters() if parameter.grad is not None]
    norm = torch.linalg.vector_norm(torch.stack([gradient.norm() for gradient in gradients]))
    assert losses.classification.item() == pytest.approx(arrays["loss/cls_loss"].item(), rel=1e-4)
    assert losses.regression.item() == pytest.approx(arrays["loss/reg_loss"].item(), rel=1e-4)
    assert losses.total.item() == pytest.approx(arrays["loss/final_loss"].item(), rel=1e-4)
    assert norm.item() == pytest.approx(arrays["loss/grad_norm"].item(), rel=1e-4)


@pytest.mark.parametrize("name", ORIGINS)
def test_detections_are_the_published_ones(tmp_path: Path, name: str):
    run, arrays, configuration = converted(tmp_path, name)
    predictor = logotal.load(run.folder, device="cpu")
    grid = FeatureGrid(configuration["fps"], configuration["feat_stride"], configuration["feat_num_frames"])
    timeline = predictor.detect(
        arrays["input/features"].T.numpy(), grid, duration=configuration["duration"], everything=True
    )
    found = sorted(timeline, key=lambda action: -action.score)
    expected = arrays["detections/segments_seconds"].numpy()
    assert np.array([action.score for action in found]) == pytest.approx(arrays["detections/scores"].numpy(), rel=1e-4)
    assert np.array([(a.start, a.end) for a in found]) == pytest.approx(expected, abs=2e-4)
    if not run.config().model.class_agnostic:
        labels = [f"class {label}" for label in arrays["detections/labels"].tolist()]
        assert [action.label for action in found] == labels


PADDED = [name for name in ORIGINS if name.endswith("_padded")]


@torch.no_grad()
@pytest.mark.parametrize("name", ORIGINS)
def test_videos_of_two_lengths_answer_together_as_they_do_alone(tmp_path: Path, name: str):
    """In a training batch theirs pads every window to the length it is trained with."""
    run, arrays, _ = converted(tmp_path, name)
    detector = logotal.load(run.folder, device="cpu").detector
    whole = torch.randn(1, arrays["input/features"].shape[0], 250, generator=torch.Generator().manual_seed(0))
    lengths = (250, 123)
    mask = torch.arange(250) < torch.tensor(lengths)[:, None, None]
    together = detector((whole * mask).contiguous(), mask)
    for row, length in enumerate(lengths):
        alone = detector(whole[..., :length], mask[row : row + 1, :, :length])
        assert torch.equal(alone.mask[0], together.mask[row])
        assert torch.allclose(alone.logits[0], together.logits[row], **close)


@torch.no_grad()
@pytest.mark.parametrize("name", PADDED)
def test_padding_changes_the_answers_unless_that_is_asked_for(tmp_path: Path, name: str):
    logits = {}
    for padding in ("published", "none"):
        (tmp_path / padding).mkdir()
        run, arrays, _ = converted(tmp_path / padding, name, padding=padding)
        features = arrays["input/features"][None]
        predictions = logotal.load(run.folder, device="cpu").detector(features, torch.ones_like(features[:, :1]) > 0)
        logits[padding] = predictions.logits[:, :, :192]
    apart = (logits["published"] - logits["none"]).abs().amax(1)[0]
    assert apart.max() > 1e-3
    if name == "actionformer_padded":  # the means of the others run over the whole video
        assert apart[:100].max() < 1e-5


@pytest.mark.parametrize(
    ("name", "length", "expected"),
    [
        *((name, length, 256) for name in PADDED for length in (1, 255, 256)),
        ("actionformer_padded", 257, 512),  # levels of stride 32, windows of 9: multiples of 256
        ("actionformer_padded", 513, 768),
        ("tridet_padded", 257, 288),
        ("temporalmaxer_padded", 257, 288),
        ("temporalmaxer_padded", 289, 320),
    ],
)
def test_videos_are_padded_as_far_as_published(tmp_path: Path, name: str, length: int, expected: int):
    run, _, _ = converted(tmp_path, name)
    detector = logotal.load(run.folder, device="cpu").detector
    assert detector.published is not None
    assert detector.published.length(length) == expected


def test_the_averaged_weights_are_taken_unless_the_last_ones_are_asked_for(tmp_path: Path):
    run, arrays, _ = converted(tmp_path, "actionformer")
    bias = run.weights()["classification.trunk.last.conv.bias"]
    assert torch.equal(bias, arrays["weights/cls_head.cls_head.conv.bias"])
    assert run.labels() == tuple(f"class {i}" for i in range(5))
    (tmp_path / "again").mkdir()
    raw, _, _ = converted(tmp_path / "again", "actionformer", raw=True)
    assert torch.allclose(raw.weights()["classification.trunk.last.conv.bias"], bias + 1)


def test_scales_of_the_drop_path_find_their_place(tmp_path: Path):
    checkpoint, settings, annotations, _, _ = write_release(tmp_path, "tridet")
    content = yaml.safe_load(settings.read_text())
    content["train_cfg"]["droppath"] = 0.1
    settings.write_text(yaml.safe_dump(content))
    state = torch.load(checkpoint, weights_only=True)
    for block in range(5):
        for branch, value in (("out", 0.25), ("mlp", 0.5)):
            scale = torch.full((1, 64, 1), value + block)
            state["state_dict_ema"][f"module.backbone.branch.{block}.drop_path_{branch}.scale"] = scale
    torch.save(state, checkpoint)
    run = convert_checkpoint(checkpoint, settings, tmp_path / "run", origin="tridet", annotations=annotations)
    weights = run.weights()
    assert weights["encoder.blocks.3.mixer_scale.scale"].flatten().unique().item() == 3.25
    assert weights["encoder.blocks.3.mlp_scale.scale"].flatten().unique().item() == 3.5
    assert "encoder.stem.0.mixer_scale.scale" not in weights  # theirs has none there
    assert run.config().model.drop_path == 0.1


def test_what_does_not_fit_is_named(tmp_path: Path):
    checkpoint, settings, annotations, _, _ = write_release(tmp_path, "actionformer")

    def convert(**changes):
        given = {"origin": "actionformer", "annotations": annotations} | changes
        return convert_checkpoint(checkpoint, settings, tmp_path / "run", **given)

    with pytest.raises(InputError, match=r"key 'backbone\.stem\.0\.ln1\.weight' .* has no place in tridet"):
        convert(origin="tridet")
    with pytest.raises(InputError, match="--from: no 'actionformr'; did you mean 'actionformer'"):
        convert(origin="actionformr")
    original = settings.read_text()
    for old, new, message in (
        ("use_rel_pe: false", "use_rel_pe: true", "model.use_rel_pe: expected False, found True; not built here"),
        ("n_head: 4", "n_haed: 4", "model.n_haed is not a setting that is known here"),
        ("num_classes: 5", "num_classes: 6", "expected the 6 labels"),
        ("num_classes: 5", "num_classes: many", "dataset.num_classes: expected a whole number, found 'many'"),
        ("head_dim: 64", "head_dim: 32", r"of another shape, first 'classification\.trunk\.convs\.0\.conv\.weight'"),
        ("- test\n", "- tset\n", "val_split 'tset' is no split"),
    ):
        assert old in original
        settings.write_text(original.replace(old, new))
        with pytest.raises(InputError, match=message):
            convert()
    settings.write_text(original)
    state = torch.load(checkpoint, weights_only=True)
    del state["state_dict_ema"]["module.neck.fpn_norms.2.bias"]
    torch.save(state, checkpoint)
    with pytest.raises(InputError, match=r"1 key missing, first 'encoder\.norms\.2\.norm\.bias'"):
        convert()
    assert not (tmp_path / "run").exists()


def test_a_checkpoint_that_would_run_code_is_refused(tmp_path: Path):
    checkpoint, settings, annotations, _, _ = write_release(tmp_path, "temporalmaxer")

    class Bomb:
        def __reduce__(self):
            return print, ("this must not run",)

    torch.save({"state_dict_ema": Bomb()}, checkpoint)
    with pytest.raises(InputError, match="cannot be read as weights alone"):
        convert_checkpoint(checkpoint, settings, tmp_path / "run", origin="temporalmaxer", annotations=annotations)


def test_a_run_is_not_written_over(tmp_path: Path):
    run, _, _ = converted(tmp_path, "temporalmaxer")
    with pytest.raises(InputError, match="already holds a run"):
        converted(tmp_path, "temporalmaxer")
    assert "temporalmaxer" in (run.folder / "provenance.json").read_text()


def test_a_converted_run_says_what_it_was_made_of(tmp_path: Path):
    checkpoint, settings, annotations, _, _ = write_release(tmp_path, "temporalmaxer")
    run = convert_checkpoint(checkpoint, settings, tmp_path / "run", origin="temporalmaxer", annotations=annotations)
    about = json.loads((run.folder / "provenance.json").read_text())
    assert about["converted_from"] == "temporalmaxer"
    assert about["checkpoint_sha256"] == hashlib.sha256(checkpoint.read_bytes()).hexdigest()
