from logotal.evaluation.truth import sift
from logotal.timeline import Action

RULE = {"duplicate_tolerance": 1e-3, "minimum_duration": 1e-3}


def test_a_duplicate_has_the_same_label_and_both_ends_within_the_tolerance():
    first = Action(1.0, 2.0, "jump")
    same = Action(1.0009, 1.9991, "jump")
    others = (Action(1.0, 2.0, "run"), Action(1.002, 2.0, "jump"), Action(1.0, 2.002, "jump"))
    sifted = sift((first, same, *others), **RULE)

    assert sifted.kept == (first, *others)
    assert sifted.duplicates == (same,)


def test_only_kept_actions_have_duplicates():
    chain = tuple(Action(1 + step * 0.0008, 2 + step * 0.0008, "jump") for step in range(3))

    assert sift(chain, **RULE).kept == (chain[0], chain[2])


def test_the_first_of_the_file_is_kept():
    later, earlier = Action(1.0005, 2.0, "jump"), Action(1.0, 2.0, "jump")

    assert sift((later, earlier), **RULE).kept == (later,)


def test_too_short_and_pointlike_actions_are_degenerate():
    point, short, enough = Action(1.0, 1.0, "jump"), Action(3.0, 3.0005, "jump"), Action(5.0, 5.01, "jump")

    assert sift((point, short, enough), **RULE).degenerate == (point, short)
    lenient = sift((point, short, enough), duplicate_tolerance=1e-3, minimum_duration=0.0)
    assert lenient.kept == (short, enough)
    assert lenient.degenerate == (point,)


def test_a_degenerate_action_does_not_make_another_its_duplicate():
    point, short = Action(1.0, 1.0, "jump"), Action(1.0, 1.001, "jump")

    assert sift((point, short), duplicate_tolerance=1e-2, minimum_duration=1e-4).kept == (short,)


def test_an_action_that_begins_after_the_end_is_outside_only_if_the_duration_is_given():
    across, after = Action(9.0, 12.0, "jump"), Action(10.0, 12.0, "jump")

    assert sift((across, after), **RULE).kept == (across, after)
    assert sift((across, after), **RULE, duration=10.0).kept == (across,)
    assert sift((across, after), **RULE, duration=10.0).outside == (after,)
