"""A file over HTTP(S), taken up again where it broke off.

What arrived stays in the part file. A second attempt, now or in a later pull, asks for the rest, and only if the server
still has the same file: the validator that it gave (an ETag, or a date) lies beside the part.
"""

from __future__ import annotations

import re
import time
from pathlib import Path

import httpx

from sidecar.weights.transfer import Report, SourceError

CONNECT_TIMEOUT_S = 10.0
SILENCE_TIMEOUT_S = 30.0  # a server that sends nothing for so long is not going to
TRANSFER_TIMEOUT_S = 900.0  # all in all; a server may also drip
MIN_BYTES_PER_S = 200_000  # a large file may take longer: so much time more as it takes at this rate
MAX_REDIRECTS = 5
MAX_ATTEMPTS = 5  # as long as each brings something
MAX_FILE_BYTES = 16 * 1024**3  # of a file whose size nobody knows

_VALIDATOR_SUFFIX = ".from"
_MAX_VALIDATOR_CHARS = 1000
_CONTENT_RANGE = re.compile(r"bytes (\d+)-\d+/(\d+)")


class _Broken(Exception):
    """The transfer broke off; what came is kept."""


def download(
    url: str,
    to: Path,
    *,
    size: int | None,
    report: Report,
    silence_timeout_s: float = SILENCE_TIMEOUT_S,
    transfer_timeout_s: float = TRANSFER_TIMEOUT_S,
) -> None:
    """Write the `size` bytes at `url` to a file, going on with what is there; its folder is made.

    Proxies and certificates come from the environment, as ever.

    Args:
        url: where.
        to: the file; a part of it may be there, as an earlier call left it.
        size: how many bytes; None: as many as the server says.
        report: told of progress.
        silence_timeout_s: for how long the server may send nothing.
        transfer_timeout_s: for the whole, and on top as long as its size takes at MIN_BYTES_PER_S.

    Raises:
        SourceError: unreachable, refused, too slow, or not of that size.
    """
    deadline_s = time.monotonic() + transfer_timeout_s
    timeout = httpx.Timeout(silence_timeout_s, connect=CONNECT_TIMEOUT_S)
    with httpx.Client(timeout=timeout, follow_redirects=True, max_redirects=MAX_REDIRECTS) as client:
        for attempt in range(1, MAX_ATTEMPTS + 1):
            before = _bytes_of(to)
            try:
                _attempt(client, url, to, size=size, report=report, deadline_s=deadline_s)
            except _Broken as broken:
                if attempt == MAX_ATTEMPTS or _bytes_of(to) <= before:
                    raise SourceError(str(broken)) from broken
                report(f"going on after {_bytes_of(to) / 1e6:.1f} MB ({broken})", _bytes_of(to), size)
            except httpx.TimeoutException as error:
                waited_s = CONNECT_TIMEOUT_S if isinstance(error, httpx.ConnectTimeout) else silence_timeout_s
                if attempt == MAX_ATTEMPTS or _bytes_of(to) <= before:
                    raise SourceError(f"nothing came for {waited_s:g} s") from error
            except httpx.ConnectError as error:
                raise SourceError(f"cannot be reached from this machine ({error})") from error
            except (httpx.HTTPError, httpx.InvalidURL) as error:
                if attempt == MAX_ATTEMPTS or _bytes_of(to) <= before:
                    raise SourceError(f"{type(error).__name__}: {error}") from error
            else:
                validator_file(to).unlink(missing_ok=True)
                return


def validator_file(part: Path) -> Path:
    """Where the validator of a part lies."""
    return part.with_name(part.name + _VALIDATOR_SUFFIX)


def discard(part: Path) -> None:
    """Remove a part and its validator."""
    part.unlink(missing_ok=True)
    validator_file(part).unlink(missing_ok=True)


def _attempt(client: httpx.Client, url: str, to: Path, *, size: int | None, report: Report, deadline_s: float) -> None:
    done, validator = _bytes_of(to), _kept_validator(to)
    headers = {"accept-encoding": "identity"}
    if done and validator and (size is None or done < size):
        headers |= {"range": f"bytes={done}-", "if-range": validator}
    else:
        discard(to)
        done = 0
    with client.stream("GET", url, headers=headers) as response:
        done, total = _begin(response, done, size)
        to.parent.mkdir(exist_ok=True)
        if done == 0:
            discard(to)
            _keep_validator(to, response)
        _save(response, to, done=done, total=total, report=report, deadline_s=deadline_s)


def _begin(response: httpx.Response, done: int, size: int | None) -> tuple[int, int | None]:
    """From which byte on the server sends, and how many there are in all."""
    if done and response.status_code == httpx.codes.PARTIAL_CONTENT:
        span = _CONTENT_RANGE.fullmatch(response.headers.get("content-range", ""))
        if span is None or int(span[1]) != done:
            raise SourceError("answered with another part of the file than was asked for")
        _check_size(span[2], size)
        return done, int(span[2])
    if response.status_code != httpx.codes.OK:
        raise SourceError(f"answered {response.status_code} {response.reason_phrase}")
    announced = response.headers.get("content-length")
    _check_size(announced, size)
    return 0, size if announced is None or not announced.isdecimal() else int(announced)


def _check_size(announced: str | None, size: int | None) -> None:
    if announced is not None and size is not None and announced != str(size):
        raise SourceError(f"announces {announced} bytes instead of {size}")


def _save(
    response: httpx.Response, to: Path, *, done: int, total: int | None, report: Report, deadline_s: float
) -> None:
    limit = MAX_FILE_BYTES if total is None else total
    deadline_s += (total or 0) / MIN_BYTES_PER_S
    with to.open("ab") as file:
        for chunk in response.iter_raw():
            done += len(chunk)
            if done > limit:
                raise SourceError(f"sends more than the {limit} bytes of the file")
            if time.monotonic() > deadline_s:
                raise SourceError(f"too slow: only {done} of {total or 'unknown'} bytes came in time")
            file.write(chunk)
            report("downloading", done, total)
    if total is not None and done < total:
        raise _Broken(f"ended after {done} of {total} bytes")


def _bytes_of(part: Path) -> int:
    return part.stat().st_size if part.exists() else 0


def _kept_validator(part: Path) -> str | None:
    try:
        return validator_file(part).read_text(encoding="ascii")
    except (OSError, UnicodeDecodeError):
        return None


def _keep_validator(part: Path, response: httpx.Response) -> None:
    """Weak ETags do not vouch for bytes (RFC 9110, 8.8.1)."""
    etag = response.headers.get("etag", "")
    validator = etag if etag and not etag.startswith("W/") else response.headers.get("last-modified", "")
    if validator and validator.isascii() and len(validator) <= _MAX_VALIDATOR_CHARS:
        validator_file(part).write_text(validator, encoding="ascii")
