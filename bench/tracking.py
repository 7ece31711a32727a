"""People through time against the truth of mannequin scenes: identities, filled joints, jitter and lag."""

from __future__ import annotations

import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from statistics import mean
from typing import Any

import numpy as np
from numpy.typing import NDArray

from bench.figures import at_least, at_most
from sidecar.estimators import registry
from sidecar.estimators.protocol import Estimator, LoadContext
from sidecar.finding.choose import finder_for
from sidecar.finding.pose_filter import PoseFilter
from sidecar.finding.protocol import Sighting
from sidecar.mannequin.motion.choreography import Motion
from sidecar.mannequin.scene import SceneOptions, Stage
from sidecar.mannequin.scoring import correct_keypoints, identity_score, limb_distances, torso_px
from sidecar.mannequin.truth import TruthPerson
from sidecar.pose.person import Person
from sidecar.pose.skeleton import BLAZEPOSE_33
from sidecar.tracking.options import AssembleOptions
from sidecar.video.assemble import Assembler
from sidecar.video.people import FramePeople

FPS = 30
SEEDS = (3, 11)
CROWD_SEEDS = (3, 5, 7, 11, 23)
CROWDS = (2, 3, 4)
GAPS = (1, 3, 6, 10, 15, 25)  # frames
AROUND = 14  # frames on each side of a gap
SEEN = 1 / 3  # share of limb joints in sight, from which somebody counts
SHIFTS = range(-8, 9)
People = Sequence[Sequence[Person]]
Truths = list[list[TruthPerson]]


@dataclass(frozen=True, slots=True, eq=False)
class Clip:
    """A rendered scene, its truth, and what the finder made of it."""

    truths: Truths
    found: list[list[Person]]


def measure(*, runs: int) -> dict[str, Any]:
    """Everything once, whatever `runs`: nothing but the cost of assembling depends on chance."""
    alone, several = _load(), _load(detector="rtmdet-nano")
    scenes: list[tuple[Motion, int, int]] = [(m, n, s) for m in ("cross", "walk") for n in CROWDS for s in CROWD_SEEDS]
    identities = [_identities(motion, people, seed, several) for motion, people, seed in scenes]
    motions: tuple[Motion, ...] = ("walk", "cross", "jump", "wave", "still")
    singles = {(m, s): _record(alone, motion=m, people=1, seed=s) for m in motions for s in SEEDS}
    filling = _filling([clip for (motion, _), clip in singles.items() if motion != "still"])
    smoothing = _smoothing(singles)
    cost = min(_cost(clip) for clip in singles.values() for _ in range(runs))
    return {
        "identities": identities,
        "filling_error_torsos": filling,
        "smoothing": smoothing,
        "assemble_cpu_ms_per_frame_one_person": round(cost, 3),
        "targets": [
            at_least("IDF1 by place, those in sight, mean", mean(row["idf1_by_place"] for row in identities), 0.95, ""),
            at_least("IDF1 by box overlap, those in sight, mean", mean(r["idf1"] for r in identities), 0.95, ""),
            at_least("PCK with filled frames, mean", mean(row["pck"] for row in identities), 0.85, ""),
            at_least("repeating over filling, worst gap", min(r["truth"]["ratio"] for r in filling), 2, "x"),
            at_most("assembling one person, CPU time", cost, 0.5, "ms/frame"),
        ],
    }


def _identities(motion: Motion, people: int, seed: int, estimator: Estimator) -> dict[str, Any]:
    clip = _record(estimator, motion=motion, people=people, seed=seed)
    frames = assembled(clip.found)
    by_box = identity_score(frames, clip.truths, min_seen=SEEN)
    by_place = identity_score(frames, clip.truths, min_seen=SEEN, by_place=True)
    provenances = [person.provenance for people in frames for person in people]
    row = {
        "scene": f"{motion}, {people} people, seed {seed}",
        "ids": by_place.ids,
        "idf1": round(by_box.idf1, 3),
        "idf1_by_place": round(by_place.idf1, 3),
        "idf1_hidden_too": round(identity_score(frames, clip.truths).idf1, 3),
        "pck": round(correct_keypoints(frames, clip.truths, by_place.right), 3),
        "pck_hidden_too": round(correct_keypoints(frames, clip.truths, by_place.right, hidden=True), 3),
        "persons": {name: provenances.count(name) for name in sorted(set(provenances))},
    }
    print(f"  {row['scene']}: IDF1 {row['idf1']}, by place {row['idf1_by_place']}, PCK {row['pck']}", flush=True)
    return row


def _filling(clips: Sequence[Clip]) -> list[dict[str, Any]]:
    """Mean distance of limb joints from the truth in gaps that were cut: filled, and with the last pose repeated."""
    rows = []
    for gap in GAPS:
        row: dict[str, Any] = {"gap_frames": gap}
        for name in ("truth", "sightings"):
            errors = [
                error
                for clip in clips
                for error in _gap_errors(clip.truths, _exact(clip) if name == "truth" else clip.found, gap)
            ]
            filled, repeated = (mean(values) for values in zip(*errors, strict=True))
            ratio = round(repeated / filled, 2)
            row[name] = {"filled": round(filled, 4), "repeated": round(repeated, 4), "ratio": ratio}
        rows.append(row)
        print(f"  gap of {gap}: {row['truth']['ratio']}x, on sightings {row['sightings']['ratio']}x", flush=True)
    return rows


def _gap_errors(truths: Truths, found: People, gap: int) -> Iterator[tuple[float, float]]:
    for start in range(AROUND, len(found) - gap - AROUND, gap + AROUND):
        low, high = start - AROUND, start + gap + AROUND
        if not all(found[frame] for frame in range(low, high)):
            continue
        frames = assembled([[] if start <= n < start + gap else found[n] for n in range(low, high)])
        last = found[start - 1][0].keypoints[:, :2]
        for frame in range(start, start + gap):
            (truth,), (person,) = truths[frame], frames[frame - low]
            yield (
                float(limb_distances(person.keypoints[:, :2], truth).mean()),
                float(limb_distances(last, truth).mean()),
            )


def _smoothing(clips: dict[tuple[Motion, int], Clip]) -> dict[str, Any]:
    """Jitter of who stands still, lag and correct keypoints of who moves: raw, ours, MediaPipe's own filter."""
    figures: dict[str, Any] = {}
    for name in ("raw", "smoothed", "mediapipe"):
        jitters, lags, right = [], [], []
        for (motion, _), clip in clips.items():
            track = _track(clip, name)
            if motion == "still":
                jitters.append(_jitter(track))
            else:
                lags.append(_lag_frames(track, np.stack([frame[0].joints2d for frame in clip.truths])))
                near = [
                    limb_distances(points, frame[0]) <= 0.1 for points, frame in zip(track, clip.truths, strict=True)
                ]
                right.append(float(np.mean(near)))
        figures[name] = {
            "jitter_px": round(mean(jitters), 4),
            "lag_ms": round(mean(lags) / FPS * 1000, 1),
            "within_a_tenth_of_the_torso": round(mean(right), 4),
        }
    print(f"  smoothing: {figures}", flush=True)
    return figures


def _track(clip: Clip, kind: str) -> NDArray[np.float64]:
    """Keypoints of the one person through the clip, (N, 33, 2)."""
    if kind == "mediapipe":
        smooth = PoseFilter()
        frames: People = [
            [smooth.apply(people[0], time_ns=(n + 1) * 10**9 // FPS)] for n, people in enumerate(clip.found)
        ]
    else:
        frames = assembled(clip.found, AssembleOptions(clean="none" if kind == "raw" else "hampel+smooth"))
    return np.stack([people[0].keypoints[:, :2] for people in frames]).astype(np.float64)


def _jitter(track: NDArray[np.float64]) -> float:
    """Mean length of the second difference, px."""
    return float(np.linalg.norm(np.diff(track, 2, axis=0), axis=2).mean())


def _lag_frames(track: NDArray[np.float64], truth: NDArray[np.float64]) -> float:
    """By how many frames the track follows the truth: where the error is least, between frames by a parabola."""
    edge = max(SHIFTS) + 1
    bias = np.median(track - truth, axis=0)
    errors = [
        float((((track - bias)[edge:-edge] - truth[edge - shift : len(truth) - edge - shift]) ** 2).mean())
        for shift in SHIFTS
    ]
    best = min(max(int(np.argmin(errors)), 1), len(errors) - 2)
    before, here, after = errors[best - 1 : best + 2]
    return SHIFTS[best] + (before - after) / (2 * (before - 2 * here + after))


def _cost(clip: Clip) -> float:
    start = time.process_time()
    assembled(clip.found)
    return (time.process_time() - start) / len(clip.found) * 1000


def assembled(found: People, options: AssembleOptions | None = None) -> list[tuple[Person, ...]]:
    """The people of every frame as they stand in poses.jsonl."""
    assembler = Assembler(options or AssembleOptions(), frame_interval_s=1 / FPS, skeleton=BLAZEPOSE_33)
    frames: list[FramePeople] = []
    for index, people in enumerate(found):
        frames += assembler.add(FramePeople(index, index / FPS, tuple(people)))
    frames += assembler.finish()
    return [frame.people for frame in frames]


def _exact(clip: Clip) -> list[list[Person]]:
    """The truth as sightings, with noise of 2 % of the torso."""
    rng = np.random.default_rng(5)
    exact = []
    for (truth,) in clip.truths:
        points = truth.joints2d + rng.normal(0, 0.02 * torso_px(truth), truth.joints2d.shape)
        rest = np.tile([0.0, 1.0], (len(points), 1))
        exact.append([Person(np.concatenate([points, rest], axis=1).astype(np.float32), 0.95)])
    return exact


def _record(estimator: Estimator, *, motion: Motion, people: int, seed: int) -> Clip:
    """Render a scene and find its people, all frames as one segment."""
    options = SceneOptions(motion=motion, people=people, seconds=4.0, seed=seed, fps=FPS)
    stage = Stage(options)
    rendered = [stage.render(frame / FPS) for frame in range(options.frames)]
    sightings = (Sighting(n, (n + 1) * 10**9 // FPS, image) for n, (image, _) in enumerate(rendered))
    finder = finder_for(estimator, min_score=0.5)
    found = [people for _, people in finder.find(sightings, start=0, stop=options.frames)]
    return Clip([truth for _, truth in rendered], found)


def _load(**options: str) -> Estimator:
    cache: Path | None = None
    return registry.spec("blazepose").create(LoadContext(options=options, threads=1, cache_dir=cache))
