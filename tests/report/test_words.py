"""Facts and warnings in words."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from sidecar.report.survey import survey
from sidecar.report.words import MAX_WORDS, counted, duration, facts, warnings
from tests.report.makers import make_result, one_track
from tests.results.makers import make_header, make_summary


@pytest.mark.parametrize(
    ("seconds", "words"),
    [(0, "0.0 s"), (4.04, "4.0 s"), (59.9, "59.9 s"), (125, "2 min 5 s"), (3600, "1 h 0 min"), (7260, "2 h 1 min")],
)
def test_durations(seconds: float, words: str) -> None:
    assert duration(seconds) == words


def test_counts() -> None:
    assert [counted(1, "person"), counted(2, "person"), counted(1, "frame"), counted(0, "frame")] == [
        "1 person", "2 people", "1 frame", "0 frames",
    ]  # fmt: skip


def told(folder: Path, **header: Any) -> dict[str, str]:
    return dict(facts(make_result(folder, one_track("d"), header=make_header(**header))))


def test_facts_say_what_was_done(tmp_path: Path) -> None:
    options = {
        "min_score": 0.5, "effort": "fast",
        "assemble": {"clean": "hampel+smooth", "max_gap_s": 1.0, "extrapolate_s": 0.0, "keep_raw": True},
    }  # fmt: skip
    found = told(tmp_path, options=options, rotation=90, detector="rtmdet-nano", digests={"blazepose": "ab" * 32})
    assert found["Frames"] == "640 x 360 px, 30 a second; turned by 90° to be upright."
    assert found["Model"] == "null, effort fast; people found by rtmdet-nano; a sighting needs a score of 0.5."
    assert found["Cleaning"] == "Outliers were replaced, then keypoints were smoothed, without lag."
    assert found["Filling"] == "Absences up to 1 s are interpolated; nothing goes on beyond a track's ends."
    assert found["Model files"] == "blazepose abababababab…"
    assert found["Made with"] == "pose-sidecar 0.1.0; on CPU."


def test_unknown_options_and_long_values_are_no_trouble(tmp_path: Path) -> None:
    odd = {"clean": "wavelet", "max_gap_s": "long", "extrapolate_s": 2}
    found = told(tmp_path, options={"min_score": None, "assemble": odd}, estimator="x" * 10_000, fps=None)
    assert found["Cleaning"] == "Keypoints were cleaned: wavelet."
    assert "Filling" not in found
    assert all(len(text) <= MAX_WORDS for text in found.values())
    assert "Cleaning" not in told(tmp_path, options={"assemble": "none"})


def test_imported_tracks_are_called_so(tmp_path: Path) -> None:
    found = told(tmp_path, source={"kind": "tracks"}, estimator="phalp")
    assert found["Model"] == "none of ours: people were tracked by phalp, and imported."


@pytest.mark.parametrize(
    ("letters", "summary", "says"),
    [
        ("dddd", {}, []),
        ("", {}, []),
        ("----", {}, ["Nobody was found in any frame."]),
        ("dd--", {}, ["2 of 4 frames (50%) without anybody."]),
        ("dipd", {}, ["2 of 4 people (50%) filled in, not seen."]),
        ("dddd", {"message": "x is truncated: it ends"}, ["x is truncated: it ends"]),
        ("dddd", {"truncated": True}, ["The source ended before what it announces."]),
        ("dddd", {"frames": 9}, ["summary.json counts 9 frames, poses.jsonl has 4."]),
    ],
)
def test_warnings(tmp_path: Path, letters: str, summary: dict[str, Any], says: list[str]) -> None:
    result = make_result(tmp_path, one_track(letters), summary=make_summary(frames=len(letters)) | summary)
    assert warnings(result, survey(result), missing_pictures=None) == says


def test_what_is_absent_is_told(tmp_path: Path) -> None:
    result = make_result(tmp_path, one_track("d"), summary=None)
    found = warnings(result, survey(result), missing_pictures="overlay.mp4 is absent")
    assert [text.split()[0] for text in found] == ["summary.json", "overlay.mp4"]
