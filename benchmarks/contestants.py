"""Who takes part in the works: their names on the page, and how each is built."""

from pathlib import Path
from typing import Any

from benchmarks.contest import Contestant

FP32, BF16, OPENVINO, OPENVINO_BF16 = "logotal fp32", "logotal bf16", "logotal OpenVINO fp32", "logotal OpenVINO bf16"
ACTIONFORMER, PYTHON_NMS, LOOP = "ActionFormer 1.5.0", "ActionFormer 1.5.0 without compiler", "plain loop"
OUR_ACTIONFORMER, TRIDET = "our actionformer preset, published way", "our tridet preset, published way"
OWN_TRIDET = "our tridet preset, our way"
DECODING, CLIPS, DENSE, DENSE_SMALL = "decoding alone", "I3D, overlapping clips", "I3D, dense", "I3D, dense, 112 px"
DENSE_DEEP = "I3D, dense, 112 px, several depths"
LIGHT = "MobileNetV2"
VIDEOMAE, THEIR_LIGHT = "transformers: VideoMAE-base, clips of 16 frames", "transformers: MobileNetV2, 224 px"
LEAN_FP32, LEAN_BF16 = "logo-lean fp32", "logo-lean bf16"


def ours(name: str, job: str, **options: Any) -> Contestant:
    """A contestant of ours."""
    return Contestant(name, "ours", job, options)


def rival(job: str, *, name: str = ACTIONFORMER, **options: Any) -> Contestant:
    """The rival."""
    return Contestant(name, "rival", job, options)


def precisions(job: str, exported: Path, **options: Any) -> list[Contestant]:
    """Our recipe's network in all the ways it can run; `exported` is written by the first that needs it."""
    found = [ours(FP32, job, precision="fp32", **options), ours(BF16, job, precision="bf16", **options)]
    for name, way in ((OPENVINO, "openvino-fp32"), (OPENVINO_BF16, "openvino-bf16")):
        found.append(ours(name, job, precision=way, exported=str(exported), **options))
    return found


def tridet(job: str, **options: Any) -> Contestant:
    """Our TriDet as published: fp32, padded to 2304, one video at a time."""
    return ours(TRIDET, job, preset="tridet", published=True, **options)


def own_tridet(job: str, **options: Any) -> Contestant:
    """Our TriDet without padding."""
    return ours(OWN_TRIDET, job, preset="tridet", **options)


def lean(job: str, **options: Any) -> list[Contestant]:
    """The preset that does less work for nearly the same mAP."""
    return [
        ours(name, job, precision=precision, preset="logo-lean", **options)
        for name, precision in ((LEAN_FP32, "fp32"), (LEAN_BF16, "bf16"))
    ]
