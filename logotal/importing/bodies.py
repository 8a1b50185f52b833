"""Which bodies of poses become features, and how: joined in one file a video, or each in a file of its own."""

from collections.abc import Mapping, Sequence

from logotal.errors import InputError
from logotal.importing.entry import Entry
from logotal.importing.pose import Body, Pose
from logotal.words import amount, few

JOIN = "__"
"""Between the names of a video and of a body, where each body has a file."""


def chosen_bodies(pose: Pose, individuals: Sequence[str], where: str) -> tuple[Body, ...]:
    """The bodies that are named, in that order; all of them where none is.

    Raises:
        InputError: one is not there.
    """
    if not individuals:
        return pose.bodies
    bodies = {body.name: body for body in pose.bodies}
    if missing := [name for name in individuals if name not in bodies]:
        raise InputError(f"{where}: --individuals {missing[0]!r} is not in the file, which has {few(pose.names)}")
    return tuple(bodies[name] for name in individuals)


def check_alike(entries: Mapping[str, Entry], individuals: Sequence[str], *, apart: bool) -> Pose:
    """The pose of the first video, whose bodies and points are those of all the others.

    Raises:
        InputError: a pose has other bodies or points, so that its channels would mean something else.
    """
    first: tuple[str, Pose, object, list[tuple[str, int]]] | None = None
    for entry in entries.values():
        pose = read_pose(entry)
        bodies = chosen_bodies(pose, individuals, entry.where)
        kinds = {body.points for body in bodies} if apart else [(body.name, body.points) for body in bodies]
        shown = [(body.name, len(body.points)) for body in bodies]
        first = first or (entry.where, pose, kinds, shown)
        if kinds != first[2] or (apart and len(kinds) > 1):
            raise InputError(
                f"{first[0]} and {entry.where} have other bodies or points ({_list(first[3])}; {_list(shown)}); say "
                "--individuals NAME ..., or --apart for a file of each body"
            )
        if pose.stride != first[1].stride:
            raise InputError(f"{entry.where}: has a row every {pose.stride} frames, {first[0]} every {first[1].stride}")
    assert first is not None
    return first[1]


def read_pose(entry: Entry) -> Pose:
    """The pose of an entry."""
    assert entry.pose is not None
    return entry.pose()


def _list(bodies: Sequence[tuple[str, int]]) -> str:
    return ", ".join(f"{name or 'a body'} of {amount(points, 'point')}" for name, points in bodies[:4])
