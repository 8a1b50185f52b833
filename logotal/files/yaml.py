"""YAML of others, read with care: the one place where YAML that a user brings becomes values."""

import re
from pathlib import Path
from typing import Any

import yaml

from logotal.errors import InputError

LONGEST = 2**20
"""Characters; a recipe has some thousand, and PyYAML takes seconds for a million."""

LARGEST = 100_000
"""Values in a text, those behind an alias counted wherever it stands: ten short lines could say a billion."""


def parsed_yaml(text: str, where: Path | str, *, unique: bool = True) -> Any:
    """The value that a YAML text says; `where` it stands, for messages.

    Args:
        text: plain YAML: tags make no objects.
        where: the file.
        unique: whether a key that stands twice is an error; PyYAML would let the last one win.

    Raises:
        InputError: it is not valid, has a key twice, is too long, or its aliases multiply beyond reason.
    """
    if len(text) > LONGEST:
        raise InputError(f"{where}: expected YAML of at most {LONGEST:,} characters, found {len(text):,}")
    try:
        loader = _Careful(text)
        loader.unique = unique
        node = loader.get_single_node()
        if node is None:
            return None
        if _size(node, {}) > LARGEST:
            raise InputError(f"{where}: its aliases make more than {LARGEST:,} values; write them out")
        return loader.construct_document(node)
    except InputError:
        raise
    except RecursionError:
        raise InputError(f"{where}: not valid YAML (nested beyond reason, or an alias inside what it names)") from None
    except Exception as error:  # besides its own errors PyYAML raises what a broken date or number raises
        reason = " ".join(str(error).split())
        raise InputError(f"{where}: not valid YAML ({reason:.300})") from error


def _size(node: yaml.Node, known: dict[int, int]) -> int:
    """Values in a node, aliases multiplied out; endless for one that holds itself."""
    if id(node) in known:
        return known[id(node)]
    known[id(node)] = LARGEST + 1  # what is found while the node is still open is inside itself
    children = node.value if isinstance(node, yaml.CollectionNode) else ()
    size = 1
    for child in children:
        size += sum(_size(each, known) for each in child) if isinstance(child, tuple) else _size(child, known)
    known[id(node)] = size
    return size


class _Careful(yaml.SafeLoader):
    """YAML whose texts can be written and be paths, and in which a key that stands twice is an error if `unique`."""

    unique = True

    def construct_scalar(self, node: yaml.ScalarNode | yaml.MappingNode) -> Any:
        """The text of a node that is one value."""
        text = super().construct_scalar(node)
        if isinstance(text, str) and (bad := re.search("[\0\ud800-\udfff]", text)):
            raise yaml.constructor.ConstructorError(None, None, f"{bad[0]!r} is no character", node.start_mark)
        return text

    def construct_mapping(self, node: yaml.MappingNode, deep: bool = False) -> dict[Any, Any]:
        """The mapping of a node."""
        seen: set[str] = set()
        for key, _ in node.value:
            if not isinstance(key, yaml.ScalarNode):
                raise yaml.constructor.ConstructorError(None, None, "a key is a list or a mapping", key.start_mark)
            if self.unique and key.value in seen:
                raise yaml.constructor.ConstructorError(None, None, f"key {key.value!r} stands twice", key.start_mark)
            seen.add(key.value)
        return super().construct_mapping(node, deep=deep)
