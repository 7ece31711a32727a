"""An overlay drawn from the files of a result has every frame of the source, as one drawn while they are made."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import cv2
import pytest

from sidecar.media.opening import MediaError
from sidecar.media.video_reader import open_video
from sidecar.video.process import process
from sidecar.video.source import identify
from tests.media.clips import make_clip, picture
from tests.video.makers import OPTIONS, one_person, run


@pytest.mark.parametrize("fps", [24, 30, 240])
def test_no_frame_is_lost_to_times_that_are_written_rounded(tmp_path: Path, fps: int) -> None:
    clip = make_clip(tmp_path / "clip.mp4", frames=12, fps=fps)
    first = run(clip, tmp_path / "out").directory
    later = run(clip, tmp_path / "out", options=replace(OPTIONS, overlay=True))
    assert (later.directory, later.reused) == (first, True)
    with open_video(clip) as source, open_video(later.directory / "overlay.mp4") as drawn:
        assert [frame.time_s for frame in drawn] == [frame.time_s for frame in source]


def test_a_source_that_changed_gets_no_overlay_under_its_old_name(tmp_path: Path) -> None:
    folder = tmp_path / "frames"
    folder.mkdir()
    for index in range(20):
        cv2.imwrite(str(folder / f"{index}.png"), picture(index))
    source = identify(folder)
    first = process(source, tmp_path / "out", OPTIONS, one_person())
    (folder / "7.png").write_bytes((folder / "8.png").read_bytes())
    with pytest.raises(MediaError, match="was changed or removed"):
        process(source, tmp_path / "out", replace(OPTIONS, overlay=True), one_person())
    assert sorted(path.name for path in first.directory.iterdir()) == ["poses.jsonl", "summary.json"]
