"""What the header and the summary say, in words."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from sidecar.report.survey import Survey
from sidecar.results.header import ResultHeader
from sidecar.results.reading import Result

MAX_WORDS = 200  # characters of one value; names and options may be of any length
_CLEANING = {
    "none": "Keypoints are as they were found.",
    "hampel": "Outliers were replaced; keypoints are otherwise as they were found.",
    "smooth": "Keypoints were smoothed, without lag.",
    "hampel+smooth": "Outliers were replaced, then keypoints were smoothed, without lag.",
}


def facts(result: Result) -> list[tuple[str, str]]:
    """What holds for the whole result: pairs of a name and a sentence."""
    header = result.header
    told = [("Source", _source(result)), ("Frames", _frames(header)), ("Model", _model(header))]
    skeleton = header.skeleton
    depth = "with depth" if skeleton.has_z else "without depth"
    world = ", in metres too" if skeleton.has_world else ""
    told.append(("Skeleton", f"{skeleton.name}: {len(skeleton.keypoints)} keypoints, {depth}{world}."))
    told += _through_time(header.options)
    summary = result.summary or {}
    versions = summary.get("versions")
    if isinstance(versions, dict) and versions:
        names = ", ".join(f"{name} {version}" for name, version in versions.items())
        device = summary.get("device")
        told.append(("Made with", f"{names}; on {device}." if device not in (None, "none") else f"{names}."))
    digests = ", ".join(f"{name} {str(digest)[:12]}…" for name, digest in header.digests.items())
    if digests:
        told.append(("Model files", f"{digests}"))
    return [(name, short(text)) for name, text in told]


def warnings(result: Result, numbers: Survey, *, missing_pictures: str | None) -> list[str]:
    """What a reader should know before trusting the page."""
    summary = result.summary
    found = []
    if summary is None:
        found.append("summary.json is absent: there are no stage timings, and the source's name is not known.")
    elif summary.get("message"):
        found.append(str(summary["message"]))
    elif summary.get("truncated"):
        found.append("The source ended before what it announces.")
    if summary is not None and summary.get("frames") not in (None, numbers.frames):
        found.append(f"summary.json counts {summary['frames']} frames, poses.jsonl has {numbers.frames}.")
    if numbers.frames and not numbers.people:
        found.append("Nobody was found in any frame.")
    elif numbers.empty_frames:
        share = numbers.empty_frames / numbers.frames
        found.append(f"{numbers.empty_frames} of {counted(numbers.frames, 'frame')} ({share:.0%}) without anybody.")
    filled = numbers.count("interpolated") + numbers.count("predicted")
    if filled:
        share = filled / numbers.people
        found.append(f"{filled} of {counted(numbers.people, 'person')} ({share:.0%}) filled in, not seen.")
    if missing_pictures:
        found.append(missing_pictures)
    return [short(text) for text in found]


def counted(number: int, thing: str) -> str:
    """1 frame, 2 frames, 1 person, 2 people."""
    if number == 1:
        return f"1 {thing}"
    return f"{number} people" if thing == "person" else f"{number} {thing}s"


def short(text: str) -> str:
    """Text of bounded length."""
    return text if len(text) <= MAX_WORDS else text[: MAX_WORDS - 1] + "…"


def duration(seconds: float) -> str:
    """A length of time for people: 4.0 s, 2 min 5 s, 1 h 20 min."""
    if seconds < 60:
        return f"{seconds:.1f} s"
    minutes, rest = divmod(round(seconds), 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours} h {minutes} min" if hours else f"{minutes} min {rest} s"


def _source(result: Result) -> str:
    source = result.header.source
    parts = [str(source.get("kind", "file"))]
    size = source.get("bytes")
    if isinstance(size, int):
        parts.append(f"{size / 1e6:.2f} MB")
    parts += [str(source[key]) for key in ("container", "codec", "pixel_format") if key in source]
    digest = source.get("sha256")
    return ", ".join(parts) + (f"; sha256 {str(digest)[:16]}…" if digest else "")


def _frames(header: ResultHeader) -> str:
    turned = f"turned by {header.rotation}° to be upright" if header.rotation else "upright as they were"
    rate = "" if header.fps is None else f", {header.fps:g} a second"
    return f"{header.width} x {header.height} px{rate}; {turned}."


def _model(header: ResultHeader) -> str:
    if header.source.get("kind") == "tracks":
        return f"none of ours: people were tracked by {header.estimator}, and imported."
    effort = header.options.get("effort")
    work = f", effort {effort}" if effort else ""
    looked = f"found by {header.detector}" if header.detector else "found by the model's own means"
    least = header.options.get("min_score")
    score = f"; a sighting needs a score of {least:g}" if isinstance(least, (int, float)) else ""
    return f"{header.estimator}{work}; people {looked}{score}."


def _through_time(options: Mapping[str, Any]) -> list[tuple[str, str]]:
    chosen = options.get("assemble")
    if not isinstance(chosen, dict):
        return []
    told = []
    cleaning = chosen.get("clean")
    if isinstance(cleaning, str):
        told.append(("Cleaning", _CLEANING.get(cleaning, f"Keypoints were cleaned: {cleaning}.")))
    gap = chosen.get("max_gap_s")
    if isinstance(gap, (int, float)):
        beyond = chosen.get("extrapolate_s")
        ends = f"; tracks go on {beyond:g} s beyond their ends" if beyond else "; nothing goes on beyond a track's ends"
        told.append(("Filling", f"Absences up to {gap:g} s are interpolated{ends}."))
    return told
