import numpy as np
import pytest
from numpy.typing import NDArray

from logotal.report.charts.palette import DARK, DARK_BACKGROUND, LIGHT, LIGHT_BACKGROUND, color_indices, mixed
from logotal.report.charts.svg import timeline_svg
from logotal.timeline import Action, Timeline

Array = NDArray[np.float64]

# What full color blindness makes of linear RGB (Machado, Oliveira and Fernandes 2009), and ordinary sight.
SIGHT = {
    "ordinary": np.eye(3),
    "protanopia": [[0.152286, 1.052583, -0.204868], [0.114503, 0.786281, 0.099216], [-0.003882, -0.048116, 1.051998]],
    "deuteranopia": [[0.367322, 0.860646, -0.227968], [0.280085, 0.672501, 0.047413], [-0.01182, 0.04294, 0.968881]],
    "tritanopia": [[1.255528, -0.076749, -0.178779], [-0.078411, 0.930809, 0.147602], [0.004733, 0.691367, 0.3039]],
}
CONES = [[0.41222147, 0.53633254, 0.05144599], [0.2119035, 0.6806995, 0.10739696], [0.08830246, 0.28171884, 0.6299787]]
OKLAB = [
    [0.21045426, 0.79361779, -0.00407205],
    [1.9779985, -2.42859221, 0.45059371],
    [0.02590404, 0.78277177, -0.80867577],
]


def linear(colors: tuple[str, ...]) -> Array:
    values = np.array([[int(color[i : i + 2], 16) / 255 for i in (1, 3, 5)] for color in colors])
    return np.where(values <= 0.04045, values / 12.92, ((values + 0.055) / 1.055) ** 2.4)


def contrast(color: str, background: str) -> float:
    first, second = linear((color, background)) @ np.array([0.2126, 0.7152, 0.0722]) + 0.05
    return float(max(first, second) / min(first, second))


@pytest.mark.parametrize("sight", SIGHT)
@pytest.mark.parametrize("colors", [LIGHT, DARK])
def test_colors_stay_apart_for_color_blind_people(colors: tuple[str, ...], sight: str) -> None:
    seen = np.clip(linear(colors) @ np.array(SIGHT[sight]).T, 0, 1)
    lab = np.cbrt(seen @ np.array(CONES).T) @ np.array(OKLAB).T
    distances = np.linalg.norm(lab[:, None] - lab, axis=-1)
    assert distances[np.triu_indices(len(colors), 1)].min() > 0.08


def test_colors_stand_out_from_their_background() -> None:
    assert min(contrast(color, LIGHT_BACKGROUND) for color in LIGHT) >= 3
    assert min(contrast(color, DARK_BACKGROUND) for color in DARK) >= 3


def test_a_color_does_not_depend_on_the_order_or_number_of_mentions() -> None:
    labels = [f"label {i}" for i in range(20)]
    assert color_indices(labels) == color_indices([*reversed(labels), "label 3"])


def test_few_labels_never_share_a_color_and_many_share_evenly() -> None:
    for count in range(1, 40):
        indices = list(color_indices(f"label {i}" for i in range(count)).values())
        uses = np.bincount(indices, minlength=len(LIGHT))
        assert uses.max() - uses.min() <= 1


def test_a_lone_label_has_the_same_color_on_every_page() -> None:
    alone = color_indices(["serve"])["serve"]
    assert LIGHT[alone] in timeline_svg(Timeline("v", (Action(0, 1, "serve"),)))
    assert color_indices(["serve", "serve"])["serve"] == alone


def test_mixed_is_what_an_opacity_shows() -> None:
    assert mixed("#123456", "#ffffff", 1) == "#123456"
    assert mixed("#123456", "#fedcba", 0) == "#fedcba"
