from pathlib import Path

import pytest

from logotal.video.reader import read_frames
from logotal.video.writer import write_video
from tests.video.cases import numbered


def open_files():
    return {str(path.resolve()) for path in Path("/proc/self/fd").iterdir()}


@pytest.mark.skipif(not Path("/proc/self/fd").exists(), reason="counts open files as Linux does")
def test_the_file_is_closed_as_soon_as_nobody_reads_on(tmp_path):
    path = write(tmp_path / "v.mp4", 50)
    frames = read_frames(path)
    assert str(path) not in open_files()  # nothing is open before the first frame is asked for
    next(frames)
    assert str(path) in open_files()
    frames.close()
    assert str(path) not in open_files()
    for frame in read_frames(path):
        if frame.index == 3:
            break
    assert len(list(read_frames(path))) == 50
    assert str(path) not in open_files()


def resident_bytes():
    return int(Path("/proc/self/statm").read_text().split()[1]) * 4096


@pytest.mark.skipif(not Path("/proc/self/statm").exists(), reason="measures memory as Linux does")
def test_memory_does_not_grow_with_the_length(tmp_path):
    path = write(tmp_path / "v.mp4", 3000, height=96, width=128)
    early = late = 0
    for frame in read_frames(path):
        early = resident_bytes() if frame.index == 500 else early
        late = resident_bytes()
    assert frame.index == 2999
    assert late - early < 8e6  # 2500 frames of 37 kB would be 92 MB


def write(path, count, **size):
    write_video(path, (numbered(i, **size) for i in range(count)), 30)
    return path
