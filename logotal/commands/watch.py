"""`logotal watch`: actions of a video that still comes, a line of JSON for each, as soon as it is final."""

import json
import sys

from logotal.backbones.download import weights_by_stream
from logotal.commands.console import note, out
from logotal.endings import Stopped, number_of
from logotal.inference.lengths import parse_wanted
from logotal.words import amount


def watch(
    source: str,
    *,
    model: str,
    lookahead: float | None = None,
    longest: float | None = None,
    follow: float | None = None,
    retry: float = 300.0,
    threshold: float | None = None,
    max_overlap: float | None = None,
    across_labels: bool | None = None,
    min_duration: tuple[str, ...] = (),
    merge_gap: tuple[str, ...] = (),
    weights: tuple[str, ...] = (),
    device: str | None = None,
    precision: str | None = None,
) -> None:
    """Find actions in a camera, a stream or a file that grows, and print each as soon as it cannot change any more.

    Args:
        source: An address (http://, rtsp://, ...), a camera (camera:0, /dev/video0), - for the standard input, a file.
        model: A run folder or a project folder, or OWNER/NAME on the Hugging Face hub.
        lookahead: Seconds that are seen behind a moment before it is judged; as far as the network looks if absent.
            Needed where the network sees whole videos.
        longest: Seconds of the longest action; that of the training if absent. Half of it is waited for.
        follow: Seconds for which a file that is still written is waited for where it ends; it is read once if absent.
        retry: Seconds for which a lost connection is tried again; 0 does not.
        threshold: Lowest score that is shown; those of the model's operating point if absent (`logotal thresholds`).
        max_overlap: Part of an action, 0 to 1, that may lie within a better one of its label.
        across_labels: Actions of other labels count as overlaps too, or do not; as the operating point says if
            absent. With --max-overlap 0 there is then one at a time.
        min_duration: Seconds that an action lasts at least: SECONDS, or LABEL=SECONDS and the option again for another
            label; those of the operating point if absent.
        merge_gap: Actions of a label that lie closer than so many seconds are one: SECONDS, or LABEL=SECONDS and the
            option again for another label; those of the operating point if absent.
        weights: The backbone's weights: FILE, or https://...#sha256=HASH, or rgb=FILE and flow=FILE; the fetched ones
            if absent.
        device: cpu, cuda, ...; the GPU if there is one.
        precision: Arithmetic of the network: auto, fp32 or bf16; that of the run if absent.
    """
    import logotal  # noqa: PLC0415 - loaded when the command runs

    told = 0
    try:
        actions = logotal.watch(
            source,
            model,
            lookahead=lookahead,
            longest=longest,
            follow=follow,
            retry=retry,
            threshold=threshold,
            max_overlap=max_overlap,
            across_labels=across_labels,
            min_duration=parse_wanted(min_duration, "--min-duration"),
            merge_gap=parse_wanted(merge_gap, "--merge-gap"),
            weights=weights_by_stream(weights),
            device=device,
            precision=precision,
            say=note,
        )
        for action in actions:
            out.print(json.dumps(action.to_json(), ensure_ascii=False), markup=False)
            sys.stdout.flush()
            told += 1
    except KeyboardInterrupt as error:
        raise Stopped(number_of(error), f"stopped; {amount(told, 'action')} of {source} were told") from None
