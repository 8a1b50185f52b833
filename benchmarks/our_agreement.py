"""Whether we compute what the rival computes: its weights in our `actionformer` preset."""

from typing import Any

import torch

from benchmarks import material
from benchmarks.our_network import configuration, network, predictor
from benchmarks.worker import Once
from logotal.convert.names import rename

Prepared = tuple[Once, dict[str, Any]]


def agree(reference: str, length: int) -> Prepared:
    """How far our `actionformer` preset with the rival's weights is from the rival."""
    config = configuration(preset="actionformer")
    detector = network(config)

    def once() -> dict[str, Any]:
        theirs = torch.load(reference, weights_only=True)
        detector.load_state_dict(rename(theirs["weights"], "actionformer", detector.state_dict()))
        given = torch.from_numpy(material.features(length).T.copy())[None]
        with torch.no_grad():
            found = detector(given, torch.ones(1, 1, length, dtype=torch.bool))
            all_points = torch.arange(found.logits.shape[2])
            zeros = torch.zeros_like(all_points)
            offsets = found.boundaries.offsets(zeros, all_points, zeros).T[None]
        made = predictor(config)
        made.detector.load_state_dict(detector.state_dict())
        timeline = made.detect(material.features(length), fps=30.0, everything=True)
        scores = torch.tensor(sorted(action.score for action in timeline))
        differences = {
            "logits": _apart(found.logits, theirs["logits"]),
            "offsets": _apart(offsets, theirs["offsets"]),
            "scores": _apart(scores, theirs["found"]["scores"].sort().values),
        }
        return {"differences": differences, "parameters": sum(p.numel() for p in detector.parameters())}

    return once, {}


def _apart(a: torch.Tensor, b: torch.Tensor) -> float:
    """The largest difference, relative to the largest number."""
    return float((a - b).abs().max() / b.abs().max()) if a.shape == b.shape else float("inf")
