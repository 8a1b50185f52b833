"""`logotal extract`: video files to a folder of features."""

import sys
from pathlib import Path
from typing import Annotated

from cyclopts import Parameter

from logotal.commands.console import note, progress_bar
from logotal.errors import InputError


def extract(
    *videos: Path,
    out: Annotated[Path, Parameter(alias="-o")],
    backbone: str | None = None,
    like: Path | None = None,
    weights: Path | None = None,
    crops: str | None = None,
    precision: str = "auto",
    workers: int = 1,
    device: str | None = None,
) -> None:
    """Turn videos into features, once; training and detection then work on those.

    Args:
        videos: Video files, or folders of them.
        out: Folder for the features: a .npy and a .json per video, and features.json with the recipe of all.
        backbone: i3d-rgb, r2plus1d-tsp or videomae; `logotal weights list` says what each is.
        like: A run folder or a folder of features: extract in the way that it was made.
        weights: A file of weights; those that `logotal weights` fetched if absent.
        crops: center, or ten as the field's THUMOS14 features have (ten times the work); center if absent.
        precision: fp32, bf16, or auto: bf16 where the hardware is fast at it.
        workers: Processes; each holds the network.
        device: cpu, cuda, ...; the GPU if there is one.
    """
    import torch  # noqa: PLC0415 - loaded when the command runs

    from logotal.extraction.folder import Outcome, Settings, extract_folder, find_videos  # noqa: PLC0415

    if not videos:
        raise InputError("expected video files or folders of them, found none")
    if like is not None:
        backbone, crops = _like(like, backbone, crops)
    if backbone is None:
        raise InputError("name a network with --backbone (see `logotal weights list`), or a run with --like")
    files = find_videos(videos)
    device = device or ("cuda" if torch.cuda.is_available() else "cpu")
    settings = Settings(backbone, weights, crops or "center", precision, device)
    with progress_bar("extracting", len(files)) as advance:

        def tell(outcome: Outcome) -> None:
            advance(1)

        outcomes = extract_folder(files, out, settings, workers=workers, progress=tell)
    failed = [outcome for outcome in outcomes if outcome.error]
    skipped = sum(outcome.skipped for outcome in outcomes)
    made = len(outcomes) - len(failed) - skipped
    note(f"{made} extracted, {skipped} were there already, {len(failed)} failed: {out}")
    for outcome in failed:
        note(f"failed: {outcome.error}")
    if failed:
        sys.exit(1)


def _like(like: Path, backbone: str | None, crops: str | None) -> tuple[str, str]:
    """Backbone and crops of a run or of a folder of features."""
    from logotal.data.feature_recipe import read_feature_recipe  # noqa: PLC0415

    recipe = read_feature_recipe(like)
    if recipe is None:
        raise InputError(f"{like}: does not say how its features were made, features.json is missing; name --backbone")
    wanted = str(recipe["backbone"]), str(recipe["crop"]).split()[0]
    for given, found, option in ((backbone, wanted[0], "--backbone"), (crops, wanted[1], "--crops")):
        if given is not None and given != found:
            raise InputError(f"{like} was made with {found!r}, and {option} says {given!r}; leave out one of the two")
    return wanted
