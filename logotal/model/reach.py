"""How far the answers of a network depend on what is around them, from its configuration alone."""

from logotal.config import ModelConfig
from logotal.model.detector import block_places
from logotal.model.encoder import embedding_reach
from logotal.model.heads import find_head
from logotal.model.mixers import find_mixer


def sees_everything(config: ModelConfig) -> list[str]:
    """What makes each answer of a network depend on the whole video, a clause for each such setting; often none.

    >>> sees_everything(ModelConfig(mixer="conv", mlp_norm="layer"))
    []
    >>> sees_everything(ModelConfig(mixer="conv"))
    ['model.mlp_norm is group']
    """
    mixer, (stem, blocks) = find_mixer(config.mixer), block_places(config)
    reaches = [mixer.reach(config, place) for place in (*stem, *blocks)]
    found = dict.fromkeys(each for each in reaches if isinstance(each, str))
    others = {
        "model.mlp_norm is group": config.mlp_norm == "group" and mixer.in_block and bool(reaches),
        "model.neck_norm is group": config.neck_norm == "group",
        "model.position_length is set": config.position_length is not None,
        "model.compat is set": config.compat is not None,
    }
    return [*found, *(clause for clause, holds in others.items() if holds)]


def reach(config: ModelConfig) -> int:
    """Grid steps to each side beyond which nothing changes an answer of a network that does not see everything.

    >>> reach(ModelConfig(mixer="conv", mlp_norm="layer", levels=1, head="light"))
    5
    >>> reach(ModelConfig(mixer="conv", mlp_norm="layer", levels=2, head="clff"))
    43
    """
    mixer, head, (stem, blocks) = find_mixer(config.mixer), find_head(config.head), block_places(config)
    kernel = max(config.head_kernel, config.boundary_kernel or 1)
    beside = config.head_layers * (kernel // 2) + head.looks(config.bins)  # in strides of the level
    encoder = embedding_reach(config.embedding_layers, config.embedding_kernel)
    encoder += sum(int(mixer.reach(config, place)) for place in stem)
    farthest = encoder + beside
    for stride, place in zip(config.strides[1:], blocks, strict=True):
        halved = stride // 2  # pooling, or convolutions that halve, at the stride of the finer level
        fused = encoder + halved if head.reads_fused else 0
        encoder += halved + place.stride * int(mixer.reach(config, place))
        farthest = max(farthest, max(encoder, fused) + stride * beside)
    return farthest
