"""Which file moves the bodies of a result: known to whoever assembles, not only to whoever found them."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from sidecar.checkpoints.errors import ModelFileRefused
from sidecar.estimators.protocol import EstimatorInfo
from sidecar.smpl.body_model import BodyModel
from sidecar.smpl.reading import read_body_model
from sidecar.weights.store import sha256_of


@dataclass(frozen=True, slots=True)
class BodySource:
    """A body model's file, and the digest that it had when people were found with it."""

    path: Path
    sha256: str

    def read(self) -> BodyModel:
        """The model.

        Raises:
            ModelFileRefused: the file is gone, or no longer what it was.
        """
        try:
            digest = sha256_of(self.path)
        except OSError as error:
            raise ModelFileRefused(self.path, "unreadable", f"cannot be read: {error.strerror or error}") from error
        if digest != self.sha256:
            raise ModelFileRefused(
                self.path,
                "mismatch",
                f"has changed while a video was in work: its sha256 is {digest}, and was {self.sha256}",
                hint="Process the video again.",
            )
        return read_body_model(self.path)


def body_source(info: EstimatorInfo) -> BodySource | None:
    """The file of an estimator's bodies; None where it has none, or keeps it to itself."""
    for model in info.models:
        if model.name == info.body_model:
            return BodySource(model.path, model.sha256)
    return None
