"""Torch for every family that needs it: which device, in which precision, and what happens when its memory runs out.

How a family uses it (torchvision, ViTPose and HMR2 do):
    placement = place(read_torch_options(given), threads=context.threads, warn=context.warn)
    network = Network().to(placement.device, placement.dtype).eval()
    batches = Batches(placement, size=MAX_BATCH)
    found = batches.run(lambda crops: infer(network, crops), crops, cancel=cancel)     # halves itself when memory ends
    batches.release()                                                                   # at the end of every request
`placement.name` is EstimatorInfo.device, ("torch", version()) its runtime.

Nothing here falls back without a word: a device that is not there is a Failure, or a warning where the caller chose
`fallback=cpu`.
"""

from __future__ import annotations

import gc
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, TypeVar

from sidecar.bootstrap.failure import Failure, is_out_of_memory
from sidecar.bootstrap.probe import import_or_fail
from sidecar.runtimes.torch_options import AUTO, CPU, TorchOptions

import_or_fail("torch", "torch")  # says what is wrong with it, where the import below would only raise

import torch  # noqa: E402

if TYPE_CHECKING:
    from sidecar.estimators.protocol import CancelToken

Warn = Callable[[str, str, str | None], None]
Item = TypeVar("Item")
Result = TypeVar("Result")

SPARE_BYTES = 512 * 1024 * 1024  # of GPU memory that torch keeps for the next request; more is given back
BF16_CAPABILITY = (8, 0)  # NVIDIA's first architecture that computes bf16 in its tensor cores

_DTYPES = {"f32": torch.float32, "bf16": torch.bfloat16, "fp16": torch.float16}


@dataclass(frozen=True, slots=True)
class Placement:
    """The device and precision really in use."""

    device: torch.device
    dtype: torch.dtype

    @property
    def name(self) -> str:
        """As READY tells it: cpu, or cuda:0."""
        return str(self.device)

    @property
    def precision(self) -> str:
        """As options spell it."""
        return next(name for name, dtype in _DTYPES.items() if dtype == self.dtype)


class OutOfMemory(MemoryError):
    """Memory ran out with a single item in flight. Worth trying again when others have finished."""

    code = "NO_RESOURCES"
    retryable = True
    hint = "Send the request again later; lower the number of daemons, or choose a smaller model."


def version() -> str:
    """Torch's version without its build, such as 2.12.0."""
    return str(torch.__version__).partition("+")[0]


def place(options: TorchOptions, *, threads: int, warn: Warn) -> Placement:
    """Choose device and precision, and set the number of threads on the CPU.

    Args:
        options: what was asked for.
        threads: for work on the CPU, >= 1; a setting of the whole process.
        warn: told (code, message, hint) when the CPU stands in for a GPU.

    Raises:
        Failure: CONFIG_INVALID, the device is not there and `fallback` is fail.
    """
    torch.set_num_threads(threads)
    device = _device(options, warn)
    if device.type == CPU:
        return Placement(device, torch.float32)
    precision = options.precision
    if precision == AUTO:
        precision = "bf16" if torch.cuda.get_device_capability(device) >= BF16_CAPABILITY else "fp16"
    return Placement(device, _DTYPES[precision])


class Batches:
    """Work in batches that shrink when memory ends, and stay small: what did not fit once will not fit again."""

    def __init__(self, placement: Placement, *, size: int) -> None:
        self._placement = placement
        self.size = size

    def run(
        self,
        work: Callable[[Sequence[Item]], Sequence[Result]],
        items: Sequence[Item],
        *,
        cancel: CancelToken | None = None,
    ) -> list[Result]:
        """`work` over all items, at most `size` at a time, without gradients; results in the items' order.

        Raises:
            OutOfMemory: not even one item fits.
            Cancelled: `cancel` fired between batches.
        """
        results: list[Result] = []
        while len(results) < len(items):
            if cancel is not None:
                cancel.raise_if_cancelled()
            batch = items[len(results) : len(results) + self.size]
            try:
                with torch.inference_mode():
                    results.extend(work(batch))
            except RuntimeError as error:  # torch.OutOfMemoryError is one
                if not is_out_of_memory(error):
                    raise
                shortage = str(error).partition("\n")[0]
            else:
                continue
            # Not inside the handler: its traceback holds the tensors that shall go.
            self._give_back()
            if len(batch) == 1:
                raise OutOfMemory(f"memory of {self._placement.name} ran out with one item in flight ({shortage})")
            self.size = len(batch) // 2
        return results

    def release(self) -> None:
        """Give back what the last request needed and the next one may not: call it at the end of each."""
        device = self._placement.device
        if (
            device.type != CPU
            and torch.cuda.memory_reserved(device) - torch.cuda.memory_allocated(device) > SPARE_BYTES
        ):
            torch.cuda.empty_cache()

    def _give_back(self) -> None:
        gc.collect()
        if self._placement.device.type != CPU:
            torch.cuda.empty_cache()


def _device(options: TorchOptions, warn: Warn) -> torch.device:
    if options.device == CPU:
        return torch.device(CPU)
    count = torch.cuda.device_count() if torch.cuda.is_available() else 0
    if options.device == AUTO:
        return torch.device("cuda", 0) if count else torch.device(CPU)
    index = int(options.device.partition(":")[2] or 0)
    if index < count:
        return torch.device("cuda", index)
    message = f"device {options.device} was asked for, and torch {torch.__version__} sees {count or 'no'} CUDA devices"
    if options.fallback == CPU:
        warn("device_fallback", f"{message}; the CPU works instead, in f32.", "Choose device=cpu to say so yourself.")
        return torch.device(CPU)
    raise Failure(
        "CONFIG_INVALID",
        message,
        "Choose device=cpu or fallback=cpu, or install a torch with CUDA and a driver that it accepts.",
        phase="loading",
    )
