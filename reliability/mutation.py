"""Broken inputs made of whole ones, by a seed: bits flipped, pieces cut, moved and put in, values made absurd.

A mutation is `(random, seeds) -> bytes`, with `seeds` the whole inputs. `byte_level` suits every format; `token_level`
every format made of words and numbers; `json_level` keeps JSON valid and makes its values absurd, so that what lies
behind the parser is reached; `in_archive` breaks one part of a zip archive and packs it anew.
"""

import io
import json
import re
import struct
import zipfile
from collections.abc import Callable, Sequence
from copy import deepcopy
from random import Random
from typing import Any

Mutation = Callable[[Random, Sequence[bytes]], bytes]

EXTREMES = [b"\xff\xff\xff\xff", b"\x7f\xff\xff\xff", b"\xff\xff\xff\x7f", b"\0\0\0\0", b"\x80\0\0\0", b"\0\0\0\x80"]
"""Lengths and sizes at their limits, in both byte orders."""

PIECES = [
    b"\0",
    b"\xef\xbb\xbf",
    b"\xff\xfe",
    b"\xed\xa0\x80",
    b"\xc0\xaf",
    b"[" * 300,
    b'"',
    b"\n\n",
    b"<" * 300,
    b"&#x0;",
]
"""What is put in: NUL, byte order marks, half characters, overlong ones, brackets without end."""

TOKENS = [
    *(
        "NaN",
        "Infinity",
        "-Infinity",
        "1e999",
        "-1",
        "0",
        "-0.0",
        "1e308",
        "5e-324",
        "9" * 400,
        "9" * 5000,
        "1_0",
        "0x7f",
    ),
    *(
        "null",
        "true",
        "[]",
        "{}",
        '""',
        '"\\ud800"',
        '"\\u0000"',
        '"../../x"',
        "١٢",
        "00:00:00.000",
        "-->",
        "\t",
        ",",
        "<",
        ">",
    ),
    *(
        "[" * 200,
        '{"a":' * 200,
        "&a [*a, *a]",
        "*a",
        "!!python/object/apply:os.system [id]",
        "2001-99-99",
        "<![CDATA[",
        "&x;",
    ),
]
"""Words in the place of others."""

VALUES: list[Any] = [
    *(None, True, False, 0, -1, 1, 0.5, 10**30, 10**400, -(10**400), 2**63, 1e308, 5e-324, float("nan"), float("inf")),
    *(
        "",
        " ",
        "../../x",
        "/etc/passwd",
        "con",
        "a/b",
        "a\\b",
        "\0",
        "\ud800",
        "x" * 300,
        "</script><img src=x onerror=alert(1)>",
    ),
    *([], {}, [[]], [None], [0, 1], [1, 0], [0, 1, 2], [float("nan"), 1], ["0", "1"], {"a": {"b": [1]}}, [[[[[[1]]]]]]),
]
"""Values in the place of others."""


def byte_level(random: Random, seeds: Sequence[bytes]) -> bytes:
    """One to four faults of bytes: flipped bits, extreme numbers, a cut, a piece gone, doubled, moved or put in."""
    content = bytearray(random.choice(seeds))
    for _ in range(random.randint(1, 4)):
        size = len(content)
        at, length = random.randint(0, size), random.randint(1, max(size // 8, 1))
        fault = random.randrange(8)
        if fault == 0 and size:
            for _ in range(random.randint(1, 8)):
                content[random.randrange(size)] ^= 1 << random.randrange(8)
        elif fault == 1:
            content[at : at + 4] = random.choice(EXTREMES)
        elif fault == 2:
            del content[at:]
        elif fault == 3:
            del content[at : at + length]
        elif fault == 4:
            content[at:at] = content[at : at + length]
        elif fault == 5:
            other = random.choice(seeds)
            begin = random.randint(0, len(other))
            content[at : at + length] = other[begin : begin + length]
        elif fault == 6:
            content[at:at] = random.choice(PIECES)
        else:
            content[at : at + length] = random.randbytes(min(length, 64))
    return bytes(content)


def token_level(random: Random, seeds: Sequence[bytes]) -> bytes:
    """One to four words, numbers or marks replaced by others that no reader expects, or left out, or said twice."""
    words = re.split(r'("[^"]*"|-?[\w.]+|[^\w\s])', random.choice(seeds).decode("utf-8", "surrogateescape"))
    for _ in range(random.randint(1, 4)):
        at = random.randrange(len(words))
        words[at] = random.choice(
            [random.choice(TOKENS), random.choice(TOKENS), random.choice(words), "", words[at] * 2]
        )
    return "".join(words).encode("utf-8", "surrogateescape")


def json_level(random: Random, seeds: Sequence[bytes]) -> bytes:
    """JSON with one to three values made absurd, left out, renamed, doubled or put elsewhere."""
    root = [json.loads(random.choice(seeds))]
    for _ in range(random.randint(1, 3)):
        holder, key = random.choice(list(_places(root)))
        fault = random.randrange(6)
        if fault < 3:
            holder[key] = deepcopy(random.choice(VALUES))
        elif fault == 3 and holder is not root:
            del holder[key]
        elif fault == 4 and isinstance(holder, dict):
            holder[random.choice([f"{key}s", key[:-1], "", "\0", "../../x", "x" * 300])] = holder.pop(key)
        else:
            other, place = random.choice(list(_places(root)))
            holder[key] = json.loads(json.dumps(other[place]))
    return json.dumps(root[0], ensure_ascii=random.random() < 0.5).encode("utf-8", "surrogatepass")


def _places(value: Any) -> Any:
    """The (container, key) of everything in a value of JSON."""
    for key in range(len(value)) if isinstance(value, list) else list(value):
        yield value, key
        if isinstance(value[key], list | dict):
            yield from _places(value[key])


def in_archive(part: str) -> Mutation:
    """Breaks the part of a zip archive whose name ends so; the archive around it is whole, and its sums are right."""

    def broken(random: Random, seeds: Sequence[bytes]) -> bytes:
        out = io.BytesIO()
        with zipfile.ZipFile(io.BytesIO(random.choice(seeds))) as whole, zipfile.ZipFile(out, "w") as made:
            for name in whole.namelist():
                content = whole.read(name)
                made.writestr(name, byte_level(random, [content]) if name.endswith(part) else content)
        return out.getvalue()

    return broken


def in_safetensors(random: Random, seeds: Sequence[bytes]) -> bytes:
    """Makes values absurd in the header of a safetensors file, whose length is told anew."""
    whole = random.choice(seeds)
    size = struct.unpack("<Q", whole[:8])[0]
    header = json_level(random, [whole[8 : 8 + size]])
    return struct.pack("<Q", len(header)) + header + whole[8 + size :]


def in_npy(random: Random, seeds: Sequence[bytes]) -> bytes:
    """Replaces words in the header of a .npy file, whose length is told anew."""
    whole = random.choice(seeds)
    size = struct.unpack("<H", whole[8:10])[0]
    header = token_level(random, [whole[10 : 10 + size]])[:65535]
    return whole[:8] + struct.pack("<H", len(header)) + header + whole[10 + size :]
