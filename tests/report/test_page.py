"""The page stands alone, whatever it is about."""

from __future__ import annotations

import re
import tempfile
import tracemalloc
from pathlib import Path
from typing import Any

import numpy as np
import orjson
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sidecar.pose.skeleton import Skeleton
from sidecar.report.collect import sample_frames
from sidecar.report.page import write_report
from sidecar.report.survey import survey
from sidecar.results.errors import LandingError, ResultError
from sidecar.results.reading import open_result
from tests.media.clips import make_clip
from tests.report.makers import Elements, make_result, one_track, page_of
from tests.results.makers import make_frames, make_header, make_person, make_summary, write_result

HOSTILE = "<script>alert('x')</script><img src=x onerror=alert(1)>\"'&\u202e\x00.mp4"


def test_it_tells_all_of_a_video(tmp_path: Path) -> None:
    make_clip(tmp_path / "overlay.mp4", frames=40, fps=30)
    result = make_result(tmp_path, one_track("d" * 20 + "iiippp" + "d" * 14, raw=True))
    page = page_of(result, tmp_path)
    elements = Elements(page)
    headings = [text for text in elements.text if text[:1].isupper()]
    for title in ("Who was seen when", "Sample frames", "How joints moved", "Where the time went", "About this result"):
        assert title in headings
    assert len(elements.named("img")) == len(sample_frames(survey(result)))
    drawn = {one["class"] for one in elements.named("path")}
    assert drawn == {"detected", "interpolated", "predicted", "before", "after", "dotted"}
    # Raw values shake by 3 px in every second frame; the walk itself is steady.
    assert "jitter 6.00 → 0.00 px, moved by 1.50 px on average" in page


def test_without_raw_values_it_says_so(tmp_path: Path) -> None:
    page = page_of(make_result(tmp_path, one_track("d" * 9)), tmp_path)
    assert "the values from before were not kept" in page
    assert {one["class"] for one in Elements(page).named("path")} == {"detected", "after"}


def test_it_asks_nobody_for_anything(tmp_path: Path) -> None:
    make_clip(tmp_path / "overlay.mp4", frames=9, fps=30)
    page = page_of(make_result(tmp_path, one_track("d" * 9)), tmp_path)
    elements = Elements(page)
    assert {tag for tag, _ in elements.found} & {"script", "link", "iframe", "object", "base", "a", "form"} == set()
    assert all(str(one["src"]).startswith("data:image/jpeg;base64,") for one in elements.named("img"))
    assert not re.search(r"https?:|url\(|@import|//[a-z]", re.sub(r'src="data:[^"]*"', "", page))
    [policy] = [one["content"] for one in elements.named("meta") if one.get("http-equiv")]
    assert policy == "default-src 'none'; img-src data:; style-src 'unsafe-inline'"
    assert not [one for _, one in elements.found if any(key.startswith("on") for key in one)]


def test_names_from_anywhere_stay_texts(tmp_path: Path) -> None:
    header = make_header()
    skeleton = header["skeleton"] | {"name": HOSTILE, "keypoints": [HOSTILE, "b"], "edges": [[0, 1]]}
    options = {"effort": HOSTILE, "assemble": {"clean": HOSTILE}, HOSTILE: HOSTILE}
    header |= {
        "skeleton": skeleton, "estimator": HOSTILE, "detector": HOSTILE, "digests": {HOSTILE: HOSTILE},
        "options": options, "source": {"kind": HOSTILE, "codec": HOSTILE, "sha256": HOSTILE, "bytes": 1},
    }  # fmt: skip
    person = make_person(keypoints=[[1, 2, 3, 1], [4, 5, 6, 1]], keypoints_world=None)
    summary = make_summary(
        frames=3, source={"name": HOSTILE}, message=HOSTILE, seconds={HOSTILE: 1.0, "total": 1.0},
        versions={HOSTILE: HOSTILE}, device=HOSTILE, frames_per_second=HOSTILE,
    )  # fmt: skip
    folder = tmp_path / "a<b>&'c"
    write_result(folder, make_frames([[person]] * 3), header=header, summary=summary)
    elements = Elements(page_of(open_result(folder), tmp_path))
    assert {tag for tag, _ in elements.found} & {"script", "img", "b>"} == set()
    shown = "".join(elements.text)
    assert "<script>alert('x')</script>" in shown
    assert "a<b>&'c" in shown
    assert not {"\x00", "\u202e"} & set(shown)


JSON = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-(2**53), 2**53)
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
    max_leaves=6,
)
FIELDS = ("source", "frames", "truncated", "message", "seconds", "frames_per_second", "device", "versions")


@given(
    summary=st.dictionaries(st.sampled_from(FIELDS), JSON),
    options=st.dictionaries(st.sampled_from(("effort", "min_score", "assemble", "other")), JSON),
    source=st.dictionaries(st.sampled_from(("kind", "sha256", "bytes", "codec")), JSON),
)
@settings(max_examples=150, deadline=None)
def test_whatever_others_wrote_beside_the_poses_has_a_page(
    summary: dict[str, Any], options: dict[str, Any], source: dict[str, Any]
) -> None:
    with tempfile.TemporaryDirectory() as folder:
        header = make_header(options=options, source=source)
        result = make_result(Path(folder), one_track("dd"), header=header, summary=summary)
        Elements(page_of(result, Path(folder)))


@pytest.mark.parametrize("letters", ["", "d", "-", "---", "dd"])
def test_short_and_empty_results_have_a_page(tmp_path: Path, letters: str) -> None:
    Elements(page_of(make_result(tmp_path, one_track(letters)), tmp_path))


def test_pictures_of_several_people_have_a_page(tmp_path: Path) -> None:
    people = [[make_person(identity=None, seed=seed) for seed in range(3)]]
    page = page_of(make_result(tmp_path, people, header=make_header(fps=None)), tmp_path)
    assert "3 people over all frames" in page
    assert "Who was seen when" not in page


@pytest.mark.parametrize("frames", [1000, 4000])
def test_its_size_is_bounded(tmp_path: Path, frames: int) -> None:
    """Twenty restless people with raw values, whose provenance changes from frame to frame."""
    chance = np.random.default_rng(3)
    skeleton = Skeleton("five", ("nose", "left_wrist", "right_wrist", "left_ankle", "right_ankle"), (), False, False)
    write_result(tmp_path, [], header=make_header(skeleton=skeleton), summary=make_summary(frames=frames))
    people = [make_person(skeleton=skeleton, identity=1 + seed % 20, seed=seed) for seed in range(60)]
    for person in people:
        person["keypoints_raw"] = people[int(chance.integers(60))]["keypoints"]
    lines = [orjson.dumps(person).replace(b'"detected"', b'"%b"') for person in people]
    words = (b"detected", b"low_score", b"interpolated", b"predicted")
    with (tmp_path / "poses.jsonl").open("ab") as file:
        for index in range(frames):
            there = [one + 20 * (index % 3) for one in range(20) if chance.random() < 0.8]
            texts = b",".join(lines[one] % words[chance.integers(4)] for one in there)
            file.write(b'{"frame":%d,"time_s":%.6f,"persons":[%b]}\n' % (index, index / 30, texts))
    page = page_of(open_result(tmp_path), tmp_path)
    assert len(page) < 700 * 1024
    assert len(Elements(page).found) < 800


def test_memory_does_not_grow_with_the_video(tmp_path: Path) -> None:
    line = orjson.dumps([make_person()])
    peaks = []
    for frames in (500, 5000):
        write_result(tmp_path, [], summary=make_summary(frames=frames))
        with (tmp_path / "poses.jsonl").open("ab") as file:
            for index in range(frames):
                file.write(b'{"frame":%d,"time_s":%.6f,"persons":%b}\n' % (index, index / 30, line))
        tracemalloc.start()
        try:
            write_report(open_result(tmp_path), tmp_path / "page.html")
            peaks.append(tracemalloc.get_traced_memory()[1])
        finally:
            tracemalloc.stop()
    assert peaks[1] < 1.3 * peaks[0] + (1 << 20)


def test_a_damaged_result_leaves_the_old_page(tmp_path: Path) -> None:
    (tmp_path / "page.html").write_text("old")
    result = make_result(tmp_path, one_track("ddd"))
    with (tmp_path / "poses.jsonl").open("ab") as file:
        file.write(b"{}\n")
    with pytest.raises(ResultError, match="line 5"):
        write_report(result, tmp_path / "page.html")
    assert (tmp_path / "page.html").read_text() == "old"


def test_a_place_that_cannot_be_written_is_named(tmp_path: Path) -> None:
    with pytest.raises(LandingError, match="is a folder"):
        write_report(make_result(tmp_path, one_track("d")), tmp_path)
