"""A model file over HTTP(S)."""

from __future__ import annotations

import time
from pathlib import Path

import httpx

from sidecar.weights.transfer import Report, SourceError

CONNECT_TIMEOUT_S = 10.0
SILENCE_TIMEOUT_S = 30.0  # a server that sends nothing for so long is not going to
TRANSFER_TIMEOUT_S = 900.0  # all in all; a server may also drip
MAX_REDIRECTS = 5


def download(
    url: str,
    to: Path,
    *,
    size: int,
    report: Report,
    silence_timeout_s: float = SILENCE_TIMEOUT_S,
    transfer_timeout_s: float = TRANSFER_TIMEOUT_S,
) -> None:
    """Write the `size` bytes at `url` to a new file. Proxies and certificates come from the environment, as ever.

    Raises:
        SourceError: unreachable, refused, too slow, or not of that size.
    """
    timeout = httpx.Timeout(silence_timeout_s, connect=CONNECT_TIMEOUT_S)
    try:
        with (
            httpx.Client(timeout=timeout, follow_redirects=True, max_redirects=MAX_REDIRECTS) as client,
            client.stream("GET", url, headers={"accept-encoding": "identity"}) as response,
        ):
            _check_answer(response, size)
            _save(response, to, size=size, report=report, deadline_s=time.monotonic() + transfer_timeout_s)
    except httpx.TimeoutException as error:
        waited_s = CONNECT_TIMEOUT_S if isinstance(error, httpx.ConnectTimeout) else silence_timeout_s
        raise SourceError(f"nothing came for {waited_s:g} s") from error
    except httpx.ConnectError as error:
        raise SourceError(f"cannot be reached from this machine ({error})") from error
    except (httpx.HTTPError, httpx.InvalidURL) as error:
        raise SourceError(f"{type(error).__name__}: {error}") from error


def _check_answer(response: httpx.Response, size: int) -> None:
    if response.status_code != httpx.codes.OK:
        raise SourceError(f"answered {response.status_code} {response.reason_phrase}")
    announced = response.headers.get("content-length")
    if announced is not None and announced != str(size):
        raise SourceError(f"announces {announced} bytes instead of {size}")


def _save(response: httpx.Response, to: Path, *, size: int, report: Report, deadline_s: float) -> None:
    done = 0
    with to.open("xb") as file:
        for chunk in response.iter_raw():
            done += len(chunk)
            if done > size:
                raise SourceError(f"sends more than the {size} bytes of the file")
            if time.monotonic() > deadline_s:
                raise SourceError(f"too slow: only {done} of {size} bytes came in time")
            file.write(chunk)
            report("downloading", done, size)
    if done < size:
        raise SourceError(f"ended after {done} of {size} bytes")
