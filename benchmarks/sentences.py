"""What `docs/performance.md` says beside its numbers."""

from collections.abc import Mapping

INTRODUCTION = """
Written by `make benchmark`; edit `benchmarks/` instead. Times are medians of repetitions in which the contestants took
turns, each in a process of its own; short detections and training steps were repeated in several such processes. A
ratio says how many times faster than a rival in the same run, with the least and the largest ratio of single
repetitions. Peak memory is all that was resident, libraries included. GPUs have a benchmark of their own,
`python -m benchmarks.gpu`, which no GPU has run yet.
"""

QUICK = "**A quick run on small stand-ins: these numbers mean nothing.**"

GPU = """
Written by `python -m benchmarks.gpu`; edit `benchmarks/` instead. Times are medians of repetitions in which the
contestants took turns, each in a process of its own. The rivals are our presets of them, run the published way: in
fp32, and in TF32 for comparison at equal arithmetic, padded to 2,304 steps, videos one by one in detection. Peak memory
is what tensors held on the device.
"""

GROUPS: Mapping[str, tuple[str, str]] = {
    "detect": (
        "Detection",
        "From features to a timeline, 2,048 channels, 20 labels. All keep 200 segments of 2,000 candidates per level "
        "above 0.001; random weights with logits spread as a trained network's, so that all candidates pass. The "
        "published way pads to 2,304 steps. ActionFormer's points end at 13,824 steps; they were made to reach further "
        "for the longest. `logo-lean` is the preset of less than half the work.",
    ),
    "split": (
        "A test split at its real lengths",
        "A systematic sample of THUMOS14's test videos by length, from .npy files to timelines. The published way "
        "takes them one by one, padded to 2,304; ours in batches of similar length.",
    ),
    "train": (
        "Training",
        "Loss, gradient, clipping, AdamW, schedule, averaged weights; no loading. The published way pads to 2,304.",
    ),
    "nms": ("Soft-NMS", "11,440 candidates in 20 classes, sigma 0.5, least score 0.001."),
    "evaluate": (
        "Evaluation",
        "MAP and recall@1x and @5x. At 42,400 detections ActionFormer's evaluator got all, with its 8 processes, which "
        "ran already. Beyond, it was given two small shares, one the double of the other, in one process, and its time "
        "for all (~) lies on the line through the two.",
    ),
    "load": ("Loading", "Training windows from .npy files that the system has in memory, padded into batches of two."),
    "startup": ("Startup", "Whole processes, from start to end."),
    "extract": (
        "Extraction",
        "I3D features of a rendered video file, decoding included, with the same random weights for all; the plain "
        "loop takes one clip after another in fp32 and prepares each frame anew for each of its clips.",
    ),
    "timeline": (
        "From video to timeline",
        "Decoding, features at a stride of 4 frames with random weights, detection in them. What is slow got a part of "
        "the video, and its time for all (~) follows from the features that it made. The rivals are what pip gives for "
        "features of videos and runs on a CPU: transformers, in fp32, on batches of frames or single clips at the same "
        "stride, resized while PyAV decodes them; they detect nothing.",
    ),
    "presets": ("Presets", "All networks of the recipe `sbhar` on one recording."),
    "limits": (
        "Limits of this machine",
        "The highest rates that one operation alone reaches: the heads' convolution (512 channels, width 3), a product "
        "of matrices of 2,048 x 2,048, a copy of 256 MiB (reading and writing counted). The arithmetic of a network is "
        "that of its convolutions, linear maps and attention, two operations for each multiply-accumulate. All else "
        "that it does (norms, gates, pooling, suppression) counts as nothing.",
    ),
}

RIVAL = """
The PyPI package `actionformer==1.5.0`, a fork of ActionFormer, unchanged, in an environment of its own. What had to be
worked around:

1. Its dependencies name torchvision, tensorboard, tqdm and scipy, which nothing that is measured imports, and not h5py,
   without which it cannot be imported: installed with `--no-deps`, and what it imports by hand.
2. To build it, pip fetches another torch (gigabytes, with CUDA): `--no-build-isolation` builds its C++ soft-NMS against
   the torch that is there. Without a compiler it cannot be installed.
3. Its configuration files are not in the package: the published THUMOS14 settings are in `benchmarks/rival_network.py`.
4. Its training loop calls `torch.cuda.synchronize`: the step is the same, without its printing.
5. Its points end at 13,824 steps, and longer videos with an assertion: `max_buffer_len_factor` was raised.
"""
