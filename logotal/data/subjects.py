"""Who acts, in the classes of a model: with `data.subjects: lanes` each label of each subject is a class of its own.

This is the one place that makes one name of a label and a subject, and two of it again. A network knows classes only;
annotations, timelines and files say label and subject apart.
"""

from collections.abc import Iterable
from dataclasses import replace

from logotal.errors import InputError
from logotal.formats.annotations import Annotations
from logotal.timeline import AT, Action


def class_of(label: str, subject: str | None) -> str:
    """The class of a label and a subject; of a label alone, the label.

    >>> class_of("groom", "mouse 1"), class_of("groom", None)
    ('groom @ mouse 1', 'groom')

    Raises:
        InputError: the name would say something else when it is taken apart.
    """
    name = label if subject is None else f"{label}{AT}{subject}"
    if label_and_subject(name) != (label, subject):
        what = f"label {label!r} without a subject" if subject is None else f"subject {subject!r}"
        raise InputError(
            f"the {what} may not have {AT!r} in its name, which stands between label and subject where subjects have "
            "lanes; rename it, or train with data.subjects: together"
        )
    return name


def label_and_subject(name: str) -> tuple[str, str | None]:
    """The label and the subject of a class.

    >>> label_and_subject("groom @ mouse 1"), label_and_subject("groom")
    (('groom', 'mouse 1'), ('groom', None))
    """
    label, at, subject = name.rpartition(AT)
    return (label, subject) if at else (name, None)


def with_classes(actions: Iterable[Action]) -> tuple[Action, ...]:
    """The actions with their classes for labels, and without subjects.

    Raises:
        InputError: see `class_of`.
    """
    return tuple(replace(each, label=class_of(each.label, each.subject), subject=None) for each in actions)


def with_subjects(actions: Iterable[Action]) -> tuple[Action, ...]:
    """The actions of which the labels are classes, with labels and subjects."""
    found = []
    for each in actions:
        label, subject = label_and_subject(each.label)
        found.append(replace(each, label=label, subject=subject))
    return tuple(found)


def in_lanes(annotations: Annotations) -> Annotations:
    """The annotations with a class for each label of each subject: labels in their order, subjects in theirs.

    Raises:
        InputError: see `class_of`.
    """
    videos = {name: replace(video, actions=with_classes(video.actions)) for name, video in annotations.videos.items()}
    order = {label: i for i, label in enumerate(annotations.labels)}
    pairs = {(action.label, action.subject) for video in annotations.videos.values() for action in video.actions}
    ordered = sorted(pairs, key=lambda pair: (order[pair[0]], pair[1] or ""))
    return replace(annotations, labels=tuple(class_of(*pair) for pair in ordered), videos=videos)
