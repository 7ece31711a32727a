"""The page: everything in one file, nothing from anywhere else."""

from __future__ import annotations

from pathlib import Path

from sidecar import __version__
from sidecar.report.collect import Collected, collect
from sidecar.report.markup import Markup, element, joined
from sidecar.report.pictures import Picture, pictures
from sidecar.report.stages import stages
from sidecar.report.survey import Survey, survey
from sidecar.report.timeline import legend, timeline
from sidecar.report.trajectories import trajectories
from sidecar.report.words import counted, duration, facts, short, warnings
from sidecar.results.landing import landing_file
from sidecar.results.reading import Result

DEFAULT_NAME = "report.html"
# No script, and no address but those inside the page.
_POLICY = "default-src 'none'; img-src data:; style-src 'unsafe-inline'"


def write_report(result: Result, path: Path) -> int:
    """Write the page about a result; returns its size in bytes.

    The result is read twice, a line at a time; the page's size does not grow with the length of the video.

    Raises:
        ResultError: a line is damaged.
        TooManyTracks: the result names more ids than can be counted.
        LandingError: the file cannot be written.
    """
    numbers = survey(result)
    drawn = collect(result, numbers)
    samples, missing = pictures(result.directory, drawn.samples)
    content = _page(result, numbers, drawn, samples, missing).encode("utf-8")
    with landing_file(path) as file:
        file.write(content)
    return len(content)


def _page(result: Result, numbers: Survey, drawn: Collected, samples: list[Picture], missing: str | None) -> str:
    name = short(result.name)
    body = [_top(result, numbers, name), _tiles(result, numbers)]
    if found := warnings(result, numbers, missing_pictures=missing):
        body.append(element("aside", element("ul", *(element("li", text) for text in found)), class_="warnings"))
    is_video = numbers.frames > 1
    if drawn.rows and is_video:
        body.append(_section("Who was seen when", legend(), timeline(numbers, drawn)))
    if samples:
        body.append(_section("Sample frames", element("div", *map(_figure, samples), class_="samples")))
    if drawn.rows and is_video:
        body.append(_section("How joints moved", _kept(numbers), trajectories(drawn, has_raw=numbers.has_raw)))
    seconds = (result.summary or {}).get("seconds")
    bars = stages(seconds, numbers.frames) if isinstance(seconds, dict) else None
    if bars is not None:
        body.append(_section("Where the time went", bars))
    told = [joined([element("dt", what), element("dd", text)]) for what, text in facts(result)]
    body.append(_section("About this result", element("dl", *told)))
    body.append(element("footer", f"pose-sidecar {__version__}, {short(str(result.directory.name))}"))
    head = [
        element("meta", charset="utf-8"),
        element("meta", http_equiv="Content-Security-Policy", content=_POLICY),
        element("meta", name="viewport", content="width=device-width, initial-scale=1"),
        element("title", f"{name}: pose report"),
        element("style", Markup(Path(__file__).with_name("page.css").read_text(encoding="utf-8"))),
    ]
    return "<!doctype html>\n" + element(
        "html", element("head", *head), element("body", element("main", *body)), lang="en"
    )


def _top(result: Result, numbers: Survey, name: str) -> Markup:
    header = result.header
    length = _length_s(result, numbers)
    parts = [f"{header.width} x {header.height}", counted(numbers.frames, "frame")]
    if header.fps is not None:
        parts += [duration(length), f"{header.fps:g} fps"]
    return element(
        "header", element("p", "pose report", class_="kicker"), element("h1", name), element("p", " · ".join(parts))
    )


def _tiles(result: Result, numbers: Survey) -> Markup:
    people = numbers.people
    seen = numbers.count("detected") + numbers.count("low_score")
    covered = numbers.frames - numbers.empty_frames
    tracks = sum(track.id is not None for track in numbers.tracks)
    tiles = [
        ("frames with somebody", _share(covered, numbers.frames), f"{covered} of {numbers.frames}"),
        ("people seen", _share(seen, people), f"{seen} of {people}"),
        ("filled in", str(people - seen), _farthest(result, numbers)),
        ("tracks", str(tracks), f"{counted(people, 'person')} over all frames"),
    ]
    speed = (result.summary or {}).get("frames_per_second")
    if type(speed) in (int, float) and speed is not None:
        tiles.append(("frames a second", f"{speed:.0f}" if speed >= 10 else f"{speed:.1f}", "from file to poses"))
    cards = [
        element("div", element("small", what), element("b", much), element("span", more)) for what, much, more in tiles
    ]
    return element("section", *cards, class_="tiles")


def _share(part: int, whole: int) -> str:
    return f"{part / whole:.1%}" if whole else "none"


def _farthest(result: Result, numbers: Survey) -> str:
    frames = max((track.farthest for track in numbers.tracks), default=0)
    if not frames:
        return "nobody had to be"
    fps = result.header.fps
    time = f" ({frames / fps:.2f} s)" if fps else ""
    return f"up to {counted(frames, 'frame')}{time} from a sighting"


def _length_s(result: Result, numbers: Survey) -> float:
    fps = result.header.fps
    return numbers.last_s - numbers.first_s + (1 / fps if fps else 0.0)


def _kept(numbers: Survey) -> Markup:
    text = (
        "Pixels over time. Jitter is the mean change of velocity from frame to frame."
        if numbers.has_raw
        else "Pixels over time, after cleaning only: the values from before were not kept in this result."
    )
    return element("p", text, class_="note")


def _figure(picture: Picture) -> Markup:
    sample = picture.sample
    words = f"frame {sample.frame} at {sample.time_s:.2f} s"
    image = element("img", src=picture.address, alt=words, width=picture.width, height=picture.height)
    who = [
        element("span", element("i", class_=f"key {word}"), "" if identity is None else f"#{identity}", title=word)
        for identity, word in sample.people
    ]
    return element("figure", image, element("figcaption", words, *who))


def _section(title: str, *children: Markup) -> Markup:
    return element("section", element("h2", title), *children, class_="card")
