import json
import shutil
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from torch import Tensor

from logotal.backbones.backbone import find_backbone
from logotal.backbones.load import load_backbone
from logotal.data.feature_recipe import read_feature_recipe, write_feature_recipe
from logotal.errors import InputError
from logotal.extraction.extractor import feature_recipe
from logotal.extraction.folder import Settings, matching_extractor
from logotal.video.writer import write_video
from tests.backbones.families import CUT, SQUARE, write_model

IMAGES = ("CLIP", "Siglip", "DINOv3ViT", "DINOv3ConvNext", "ViT")
VIDEOS = {"VideoMAE": 4, "Timesformer": 3, "Vivit": 4, "VJEPA2": 6}


@pytest.fixture(autouse=True)
def no_network(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HF_HUB_OFFLINE", "1")


def clips(frames: int) -> Tensor:
    return torch.randn(3, 1, 3, frames, 32, 32, generator=torch.Generator().manual_seed(1))


@pytest.mark.parametrize("family", IMAGES)
@torch.inference_mode()
def test_features_of_a_frame_are_the_pooled_output_of_the_image_model(family: str, tmp_path: Path):
    model = write_model(tmp_path, family)
    loaded = load_backbone(f"image:{tmp_path}")
    images = clips(1)[:, 0, :, 0]
    made = getattr(model, "vision_model", model)(pixel_values=images).pooler_output.flatten(1)

    torch.testing.assert_close(loaded.features(clips(1)), made, atol=1e-5, rtol=1e-4)
    backbone = loaded.backbone
    assert (backbone.clip_frames, backbone.channels) == (1, made.shape[1])
    assert backbone.resize == (40 if family == "CLIP" else (32, 32))
    assert (backbone.crop_size, backbone.mean, backbone.std) == (32, (0.5, 0.4, 0.3), (0.2, 0.25, 0.5))
    assert not any("text" in name for name, _ in loaded.network.named_parameters())


@pytest.mark.parametrize("family", VIDEOS)
@torch.inference_mode()
def test_features_of_a_clip_are_the_mean_of_the_tokens_of_the_video_model(family: str, tmp_path: Path):
    model = write_model(tmp_path, family)
    loaded = load_backbone(f"video:{tmp_path}")
    shown = clips(VIDEOS[family])
    more = {"skip_predictor": True} if family == "VJEPA2" else {}
    tokens = model(shown[:, 0].transpose(1, 2), **more).last_hidden_state

    torch.testing.assert_close(loaded.features(shown), tokens.mean(dim=1), atol=1e-5, rtol=1e-4)
    assert (loaded.backbone.clip_frames, loaded.backbone.channels) == (VIDEOS[family], 32)
    assert (loaded.backbone.crop_size, loaded.backbone.mean) == (32, (0.5, 0.4, 0.3))
    assert not any("pooler" in name or "predictor" in name for name, _ in loaded.network.named_parameters())


@pytest.mark.parametrize(("family", "kind"), [("Siglip", "image"), ("VJEPA2", "video"), ("ViT", "image")])
def test_a_video_has_the_same_features_again_by_their_recipe_from_wherever_the_model_lies(
    family: str, kind: str, tmp_path: Path
):
    write_model(tmp_path / "model", family)
    video = tmp_path / "v.mp4"
    write_video(video, np.random.default_rng(0).integers(0, 255, (30, 48, 64, 3), dtype=np.uint8), fps=10)
    first = Settings(f"{kind}:{tmp_path / 'model'}", precision="fp32", changes={"differences": "before"}).extractor()
    features, _ = first.extract(video)
    write_feature_recipe(tmp_path / "features", feature_recipe(first))
    recipe = read_feature_recipe(tmp_path / "features")
    assert recipe is not None
    shutil.move(tmp_path / "model", tmp_path / "elsewhere")
    again = matching_extractor(recipe, weights=tmp_path / "elsewhere", precision="fp32")

    assert recipe["channels"] == features.shape[1] == 64
    np.testing.assert_array_equal(again.extract(video)[0], features)
    with pytest.raises(InputError, match="no folder of a model"):
        matching_extractor(recipe)


def test_what_was_never_trained_is_no_part_of_the_model(tmp_path: Path):
    """A pooler that a checkpoint lacks would be made up anew each time; the tokens are there."""
    transformers = pytest.importorskip("transformers", reason="needs the extra hf")
    model = write_model(tmp_path, "ViT")
    transformers.ViTModel(model.config, add_pooling_layer=False).save_pretrained(tmp_path)
    first, second = (load_backbone(f"image:{tmp_path}") for _ in range(2))
    bare = transformers.ViTModel.from_pretrained(tmp_path, add_pooling_layer=False).eval()
    with torch.inference_mode():
        tokens = bare(pixel_values=clips(1)[:, 0, :, 0]).last_hidden_state

    assert first.weights_hash == second.weights_hash
    torch.testing.assert_close(first.features(clips(1)), tokens.mean(dim=1), atol=1e-5, rtol=1e-4)


def test_a_model_that_lacks_weights_is_refused(tmp_path: Path):
    from safetensors.torch import load_file, save_file  # noqa: PLC0415

    write_model(tmp_path, "VideoMAE")
    state = load_file(tmp_path / "model.safetensors")
    kept = {key: value for key, value in state.items() if "layer.1.attention" not in key}
    assert len(kept) < len(state)
    save_file(kept, tmp_path / "model.safetensors", metadata={"format": "pt"})
    with pytest.raises(InputError, match=r"weights of VideoMAEModel missing, first 'encoder\.layer\.1\.attention"):
        load_backbone(f"video:{tmp_path}")


@pytest.mark.parametrize("changes", [{"clip_frames": 8}, {"crop_size": 24}], ids=str)
def test_clips_that_a_model_cannot_read_are_refused_before_any_video(tmp_path: Path, changes: dict[str, Any]):
    write_model(tmp_path, "VideoMAE")
    with pytest.raises(InputError, match=r"cannot read . frames of .. x .. pixels \(.+\); leave out or change clips"):
        load_backbone(f"video:{tmp_path}", changes=changes)


def test_a_model_that_reads_clips_of_any_length_may_be_given_shorter_ones(tmp_path: Path):
    write_model(tmp_path, "VJEPA2")
    loaded = load_backbone(f"video:{tmp_path}", changes={"clip_frames": 4, "clip_stride": 2})

    assert loaded.features(clips(4)).shape == (3, 32)


@pytest.mark.parametrize(
    ("settings", "expected"),
    [
        (SQUARE, ((32, 32), 32, (0.5, 0.4, 0.3), (0.2, 0.25, 0.5))),
        (CUT, (40, 32, (0.5, 0.4, 0.3), (0.2, 0.25, 0.5))),
        (SQUARE | {"size": 36}, (36, 36, (0.5, 0.4, 0.3), (0.2, 0.25, 0.5))),
        (SQUARE | {"size": 36, "do_center_crop": True}, (36, 32, (0.5, 0.4, 0.3), (0.2, 0.25, 0.5))),
        (CUT | {"crop_size": 34, "do_normalize": False}, (40, 34, (0.0,), (1.0,))),
        (CUT | {"offset": True, "rescale_factor": 1 / 127.5}, (40, 32, (0.75, 0.7, 0.65), (0.1, 0.125, 0.25))),
        ({"video_processor": CUT}, (40, 32, (0.5, 0.4, 0.3), (0.2, 0.25, 0.5))),
    ],
    ids=str,
)
def test_what_a_model_is_shown_is_what_its_processor_shows_it(settings: Any, expected: Any, tmp_path: Path):
    write_model(tmp_path, "ViT")
    (tmp_path / "preprocessor_config.json").unlink()
    (tmp_path / "processor_config.json").write_text(json.dumps(settings))
    found = find_backbone(f"image:{tmp_path}")

    assert (found.resize, found.crop_size) == expected[:2]
    assert (found.mean, found.std) == (pytest.approx(expected[2]), pytest.approx(expected[3]))


def test_vivit_is_normalized_as_its_own_processor_does(tmp_path: Path):
    """Values from -1 to 1 first, then by mean and spread."""
    settings = CUT | {"offset": True, "rescale_factor": 1 / 127.5}
    write_model(tmp_path, "Vivit", settings)
    found = find_backbone(f"video:{tmp_path}")
    values = np.arange(256)
    by_hand = (values / 127.5 - 1 - 0.4) / 0.25

    np.testing.assert_allclose((values / 255 - found.mean[1]) / found.std[1], by_hand, atol=1e-12)


@pytest.mark.parametrize(
    "wrong", [{"size": {"longest_edge": 5}}, {"image_mean": ["a"]}, {"rescale_factor": 0}, {"image_std": None}], ids=str
)
def test_settings_of_a_processor_that_mean_nothing_are_named(wrong: dict[str, Any], tmp_path: Path):
    write_model(tmp_path, "ViT", SQUARE | wrong)
    with pytest.raises(InputError, match=r"in its processor's settings, found \{"):
        find_backbone(f"image:{tmp_path}")


@pytest.mark.parametrize("content", ["[]", "7", '"size"'])
def test_settings_of_a_processor_that_are_none_are_refused(content: str, tmp_path: Path):
    write_model(tmp_path, "ViT")
    (tmp_path / "preprocessor_config.json").write_text(content)
    with pytest.raises(InputError, match=r"preprocessor_config\.json"):
        find_backbone(f"image:{tmp_path}")


@pytest.mark.parametrize("size", [{"height": 10**9, "width": 10**9}, 10**30, -4], ids=str)
def test_sizes_that_would_fill_the_memory_are_refused(size: Any, tmp_path: Path):
    write_model(tmp_path, "ViT", SQUARE | {"size": size})
    with pytest.raises(InputError, match="expected 1 to 4096 pixels a side, found"):
        find_backbone(f"image:{tmp_path}")


def test_a_broken_configuration_is_refused_in_one_line(tmp_path: Path):
    write_model(tmp_path, "VideoMAE")
    config = json.loads((tmp_path / "config.json").read_text())
    for changes in ({"num_frames": "many"}, {"hidden_size": []}, {"model_type": 3}, {"num_frames": 10**9}):
        (tmp_path / "config.json").write_text(json.dumps(config | changes))
        with pytest.raises(InputError) as error:
            load_backbone(f"video:{tmp_path}")
        assert "\n" not in str(error.value)


def test_a_model_without_a_processor_asks_for_its_normalization(tmp_path: Path):
    write_model(tmp_path, "DINOv3ViT")
    (tmp_path / "preprocessor_config.json").unlink()
    with pytest.raises(InputError, match="do not say how frames are normalized; name --mean and --std"):
        load_backbone(f"image:{tmp_path}")
    loaded = load_backbone(f"image:{tmp_path}", changes={"mean": (0.5,), "std": (0.5,)})

    assert (loaded.backbone.resize, loaded.backbone.mean) == ((32, 32), (0.5,))


def test_models_of_another_kind_are_told_apart(tmp_path: Path):
    transformers = pytest.importorskip("transformers", reason="needs the extra hf")
    write_model(tmp_path / "video", "VideoMAE")
    write_model(tmp_path / "image", "ViT")
    text = transformers.BertConfig(hidden_size=8, num_hidden_layers=1, num_attention_heads=1, intermediate_size=8)
    transformers.BertModel(text).save_pretrained(tmp_path / "text")
    with pytest.raises(InputError, match="expected an image model, found videomae; name it video:"):
        find_backbone(f"image:{tmp_path / 'video'}")
    with pytest.raises(
        InputError, match=r"expected a video model \(videomae, .*\), found vit; models of single frames"
    ):
        find_backbone(f"video:{tmp_path / 'image'}")
    with pytest.raises(InputError, match="expected a model of images, found BertModel"):
        load_backbone(f"image:{tmp_path / 'text'}", changes={"mean": (0.5,), "std": (0.5,)})


def test_code_of_a_repository_does_not_run(tmp_path: Path):
    pytest.importorskip("transformers", reason="needs the extra hf")
    (tmp_path / "run.py").write_text(f"open({str(tmp_path / 'ran')!r}, 'w')\n")
    config = {"model_type": "new", "auto_map": {"AutoConfig": "run.Config", "AutoModel": "run.Model"}}
    (tmp_path / "config.json").write_text(json.dumps(config))
    for kind in ("image", "video"):
        with pytest.raises(InputError, match="no folder of a model"):
            find_backbone(f"{kind}:{tmp_path}")
    assert not (tmp_path / "ran").exists()


def test_a_missing_extra_answers_with_its_install_line(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setitem(sys.modules, "transformers", None)
    with pytest.raises(InputError, match=r"pip install 'logotal\[hf\]'"):
        find_backbone("video:MCG-NJU/videomae-base")


@pytest.mark.parametrize("name", ["imgae:x", "image:", ":x", "video:"])
def test_a_name_that_names_nothing_is_refused(name: str):
    with pytest.raises(InputError, match="expected image:LOCATION or video:LOCATION"):
        find_backbone(name)


def test_a_folder_that_is_none_is_named(tmp_path: Path):
    pytest.importorskip("transformers", reason="needs the extra hf")
    with pytest.raises(InputError, match="none: no folder of a model, and none on the Hugging Face hub"):
        find_backbone(f"image:{tmp_path / 'none'}")


@pytest.mark.parametrize(
    "name",
    [
        *("VideoMAEForPreTraining", "VideoMAEForVideoClassification", "TimesformerForVideoClassification"),
        *("VivitForVideoClassification", "VJEPA2ForVideoClassification"),
    ],
)
@torch.inference_mode()
def test_what_was_trained_with_a_head_gives_its_encoder(name: str, tmp_path: Path):
    transformers = pytest.importorskip("transformers", reason="needs the extra hf")
    family = name.partition("For")[0]
    changes = {"use_mean_pooling": True} if name == "VideoMAEForVideoClassification" else {}  # as VideoMAE v2 has it
    config = write_model(tmp_path, family, **changes).config
    model = getattr(transformers, name)(config).eval()
    (tmp_path / "model.safetensors").unlink()
    model.save_pretrained(tmp_path)
    shown = clips(VIDEOS[family])
    base = getattr(model, model.base_model_prefix)
    more = {"skip_predictor": True} if family == "VJEPA2" else {}
    tokens = base(shown[:, 0].transpose(1, 2), **more).last_hidden_state

    made = load_backbone(f"video:{tmp_path}").features(shown)
    torch.testing.assert_close(made, tokens.mean(dim=1), atol=1e-5, rtol=1e-4)


@pytest.mark.parametrize("family", ["CLIP", "Siglip"])
@torch.inference_mode()
def test_an_image_tower_alone_gives_what_it_gives_beside_its_text(family: str, tmp_path: Path):
    transformers = pytest.importorskip("transformers", reason="needs the extra hf")
    both = write_model(tmp_path / "both", family)
    alone = getattr(transformers, f"{family}VisionModel").from_pretrained(tmp_path / "both").eval()
    alone.save_pretrained(tmp_path / "alone")
    settings = (tmp_path / "both" / "preprocessor_config.json").read_text()
    (tmp_path / "alone" / "preprocessor_config.json").write_text(settings)
    first, second = (load_backbone(f"image:{tmp_path / each}") for each in ("both", "alone"))

    assert any("text" in name for name, _ in both.named_parameters())
    torch.testing.assert_close(first.features(clips(1)), second.features(clips(1)), atol=1e-6, rtol=1e-5)
