"""The one error that logotal raises for what a user can mend.

Every message says what was expected, what was found and what to do; the command line prints it in one line,
without a traceback.
"""

import re
from collections.abc import Iterable
from difflib import get_close_matches

LONGEST = 2000
"""Characters of a message: names in files of others may be megabytes long."""


class InputError(ValueError):
    """Something given to logotal (a file, a key, an option) is not as expected; a long message loses its middle.

    >>> from logotal.recipes import read_recipe
    >>> try:
    ...     read_recipe("thumos15")
    ... except InputError as error:
    ...     print(error)
    no recipe 'thumos15'; did you mean 'thumos14'?
    """

    def __init__(self, message: str) -> None:
        message, half = with_addresses(message), LONGEST // 2
        super().__init__(message if len(message) <= LONGEST else f"{message[:half]} ... {message[-half:]}")


def with_addresses(text: str) -> str:
    """The text with addresses as people write them: `Path` makes one slash of two.

    >>> with_addresses("s3:/bucket/key: no such file")
    's3://bucket/key: no such file'
    """
    return _ADDRESS.sub(r"\1//", text)


_ADDRESS = re.compile(r"\b((?:s3|gs|https?|hf|memory):)/(?=[^/\s])")


def printable(text: str) -> str:
    r"""The text without what a terminal would take for orders: names in files of others may hold any character.

    >>> printable("jump\x1b[2J")
    'jump?[2J'
    """
    return text.translate(_ORDERS)


_ORDERS = {code: "?" for code in (*range(32), *range(127, 160)) if chr(code) not in "\n\t"}


def did_you_mean(word: str, valid: Iterable[str]) -> str:
    """The end of a message about an unknown word: the nearest valid one, or the list of all.

    >>> did_you_mean("haed", ["head", "mixer"])
    "did you mean 'head'?"
    >>> did_you_mean("xyz", ["head", "mixer"])
    'valid: head, mixer'
    """
    valid = list(valid)
    nearest = get_close_matches(word, valid, n=1, cutoff=0.6)
    return f"did you mean {nearest[0]!r}?" if nearest else f"valid: {', '.join(valid)}"
