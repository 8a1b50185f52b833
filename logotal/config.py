"""The configuration: frozen models, unknown keys are errors (law 8).

Defaults are the paper's (Li and Yang, 2025) for THUMOS14, but for the start of the boundary branches, LayerScale and
the normalizer, in which the recipe `thumos14` is literal. Where the paper gives no value, the default is TriDet's (Shi
et al., CVPR 2023), the code base whose wording the paper follows. A recipe is a YAML file of these four sections, read
by `logotal.recipes`.
"""

import itertools
from pathlib import Path
from typing import Annotated, Any, Literal, Self

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, PlainSerializer, model_validator

from logotal.files.remote import address


def _no_truth_value(value: object) -> object:
    """YAML's `true` is no number, though Python takes it for 1."""
    if isinstance(value, bool):
        raise ValueError("Input should be a valid integer")
    return value


Integer = Annotated[int, BeforeValidator(_no_truth_value)]
Positive = Annotated[Integer, Field(gt=0)]
Fraction = Annotated[float, Field(ge=0, le=1)]
NotNegative = Annotated[Integer, Field(ge=0)]
NonNegative = Annotated[float, Field(ge=0, allow_inf_nan=False)]
AboveZero = Annotated[float, Field(gt=0, allow_inf_nan=False)]
Place = Annotated[Path, PlainSerializer(address, when_used="json")]


class Section(BaseModel):
    """A group of settings that cannot change and refuses keys it does not know."""

    model_config = ConfigDict(frozen=True, extra="forbid", use_attribute_docstrings=True)


class LoGoConfig(Section):
    """The LoGo mixer, Eq. 4-6."""

    local: Literal["convolution", "attention", "both"] = "convolution"
    """The local branch: the paper's depthwise convolution, local self-attention (`model.attention`), or their sum."""
    kernel: Positive | tuple[Positive, ...] = 3
    """Width of the depthwise convolution; several widths are taken block by block."""
    fc: Literal["dense", "per_channel"] = "dense"
    """The fully connected layers: C x C, or one scale and bias per channel as TriDet has them."""
    gate: Literal["relu", "sigmoid", "softplus"] = "relu"
    """Activation of the two gates."""
    inner_residual: bool = True
    """Adds x inside Eq. 4, besides the residual of Eq. 1."""
    pool_window: Positive | None = None
    """Grid steps that the global pooling sees around each step; the whole sequence if absent."""
    init: Literal["default", "zeros"] = "default"
    """`zeros` is the dead start of the published SGP: every branch stays zero for ever."""


class AttentionConfig(Section):
    """Local self-attention as in ActionFormer: its mixer, or in the local branch of LoGo's."""

    window: NotNegative | tuple[NotNegative, ...] = 19
    """Steps that a query sees, itself included; odd, 0 for all; several are taken level by level."""
    heads: Positive = 4
    """Attention heads; they share the width."""
    key_bias: bool = False
    """Biases of the keys, as published; they cancel in the softmax, so that they never learn."""


class SGPConfig(Section):
    """The SGP mixer of TriDet."""

    window: Positive = 1
    """Width of the two smaller convolutions; 1 at full resolution in any case, as published."""
    factor: AboveZero = 5.0
    """The wide convolution is about (window + 1) times this wide."""
    init: Literal["default", "zeros"] = "default"
    """`zeros` is the published start on THUMOS14, from which the mixer never learns anything."""


class FusionConfig(Section):
    """The cross-level fusion of the CLFF head: w1 * Z^l + w2 * down(Z^{l-1})."""

    weights: Literal["shared", "per_level", "per_channel"] = "shared"
    """Whether w1 and w2 are two scalars, two per level, or two per channel."""
    init: tuple[float, float] = (1.0, 1.0)
    """Where w1 and w2 start; only their ratio matters, a LayerNorm follows."""
    normalize: bool = False
    """Passes (w1, w2) through a softmax."""
    down: Literal["max", "avg", "conv"] = "max"
    """How the finer level is halved: pooling of window 3 and stride 2, or a strided convolution."""
    branches: Literal["center", "center_and_boundaries", "all"] = "center"
    """Which branches read the fused pyramid; `all` includes classification."""


class ModelConfig(Section):
    """The network: embedding, pyramid and heads."""

    input_channels: Positive | None = None
    """Channels of the features; read from the first feature file if absent."""
    standardize: bool = False
    """Each channel of the features is brought to mean 0 and deviation 1, by numbers of the training videos that the run
    keeps; `training.input_noise` is then in such deviations."""
    width: Positive = 512
    """Channels of the pyramid."""
    levels: Annotated[Integer, Field(ge=1, le=12)] = 6
    """Pyramid levels, at strides 1, 2, 4, ..."""
    layout: Literal["paper", "tridet", "actionformer"] = "paper"
    """`paper`: level 0 is the embedding, then pool(block(level)); `tridet`: stem blocks, then block(pool(level));
    `actionformer`: stem blocks, then blocks whose mixer halves."""
    stem_blocks: NotNegative = 2
    """Blocks at full resolution; none in the `paper` layout."""
    stem_scaled: bool = True
    """LayerScale and drop path in the stem blocks too."""
    mixer: str = "logo"
    """What looks along time in a block: logo, conv, dilated (convolutions that see twice as far in each block),
    attention, sgp, or maxpool (TemporalMaxer), which has no blocks but the pooling alone."""
    logo: LoGoConfig = LoGoConfig()
    attention: AttentionConfig = AttentionConfig()
    sgp: SGPConfig = SGPConfig()
    mlp_factor: AboveZero = 1.5
    """Hidden channels of the block's MLP, in times the width."""
    mlp_norm: Literal["group", "layer"] = "group"
    """What the MLP's input passes through: GroupNorm (Eq. 2), or LayerNorm (ActionFormer)."""
    groups: Positive = 16
    """Groups of the block's GroupNorm."""
    drop_path: Fraction = 0.1
    """Chance that a sample skips a residual branch in training."""
    layer_scale: NonNegative = 0.01
    """Start of the learned factor per channel on every residual branch; 0 leaves the factors out."""
    embedding_layers: NotNegative = 2
    """Convolutions of the projection; 0 leaves features as they are, and `width` is the number of their channels."""
    embedding_kernel: Positive = 3
    """Width of the first of them, an odd number: 1 looks at each step by itself."""
    streams: tuple[Positive, ...] = ()
    """Channels of each part of a feature that the first of them projects by itself, so that a short part counts as much
    as a long one; all together if empty."""
    position_length: Positive | None = None
    """Adds sinusoids of the position, one for each of so many steps; longer inputs stretch them."""
    neck_norm: Literal["layer", "group", "none"] = "layer"
    """What each level passes through before the heads: its own LayerNorm, or TemporalMaxer's GroupNorm."""
    compat: Positive | None = None
    """Pads to so many steps and sees the padding as the published ActionFormer, TriDet and TemporalMaxer do; breaks
    law 1. Converted checkpoints have it."""

    head: str = "clff"
    """Regression head: clff (the paper's, of fused levels), trident (TriDet's), light (ActionFormer's two numbers per
    point), or clff-light (these of fused levels)."""
    head_width: Positive = 512
    """Channels inside the heads."""
    head_factor: AboveZero = 1.0
    """Of which they have so many times as many: a preset halves the heads of any recipe by it."""
    head_layers: Positive = 3
    """Convolutions of each head."""
    head_kernel: Positive = 3
    """Their width."""
    boundary_kernel: Positive | None = None
    """Width of the convolutions of the start and end branches; `head_kernel` if absent."""
    prior: Annotated[float, Field(gt=0, lt=1)] = 0.01
    """Score that every class starts with."""
    bins: Positive = 16
    """Distances of a Trident head reach from 0 to `bins` strides."""
    boundary_init: Literal["default", "normal"] = "default"
    """`normal` draws the weights of the start and end branches from N(0, 0.1), as the paper says."""
    fusion: FusionConfig = FusionConfig()
    first_range: AboveZero = 4.0
    """Farthest boundary, in grid steps, that level 0 answers for; it doubles per level, the last is open."""
    class_agnostic: bool = False
    """One class for all labels (ActivityNet); these then come from external video scores or the video classifier."""
    members: Annotated[Integer, Field(ge=1, le=16)] = 1
    """Networks that start from different weights, learn side by side and answer with their mean."""

    @model_validator(mode="before")
    @classmethod
    def _as_wide_as_the_features(cls, given: Any) -> Any:
        """Without an embedding, the width is that of the features, where it is known."""
        if isinstance(given, dict) and given.get("embedding_layers") == 0 and given.get("input_channels"):
            return given | {"width": given["input_channels"]}
        return given

    @property
    def regression_ranges(self) -> tuple[tuple[float, float], ...]:
        """(lowest, highest) distance in grid steps to the farther boundary, for each level."""
        bounds = [0.0, *(self.first_range * 2**level for level in range(self.levels - 1)), float("inf")]
        return tuple(itertools.pairwise(bounds))

    @property
    def mlp_width(self) -> int:
        """Hidden channels of the block's MLP."""
        return round(self.width * self.mlp_factor)

    @property
    def strides(self) -> tuple[int, ...]:
        """Grid steps between the points of each level."""
        return tuple(2**level for level in range(self.levels))


class DataConfig(Section):
    """Where the annotations and features are, and how a training window is cut."""

    features: Place | None = None
    """Folder with one .npy (T, C) per video, or the folder that holds it and the annotations."""
    annotations: Place | None = None
    """ActivityNet JSON; a bare file name is also looked for beside and below the features."""
    backbone: str | None = None
    """What `logotal extract` makes the features of a project with (`logotal weights list`); nothing else reads it."""
    clips: Literal["overlapping", "dense"] = "overlapping"
    """Whether each clip of a project goes through the backbone by itself, or the backbone along the whole video."""
    pixels: Positive | None = None
    """Side of the square that the backbone sees of a project's videos, resized in proportion; its own if absent."""
    crops: Literal["center", "whole"] = "center"
    """Whether the backbone sees that square, or whole frames, whose shorter side is so long (I3D, R(2+1)D)."""
    depths: Literal["last", "several"] = "last"
    """Whether features of a project hold the last layer of its backbone, or mean and maximum of several (I3D)."""
    differences: Literal["none", "before", "after", "both"] = "none"
    """Which differences to neighboring features are joined to each feature of a project."""
    pose: bool = False
    """Whether the pose of a person is joined to each feature of a project (docs/features.md)."""
    views: NotNegative = 0
    """Further views of each video (`logotal extract --views`) from which training draws besides the video as it is."""
    file_prefix: str = ""
    """What feature file names have before the video id."""
    training_split: str = "training"
    """Name of the split to train on."""
    evaluation_split: str = "validation"
    """Name of the split to evaluate on."""
    protocol: str = "generic"
    """How this data set is evaluated."""
    fps: AboveZero | None = None
    """Frame rate of the features; that of each video in the annotation file if absent."""
    clip_stride: AboveZero | None = 4
    """Frames between the starts of consecutive clips; absent: the features span the whole duration evenly."""
    clip_frames: AboveZero = 16
    """Frames of one clip."""
    downsample: Positive = 1
    """Keeps every n-th feature."""
    resize_to: Positive | None = None
    """Linearly resizes every video to this many steps (ActionFormer on ActivityNet: 192)."""
    window: Positive = 2304
    """Longest stretch of grid steps in training; longer videos are cropped to it."""
    crop: tuple[Fraction, Fraction] | None = (0.9, 1.0)
    """Videos shorter than the window are cropped to a random part of this size."""
    crop_keep: Fraction = 0.5
    """Part of an action that must lie inside a crop for it to count."""
    exclude: tuple[str, ...] = ()
    """Videos to leave out, by id."""
    hold_out: Annotated[float, Field(ge=0, lt=1)] = 0.0
    """Part of the training split, in whole groups, that is not trained on: what thresholds are chosen on."""
    ignored_labels: tuple[str, ...] = ()
    """Labels that are no class: where they are annotated is neither action nor background (THUMOS14: Ambiguous)."""
    subjects: Literal["together", "lanes"] = "together"
    """Who acts: `together`, labels are the classes; `lanes`, each label of each subject is a class of its own."""
    widen_points: NonNegative = 0.0
    """Events without length become segments of so many seconds around their time; 0 leaves them out, by name."""
    moments: tuple[str, ...] | None = None
    """Labels that happen at one time: what is shown of them has no length; those that were labelled so if absent."""
    join_splits: bool = False
    """The videos of the evaluation split belong to the training split too: for folds over all of them, or a model that
    learns from all."""
    fold: tuple[NotNegative, Positive] | None = None
    """Part (from 0) and number of parts of the training split: that part is evaluated on, the others are trained on."""

    share: tuple[Fraction, NotNegative] | None = None
    """Part of the training split, in whole groups, that is trained on, and the seed that draws it; a larger part of the
    same seed holds a smaller one (`logotal curve`)."""

    @model_validator(mode="after")
    def _fold_exists(self) -> Self:
        if self.fold is not None and not self.fold[0] < self.fold[1] > 1:
            raise ValueError(f"data.fold: expected a part from 0 of at least 2 parts, found {self.fold}")
        return self


class TrainingConfig(Section):
    """The training recipe: assignment, losses, optimizer, schedule."""

    method: Literal["descent", "regression"] = "descent"
    """`descent` learns by gradients; `regression` solves for the weights of a linear network (preset `linear`), to
    which schedule and losses do not matter."""
    epochs: Positive = 40
    """All epochs, warm-up included."""
    warmup_epochs: Annotated[Integer, Field(ge=0)] = 20
    """Epochs in which the learning rate rises from 0; it then falls along a cosine."""
    batch_size: Positive = 2
    """Videos per step, on all devices of all machines together."""
    learning_rate: AboveZero = 1e-4
    """The highest learning rate."""
    final_learning_rate: NonNegative = 1e-8
    """The learning rate at the end of the cosine."""
    weight_decay: NonNegative = 0.025
    """Decay of the weights of convolutions and linear layers; nothing else decays."""
    clip_gradient_norm: NonNegative = 1.0
    """Largest L2 norm of the gradient; 0 does not clip."""
    ema_decay: Annotated[float, Field(ge=0, lt=1)] = 0.999
    """Decay of the averaged weights, which are the ones saved; 0 saves the last weights."""
    input_noise: NonNegative = 5e-4
    """Standard deviation of Gaussian noise added to the features."""
    center_radius: NonNegative = 1.5
    """Positive points lie within this many strides of the action's center; 0: anywhere inside."""
    focal_alpha: Fraction = 0.25
    """Weight of positives in the focal loss."""
    focal_gamma: NonNegative = 2.0
    """Exponent of the focal loss."""
    heat: NonNegative = 0.0
    """Scores rise towards the middle of an action in a Gaussian of this deviation, in lengths of the action; 0: they
    are the same at all its positive points."""
    label_smoothing: Fraction = 0.0
    """Part of each classification target that is spread over all classes."""
    class_balance: Fraction = 0.0
    """Weighs the positives of rare classes up: by (mean count / count) to this power; 0 weighs all alike."""
    iou_power: NonNegative = 0.2
    """Positives are weighted by tIoU to this power (the paper's sigma_IoU)."""
    regression_loss: Literal["giou", "diou"] = "giou"
    """GIoU equals IoU here; DIoU adds the distance of the centers."""
    twins: Literal["each", "once"] = "each"
    """Whether a point with several labels regresses for each (TriDet) or once (ActionFormer)."""
    regression_weight: NonNegative = 1.0
    """Factor of the regression loss."""
    normalizer: Literal["ema", "paper"] = "ema"
    """`ema`: both losses over a running count of positives; `paper`: Eq. 7 as printed."""
    initial_normalizer: AboveZero = 100.0
    """Where the running count starts; it counts the positives of a step on all devices together."""
    seed: Annotated[Integer, Field(ge=0, lt=2**31)] = 0
    """Decides initial weights, order, crops and noise."""
    workers: Annotated[Integer, Field(ge=0)] = 2
    """Data-loading processes."""
    precision: Literal["fp32", "bf16"] = "fp32"
    """Arithmetic of the network; losses and decoding are fp32 in any case."""
    accelerator: Literal["auto", "cpu", "gpu"] = "auto"
    """What to train on; auto: GPUs (CUDA, or Apple's) where there are any."""
    devices: Positive | Literal["auto"] = "auto"
    """Devices of each machine, each with a process; auto: as torchrun or SLURM say, or one."""
    nodes: Positive | Literal["auto"] = "auto"
    """Machines; auto: as torchrun or SLURM say, or one."""


class InferenceConfig(Section):
    """From predictions to segments."""

    score_threshold: Fraction = 0.001
    """Points below this score are no candidates."""
    candidates_per_level: Positive = 2000
    """Best (point, class) pairs that are decoded in each level."""
    min_length: NonNegative = 0.05
    """Shortest segment, in grid steps."""
    nms: Literal["soft", "hard", "none"] = "soft"
    """Gaussian decay of overlapping scores, removal from `nms_tiou` on, or nothing."""
    nms_sigma: AboveZero = 0.5
    """Width of the Gaussian decay."""
    nms_tiou: Fraction = 0.5
    """Overlap from which hard NMS removes."""
    nms_per_class: bool = True
    """Whether actions of different classes leave each other alone."""
    min_score: Fraction = 0.001
    """Segments that decay below this score are removed."""
    max_segments: Positive = 2000
    """Segments kept per video."""
    voting_tiou: Fraction = 0.0
    """Overlap from which segments vote on the boundaries of a kept one; 0 does not vote (ActionFormer, per class)."""
    voting_weight: Literal["score", "score_tiou"] = "score"
    """What a vote weighs: TriDet's score, or ActionFormer's score times tIoU."""
    video_scores: Place | None = None
    """JSON of external class scores per video, fused with the detections."""
    video_labels: Positive = 2
    """Best external labels that each segment is given."""
    video_segments: Positive = 200
    """Best segments of a video that are fused with them."""
    batch_size: Positive = 8
    """Videos of similar length that are processed together."""
    precision: Literal["auto", "fp32", "bf16"] = "auto"
    """Arithmetic of the network; auto: bf16 from a width of 256 where the hardware has it. Decoding is fp32."""


class Config(Section):
    """Everything a run is made of."""

    model: ModelConfig = ModelConfig()
    data: DataConfig = DataConfig()
    training: TrainingConfig = TrainingConfig()
    inference: InferenceConfig = InferenceConfig()

    @model_validator(mode="after")
    def _consistent(self) -> Self:
        """Checks across keys live here, not in the sections: the command line builds those from parts."""
        model, data, training = self.model, self.data, self.training
        for name, divisor in (
            ("model.groups", model.groups),
            ("model.attention.heads", model.attention.heads),
        ):
            if model.width % divisor:
                raise ValueError(f"model.width {model.width} must be a multiple of {name} {divisor}")
        kernels = model.logo.kernel if isinstance(model.logo.kernel, tuple) else (model.logo.kernel,)
        windows = model.attention.window if isinstance(model.attention.window, tuple) else (model.attention.window,)
        for name, size in (
            ("model.embedding_kernel", model.embedding_kernel),
            ("model.head_kernel", model.head_kernel),
            ("model.boundary_kernel", model.boundary_kernel or 1),
            ("model.sgp.window", model.sgp.window),
            *(("model.attention.window", window) for window in windows if window),
            *(("model.logo.kernel", kernel) for kernel in kernels),
        ):
            if size % 2 == 0:
                raise ValueError(f"{name} must be odd, found {size}")
        if data.crop and not 0 < data.crop[0] <= data.crop[1]:
            raise ValueError(f"data.crop must be (smallest, largest), above 0, found {data.crop}")
        if model.streams and model.input_channels not in (None, sum(model.streams)):
            raise ValueError(
                f"model.streams {list(model.streams)} must add up to model.input_channels {model.input_channels}"
            )
        if model.streams and not model.embedding_layers:
            raise ValueError("model.streams needs model.embedding_layers of 1 or more, found 0")
        if training.warmup_epochs > training.epochs:
            raise ValueError(
                f"training.warmup_epochs {training.warmup_epochs} must not exceed training.epochs {training.epochs},"
                " which includes it"
            )
        return self
