"""Which actions are shown, how many are right, and the best threshold: one action at a time.

An action is (start, end, label, score). Everything looks at the actions of one video, but for `f1` and
`best_threshold`, which take a truth or prediction of one label as (video, start, end) or (video, start, end, score).
"""

from collections.abc import Mapping, Sequence

from tests.naive.evaluation import Prediction, Truth, tiou

Shown = tuple[float, float, str, float]


def shown(
    actions: Sequence[Shown], thresholds: Mapping[str, float], max_overlap: float, *, across_labels: bool = False
) -> list[Shown]:
    """The actions that reach the threshold of their label, without those that overlap a better one too much.

    Best first: an action is dropped if it and a kept action of its label (of any, with `across_labels`) have more than
    `max_overlap` of the shorter of the two in common. Of equal scores the earlier start comes first, then the earlier
    end, then the label.
    """
    kept: list[Shown] = []
    for action in sorted(actions, key=lambda a: (-a[3], a[0], a[1], a[2])):
        start, end, label, score = action
        if score < thresholds[label]:
            continue
        dropped = False
        for other_start, other_end, other_label, _ in kept:
            common = min(end, other_end) - max(start, other_start)
            shorter = min(end - start, other_end - other_start)
            if (across_labels or label == other_label) and common > max_overlap * shorter:
                dropped = True
        if not dropped:
            kept.append(action)
    return kept


def hits(truth: Sequence[Truth], predictions: Sequence[Prediction], threshold: float) -> int:
    """How many predictions of one label take a truth, by the rule of `tests.naive.average_precision`."""
    taken: set[int] = set()
    for video, start, end, _ in sorted(predictions, key=lambda p: p[3])[::-1]:
        best, best_tiou = None, threshold
        for index, (truth_video, truth_start, truth_end) in enumerate(truth):
            overlap = tiou((start, end), (truth_start, truth_end))
            free = truth_video == video and index not in taken
            if free and (overlap > best_tiou or (overlap == best_tiou and best is None)):
                best, best_tiou = index, overlap
        if best is not None:
            taken.add(best)
    return len(taken)


def f1(truth: Sequence[Truth], predictions: Sequence[Prediction], threshold: float) -> float:
    """The harmonic mean of precision and recall of one label at one tIoU; 0 where nothing is right."""
    found = hits(truth, predictions, threshold)
    if found == 0:
        return 0.0
    precision, recall = found / len(predictions), found / len(truth)
    return 2 * precision * recall / (precision + recall)


Label = tuple[Sequence[Truth], Sequence[Prediction]]


def shrunk_f1(labels: Mapping[str, Label], label: str, cut: float, threshold: float, more: int) -> float:
    """F1 of a label above a score, as if it had `more` actions that fare as those of all labels together do."""
    found, reached, actions = {}, {}, {}
    for name, (truth, predictions) in labels.items():
        kept = [prediction for prediction in predictions if prediction[3] >= cut]
        found[name], reached[name], actions[name] = hits(truth, kept, threshold), len(kept), len(truth)
    total = sum(actions.values())
    right = found[label] + more * sum(found.values()) / total
    there = reached[label] + more * sum(reached.values()) / total
    return 2 * right / (there + actions[label] + more)
