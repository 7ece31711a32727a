"""All that the workers and the assembly of one result must agree on, as one JSON file beside their parts."""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any
from urllib.parse import quote_from_bytes, unquote_to_bytes

import orjson

from sidecar import __version__
from sidecar.estimators.protocol import Estimator
from sidecar.finding.choose import finder_for
from sidecar.finding.effort import EffortName
from sidecar.media.damage import Promise
from sidecar.pose.skeleton import Skeleton
from sidecar.tracking.options import AssembleOptions
from sidecar.video.footage import Footage
from sidecar.video.identity import model_digests
from sidecar.video.options import VideoOptions
from sidecar.video.plan import Segment, segments
from sidecar.video.poses_file import header
from sidecar.video.source import Source

FILE = "blueprint.json"


@dataclass(frozen=True, slots=True)
class Blueprint:
    """How one result is made; follows from the source and the options alone.

    Attributes:
        version: of this package: another one may find other people.
        name: of the result's directory.
        header: first line of poses.jsonl.
        frames: how many there are, if none is damaged; None: nobody knows.
        engine: runtime and its version.
        overlay: draw people into a copy of the source.
    """

    version: str
    name: str
    source: Source
    header: Mapping[str, Any]
    segments: tuple[Segment, ...]
    frames: int | None
    frame_interval_s: float
    promise: Promise
    effort: EffortName
    assembling: AssembleOptions
    engine: tuple[str, str]
    device: str
    overlay: bool
    threads: int

    @property
    def skeleton(self) -> Skeleton:
        """What every person's keypoints are called."""
        facts = self.header["skeleton"]
        return Skeleton(
            name=facts["name"],
            keypoints=tuple(facts["keypoints"]),
            edges=tuple((int(one), int(other)) for one, other in facts["edges"]),
            has_z=facts["has_z"],
            has_world=facts["has_world"],
        )


def draw_up(name: str, source: Source, footage: Footage, options: VideoOptions, estimator: Estimator) -> Blueprint:
    """Plan the work on a video."""
    info = footage.info
    finder = finder_for(estimator, effort=options.effort, min_score=options.min_score)
    return Blueprint(
        version=__version__,
        name=name,
        source=source,
        header=header(
            source={
                "kind": source.kind,
                "sha256": source.sha256,
                "bytes": source.size_bytes,
                "container": info.container,
                "codec": info.codec,
                "pixel_format": info.pixel_format,
            },
            fps=float(info.fps),
            width=info.width,
            height=info.height,
            rotation=info.rotation,
            skeleton=estimator.info.skeleton,
            digests=model_digests(estimator.info),
            options=options.result_changing(estimator.info),
        ),
        segments=segments(footage.frames, warm_up_frames=finder.warm_up_frames),
        frames=footage.frames,
        frame_interval_s=float(1 / info.fps),
        promise=footage.promise,
        effort=options.effort,
        assembling=options.assembling,
        engine=estimator.info.runtime,
        device=estimator.info.device,
        overlay=options.overlay,
        threads=options.threads,
    )


def encode_blueprint(blueprint: Blueprint) -> bytes:
    """A blueprint as JSON; its path percent-encoded, for names of files need not be text."""
    path = quote_from_bytes(os.fsencode(blueprint.source.path))
    facts = asdict(blueprint) | {"source": asdict(blueprint.source) | {"path": path}}
    return orjson.dumps(facts, option=orjson.OPT_INDENT_2)


def write_blueprint(blueprint: Blueprint, work: Path) -> None:
    """Put it into the folder of the parts. Raises OSError."""
    temporary = work / f"{FILE}.tmp"
    temporary.write_bytes(encode_blueprint(blueprint))
    temporary.replace(work / FILE)


def read_blueprint(work: Path) -> Blueprint:
    """The blueprint of a folder of parts. Raises OSError where there is none."""
    return decode_blueprint((work / FILE).read_bytes())


def decode_blueprint(data: bytes) -> Blueprint:
    """What `encode_blueprint` was given. Raises ValueError, TypeError or KeyError for anything else."""
    facts = orjson.loads(data)
    source = facts["source"]
    return Blueprint(
        **{
            **facts,
            "source": Source(
                **{
                    **source,
                    "path": Path(os.fsdecode(unquote_to_bytes(source["path"]))),
                    "state": tuple(source["state"]),
                }
            ),
            "segments": tuple(Segment(**segment) for segment in facts["segments"]),
            "promise": Promise(**facts["promise"]),
            "assembling": AssembleOptions(**facts["assembling"]),
            "engine": tuple(facts["engine"]),
        }
    )
