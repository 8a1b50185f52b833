import pytest

from logotal.errors import InputError, did_you_mean
from logotal.timeline import Action, Timeline

SERVE, SMASH, LOB = Action(1.0, 2.0, "serve", 0.4), Action(7.0, 9.5, "smash", 0.9), Action(7.0, 8.0, "lob", 0.7)
MATCH = Timeline("match", (SMASH, LOB, SERVE), duration=10.0)


def test_actions_are_ordered_by_start_end_label_and_falling_score():
    twins = (Action(7.0, 8.0, "smash"), Action(7.0, 8.0, "lob", 0.3))
    timeline = Timeline("match", (SMASH, *twins, LOB, SERVE))
    assert timeline.actions == (SERVE, LOB, twins[1], twins[0], SMASH)


def test_timelines_are_equal_if_they_hold_the_same_in_whatever_order():
    assert Timeline("match", (LOB, SERVE, SMASH), duration=10.0) == MATCH
    assert Timeline("match", (LOB, SERVE, SMASH)) != MATCH
    assert Timeline("other", (LOB, SERVE, SMASH), duration=10.0) != MATCH
    assert len({MATCH, Timeline("match", (LOB, SERVE, SMASH), 10.0)}) == 1


def test_a_timeline_is_a_sequence_of_its_actions():
    assert list(MATCH) == [SERVE, LOB, SMASH]
    assert (len(MATCH), MATCH[0], MATCH[-1], MATCH[1:]) == (3, SERVE, SMASH, (LOB, SMASH))
    assert LOB in MATCH


def test_a_timeline_without_actions_is_empty_everywhere():
    empty = Timeline("match")
    assert (len(empty), list(empty), empty.labels, bool(empty)) == (0, [], (), False)
    assert empty.above(0.5) == empty.best(3) == empty


def test_labels_are_distinct_and_in_alphabetical_order():
    assert Timeline("match", (SMASH, SERVE, SERVE, LOB)).labels == ("lob", "serve", "smash")


def test_above_keeps_what_scores_at_least_so_much():
    assert MATCH.above(0.7) == Timeline("match", (LOB, SMASH), duration=10.0)
    assert MATCH.above(0.0) == MATCH
    assert MATCH.above(1.0) == Timeline("match", duration=10.0)


def test_best_keeps_the_highest_scores_in_order_of_time():
    assert MATCH.best(2) == Timeline("match", (LOB, SMASH), duration=10.0)
    assert MATCH.best(2)[0] == LOB
    assert MATCH.best(99) == MATCH
    assert MATCH.best(0) == Timeline("match", duration=10.0)


def test_best_takes_the_earlier_of_two_equal_scores():
    assert Timeline("v", (Action(5, 6, "a", 0.5), Action(1, 2, "a", 0.5))).best(1)[0] == Action(1, 2, "a", 0.5)


def test_duration_of_an_action_has_no_binary_dust():
    assert Action(0.1, 0.4, "serve").duration == 0.3
    assert Action(2.0, 2.0, "serve").duration == 0.0


@pytest.mark.parametrize(("value", "field"), [(SERVE, "end"), (MATCH, "actions")])
def test_values_cannot_be_changed(value, field):
    with pytest.raises(AttributeError, match=f"cannot assign to field '{field}'"):
        setattr(value, field, getattr(value, field))


def test_a_timeline_is_saved_in_the_format_of_its_suffix(tmp_path):
    MATCH.save(tmp_path / "match.json")
    assert '"serve"' in (tmp_path / "match.json").read_text()
    with pytest.raises(InputError, match=r"\.xyz"):
        MATCH.save(tmp_path / "match.xyz")


def test_a_timeline_draws_itself_in_a_notebook():
    assert MATCH._repr_html_().startswith("<svg")


def test_an_unknown_word_is_answered_with_the_nearest_or_all_valid_ones():
    assert did_you_mean("trainig", ["training", "test"]) == "did you mean 'training'?"
    assert did_you_mean("xyz", iter(["training", "test"])) == "valid: training, test"
