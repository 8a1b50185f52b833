"""How far the work on a video is."""

from collections.abc import Callable


class VideoShare:
    """Turns the frames done of one video into parts of a video, which add up to one.

    >>> parts = []
    >>> share = VideoShare(parts.append)
    >>> share.tell(5, 20), share.tell(25, 20), share.finish()
    (None, None, None)
    >>> parts
    [0.25, 0.75, 0.0]
    """

    def __init__(self, progress: Callable[[float], object]) -> None:
        self.progress = progress
        self.done = 0.0

    def tell(self, frames: int, total: int) -> None:
        """`frames` are behind the extractor, of about `total`."""
        now = max(min(frames / total, 1.0) if total else 0.0, self.done)
        self.progress(now - self.done)
        self.done = now

    def finish(self) -> None:
        """The video is done, however it ended."""
        self.tell(1, 1)
