"""Checkpoints that are whole or absent, beside which Lightning leaves nothing.

Its own way writes into the system's folder for temporary files and moves the file from there. Where that folder lies on
another disk, the move is a copy, which a killed process leaves half done in place of the last whole checkpoint.
"""

import io
from pathlib import Path
from typing import Any

import torch
from lightning.pytorch.plugins.io import TorchCheckpointIO

from logotal.files.whole import write_whole


class WholeCheckpoints(TorchCheckpointIO):
    """Writes checkpoints as all other files are written."""

    def save_checkpoint(self, checkpoint: dict[str, Any], path: str | Path, storage_options: Any = None) -> None:
        """Writes the state of a training."""
        content = io.BytesIO()
        torch.save(checkpoint, content)
        write_whole(Path(path), content.getvalue())
