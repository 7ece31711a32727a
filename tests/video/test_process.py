"""From a file to its result directory."""

from __future__ import annotations

import weakref
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import av
import cv2
import numpy as np
import pytest

from sidecar.estimators.protocol import Image
from sidecar.finding.video_mode import RegionTracker
from sidecar.media.opening import MediaError
from sidecar.media.video_reader import open_video
from sidecar.pose.person import Person
from sidecar.pose.region import Region
from sidecar.video.overlay_file import FRAMES_BEHIND
from sidecar.video.poses_file import BrokenPose
from sidecar.video.result_dir import OutputError
from sidecar.video.segment import FRAMES_AHEAD
from tests.media.clips import cut_off, make_clip, make_sound, picture
from tests.tracking.makers import ScriptedEstimator, make_person
from tests.video.makers import OPTIONS, one_person, read_poses, run


def test_every_frame_has_its_line_with_or_without_people(tmp_path: Path) -> None:
    estimator = ScriptedEstimator(lambda call, regions: [make_person(20, 20)] if call % 3 else [])
    outcome = run(make_clip(tmp_path / "clip.mp4", ticks=[0, 100, 250, *range(300, 1200, 100)]), tmp_path, estimator)
    header, frames = read_poses(outcome.directory)
    assert [frame["frame"] for frame in frames] == list(range(12))
    assert [frame["time_s"] for frame in frames][:4] == [0, 0.04, 0.1, 0.12]
    assert [len(frame["persons"]) for frame in frames] == [0] + [1] * 11
    people = [person for frame in frames[1:] for person in frame["persons"]]
    assert {person["id"] for person in people} == {1}
    seen, filled = ("detected", 0), ("interpolated", 1)
    assert [(person["provenance"], person["distance"]) for person in people] == [seen, seen, *[filled, seen, seen] * 3]
    assert header["size"] == {"width": 64, "height": 48}
    assert header["skeleton"]["name"] == "blazepose_33"
    facts = outcome.summary
    assert (facts["frames"], facts["frames_with_person"], facts["tracks"]) == (12, 11, 1)
    assert set(facts["seconds"]) == {"decode", "infer", "assemble", "write", "total"}


def test_a_rotated_clip_is_upright_and_says_so(tmp_path: Path) -> None:
    header, _ = read_poses(run(make_clip(tmp_path / "clip.mp4", rotation=-90), tmp_path).directory)
    assert header["rotation"] == 90
    assert header["size"] == {"width": 48, "height": 64}


@pytest.mark.parametrize(("width", "height", "format"), [(64, 48, "yuv420p"), (63, 47, "yuv444p")])
def test_the_overlay_is_a_video_like_its_source(tmp_path: Path, width: int, height: int, format: str) -> None:  # noqa: A002
    ticks = [40, 100, 250, 300, 1000, 1100]
    path = make_clip(
        tmp_path / "clip.mp4", frames=6, ticks=ticks, width=width, height=height, pixel_format=format, rotation=90
    )
    overlay = run(path, tmp_path, options=replace(OPTIONS, overlay=True)).directory / "overlay.mp4"
    with av.open(str(overlay)) as container:
        stream = container.streams.video[0]
        assert (stream.codec_context.name, stream.pix_fmt) == ("h264", "yuv420p")
    with open_video(path) as source, open_video(overlay) as drawn:
        assert drawn.info.rotation == 0  # the frames are upright already
        assert [frame.time_s for frame in drawn] == [frame.time_s for frame in source]
        assert (drawn.info.width, drawn.info.height) == (height + height % 2, width + width % 2)
        assert drawn.info.time_base == source.info.time_base


def test_a_picture_gives_poses_without_ids_and_a_png(tmp_path: Path) -> None:
    path = tmp_path / "photo.png"
    cv2.imwrite(str(path), picture(width=50, height=40))
    outcome = run(path, tmp_path, options=replace(OPTIONS, overlay=True))
    header, frames = read_poses(outcome.directory)
    assert (header["source"]["kind"], header["fps"], header["size"]) == ("image", None, {"width": 50, "height": 40})
    assert [(frame["frame"], frame["time_s"]) for frame in frames] == [(0, 0.0)]
    assert [person["id"] for person in frames[0]["persons"]] == [None]
    drawn: Any = cv2.imread(str(outcome.directory / "overlay.png"))
    assert drawn.shape == (40, 50, 3)
    assert outcome.summary["frames"] == 1


def test_a_damaged_picture_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "photo.png"
    cv2.imwrite(str(path), picture())
    with pytest.raises(MediaError, match=r"photo\.png"):
        run(cut_off(path), tmp_path / "out")
    assert list((tmp_path / "out").iterdir()) == []


def test_of_a_truncated_clip_what_decodes_is_processed_and_reported(tmp_path: Path) -> None:
    path = cut_off(make_clip(tmp_path / "cut.mp4", frames=100, faststart=True))
    outcome = run(path, tmp_path)
    _, frames = read_poses(outcome.directory)
    assert outcome.summary["truncated"] is True
    assert "cut.mp4 is truncated" in outcome.summary["message"]
    assert 20 < outcome.summary["frames"] == len(frames) < 100


def test_a_second_run_returns_what_is_there_without_work(tmp_path: Path) -> None:
    path = make_clip(tmp_path / "clip.mp4")
    first, idle = run(path, tmp_path / "out"), one_person()
    second = run(path, tmp_path / "out", idle)
    assert (second.directory, second.summary) == (first.directory, first.summary)
    assert (first.reused, second.reused, idle.asked) == (False, True, [])


def test_a_clip_that_differs_in_one_byte_has_its_own_result(tmp_path: Path) -> None:
    path = make_clip(tmp_path / "clip.mp4")
    first = run(path, tmp_path / "out")
    data = bytearray(path.read_bytes())
    data[-1] ^= 1
    path.write_bytes(data)
    second = run(path, tmp_path / "out")
    assert not second.reused
    assert second.directory != first.directory


@pytest.mark.parametrize(
    ("again", "reused"), [({"force": True}, False), ({"options": replace(OPTIONS, overlay=True)}, True)]
)
def test_working_again_gives_the_same_bytes(tmp_path: Path, again: dict[str, Any], reused: bool) -> None:
    path = make_clip(tmp_path / "clip.mp4")
    first = run(path, tmp_path / "out")
    before = (first.directory / "poses.jsonl").read_bytes()
    second = run(path, tmp_path / "out", **again)
    assert (second.directory, second.reused) == (first.directory, reused)
    assert (second.directory / "poses.jsonl").read_bytes() == before


def test_threads_and_name_of_the_file_change_no_byte(tmp_path: Path) -> None:
    path = make_clip(tmp_path / "clip.mp4")
    other = tmp_path / "elsewhere.mov"
    other.write_bytes(path.read_bytes())
    one = run(path, tmp_path / "one", options=replace(OPTIONS, threads=1)).directory
    two = run(other, tmp_path / "two", options=replace(OPTIONS, threads=2)).directory
    assert one.name == two.name
    assert (one / "poses.jsonl").read_bytes() == (two / "poses.jsonl").read_bytes()


def _fail(call: int, regions: Sequence[Region] | None) -> list[Person]:
    if call == 5:
        raise RuntimeError("out of tricks")
    return []


def _answer_nan(call: int, regions: Sequence[Region] | None) -> list[Person]:
    person = make_person(region=False)
    person.keypoints[0, 0] = np.nan
    return [person]


@pytest.mark.parametrize("overlay", [False, True])
@pytest.mark.parametrize(("answer", "error"), [(_fail, RuntimeError), (_answer_nan, BrokenPose)])
def test_a_run_that_fails_leaves_nothing(tmp_path: Path, answer: Any, error: type[Exception], overlay: bool) -> None:
    path, out = make_clip(tmp_path / "clip.mp4"), tmp_path / "out"
    with pytest.raises(error):
        run(path, out, ScriptedEstimator(answer), options=replace(OPTIONS, overlay=overlay))
    assert list(out.iterdir()) == []


def test_input_without_video_leaves_nothing(tmp_path: Path) -> None:
    with pytest.raises(MediaError):
        run(make_sound(tmp_path / "sound.mp4"), tmp_path / "out")
    assert list((tmp_path / "out").iterdir()) == []


def test_an_output_folder_that_cannot_be_is_named(tmp_path: Path) -> None:
    path = make_clip(tmp_path / "clip.mp4")
    with pytest.raises(OutputError, match=r"clip\.mp4"):
        run(path, path / "out")


def test_progress_counts_every_frame(tmp_path: Path) -> None:
    told: list[tuple[int, int | None]] = []
    run(make_clip(tmp_path / "clip.mp4"), tmp_path, on_frame=lambda done, total: told.append((done, total)))
    assert told == [(done, 12) for done in range(1, 13)]


@pytest.mark.parametrize("overlay", [False, True])
def test_memory_holds_a_few_frames_however_long_the_clip(tmp_path: Path, overlay: bool) -> None:
    alive: dict[int, weakref.ref[Image]] = {}
    most = 0

    class Watching(ScriptedEstimator):
        """Counts the pictures it was given that are still in memory."""

        def estimate(self, images: Sequence[Image], **rest: Any) -> list[list[Person]]:
            nonlocal alive, most
            alive = {key: picture for key, picture in alive.items() if picture() is not None}
            alive |= {id(image): weakref.ref(image) for image in images}
            most = max(most, len(alive))
            return super().estimate(images, **rest)

    path = make_clip(tmp_path / "long.mp4", frames=300)
    run(path, tmp_path, Watching(lambda call, regions: []), options=replace(OPTIONS, overlay=overlay))
    assert most <= FRAMES_AHEAD + FRAMES_BEHIND + 4 + RegionTracker.warm_up_frames


@pytest.mark.parametrize(
    ("make", "size", "times"),
    [
        pytest.param({"width": 3840, "height": 2160, "frames": 3}, (3840, 2160), [0, 0.04, 0.08], id="4K"),
        pytest.param({"fps": 240, "frames": 6}, (64, 48), [index / 240 for index in range(6)], id="240 fps"),
        pytest.param(
            {"width": 65, "height": 49, "pixel_format": "yuv444p", "frames": 3}, (65, 49), None, id="odd size"
        ),
        pytest.param({"pixel_format": "yuv420p10le", "frames": 3}, (64, 48), None, id="10 bit"),
        pytest.param({"audio": True, "frames": 3}, (64, 48), None, id="with sound"),
    ],
)
def test_inputs_of_every_kind_give_every_frame_at_its_time(
    tmp_path: Path, make: dict[str, Any], size: tuple[int, int], times: list[float] | None
) -> None:
    outcome = run(make_clip(tmp_path / "clip.mp4", **make), tmp_path / "out", options=replace(OPTIONS, overlay=True))
    header, frames = read_poses(outcome.directory)
    assert (header["size"]["width"], header["size"]["height"]) == size
    assert len(frames) == make["frames"]
    if times is not None:
        assert [frame["time_s"] for frame in frames] == [round(time_s, 6) for time_s in times]
    with open_video(outcome.directory / "overlay.mp4") as drawn:
        assert len(list(drawn)) == make["frames"]
