"""What `video` writes can be read."""

from __future__ import annotations

from pathlib import Path

from sidecar.results.reading import open_result
from tests.media.clips import make_clip
from tests.video.makers import read_poses, run


def test_what_video_writes_can_be_read(tmp_path: Path) -> None:
    directory = run(make_clip(tmp_path / "clip.mp4"), tmp_path / "out").directory
    header, frames = read_poses(directory)
    result = open_result(directory)
    assert result.name == "clip.mp4"
    assert list(result.header.skeleton.keypoints) == header["skeleton"]["keypoints"]
    read = list(result.frames())
    assert [frame.index for frame in read] == [frame["frame"] for frame in frames]
    for ours, theirs in zip(read, frames, strict=True):
        assert [person.keypoints.tolist() for person in ours.persons] == [p["keypoints"] for p in theirs["persons"]]
