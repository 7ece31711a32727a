"""All that the workers and the assembly of one result must agree on, as one JSON file beside their parts."""

from __future__ import annotations

import base64
import os
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any
from urllib.parse import quote_from_bytes, unquote_to_bytes

import numpy as np
import orjson
from numpy.typing import NDArray

from sidecar import __version__
from sidecar.estimators.protocol import Estimator
from sidecar.finding.choose import finder_for
from sidecar.finding.effort import EffortName
from sidecar.media.damage import Promise
from sidecar.pose.skeleton import Skeleton
from sidecar.tracking.options import AssembleOptions
from sidecar.video.body_source import BodySource, body_source
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
        bodies: the file that moves the bodies of its people; None: they have none, or nobody else may move them.
        faces_b64: triangles of the meshes that people carry, base64 of little-endian uint32 triples; None: none.
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
    bodies: BodySource | None = None
    faces_b64: str | None = None

    @property
    def faces(self) -> NDArray[np.uint32] | None:
        """(F, 3) vertex indices of the meshes that people carry; None: they carry none."""
        if self.faces_b64 is None:
            return None
        return np.frombuffer(base64.b64decode(self.faces_b64), "<u4").reshape(-1, 3)

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
    info, answers = footage.info, estimator.info
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
            skeleton=answers.skeleton,
            digests=model_digests(answers),
            options=options.result_changing(answers),
        ),
        segments=segments(footage.frames, warm_up_frames=finder.warm_up_frames),
        frames=footage.frames,
        frame_interval_s=float(1 / info.fps),
        promise=footage.promise,
        effort=options.effort,
        assembling=options.assembling,
        engine=answers.runtime,
        device=answers.device,
        overlay=options.overlay,
        threads=options.threads,
        bodies=body_source(answers),
        faces_b64=None if answers.faces is None else base64.b64encode(answers.faces.astype("<u4").tobytes()).decode(),
    )


def encode_blueprint(blueprint: Blueprint) -> bytes:
    """A blueprint as JSON; its paths percent-encoded, for names of files need not be text."""
    facts = asdict(blueprint)
    for part in (facts["source"], facts["bodies"]):
        if part is not None:
            part["path"] = quote_from_bytes(os.fsencode(part["path"]))
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
    source, bodies = _with_path(facts["source"]), facts["bodies"]
    return Blueprint(
        **{
            **facts,
            "source": Source(**{**source, "state": tuple(source["state"])}),
            "segments": tuple(Segment(**segment) for segment in facts["segments"]),
            "promise": Promise(**facts["promise"]),
            "assembling": AssembleOptions(**facts["assembling"]),
            "engine": tuple(facts["engine"]),
            "bodies": None if bodies is None else BodySource(**_with_path(bodies)),
        }
    )


def _with_path(part: dict[str, Any]) -> dict[str, Any]:
    return part | {"path": Path(os.fsdecode(unquote_to_bytes(part["path"])))}
