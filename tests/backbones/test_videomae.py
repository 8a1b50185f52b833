import os
import sys
from pathlib import Path
from typing import Any

import pytest
import torch

from logotal.backbones.load import load_backbone
from logotal.backbones.videomae import load_videomae
from logotal.errors import InputError


def small_model(folder: Path, **changes: Any) -> Path:
    """Writes a tiny VideoMAE with random weights."""
    transformers = pytest.importorskip("transformers", reason="needs the extra hf")
    sizes = {"hidden_size": 32, "num_hidden_layers": 2, "num_attention_heads": 2, "intermediate_size": 64}
    decoder = {"decoder_hidden_size": 16, "decoder_num_attention_heads": 2, "decoder_num_hidden_layers": 1}
    config = transformers.VideoMAEConfig(**sizes, **decoder, **({"use_mean_pooling": False} | changes))
    torch.manual_seed(0)
    transformers.VideoMAEModel(config).save_pretrained(folder)
    return folder


@pytest.fixture(autouse=True)
def no_network(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(os.environ, "HF_HUB_OFFLINE", "1")


def test_a_missing_extra_answers_with_its_install_line(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setitem(sys.modules, "transformers", None)
    with pytest.raises(InputError, match=r"pip install 'logotal\[hf\]'"):
        load_videomae("MCG-NJU/videomae-base")


def test_features_are_the_mean_of_the_tokens_of_the_model(tmp_path: Path):
    transformers = pytest.importorskip("transformers", reason="needs the extra hf")
    folder = small_model(tmp_path)
    clips = torch.randn(2, 3, 16, 224, 224)
    loaded = load_backbone("videomae", folder)
    with torch.inference_mode():
        tokens = transformers.VideoMAEModel.from_pretrained(folder).eval()(clips.transpose(1, 2)).last_hidden_state

    assert tokens.shape == (2, 8 * 14 * 14, 32)
    assert loaded.backbone.channels == 32
    torch.testing.assert_close(loaded.features(clips[:, None]), tokens.mean(dim=1), atol=1e-5, rtol=1e-4)


def test_a_model_for_other_clips_is_refused(tmp_path: Path):
    with pytest.raises(InputError, match="expected a model for 16 frames of 224 pixels, found one for 8 of 224"):
        load_videomae(small_model(tmp_path, num_frames=8))


def test_a_model_of_another_type_is_refused(tmp_path: Path):
    transformers = pytest.importorskip("transformers", reason="needs the extra hf")
    transformers.ViTConfig().save_pretrained(tmp_path)
    with pytest.raises(InputError, match="expected a model of type videomae, found vit"):
        load_videomae(tmp_path)


def test_a_folder_that_is_none_is_named(tmp_path: Path):
    pytest.importorskip("transformers", reason="needs the extra hf")
    with pytest.raises(InputError, match="none: no VideoMAE folder, and not on the Hugging Face hub"):
        load_videomae(tmp_path / "none")
