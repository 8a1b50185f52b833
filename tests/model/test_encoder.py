import math
from functools import partial

import pytest
import torch
import torch.nn.functional as F

from logotal.model.attention import LocalAttentionMixer
from logotal.model.detector import build_encoder
from logotal.model.encoder import Embedding, sinusoids
from logotal.model.layers import ChannelNorm
from logotal.model.pooling import max_pool
from tests.model.cases import CHANNELS, LAYOUTS, padded, random_clip, small
from tests.model.golden import NAMES, golden, levels, masks

close = {"rtol": 1e-4, "atol": 1e-5}


@torch.no_grad()
@pytest.mark.parametrize("layout", LAYOUTS)
@pytest.mark.parametrize("length", [1, 2, 5, 16, 17])
def test_every_level_has_half_the_points_of_the_last_rounded_up(length, layout):
    features, mask = padded([random_clip(length)], length + 3)
    pyramid = build_encoder(small(layout=layout))(features, mask)
    sizes = [math.ceil((length + 3) / 2**level) for level in range(4)]
    assert [level.shape for level in pyramid.levels] == [(1, 16, size) for size in sizes]
    assert [mask.sum().item() for mask in pyramid.masks] == [math.ceil(length / 2**level) for level in range(4)]
    for level, real in zip(pyramid.levels, pyramid.masks, strict=True):
        assert not level[:, :, ~real[0, 0]].any()


@torch.no_grad()
def test_the_first_level_of_the_paper_is_the_embedding():
    encoder, given = build_encoder(small(neck_norm="none")), padded([random_clip(9)], 9)
    assert torch.equal(encoder(*given).levels[0], encoder.embedding(*given))


@pytest.mark.parametrize("levels", [1, 3, 7])
def test_the_paper_has_a_block_less_than_levels_and_tridet_a_stem_before_them(levels):
    paper, tridet = (build_encoder(small(layout=layout, levels=levels, stem_blocks=3)) for layout in LAYOUTS)
    assert (len(paper.stem), len(paper.blocks)) == (0, levels - 1)
    assert (len(tridet.stem), len(tridet.blocks)) == (3, levels - 1)


@torch.no_grad()
def test_the_levels_are_blocks_and_pools_in_the_order_of_the_layout():
    features, mask = padded([random_clip(9)], 9)
    half = mask[..., ::2]
    paper, tridet = (build_encoder(small(layout=layout, levels=2, neck_norm="none")) for layout in LAYOUTS)
    # Not to the bit: the order of sums may depend on where in memory, and how, the given features lie.
    close = partial(torch.testing.assert_close, rtol=1e-5, atol=1e-6)
    found, (block,) = paper(features, mask), paper.blocks
    close(found.levels[1], max_pool(block(paper.embedding(features, mask), mask), mask))
    found, (block,) = tridet(features, mask), tridet.blocks
    close(found.levels[0], tridet.stem[1](tridet.stem[0](tridet.embedding(features, mask), mask), mask))
    close(found.levels[1], block(max_pool(found.levels[0], mask), half))


@torch.no_grad()
def test_a_window_of_the_global_pooling_is_as_long_in_time_at_every_block():
    paper, tridet = (build_encoder(small(layout=layout, logo={"pool_window": 65})) for layout in LAYOUTS)
    assert [block.mixer.pool_window for block in paper.blocks] == [65, 33, 17]
    assert [block.mixer.pool_window for block in (*tridet.stem, *tridet.blocks)] == [65, 65, 33, 17, 9]


def test_sinusoids_alternate_sine_and_cosine_at_falling_frequencies():
    table = sinusoids(5, 4)
    for t in range(5):
        assert table[:, t].tolist() == pytest.approx(
            [math.sin(t), math.cos(t), math.sin(t / 100), math.cos(t / 100)], abs=1e-6
        )


@torch.no_grad()
@pytest.mark.parametrize(("length", "stretched"), [(1, False), (8, False), (16, True), (24, True)])
def test_positions_are_the_beginning_of_the_table_or_the_whole_of_it_stretched(length, stretched):
    plain, positioned = Embedding(CHANNELS, 16), Embedding(CHANNELS, 16, position_length=8)
    positioned.load_state_dict(plain.state_dict())
    features, mask = padded([random_clip(length)], length + 2)
    added = (positioned(features, mask) - plain(features, mask))[:, :, :length]
    table = sinusoids(8, 16)[None] / 4  # the root of the width
    expected = (
        F.interpolate(table, size=length, mode="linear", align_corners=False) if stretched else table[..., :length]
    )
    assert torch.allclose(added, expected, atol=1e-5)


def test_positions_are_no_weights():
    assert not any("position" in name for name in Embedding(CHANNELS, 16, position_length=8).state_dict())


def published_embedding(name):
    """Our embedding with published weights, the tensors, and all that can be said of their shape."""
    arrays, configuration = golden(name)
    published = configuration["model"]
    positions = published["max_seq_len"] if published.get("use_abs_pe") else None
    embedding = Embedding(published["input_dim"], published["embd_dim"], position_length=positions)
    for index, (conv, norm) in enumerate(zip(embedding.convs, embedding.norms, strict=True)):
        conv.conv.weight.copy_(arrays[f"weights/backbone.embd.{index}.conv.weight"])
        fill(norm, arrays, f"backbone.embd_norm.{index}")
    return embedding, arrays, published


def fill(norm, arrays, name):
    norm.norm.weight.copy_(arrays[f"weights/{name}.weight"].flatten())
    if norm.norm.bias is not None:  # the published bias of the keys has no effect, and no place here
        norm.norm.bias.copy_(arrays[f"weights/{name}.bias"].flatten())


@torch.no_grad()
def test_embedding_and_max_pooling_with_published_weights_give_the_levels_of_temporalmaxer():
    embedding, arrays, _ = published_embedding("temporalmaxer")
    real = masks(arrays)
    x = embedding(arrays["input/features"][None], real[0])
    for level, expected in enumerate(levels(arrays, "encoder")):
        assert torch.allclose(x, expected, **close)
        x = max_pool(x, real[level])


@torch.no_grad()
@pytest.mark.parametrize("name", ["actionformer", "actionformer_anet"])
def test_embedding_and_attention_with_published_weights_give_the_first_level_of_actionformer(name):
    embedding, arrays, published = published_embedding(name)
    mask, width = masks(arrays)[0], published["embd_dim"]
    x = embedding(arrays["input/features"][None], mask)
    for block in (f"backbone.stem.{index}" for index in range(published["backbone_arch"][1])):
        mixer = LocalAttentionMixer(width, heads=published["n_head"], window=published["n_mha_win_size"])
        for role, conv, norm, projection in zip(
            ("query", "key", "value"), mixer.convs, mixer.norms, mixer.projections, strict=True
        ):
            conv.conv.weight.copy_(arrays[f"weights/{block}.attn.{role}_conv.conv.weight"])
            fill(norm, arrays, f"{block}.attn.{role}_norm")
            projection.weight.copy_(arrays[f"weights/{block}.attn.{role}.weight"])
            if projection.bias is not None:
                projection.bias.copy_(arrays[f"weights/{block}.attn.{role}.bias"])
        mixer.out.weight.copy_(arrays[f"weights/{block}.attn.proj.weight"])
        mixer.out.bias.copy_(arrays[f"weights/{block}.attn.proj.bias"])
        first, second = ChannelNorm(width), ChannelNorm(width)
        fill(first, arrays, f"{block}.ln1")
        fill(second, arrays, f"{block}.ln2")
        x = x + mixer(first(x, mask), mask)
        wide = F.conv1d(second(x, mask), arrays[f"weights/{block}.mlp.0.weight"], arrays[f"weights/{block}.mlp.0.bias"])
        x = x + F.conv1d(F.gelu(wide), arrays[f"weights/{block}.mlp.3.weight"], arrays[f"weights/{block}.mlp.3.bias"])
    assert torch.allclose(x, levels(arrays, "encoder")[0], **close)


@torch.no_grad()
@pytest.mark.parametrize("name", [name for name in NAMES if name != "temporalmaxer"])  # it has a GroupNorm there
def test_the_norm_before_the_heads_with_published_weights_gives_the_published_levels(name):
    arrays, configuration = golden(name)
    pairs = zip(levels(arrays, "encoder"), levels(arrays, "encoder_normed"), masks(arrays), strict=True)
    for level, (raw, expected, mask) in enumerate(pairs):
        norm = ChannelNorm(configuration["model"]["fpn_dim"])
        fill(norm, arrays, f"neck.fpn_norms.{level}")
        assert torch.allclose(norm(raw, mask), expected, **close)


@torch.no_grad()
def test_each_part_of_the_features_counts_the_same_whatever_its_scale_and_length():
    (features, mask), parts = padded([random_clip(9)], 9), (CHANNELS - 2, 2)
    embedding = Embedding(CHANNELS, 16, kernel=1, streams=parts)
    scales = torch.tensor([1000.0] * parts[0] + [1.0] * parts[1])[:, None]
    torch.testing.assert_close(embedding(features * scales, mask), embedding(features, mask), rtol=1e-3, atol=1e-3)
    (first, second), (long, short) = embedding.convs[0].conv.convs, torch.split(features, parts, dim=1)
    norms = embedding.convs[0].conv.norms
    apart = sum(norm(conv(part).mT).mT for norm, conv, part in zip(norms, (first, second), (long, short), strict=True))
    torch.testing.assert_close(embedding.convs[0].conv(features), apart, **close)
