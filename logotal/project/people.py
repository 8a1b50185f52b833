"""Whether the videos of a project show a person, whose pose says more than pixels where labels are few."""

from collections.abc import Sequence
from contextlib import closing
from itertools import islice
from pathlib import Path

from logotal.backbones.pose import SURE, PoseNetworks, pose_networks
from logotal.errors import InputError
from logotal.video.picture import Image
from logotal.video.reader import read_frames

VIDEOS, PICTURES, APART = 12, 4, 2.0
"""What is looked at: so many videos at most, so many pictures of each, so many seconds apart."""
SHOWN = 0.75
"""Share of the pictures that show a person where the pose is worth its time."""


def share_with_person(files: Sequence[Path]) -> float:
    """The share of pictures of the videos that show a person; files that cannot be read are passed over.

    Raises:
        InputError: the networks that find people are not here; what to do.
    """
    networks, seen = pose_networks(), list[bool]()
    for file in files[:: -(-len(files) // VIDEOS)]:
        try:
            with closing(read_frames(file, fps=1 / APART)) as frames:
                seen += [_shows_person(networks, frame.image) for frame in islice(frames, PICTURES)]
        except InputError:
            continue
    return sum(seen) / max(len(seen), 1)


def _shows_person(networks: PoseNetworks, image: Image) -> bool:
    part = networks.find(image)
    return part is not None and networks.look(image, part)[0] >= SURE


def is_worth_pose(files: Sequence[Path]) -> tuple[bool, str]:
    """Whether the pose of a person is to be joined to the features, and what is to say about it."""
    try:
        share = share_with_person(files)
    except InputError as error:
        return False, (
            "whether the videos show a person was not looked at; where they do, the pose helps most while labels are "
            f"few (docs/few-labels.md): {error}; then init again, with --overwrite"
        )
    told = f"{share:.0%} of the pictures looked at show a person"
    return share >= SHOWN, f"{told}: the pose is joined to the features; data.pose" if share >= SHOWN else ""
