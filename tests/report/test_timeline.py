"""The timeline: which rectangles stand for which frames."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from sidecar.report.collect import MAX_BINS, MAX_ROWS, collect
from sidecar.report.survey import TooManyTracks, survey
from sidecar.report.timeline import timeline
from tests.report.makers import Elements, make_result, one_track


def rectangles(folder: Path, letters: str) -> dict[str, list[tuple[int, ...]]]:
    """Left, top, width and height of every rectangle, by provenance."""
    result = make_result(folder, one_track(letters))
    numbers = survey(result)
    drawn = Elements(timeline(numbers, collect(result, numbers))).named("path")
    shape = re.compile(r"M(\d+) (\d+)h(\d+)v(\d+)h-\d+z")
    return {str(one["class"]): [tuple(map(int, box)) for box in shape.findall(str(one["d"]))] for one in drawn}


def test_every_frame_has_its_colour_and_gaps_are_empty(tmp_path: Path) -> None:
    assert rectangles(tmp_path, "dddl--iipd") == {
        "detected": [(0, 0, 3, 100), (9, 0, 1, 100)],
        "low_score": [(3, 0, 1, 100)],
        "interpolated": [(6, 0, 2, 100)],
        "predicted": [(8, 0, 1, 100)],
    }


def test_long_videos_are_stacked_by_share(tmp_path: Path) -> None:
    found = rectangles(tmp_path, "ddi-" * MAX_BINS)
    assert found == {"detected": [(0, 50, MAX_BINS, 50)], "interpolated": [(0, 25, MAX_BINS, 25)]}


def test_equal_stretches_are_one_rectangle(tmp_path: Path) -> None:
    assert rectangles(tmp_path, "d" * 10_000) == {"detected": [(0, 0, MAX_BINS, 100)]}


def test_the_longest_tracks_have_rows_in_order_of_ids(tmp_path: Path) -> None:
    count = MAX_ROWS + 5
    people = [
        [one_track("d", identity=identity)[0][0] for identity in range(1, count + 1) if frame < identity]
        for frame in range(count)
    ]
    result = make_result(tmp_path, people)
    numbers = survey(result)
    drawn = collect(result, numbers)
    assert [row.facts.id for row in drawn.rows] == list(range(6, count + 1))
    assert [facts.id for facts, _ in drawn.lines] == [count - 2, count - 1, count]
    assert "5 shorter tracks not shown" in timeline(numbers, drawn)


def test_several_people_of_a_picture_share_a_row(tmp_path: Path) -> None:
    one, other = one_track("dl")
    people = [[person | {"id": None} for person in (*one, *other)]]
    result = make_result(tmp_path, people)
    numbers = survey(result)
    [row] = collect(result, numbers).rows
    assert row.shares.tolist() == [[0.5, 0.5, 0, 0]]


def test_more_ids_than_can_be_counted_are_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sidecar.report.survey.MAX_TRACKS", 3)
    result = make_result(tmp_path, [[one_track("d", identity=identity)[0][0]] for identity in range(1, 5)])
    with pytest.raises(TooManyTracks, match="more than 3 ids"):
        survey(result)
