"""Where detections go: a file or a page, and a copy of the video with its timeline drawn in."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from logotal.callbacks import Progress, Say, silent
from logotal.errors import InputError
from logotal.files.remote import refuse_remote
from logotal.files.target import check_target
from logotal.formats.comma_separated import formulas
from logotal.formats.timelines import is_plain_csv
from logotal.report.save import check_timelines_target, save_timelines
from logotal.runs.detect import Detections
from logotal.runs.parts import parts_folder, remove_parts
from logotal.words import amount, few


@dataclass(frozen=True)
class Outputs:
    """The places that detections are written to, and how.

    Args:
        save: the timelines; the suffix chooses the form.
        annotated_video: the one video, with its timeline drawn in.
        playable: the page plays small copies of the videos.
        safe_csv: names that a spreadsheet takes for formulas begin with an apostrophe.
        overwrite: other files that lie there are replaced, and copies of them stay.
    """

    save: Path | None = None
    annotated_video: Path | None = None
    playable: bool = False
    safe_csv: bool = False
    overwrite: bool = False

    @property
    def parts(self) -> Path | None:
        """Where what is found is kept until the timelines are written."""
        return None if self.save is None else parts_folder(self.save)

    def check(self, files: Sequence[Path], *, read: Sequence[Path] = (), named: bool = False) -> None:
        """Refuses before the work what could not be written after it.

        Args:
            files: videos or features in which is detected.
            read: what is read besides.
            named: the videos have names of their own, as in a project; else their files' names have to differ.

        Raises:
            InputError: a place is not free, or does not go with the files.
        """
        inputs = [*read, *files, *(file.with_suffix(".json") for file in files)]
        if self.playable and self.save is None:
            raise InputError("--playable writes the videos of a page; name the page with --save PAGE.html")
        if self.save is not None:
            check_timelines_target(
                self.save, inputs, playable=self.playable, safe_csv=self.safe_csv, overwrite=self.overwrite
            )
            self._check_names(() if named else files)
        if self.annotated_video is not None:
            refuse_remote(self.annotated_video, "a file")
            if len(files) != 1 or files[0].suffix == ".npy":
                raise InputError(
                    f"--annotated-video draws on one video file, found {len(files)} inputs like {files[0]}"
                )
            from logotal.report.overlay import ANNOTATED  # noqa: PLC0415 - draws, where that is wanted

            check_target(self.annotated_video, ANNOTATED, inputs=inputs, overwrite=self.overwrite)

    def _check_names(self, files: Sequence[Path]) -> None:
        stems: dict[str, Path] = {}
        for file in files:
            if (other := stems.setdefault(file.stem, file)) is not file:
                raise InputError(
                    f"{other} and {file} would both be {file.stem} in {self.save}; detect in one at a time"
                )

    def write(self, found: Detections, *, progress: Progress = silent, say: Say = silent) -> None:
        """Writes what was found; nothing where nothing could be looked at, or where other processes are not done.

        What was kept meanwhile is removed then, unless a video failed: the next call looks at that one alone.

        Args:
            found: the timelines.
            progress: callback(done, total): copies of videos, frames.
            say: callback(sentence): what was written, and what to know of it.

        Raises:
            InputError: a file cannot be written.
        """
        timelines = list(found)
        if found.missing:
            absent = f"{amount(len(found.missing), 'video')} ({few([path.stem for path in found.missing])})"
            say(
                f"{self.save}: not written here, for nothing is kept beside it of {absent}: other processes are at it, "
                "or have written the file; if none does, this command does without --shard"
            )
            return
        if self.save is not None and timelines:
            save_timelines(
                timelines,
                self.save,
                truths=found.truths,
                labels_from=found.labels_from,
                model=found.model,
                learned=found.learned,
                playable=self.playable,
                safe_csv=self.safe_csv,
                overwrite=self.overwrite,
                progress=progress,
                say=say,
            )
            in_csv = self.save.name.lower().endswith((".csv", ".csv.gz"))
            if in_csv and not self.safe_csv and (names := formulas(timelines)):
                cure = "--safe-csv writes them as text" if is_plain_csv(self.save) else "open it in VIA alone"
                say(f"{self.save}: a spreadsheet takes {few(names)} for formulas; {cure}")
            say(f"{sum(map(len, timelines))} actions in {len(timelines)} videos: {self.save}")
        if self.annotated_video is not None and timelines:
            from logotal.report.overlay import write_annotated_video  # noqa: PLC0415

            ((video, timeline),) = found.timelines.items()
            target = self.annotated_video
            write_annotated_video(video, timeline, target, overwrite=self.overwrite, progress=progress)
            say(f"annotated video: {target}")
        if self.parts is not None:
            remove_parts(self.parts, [] if found.failed else [timeline.video for timeline in timelines])
            if self.parts.is_dir():
                say(f"{self.parts}: kept, for the same command to go on from; delete it when you need it no more")
