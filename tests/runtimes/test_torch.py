"""Where torch computes, and what happens when memory ends. No GPU is needed: CUDA's answers are imitated."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import pytest

torch = pytest.importorskip("torch", reason="torch is absent: scripts/setup --all")

from sidecar.bootstrap.failure import Failure, unexpected  # noqa: E402
from sidecar.daemon.answering import failure  # noqa: E402
from sidecar.estimators.protocol import Cancelled, OptionError  # noqa: E402
from sidecar.runtimes import torch as runtime  # noqa: E402
from sidecar.runtimes.torch import SPARE_BYTES, Batches, OutOfMemory, Placement, place  # noqa: E402
from sidecar.runtimes.torch_options import TorchOptions, read_torch_options  # noqa: E402

pytestmark = pytest.mark.torch

ON_CPU = Placement(torch.device("cpu"), torch.float32)
ON_GPU = Placement(torch.device("cuda", 0), torch.bfloat16)


@pytest.fixture(autouse=True)
def one_thread() -> None:
    torch.set_num_threads(1)


def with_gpus(monkeypatch: pytest.MonkeyPatch, count: int, capability: tuple[int, int] = (9, 0)) -> None:
    monkeypatch.setattr(torch.cuda, "is_available", lambda: count > 0)
    monkeypatch.setattr(torch.cuda, "device_count", lambda: count)
    monkeypatch.setattr(torch.cuda, "get_device_capability", lambda device: capability)


def no_warning(code: str, message: str, hint: str | None) -> None:
    pytest.fail(f"unexpected warning {code}: {message}")


class TestOptions:
    def test_defaults(self) -> None:
        assert read_torch_options({}) == TorchOptions("auto", "fail", "auto")

    @pytest.mark.parametrize("device", ["gpu", "cuda:", "cuda:-1", "cuda:01", "cuda:100", "", 0, None, ["cuda"]])
    def test_an_unknown_device_is_refused(self, device: object) -> None:
        with pytest.raises(OptionError, match="option device must be one of"):
            read_torch_options({"device": device})

    @pytest.mark.parametrize("option", [{"fallback": "maybe"}, {"precision": "int8"}, {"precision": 16}])
    def test_unknown_words_are_refused(self, option: dict[str, object]) -> None:
        with pytest.raises(OptionError, match="must be one of"):
            read_torch_options(option)

    def test_half_precision_on_the_cpu_is_refused(self) -> None:
        with pytest.raises(OptionError, match="option precision 'bf16' needs a GPU"):
            read_torch_options({"device": "cpu", "precision": "bf16"})


class TestPlace:
    @pytest.mark.parametrize(
        ("options", "gpus", "expected"),
        [
            (TorchOptions(), 0, ("cpu", "f32")),
            (TorchOptions(), 1, ("cuda:0", "bf16")),
            (TorchOptions("cpu"), 2, ("cpu", "f32")),
            (TorchOptions("cuda"), 1, ("cuda:0", "bf16")),
            (TorchOptions("cuda:1"), 2, ("cuda:1", "bf16")),
            (TorchOptions("cuda", precision="f32"), 1, ("cuda:0", "f32")),
            (TorchOptions("cuda", precision="fp16"), 1, ("cuda:0", "fp16")),
        ],
    )
    def test_what_is_used_is_what_is_told(
        self, monkeypatch: pytest.MonkeyPatch, options: TorchOptions, gpus: int, expected: tuple[str, str]
    ) -> None:
        with_gpus(monkeypatch, gpus)
        placement = place(options, threads=1, warn=no_warning)
        assert (placement.name, placement.precision) == expected

    def test_an_older_gpu_gets_fp16(self, monkeypatch: pytest.MonkeyPatch) -> None:
        with_gpus(monkeypatch, 1, capability=(7, 5))
        assert place(TorchOptions(), threads=1, warn=no_warning).precision == "fp16"

    @pytest.mark.parametrize(("device", "gpus", "seen"), [("cuda", 0, "no"), ("cuda:3", 1, "1")])
    def test_a_missing_gpu_is_a_failure(
        self, monkeypatch: pytest.MonkeyPatch, device: str, gpus: int, seen: str
    ) -> None:
        with_gpus(monkeypatch, gpus)
        with pytest.raises(Failure, match=f"device {device} was asked for, and torch .* sees {seen} CUDA") as caught:
            place(TorchOptions(device), threads=1, warn=no_warning)
        assert caught.value.code == "CONFIG_INVALID"
        assert "fallback=cpu" in caught.value.hint

    def test_the_chosen_fallback_is_told(self, monkeypatch: pytest.MonkeyPatch) -> None:
        with_gpus(monkeypatch, 0)
        told: list[str] = []
        options = TorchOptions("cuda", fallback="cpu", precision="bf16")
        placement = place(options, threads=1, warn=lambda code, message, hint: told.append(code))
        assert (placement.name, placement.precision, told) == ("cpu", "f32", ["device_fallback"])

    def test_the_threads_are_set(self) -> None:
        place(TorchOptions("cpu"), threads=2, warn=no_warning)
        assert torch.get_num_threads() == 2

    def test_the_version_is_public(self) -> None:
        assert runtime.version() == torch.__version__.partition("+")[0]


class Worker:
    """Doubles its items; memory ends above `fits` of them."""

    def __init__(self, fits: int, error: Exception | None = None) -> None:
        self.fits = fits
        self.error = error or torch.OutOfMemoryError("CUDA out of memory. Tried to allocate 2.00 GiB")
        self.batches: list[int] = []

    def __call__(self, items: Sequence[int]) -> list[int]:
        self.batches.append(len(items))
        if len(items) > self.fits:
            raise self.error
        assert torch.is_inference_mode_enabled()
        return [2 * item for item in items]


class TestBatches:
    def test_all_items_in_order(self) -> None:
        worker = Worker(9)
        assert Batches(ON_CPU, size=4).run(worker, range(10)) == [2 * item for item in range(10)]
        assert worker.batches == [4, 4, 2]

    def test_nothing_is_nothing(self) -> None:
        assert Batches(ON_CPU, size=4).run(Worker(9), []) == []

    def test_a_batch_is_halved_until_it_fits_and_stays_so(self) -> None:
        worker = Worker(3)
        batches = Batches(ON_CPU, size=8)
        assert batches.run(worker, range(10)) == [2 * item for item in range(10)]
        assert worker.batches == [8, 4, 2, 2, 2, 2, 2]
        assert batches.size == 2
        worker.batches.clear()
        batches.run(worker, range(4))
        assert worker.batches == [2, 2]

    def test_one_that_does_not_fit_is_a_typed_error_worth_retrying(self) -> None:
        with pytest.raises(OutOfMemory, match="memory of cpu ran out with one item in flight") as caught:
            Batches(ON_CPU, size=4).run(Worker(0), range(3))
        fields: dict[str, Any] = failure(caught.value)
        assert fields["code"] == "NO_RESOURCES"
        assert "again later" in fields["hint"]

    @pytest.mark.parametrize("phase", ["loading", "warming"])
    def test_a_start_that_does_not_fit_is_no_fault_of_the_model(self, phase: str) -> None:
        with pytest.raises(OutOfMemory) as caught:
            Batches(ON_CPU, size=4).run(Worker(0), range(3))
        for error in (caught.value, torch.OutOfMemoryError("CUDA out of memory. Tried to allocate 2.00 GiB")):
            told = unexpected(error, phase)
            assert (told.code, told.retryable) == ("NO_RESOURCES", True)

    def test_the_machines_own_memory_counts(self) -> None:
        real = RuntimeError("[enforce fail] DefaultCPUAllocator: can't allocate memory: you tried to allocate 99 bytes")
        assert Batches(ON_CPU, size=2).run(Worker(1, real), range(2)) == [0, 2]

    def test_other_errors_are_not_retried(self) -> None:
        worker = Worker(0, RuntimeError("shape mismatch"))
        with pytest.raises(RuntimeError, match="shape mismatch"):
            Batches(ON_CPU, size=4).run(worker, range(4))
        assert worker.batches == [4]

    def test_a_real_allocation_that_cannot_be_had(self) -> None:
        def allocate(items: Sequence[int]) -> list[int]:
            return [int(torch.empty(2**60, dtype=torch.float32)[0]) for _ in items]

        with pytest.raises(OutOfMemory):
            Batches(ON_CPU, size=1).run(allocate, range(1))

    def test_cancelling_stops_between_batches(self) -> None:
        class Token:
            asked = 0

            def raise_if_cancelled(self) -> None:
                self.asked += 1
                if self.asked > 1:
                    raise Cancelled

        worker = Worker(9)
        with pytest.raises(Cancelled):
            Batches(ON_CPU, size=2).run(worker, range(6), cancel=Token())
        assert worker.batches == [2]


class TestRelease:
    @pytest.mark.parametrize(("spare", "expected"), [(SPARE_BYTES, 0), (SPARE_BYTES + 1, 1)])
    def test_what_is_not_spare_goes_back(self, monkeypatch: pytest.MonkeyPatch, spare: int, expected: int) -> None:
        emptied: list[None] = []
        monkeypatch.setattr(torch.cuda, "memory_reserved", lambda device: 1000 + spare)
        monkeypatch.setattr(torch.cuda, "memory_allocated", lambda device: 1000)
        monkeypatch.setattr(torch.cuda, "empty_cache", lambda: emptied.append(None))
        Batches(ON_GPU, size=1).release()
        assert len(emptied) == expected

    def test_memory_that_ended_is_given_back_before_the_retry(self, monkeypatch: pytest.MonkeyPatch) -> None:
        events: list[str] = []
        monkeypatch.setattr(torch.cuda, "empty_cache", lambda: events.append("emptied"))
        worker = Worker(1)
        Batches(ON_GPU, size=2).run(worker, range(2))
        assert (events, worker.batches) == (["emptied"], [2, 1, 1])

    def test_nothing_is_asked_of_cuda_on_the_cpu(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(torch.cuda, "empty_cache", lambda: pytest.fail("asked"))
        monkeypatch.setattr(torch.cuda, "memory_reserved", lambda device: pytest.fail("asked"))
        Batches(ON_CPU, size=2).release()
