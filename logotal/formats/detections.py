"""What a detector found is nobody's label: how detections are told from what a person corrected.

Formats with a place for scores keep them for detections alone. A person who has corrected a file takes the scores
out (a column, the number behind each subtitle); a file in which some lines still have one was not looked at to the
end. Documents of editors (.eaf, .otio) hold detections as long as they are, to the letter, what logotal writes:
every editor saves them otherwise. A score of exactly 1 is no detector's: that is how a person's timeline is saved.
"""

from collections.abc import Callable, Sequence
from pathlib import Path

from logotal.errors import InputError
from logotal.formats.label_file import NotLabelsError
from logotal.formats.times import number_of
from logotal.timeline import Timeline

NEVER = "detections, which are never taken for labels"


def refuse_scores(path: Path, scores: Sequence[tuple[str, str]], what: str) -> None:
    """Makes sure that what a file says was not scored by a detector.

    Args:
        path: of the file.
        scores: the place and the text of each score; empty where there is none.
        what: holds the scores, for the message.

    Raises:
        NotLabelsError: all have a score.
        InputError: some have: nobody has looked at these yet.
    """
    numbers = [(where, number_of(text, decimal_comma=True)) for where, text in scores if text.strip()]
    if any(number is None or not 0 <= number <= 1 for _, number in numbers):
        return  # points of a judge, or the like
    if not numbers or all(number == 1 for _, number in numbers):
        return
    if len(numbers) == len(scores):
        raise NotLabelsError(f"{path}: {NEVER}; once a person has checked all of them, delete {what}")
    raise InputError(
        f"{path}: {len(numbers)} of {len(scores)} lines still have a score, the first: {numbers[0][0]}; these are "
        f"{NEVER}: check them and empty {what}, or delete the lines"
    )


def refuse_untouched(
    path: Path, text: str, timelines: Sequence[Timeline], write: Callable[[Sequence[Timeline]], str], editor: str
) -> None:
    """Makes sure that a document is not, letter by letter, the one that logotal wrote of its detections.

    Raises:
        NotLabelsError: it is.
    """
    if all(action.score == 1 for timeline in timelines for action in timeline):
        return
    try:
        same = write(timelines) == text.replace("\r\n", "\n")  # as a copy on Windows may have it
    except InputError:
        return
    if same:
        raise NotLabelsError(f"{path}: {NEVER}, as logotal wrote them; correct them in {editor} and save them there")
