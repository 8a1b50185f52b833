"""A run that watches small videos, with a backbone that needs no weights, and servers of such videos."""

import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import numpy as np
import pytest

from logotal.backbones import load as backbone_loading
from logotal.backbones.backbone import BACKBONES
from logotal.extraction.folder import Settings, extract_folder
from logotal.runs.train import train
from logotal.video.writer import write_video
from tests.extraction.tiny import Means, tiny_backbone
from tests.training.small import small_config
from tests.video.cases import encode

LOCAL = {"logo": {"pool_window": 9}, "mlp_norm": "layer", "levels": 3, "bins": 4}
"""A network whose answers depend on a bounded stretch."""


def know_means(patch: pytest.MonkeyPatch) -> None:
    """Makes the small backbone one of those that are known."""
    patch.setitem(BACKBONES, "means", tiny_backbone(build=lambda location: Means()))
    patch.setattr(backbone_loading, "find_weights", lambda name: Path("none"))


def pictures(frames: int, seed: int) -> np.ndarray:
    """Pictures (T, 32, 32, 3) that turn bright now and then."""
    random = np.random.default_rng(seed)
    made = random.integers(0, 60, (frames, 32, 32, 3), dtype=np.uint8)
    for first in range(30, frames - 40, 100):
        made[first : first + int(random.integers(15, 40))] += 150
    return made


def make_run(folder: Path, **model: object) -> Path:
    """A run that has seen such videos."""
    database = {}
    for index in range(3):
        write_video(folder / "videos" / f"v{index}.mp4", pictures(100, index), fps=10)
        listed = [{"segment": [3.0, 6.0], "label": "bright"}]
        database[f"v{index}"] = {"subset": "training" if index else "validation", "annotations": listed}
    (folder / "annotations.json").write_text(json.dumps({"database": database}))
    extract_folder(sorted((folder / "videos").glob("*.mp4")), folder / "features", Settings("means"))
    data = {"features": folder / "features", "annotations": folder / "annotations.json"}
    training = {"epochs": 30, "learning_rate": 0.005, "initial_normalizer": 5, "ema_decay": 0.9}
    network = {"input_channels": None, "layer_scale": 0.3, **LOCAL, **model}
    return train(small_config(folder, data=data, model=network, training=training), folder / "run").folder


def long_video(path: Path, frames: int = 330) -> Path:
    """A video of 10 frames a second, which can be read from its beginning on."""
    muxer = {"movflags": "faststart"} if path.suffix == ".mp4" else None
    return encode(path, frames, fps=10, size=(32, 32), pictures=pictures(frames, 7), muxer=muxer)


@contextmanager
def served(*answers: tuple[bytes, int | None]) -> Iterator[tuple[str, list[int]]]:
    """An address that gives each answer once, in turn, and then nothing; and which requests came.

    An answer is what is sent, and the length that is announced.
    """
    asked: list[int] = []

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            asked.append(len(asked))
            if len(asked) > len(answers):
                self.send_error(404)
                return
            content, length = answers[len(asked) - 1]
            self.send_response(200)
            if length is not None:
                self.send_header("Content-Length", str(length))
            self.end_headers()
            self.wfile.write(content)

        def log_message(self, *_: object) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}/video", asked
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
