"""Video work, imported with the first request for it: a daemon that sees pictures only does without PyAV."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sidecar.bootstrap.probe import import_or_fail
from sidecar.daemon.answering import Answer, Stages, answer
from sidecar.daemon.config import Config
from sidecar.daemon.job import Job
from sidecar.estimators.protocol import Estimator

if TYPE_CHECKING:
    from sidecar.daemon.video_work import SendPart, VideoWork

_NEEDED = (("av", "av"), ("filelock", "filelock"))


class LazyVideoWork:
    """Answers the operations on videos; a missing package is the answer to the request that needs it."""

    def __init__(self, estimator: Estimator, config: Config) -> None:
        self._estimator = estimator
        self._config = config
        self._work: VideoWork | None = None

    def run(self, job: Job, *, send_part: SendPart) -> Answer:
        """Do a job; returns its terminal message and body. Nothing that is raised gets past this."""

        def do(stages: Stages) -> Answer:
            if self._work is None:
                self._work = self._load()
            return self._work.do(job, send_part=send_part)

        return answer(job, do)

    def _load(self) -> Any:
        for module, package in _NEEDED:
            import_or_fail(module, package)
        import cv2

        from sidecar.daemon.video_work import VideoWork
        from sidecar.video.pooled import SegmentWorker

        cv2.setNumThreads(self._config.threads)  # else OpenCV takes all cores where no estimator has said
        return VideoWork(self._estimator, self._config, SegmentWorker())
