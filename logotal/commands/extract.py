"""`logotal extract`: video files to a folder of features."""

import sys
from pathlib import Path
from typing import Annotated

from cyclopts import Parameter

import logotal
from logotal.backbones.download import weights_by_stream
from logotal.commands.console import note, progress_bar
from logotal.words import amount, duration

Numbers = Annotated[tuple[float, ...], Parameter(consume_multiple=True, negative="", show_default=False)]


def extract(
    *videos: Path,
    out: Annotated[Path | None, Parameter(alias="-o")] = None,
    backbone: str | None = None,
    like: str | None = None,
    weights: Annotated[tuple[str, ...], Parameter(negative="", show_default=False)] = (),
    crops: str | None = None,
    flow: str | None = None,
    fps: float | None = None,
    clip_stride: int | None = None,
    clips: str | None = None,
    depths: str | None = None,
    differences: str | None = None,
    pose: Annotated[bool | None, Parameter(negative="", show_default=False)] = None,
    resize: int | None = None,
    crop_size: int | None = None,
    mean: Numbers = (),
    std: Numbers = (),
    views: int | None = None,
    precision: str = "auto",
    runtime: str = "torch",
    batch_size: int | None = None,
    workers: int | None = None,
    device: Annotated[tuple[str, ...], Parameter(negative="", show_default=False)] = (),
    shard: str | None = None,
    engine: str = "local",
    address: str = "auto",
    dry_run: Annotated[bool, Parameter(negative="")] = False,
) -> None:
    """Turn videos into features, once; training and detection then work on those.

    Args:
        videos: Video files, or folders of them, here or at s3://, gs://, https:// or hf://; or one project folder
            (`logotal init`), which says all the rest.
        out: Folder for the features, here or at an address: a .npy and a .json per video, and features.json with the
            recipe of all.
        backbone: i3d-rgb, mobilenetv2, ...; `logotal weights list` says what each is. Or image:LOCATION (video:LOCATION
            for models of clips): an ONNX file, a folder of a model that transformers knows, or OWNER/NAME on the hub.
        like: A run folder, OWNER/NAME on the Hugging Face hub, or a folder of features: extract in the way that it was
            made.
        weights: A file of weights, or https://...#sha256=HASH; rgb=FILE and flow=FILE, each with its own --weights,
            for a network of two streams; those that `logotal weights` fetched if absent.
        crops: What the network sees of a frame: center, a square in the middle; ten squares, as the field's THUMOS14
            features have (ten times the work); or whole, all of it in its proportions (I3D, R(2+1)D); center if absent.
        flow: tvl1 as the field's features, or dis, far faster; tvl1 if absent. Needs the extra flow.
        fps: Frame rate that videos are brought to; the backbone's if absent, for I3D that of the video.
        clip_stride: Frames between clips; the backbone's if absent.
        clips: overlapping, each by itself as in the features of the field, or dense: the network goes along the video
            once (I3D, R(2+1)D), so that no frame is computed twice; overlapping if absent.
        depths: several: mean and maximum over the picture of the ends of I3D's three stages, joined along the channels
            (with clips dense); last, the mean of its last layer, if absent.
        differences: before, after or both: how a feature differs from the one before, how that after it does,
            is joined to it along the channels; nothing if absent.
        pose: Join the pose of a person to each feature, for what people do with their bodies (`logotal weights pose`,
            extra openvino); clips of several frames.
        resize: Length of the shorter side of frames; the backbone's rule if absent.
        crop_size: Side of the square that the network sees, or shorter side of whole frames; the backbone's if absent.
        mean: What is subtracted from values from 0 to 1, one number or one each for red, green and blue; what the files
            of the backbone say if absent.
        std: What they are divided by, likewise.
        views: How many further views of each video (mirrored, cut out, in another light) get features too, in
            OUT/views/1, 2, ...; training draws from them with data.views.
        precision: fp32, bf16, or auto: that of the folder or run, else bf16 where the hardware is fast at it, but for
            mobilenetv2.
        runtime: torch; or openvino (extra openvino), which makes the same features of overlapping clips on a CPU in
            less time.
        batch_size: Crops of overlapping clips that go through the network together; 8 if absent.
        workers: Processes; each holds the network. One for each device if absent.
        device: cpu, cuda, ...; the GPU if there is one. --device cuda:0 --device cuda:1 shares the videos among two.
        shard: NUMBER/COUNT, as 3/8: the third of eight parts of the videos, for machines that share a folder; `auto` in
            an array of SLURM, `auto/COUNT` in an indexed job of Kubernetes.
        engine: local; or ray (extra ray), which shares the videos among the machines of a Ray cluster: --workers are
            then tasks at once, one for each of its GPUs, or machines, if absent.
        address: Of the head of the Ray cluster, HOST:PORT; that to which this machine belongs if absent.
        dry_run: Make and write nothing: say how many videos have no features yet, which of them cannot be read, and how
            long the others would take.
    """
    with progress_bar("extracting") as progress:
        found = logotal.extract(
            videos,
            out,
            backbone=backbone,
            like=like,
            weights=weights_by_stream(weights),
            crops=crops,
            flow=flow,
            fps=fps,
            clip_stride=clip_stride,
            clips=clips,
            depths=depths,
            differences=differences,
            pose=pose,
            resize=resize,
            crop_size=crop_size,
            mean=mean,
            std=std,
            views=views,
            precision=precision,
            runtime=runtime,
            batch_size=batch_size,
            workers=workers,
            device=device,
            shard=shard,
            engine=engine,
            address=address,
            dry_run=dry_run,
            progress=progress,
        )
    told = "to extract" if dry_run else "extracted"
    if found.made:
        speed = f"{found.duration / found.seconds:.3g} x real time"
        spent = f"about {duration(found.seconds)} at {speed}" if dry_run else f"at {speed}"
        told += f", {duration(found.duration)} of video{', ' if dry_run else ' '}{spent}"
    left = f"{found.skipped} were there already, {len(found.failed)} {'cannot be read' if dry_run else 'failed'}"
    counted = f" (each video and {amount(found.views, 'further view')} of it)" if found.views else ""
    note(f"{found.made} {told}; {left}{counted}: {found.folder}")
    for outcome in found.failed:
        note(f"failed: {outcome.error}")
    if found.failed:
        sys.exit(1)
