"""Ten million hours of video on paper: bytes, hours, files and money, by arithmetic alone.

    python -m benchmarks.scale                                       the tables of docs/scale.md
    python -m benchmarks.scale --hours 1e5 --gpu-tflops 312 --gpu-price 1.5

Numbers of a `Way` and of `Measured` were measured with this code, on the machine that docs/scale.md names. All that is
`Assumed` can be set by an option of its name: nothing of it was measured.
"""

import argparse
import dataclasses
import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

HOUR, MONTH = 3600, 30 * 24
"""Seconds, and hours."""


@dataclass(frozen=True)
class Assumed:
    """What nobody measured for this page; prices in US dollars, assumed in November 2026."""

    hours: float = 1e7
    """Hours of video."""
    video_hours: float = 1.0
    """Length of a video."""
    fps: float = 30.0
    video_mbit: float = 2.5
    """Bit rate of the videos, as 720p often has."""
    gpu_tflops: float = 121.0
    """Peak of a GPU in bf16, without sparsity; that of an NVIDIA L4."""
    gpu_reached: float = 0.25
    """Part of the peak that a network reaches."""
    gpu_cores: float = 8.0
    """Cores beside it, which decode for it."""
    gpu_price: float = 0.85
    """An hour of such a machine, on demand."""
    core_price: float = 0.04
    """An hour of a core."""
    stored_price: float = 23.0
    """A TB for a month in an object store."""
    requests_price: float = 5.0
    """A million requests that write or list."""
    parts: int = 1000
    """Parts (`--shard`), each on a machine of its own."""
    kills_per_hour: float = 0.05
    """How often a spot machine is taken away."""
    broken: float = 1e-3
    """Part of the videos that cannot be read."""
    spread: float = 1.0
    """Deviation of the lengths of videos, in times their mean."""
    request_seconds: float = 1e-3
    """Asking a network file system for the attributes of one file."""
    shown_per_hour: float = 100.0
    """Detections that are kept of an hour of video."""

    @property
    def videos(self) -> float:
        """How many videos there are."""
        return self.hours / self.video_hours


@dataclass(frozen=True)
class Way:
    """How features are made: their size, its arithmetic, and core-seconds of a second of 720p video with decoding."""

    name: str
    channels: int
    stride: int
    gmac_per_frame: float
    core_seconds: float

    def megabytes(self, fps: float) -> float:
        """Of the features of an hour, in float32, as `logotal extract` writes them."""
        return fps * HOUR / self.stride * self.channels * 4 / 1e6

    def on_gpu(self, assumed: Assumed) -> float:
        """Times real time of the network alone: the arithmetic that the GPU does, by that of a second of video."""
        return assumed.gpu_tflops * 1e12 * assumed.gpu_reached / (2 * self.gmac_per_frame * 1e9 * assumed.fps)

    def on_machine(self, assumed: Assumed, measured: "Measured") -> float:
        """The same of a machine with a GPU, whose cores have to decode what the network sees."""
        return min(self.on_gpu(assumed), assumed.gpu_cores / measured.decode)


WAYS = (
    Way("mobilenetv2, 160 px, stride 8", 1280, 8, 0.02, 0.19),
    Way("mobilenetv2, 160 px, stride 4", 1280, 4, 0.04, 0.21),
    Way("i3d-rgb, 112 px, dense, stride 4", 1024, 4, 0.44, 0.74),
    Way("i3d-rgb, 224 px, dense, stride 4", 1024, 4, 1.74, 1.30),
    Way("i3d-rgb, 224 px, clips, stride 16", 1024, 16, 1.74, 0.59),
    Way("i3d-rgb, 224 px, clips, stride 4", 1024, 4, 6.95, 2.01),
)
"""bf16, but MobileNetV2 in fp32. Clips of 16 frames at stride 4 compute each frame four times. Core-seconds of clips
are those of docs/performance.md and of decoding; the others were measured beside other work, which adds to them."""


@dataclass(frozen=True)
class Measured:
    """What was measured once, with this code."""

    decode: float = 0.12
    """Core-seconds that decoding a second of 720p takes."""
    detect: float = 4.2
    """Core-seconds of detection in the features of an hour at stride 4, width 512, bf16, by docs/performance.md."""
    bytes_per_detection: float = 65.0
    bytes_per_annotated_video: float = 305.0
    """With five actions."""
    listed: float = 0.11e-3
    """Seconds that a part takes for each video of a local folder, its own or not."""
    listed_bytes: float = 600.0
    check_bytes: float = 4.6e3
    """Memory of `logotal check` for each annotated video; this and the following by docs/machines.md."""
    check_seconds: float = 1.33e-3
    evaluate_bytes: float = 9.8e3
    evaluate_seconds: float = 0.25e-3
    init_seconds: float = 5.0e-3


def features(assumed: Assumed) -> Iterator[Sequence[str]]:
    """Rows about the size of videos and features."""
    yield "", "MB an hour", "in all", "a month"
    video = assumed.video_mbit / 8 * HOUR
    for name, size in (
        (f"videos, {assumed.video_mbit:g} Mbit/s", video),
        *((way.name, way.megabytes(assumed.fps)) for way in WAYS),
    ):
        stored = size * assumed.hours * 1e6
        yield name, digits(size), amount(stored), money(stored / 1e12 * assumed.stored_price)


def compute(assumed: Assumed, measured: Measured) -> Iterator[Sequence[str]]:
    """Rows about the hours and the money of making features, on cores alone and on machines with a GPU."""
    machine = f"with {assumed.gpu_cores:g} cores"
    yield "", "core-hours", "price", "network on a GPU, x real time", machine, "machine-hours", "price"
    for way in WAYS:
        cores, speed = way.core_seconds * assumed.hours, way.on_machine(assumed, measured)
        machines = assumed.hours / speed
        bill = money(cores * assumed.core_price), money(machines * assumed.gpu_price)
        yield way.name, digits(cores), bill[0], digits(way.on_gpu(assumed)), digits(speed), digits(machines), bill[1]


def queue(assumed: Assumed, measured: Measured, way: Way) -> Iterator[Sequence[str]]:
    """Rows about parts on machines with a GPU, what ends them, and the one that is done last."""
    speed, videos = way.on_machine(assumed, measured), assumed.videos / assumed.parts
    hours = assumed.hours / assumed.parts / speed
    deviation = math.sqrt((1 + assumed.spread**2) / videos)
    last = deviation * math.sqrt(2 * math.log(assumed.parts))  # how far the largest of so many normal numbers lies out
    taken = assumed.kills_per_hour * hours * assumed.parts
    yield f"{assumed.parts:,} parts, {way.name}", ""
    yield "videos of a part", digits(videos)
    yield "hours of a part", digits(hours)
    yield "the largest part, larger than the mean by", f"{last:.0%}"
    yield "video that all parts read together", f"{assumed.video_mbit / 8e3 * assumed.parts * speed:.2g} GB/s"
    yield "machines that are taken away", digits(taken)
    yield "work done twice: half a video for each", f"{digits(taken * assumed.video_hours / speed / 2)} machine-hours"
    yield "videos that fail and are named", digits(assumed.broken * assumed.videos)
    written = 2 * assumed.videos / 1e6
    yield "files that are written, .npy and .json", f"{written:,.0f} million, {money(written * assumed.requests_price)}"


def after(assumed: Assumed, measured: Measured) -> Iterator[Sequence[str]]:
    """Rows about what comes after the features."""
    found = assumed.shown_per_hour * assumed.hours
    cores = measured.detect * assumed.hours / HOUR
    yield "detection and labels", ""
    yield "detection in features", f"{digits(cores)} core-hours, {money(cores * assumed.core_price)}"
    yield f"{found / 1e6:,.0f} million detections as JSON", amount(found * measured.bytes_per_detection)
    yield "annotations of all videos, five actions each", amount(assumed.videos * measured.bytes_per_annotated_video)


def limits(assumed: Assumed, measured: Measured) -> Iterator[Sequence[str]]:
    """Rows about what today's logotal takes where all videos are one folder, one file, one process."""
    videos = assumed.videos
    remote = 2 * videos * assumed.request_seconds  # two questions about each
    yield "all in one", "time", "memory"
    for name, seconds, memory in (
        ("each part lists all videos, local disk", measured.listed * videos, measured.listed_bytes),
        ("each part lists all videos, network", remote, measured.listed_bytes),
        ("`check`", measured.check_seconds * videos, measured.check_bytes),
        ("`evaluate`, ten detections a video", measured.evaluate_seconds * videos, measured.evaluate_bytes),
        ("`init`", measured.init_seconds * videos, 0.0),
    ):
        yield name, time(seconds), amount(memory * videos) if memory else "not measured"


def amount(size: float) -> str:
    """Bytes as people say them.

    >>> amount(1.1e15), amount(6.5e10)
    ('1.1 PB', '65 GB')
    """
    for unit in ("bytes", "kB", "MB", "GB", "TB"):
        if size < 999.5:
            return f"{size:.2g} {unit}" if size < 99.5 else f"{size:.0f} {unit}"
        size /= 1000
    return f"{size:.2g} PB" if size < 99.5 else f"{size:,.0f} PB"


def money(dollars: float) -> str:
    """Dollars to two digits."""
    return f"${digits(dollars)}"


def digits(number: float) -> str:
    """A number to two digits.

    >>> digits(1_234_567), digits(0.0379)
    ('1,200,000', '0.038')
    """
    return f"{float(f'{number:.2g}'):,.0f}" if number >= 9.95 else f"{number:.2g}"


def time(seconds: float) -> str:
    """Seconds as people say them.

    >>> time(1_100), time(20_000)
    ('18 min', '5.6 h')
    """
    return f"{seconds / 60:.0f} min" if seconds < HOUR else f"{seconds / HOUR:.2g} h"


def tables(assumed: Assumed) -> Iterator[str]:
    """All tables, in Markdown."""
    measured = Measured()
    for rows in (
        features(assumed),
        compute(assumed, measured),
        queue(assumed, measured, WAYS[2]),
        after(assumed, measured),
        limits(assumed, measured),
    ):
        header, *lines = (f"| {' | '.join(row)} |\n" for row in rows)
        yield "".join((header, f"|---{'|---:' * (header.count('|') - 2)}|\n", *lines))


def main() -> None:
    """The command."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    for field in dataclasses.fields(Assumed):
        kind = int if field.type in (int, "int") else float
        parser.add_argument(f"--{field.name.replace('_', '-')}", type=kind, default=field.default)
    print(*tables(Assumed(**vars(parser.parse_args()))), sep="\n")


if __name__ == "__main__":
    main()
