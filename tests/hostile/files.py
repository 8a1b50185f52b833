"""Files as hostile tests write them."""

from pathlib import Path

HUGE = "9" * 400
"""An integer that no float holds."""


def written(path: Path, content: str | bytes) -> Path:
    """The path, with that content."""
    path.write_bytes(content if isinstance(content, bytes) else content.encode())
    return path
