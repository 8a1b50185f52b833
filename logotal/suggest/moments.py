"""Settings for labels without length: one level at full resolution, a heat map, and the surest of near moments."""

from logotal.suggest.choice import Choice
from logotal.suggest.measured import Measured
from logotal.words import share

MOSTLY = 0.9
"""Share of the actions without length from which on a data set is one of moments."""
KERNELS = (3, 5, 9, 17)
"""Of the blocks at full resolution."""
DEVIATION = 0.2
"""Of the heat map, in lengths of the segment that a moment is learned as."""
NEAR = 0.33
"""The tIoU of two such segments whose moments are half their length apart."""


def are_moments(measured: Measured) -> bool:
    """Whether nearly all actions happen at one time."""
    return measured.points >= MOSTLY * max(sum(measured.labels.values()), 1)


def moment_choices(measured: Measured) -> dict[str, Choice]:
    """What differs from the settings for segments; nothing where actions have lengths."""
    if not are_moments(measured):
        return {}
    near = f"of two moments closer than {measured.widen_points / 2:g} s the surer one counts"
    return {
        "model.stem_blocks": Choice(len(KERNELS), "blocks at full resolution: moments are all of one length"),
        "model.logo.kernel": Choice(KERNELS, "each of them sees about twice as far as the one before"),
        "model.head": Choice("light", "one level has no finer neighbor to be fused with"),
        "training.heat": Choice(
            DEVIATION,
            f"{share(measured.points, sum(measured.labels.values()))} of the actions are moments: scores rise to them",
        ),
        "training.iou_power": Choice(0.0, "a score says how near a moment is, not how well a segment fits"),
        "inference.nms": Choice("hard", near),
        "inference.nms_tiou": Choice(NEAR, near),
    }
