"""From the tracker's file to a result: copies are never sightings, and what fills their frames moves."""

from __future__ import annotations

from collections import Counter
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from sidecar.phalp.errors import TracksError
from sidecar.phalp.importing import Imported, ImportOptions, import_tracks
from sidecar.results.frame import ResultFrame
from sidecar.results.reading import open_result
from tests.paths import FIXTURES, needs_shared
from tests.phalp.makers import entry, frames_of, frozen, walk, write_file
from tests.restricted_pickle.joblib_writer import write_joblib
from tests.results.schemas import validator
from tests.video.makers import read_poses

SEEN, LOST, COUNT = 10, 8, 30
TRUTH = walk(4, COUNT)


def lost(tid: int = 4) -> list[dict[str, Any]]:
    """A walk in which the tracker loses the person for eight frames and repeats the last pose meanwhile."""
    people = walk(tid, COUNT)
    for number in range(LOST):
        people[SEEN + number] = frozen(people[SEEN - 1], number + 1)
    return people


def imported(folder: Path, people: Any, **options: Any) -> tuple[Imported, list[ResultFrame]]:
    done = import_tracks(write_file(folder / "a.pkl", people), folder / "out", ImportOptions(**options))
    return done, list(open_result(done.directory).frames())


def provenances(frames: list[ResultFrame], identity: int = 1) -> str:
    """One letter per frame: d, l, i, p, and - where the person is not."""
    found = ({person.id: person.provenance[0] for person in frame.persons} for frame in frames)
    return "".join(ids.get(identity, "-") for ids in found)


def test_copies_become_predicted_people_who_move(tmp_path: Path) -> None:
    done, frames = imported(tmp_path, [[person] for person in lost()])
    assert provenances(frames) == "d" * SEEN + "p" * LOST + "d" * (COUNT - SEEN - LOST)
    assert (done.copies, done.filled, done.doubles) == (LOST, LOST, 0)
    assert [frame.persons[0].distance for frame in frames[SEEN : SEEN + LOST]] == [1, 2, 3, 4, 4, 3, 2, 1]
    truth = import_tracks(write_file(tmp_path / "t.pkl", [[p] for p in TRUTH]), tmp_path / "truth", ImportOptions())
    for ours, theirs in zip(frames, open_result(truth.directory).frames(), strict=True):
        one, other = ours.persons[0], theirs.persons[0]
        assert np.abs(one.keypoints[:, :2] - other.keypoints[:, :2]).max() < 0.5
        assert np.abs(np.array(one.bbox_xyxy) - other.bbox_xyxy).max() < 0.5
    scores = [frame.persons[0].score for frame in frames]
    assert min(scores[SEEN : SEEN + LOST]) < 0.9 * scores[0]


def test_copies_that_do_not_say_so_are_found_out(tmp_path: Path) -> None:
    people = [person | {"tracked_time": 0} for person in lost()]
    _, frames = imported(tmp_path, [[person] for person in people])
    assert provenances(frames) == "d" * SEEN + "p" * LOST + "d" * (COUNT - SEEN - LOST)


def test_what_was_filled_in_afterwards_is_not_a_sighting(tmp_path: Path) -> None:
    people = walk(1, 6)
    people[3]["tracked_time"] = -1
    _, frames = imported(tmp_path, [[person] for person in people])
    assert provenances(frames) == "dddpdd"


def test_copies_of_somebody_who_left_are_left_out(tmp_path: Path) -> None:
    people = walk(1, 10)
    people[5:] = [frozen(people[4], number + 1) for number in range(5)]
    done, frames = imported(tmp_path, [[person] for person in people])
    assert provenances(frames) == "ddddd-----"
    assert (done.copies, done.filled, len(frames)) == (5, 0, 10)


def test_a_track_of_copies_alone_is_nobody(tmp_path: Path) -> None:
    ghost = [frozen(entry(9, 2.0), number + 1) for number in range(5)]
    done, frames = imported(tmp_path, [[one, other] for one, other in zip(walk(4, 5), ghost, strict=True)])
    assert done.summary["tracks"] == 1
    assert provenances(frames) == "ddddd"


@pytest.mark.parametrize(
    ("gap", "letters"), [(5, "i"), (30, "i"), (31, "p"), (60, "p"), (61, "-")], ids=lambda value: str(value)
)
def test_gaps_that_the_tracker_left_open_are_filled_by_time(tmp_path: Path, gap: int, letters: str) -> None:
    people = [[person] for person in walk(1, gap + 20)]
    people[10 : 10 + gap] = [[]] * gap
    _, frames = imported(tmp_path, people, fps=30.0)
    assert provenances(frames) == "d" * 10 + letters * gap + "d" * 10


def test_a_long_gap_that_copies_bridge_is_filled(tmp_path: Path) -> None:
    people = walk(1, 70)
    people[10:60] = [frozen(people[9], number + 1) for number in range(50)]
    _, frames = imported(tmp_path, [[person] for person in people], fps=10.0)  # five seconds
    assert provenances(frames) == "d" * 10 + "p" * 50 + "d" * 10


def test_of_doubles_the_first_that_was_seen_is_kept(tmp_path: Path) -> None:
    people = walk(1, 3)
    ghost, other = frozen(entry(1, 2.0), 3), entry(1, -2.0)
    done, frames = imported(tmp_path, [[people[0]], [ghost, people[1], other], [people[2]]])
    assert (done.doubles, provenances(frames)) == (2, "ddd")
    steps = np.diff([frame.persons[0].bbox_xyxy[0] for frame in frames])
    assert np.abs(steps - steps[0]).max() < 0.1


def test_ids_count_from_one_in_order_of_first_frames(tmp_path: Path) -> None:
    first, second = walk(12, 6), walk(3, 6, seed=2)
    people = [[first[n], *([second[n]] if n >= 2 else [])][:: -1 if n % 2 else 1] for n in range(6)]  # order changes
    done, frames = imported(tmp_path, people)
    assert (provenances(frames, 1), provenances(frames, 2)) == ("dddddd", "--dddd")
    header, _ = read_poses(done.directory)
    assert header["options"]["estimator_options"] == {"tracker_ids": [12, 3]}


def test_weak_sightings_say_so(tmp_path: Path) -> None:
    _, frames = imported(tmp_path, [[entry(1, 0.0, conf=0.8)], [entry(1, 0.1, conf=0.3)], [entry(1, 0.2, conf=0.8)]])
    assert provenances(frames) == "dld"


def test_boxes_are_the_trackers_own(tmp_path: Path) -> None:
    boxes = [np.array([10 + n, 20, 30, 40], np.float32) for n in range(3)]
    people = [entry(1, 0.1 * n, bbox=box) for n, box in enumerate(boxes)]
    people[1] = frozen(people[0], 1)
    _, frames = imported(tmp_path, [[person] for person in people])
    assert [frame.persons[0].bbox_xyxy for frame in frames] == [(10, 20, 40, 60), (11, 20, 41, 60), (12, 20, 42, 60)]


@pytest.mark.parametrize("kind", ["poses", "boxes"])
def test_files_fit_their_schemas(tmp_path: Path, kind: str) -> None:
    if kind == "poses":
        done, _ = imported(tmp_path, [[person] for person in lost()])
    else:
        frame = {"gt_bbox": np.array([[1, 2, 3, 4.0]]), "extra_data": {"gt_track_id": [5]}}
        file = write_joblib(tmp_path / "b.pkl", {"a": frame, "b": frame})
        done = import_tracks(file, tmp_path, ImportOptions())
        assert (done.size, done.size_is_guessed) == ((4, 6), True)
    header, frames = read_poses(done.directory)
    validator("poses-header").validate(header)
    for frame in frames:
        validator("poses-frame").validate(frame)
    validator("summary").validate(done.summary)


def test_the_same_file_gives_the_same_bytes_and_the_rate_another_name(tmp_path: Path) -> None:
    path = write_file(tmp_path / "a.pkl", [[person] for person in lost()])
    one, two, other = (
        import_tracks(path, tmp_path / out, ImportOptions(fps=fps))
        for out, fps in (("a", 30.0), ("b", 30.0), ("a", 25.0))
    )
    assert (one.directory / "poses.jsonl").read_bytes() == (two.directory / "poses.jsonl").read_bytes()
    assert one.directory.name == two.directory.name != other.directory.name


def test_another_size_than_the_files_is_refused(tmp_path: Path) -> None:
    path = write_file(tmp_path / "a.pkl", [[entry(1, 0.0)]])
    with pytest.raises(TracksError, match=r"have 640x360 px by the file, and \(320, 240\) was given"):
        import_tracks(path, tmp_path / "out", ImportOptions(size=(320, 240)))
    assert not (tmp_path / "out").exists()


def test_a_hostile_file_leaves_nothing(tmp_path: Path) -> None:
    import os
    import pickle

    class Evil:
        def __reduce__(self) -> Any:
            return os.mkdir, (str(tmp_path / "was-run"),)

    (tmp_path / "evil.pkl").write_bytes(pickle.dumps({"a": frames_of([[entry(1, 0)]]), "b": Evil()}))
    with pytest.raises(TracksError, match=r"evil\.pkl: the file wants .*which is never run") as caught:
        import_tracks(tmp_path / "evil.pkl", tmp_path / "out", ImportOptions())
    assert "nothing in the file was run" in caught.value.hint
    assert [entry.name for entry in tmp_path.iterdir()] == ["evil.pkl"]


@needs_shared
def test_the_tracks_of_the_previous_service(tmp_path: Path) -> None:
    done = import_tracks(FIXTURES / "phalp" / "gt_tracks.pkl", tmp_path, ImportOptions())
    frames = list(open_result(done.directory).frames())
    assert len(frames) == 263
    counts = Counter(person.provenance for frame in frames for person in frame.persons)
    assert counts == {"detected": 1157, "interpolated": 158}
    assert {person.id for frame in frames for person in frame.persons} == {1, 2, 3, 4, 5}
    assert max(person.distance for frame in frames for person in frame.persons) == 9  # the longest gap has 17 frames
