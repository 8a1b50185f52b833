"""Labelling simulated on a set whose labels are known: a linear model is trained, videos are chosen, and so on."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path

import numpy as np
import torch

from benchmarks.orders import ORDERS, Asked
from logotal.data.dataset import WholeVideos
from logotal.data.selection import Source, select
from logotal.data.splits import group_of
from logotal.data.spread import measure_spread
from logotal.evaluation.evaluate import evaluate
from logotal.evaluation.moments import found_moments, moments_of, true_moments
from logotal.evaluation.protocols import find_protocol
from logotal.formats.annotations import Annotations, VideoTruth
from logotal.inference.operating_point import UNFITTED
from logotal.inference.pipeline import Pipeline
from logotal.inference.predictor import Predictor
from logotal.model.ensemble import build_network
from logotal.recipes import read_recipe
from logotal.runs.pooled import TOLERANCES
from logotal.runs.train import settled
from logotal.timeline import Timeline
from logotal.training.fit_linear import fit_linear

GROWTH = 1.6
"""How many times as many videos are labelled after a round as before it."""
OTHERS = 4
"""Models that the order of disagreement asks."""


@dataclass(frozen=True)
class Round:
    """What is labelled after a round, and the mAP (in percent) of the model that has learned from it."""

    videos: int
    minutes: float
    actions: int
    map: float


class Labelling:
    """A set of which the labels come video by video; `held`, a part of its groups, is drawn and scored on.

    Without `held`, what is scored on is the evaluation split. Labels without length are scored as moments.
    """

    def __init__(self, recipe: str, data: Mapping[str, object], *, seed: int, held: float | None) -> None:
        overrides = {"data": {"hold_out": 0.0, **data}}
        self.config, source = settled(read_recipe(recipe, overrides, preset="linear"))
        videos, scored = source.annotations.videos, {self.config.data.evaluation_split}
        self.random = np.random.default_rng(seed)
        if held is not None:
            groups = sorted({group_of(video) for video in videos.values()})
            drawn = {groups[i] for i in self.random.permutation(len(groups))[: round(held * len(groups))]}
            videos = {
                name: replace(video, split="scored" if group_of(video) in drawn else "pool")
                for name, video in videos.items()
            }
            scored = {"scored"}
        self.source = Source(replace(source.annotations, videos=videos), source.features)
        self.scored = [name for name, video in videos.items() if video.split in scored]
        self.pool = [name for name, video in videos.items() if video.split not in scored]
        self.order = [self.pool[i] for i in self.random.permutation(len(self.pool))]
        means = {name: np.asarray(source.features.read(name), np.float64).mean(0) for name in self.pool}
        spread = np.std(list(means.values()), axis=0) + 1e-6
        self.looks = {name: mean / spread for name, mean in means.items()}

    def rounds(self, order: str, first: int, most: float) -> Iterator[Round]:
        """The rounds until a part of the pool is labelled, from the same start in any order."""
        names = self.order[:first]
        while True:
            model = self._trained(names)
            yield self._round(model, names)
            if len(names) >= most * len(self.pool):
                break
            rest = [name for name in self.pool if name not in names]
            shown = self._shown(model, rest)
            asked = Asked(shown, self._videos(names), self.looks, self.random, partial(self._by_others, names, rest))
            names = names + ORDERS[order](asked)[: round((GROWTH - 1) * len(names))]

    def whole(self) -> list[Round]:
        """The one round in which everything is labelled."""
        return [self._round(self._trained(self.pool), self.pool)]

    def _by_others(self, names: Sequence[str], rest: Sequence[str]) -> list[list[Timeline]]:
        """What models show in the rest that have learned from as many videos each, drawn with replacement."""
        draws = [self.random.choice(list(names), len(names)) for _ in range(OTHERS)]
        return [self._shown(self._trained(sorted(set(drawn))), rest) for drawn in draws]

    def _shown(self, model: Predictor, names: Sequence[str]) -> list[Timeline]:
        return [UNFITTED.apply(line) for line in self._found(model, names)]

    def _videos(self, names: Sequence[str]) -> list[VideoTruth]:
        return [self.source.annotations.videos[name] for name in names]

    def _trained(self, names: Sequence[str]) -> Predictor:
        labels, data = self.source.annotations.labels, self.config.data
        one = replace(self.source.annotations, videos={v.id: replace(v, split="now") for v in self._videos(names)})
        learned = select(replace(self.source, annotations=one), "now", data, labels).videos
        network = build_network(self.config.model, num_labels=len(labels))
        standard = network.members[0].encoder.embedding.standard
        standard.learn(*(torch.from_numpy(each).float() for each in measure_spread(self.source.features, names)))
        model = Predictor(network, Pipeline(labels, self.config), device="cpu")
        fit_linear(network, WholeVideos(learned, self.source.features, data, model.label_index))
        return model

    def _found(self, model: Predictor, names: Sequence[str]) -> list[Timeline]:
        videos = self._videos(names)
        return model.detect_dataset(WholeVideos(videos, self.source.features, self.config.data, model.label_index))

    def _round(self, model: Predictor, names: Sequence[str]) -> Round:
        videos, found = self._videos(self.scored), self._found(model, self.scored)
        protocol = find_protocol(self.config.data.protocol)
        if self.config.data.widen_points:
            protocol = moments_of(TOLERANCES[0])
            videos = [true_moments(video, TOLERANCES[0]) for video in videos]
            found = [found_moments(line, TOLERANCES[0]) for line in found]
        truth = Annotations(self.source.annotations.labels, {v.id: replace(v, split="s") for v in videos}, Path("set"))
        result = evaluate(truth, found, replace(protocol, recall_multiples=(), average_numbers=(), measure=None), "s")
        learned = self._videos(names)
        return Round(
            len(names),
            sum(video.duration or 0.0 for video in learned) / 60,
            sum(len(video.actions) for video in learned),
            100 * float(next(iter(result.averages.values()))),
        )
