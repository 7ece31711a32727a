"""An overlay drawn from the files of a result has every frame of the source, as one drawn while they are made."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from sidecar.media.video_reader import open_video
from tests.media.clips import make_clip
from tests.video.makers import OPTIONS, run


@pytest.mark.parametrize("fps", [24, 30, 240])
def test_no_frame_is_lost_to_times_that_are_written_rounded(tmp_path: Path, fps: int) -> None:
    clip = make_clip(tmp_path / "clip.mp4", frames=12, fps=fps)
    first = run(clip, tmp_path / "out").directory
    later = run(clip, tmp_path / "out", options=replace(OPTIONS, overlay=True))
    assert (later.directory, later.reused) == (first, True)
    with open_video(clip) as source, open_video(later.directory / "overlay.mp4") as drawn:
        assert [frame.time_s for frame in drawn] == [frame.time_s for frame in source]
