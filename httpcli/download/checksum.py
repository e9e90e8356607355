"""Verifies a download against ``--checksum``, or against a checksum in a response header.

The hash is computed while bytes arrive. A file with another hash never gets its final name.
"""

from __future__ import annotations

import asyncio
import os
import threading
from contextlib import aclosing
from typing import TYPE_CHECKING

from httpcli import __version__
from httpcli.core.download import Span
from httpcli.core.errors import HttpcliError
from httpcli.core.events import ResponseChunk, ResponseStarted
from httpcli.core.exit_status import ExitStatus, exit_status_for
from httpcli.core.headers import Field, Fields
from httpcli.core.request import Request
from httpcli.protocol.checksums import Hashes, checksum_from_fields, find_in_list
from httpcli.protocol.filenames import download_name
from httpcli.storage.output_path import read_regular_file

if TYPE_CHECKING:
    from httpcli.core.download import Checksum, ExpectedChecksum
    from httpcli.core.interfaces import Send
    from httpcli.core.url import Url
    from httpcli.storage.part_file import PartFile

_MAX_LIST_SIZE = 16 << 20
"""Bytes of a checksum list."""
_POLL_INTERVAL = 0.05
"""Seconds between two checks for new bytes."""


class ChecksumVerifier:
    """Verifies one file. ``expected`` has the meaning of each ``--checksum``: all must match."""

    def __init__(self, expected: tuple[ExpectedChecksum, ...], request: Request) -> None:
        self._expected = expected
        self._request = request
        self._lists = [one.list_text for one in expected]
        """The text of each checksum list, once it is read or fetched; None for a checksum."""
        self._checksums: tuple[Checksum, ...] = ()
        """What the file that is being hashed must have."""
        self._file_hashes: BackgroundHash | None = None
        self._stream_hashes: Hashes | None = None
        """For output that cannot be read again."""

    async def prepare(self, send: Send) -> None:
        """Fetch the checksum lists that are at a URL. Raises HttpcliError."""
        for index, expected in enumerate(self._expected):
            if expected.list_url is not None and self._lists[index] is None:
                self._lists[index] = await self._fetch(expected.list_url, expected.text, send)

    async def _fetch(self, url: Url, text: str, send: Send) -> str:
        """Fetch a list; ``text`` is its URL as typed. Raises HttpcliError."""
        fields = Fields(
            (Field("User-Agent", f"httpcli/{__version__}"), Field("Accept-Encoding", "identity"))
        )
        if url.origin == self._request.url.origin:
            fields = self._request.fields  # the credentials for the file are for its list, too
        body = bytearray()
        async with aclosing(send(Request("GET", url, fields))) as events:
            async for event in events:
                if isinstance(event, ResponseStarted) and not event.is_followed:
                    _check_status(event)
                    body.clear()
                elif isinstance(event, ResponseChunk):
                    body += event.data
                    if len(body) > _MAX_LIST_SIZE:
                        raise HttpcliError(f"{text}: not a list of checksums")
        return body.decode("utf-8", "surrogateescape")

    def start(
        self, part: PartFile, name: str, response: ResponseStarted, *, ignore_server_checksum: bool
    ) -> None:
        """Start hashing a part file, from its first byte; an earlier hash is dropped.

        ``ignore_server_checksum``: the bytes saved are not those that the server hashed. Raises
        HttpcliError if a checksum list does not contain the file.
        """
        self.stop()
        self._checksums = self._required(
            name, response, ignore_server_checksum=ignore_server_checksum
        )
        if not self._checksums:
            return
        algorithms = tuple(checksum.algorithm for checksum in self._checksums)
        if part.is_direct:
            self._stream_hashes = Hashes(algorithms)
        else:
            self._file_hashes = BackgroundHash(part, algorithms)

    @property
    def is_started(self) -> bool:
        """Whether a hash is being computed."""
        return self._file_hashes is not None or self._stream_hashes is not None

    def update(self, data: bytes) -> None:
        """Hash bytes of output that cannot be read again."""
        if self._stream_hashes is not None:
            self._stream_hashes.update(data)

    def _required(
        self, name: str, response: ResponseStarted | None, *, ignore_server_checksum: bool = False
    ) -> tuple[Checksum, ...]:
        """Return the checksums that a file must have: those of the user, else the server's."""
        fields = Fields() if response is None else response.fields
        if self._expected:
            return tuple(
                self._expected_checksum(expected, text, name, fields)
                for expected, text in zip(self._expected, self._lists, strict=True)
            )
        if response is None or ignore_server_checksum or response.status not in (200, 206):
            return ()
        checksum = checksum_from_fields(fields, response.status)
        return () if checksum is None else (checksum,)

    def _expected_checksum(
        self, expected: ExpectedChecksum, text: str | None, name: str, fields: Fields
    ) -> Checksum:
        """Return the checksum itself, or that of the file in the list ``text``."""
        if expected.checksum is not None:
            return expected.checksum
        names = [
            download_name(self._request.url, Fields()),
            download_name(self._request.url, fields),
        ]
        names.append(os.path.basename(name))
        checksum = find_in_list(text or "", dict.fromkeys(names), os.path.basename(expected.text))
        if checksum is None:
            raise HttpcliError(
                f"{expected.text}: no checksum for {names[0]}", status=ExitStatus.INCOMPLETE
            )
        return checksum

    async def check(self, name: str) -> None:
        """Wait for the hashes. Raises HttpcliError if one is not the expected one."""
        file_hashes, stream_hashes = self._file_hashes, self._stream_hashes
        self._file_hashes = self._stream_hashes = None
        if file_hashes is not None:
            digests = await file_hashes.digests()
        elif stream_hashes is not None:
            digests = stream_hashes.digests()
        else:
            return
        hint = "the file is not the expected one; nothing was saved"
        _compare(name, self._checksums, digests, hint)

    async def check_existing(
        self, path: str, name: str, response: ResponseStarted | None = None
    ) -> None:
        """Hash a file that is there already. Raises HttpcliError if its checksum is another.

        It must have the checksums of ``--checksum``, else that of the ``response``, if there is
        one. ``response`` is None before the first response.
        """
        checksums = self._required(name, response)
        if checksums:
            algorithms = [checksum.algorithm for checksum in checksums]
            digests = await _hash_file(path, name, algorithms)
            _compare(name, checksums, digests, "--overwrite downloads it again")

    def stop(self) -> None:
        """Stop hashing."""
        if self._file_hashes is not None:
            self._file_hashes.stop()
        self._file_hashes = self._stream_hashes = None


def _compare(
    name: str, checksums: tuple[Checksum, ...], digests: dict[str, bytes], hint: str
) -> None:
    """Raise HttpcliError for the first of ``checksums`` that the ``digests`` contradict."""
    for checksum in checksums:
        digest = digests[checksum.algorithm]
        if digest != checksum.digest:
            raise HttpcliError(
                (
                    f"{name}: wrong {checksum.algorithm}: expected {checksum.digest.hex()} "
                    f"(from {checksum.source or '--checksum'}), got {digest.hex()}"
                ),
                hint=hint,
                status=ExitStatus.INCOMPLETE,
            )


async def _hash_file(path: str, name: str, algorithms: list[str]) -> dict[str, bytes]:
    """Return the hashes of a regular file. Raises HttpcliError if it cannot be read."""
    cancelled = threading.Event()

    def hash_in_thread() -> dict[str, bytes]:
        hashes = Hashes(algorithms)
        for block in read_regular_file(path, name):
            if cancelled.is_set():
                break
            hashes.update(block)
        return hashes.digests()

    try:
        return await asyncio.to_thread(hash_in_thread)
    except asyncio.CancelledError:
        cancelled.set()
        raise


def _check_status(response: ResponseStarted) -> None:
    if not 200 <= response.status <= 299:
        status_line = f"{response.status} {response.reason}".rstrip()
        raise HttpcliError(
            f"cannot get the checksum list {response.url}: {status_line}",
            status=exit_status_for(response.status, following=False) or ExitStatus.FAILED,
        )


class BackgroundHash:
    """Hashes a part file in a separate thread while it is written.

    It reads the bytes back, up to the first gap. So several connections, or an earlier run, may
    have written them. Recent bytes come from the page cache, and only ``digests`` waits for the
    hash. Call ``digests`` or ``stop`` at the end. ``algorithms`` are names of hashlib.
    """

    def __init__(self, part: PartFile, algorithms: tuple[str, ...]) -> None:
        self._part = part
        self._hashes = Hashes(algorithms)
        self._hashed = 0
        self._complete = threading.Event()
        self._stopped = False
        self._error: HttpcliError | None = None
        self._thread = threading.Thread(target=self._hash_until_complete, daemon=True)
        self._thread.start()

    async def digests(self) -> dict[str, bytes]:
        """Return the hashes of the complete file. Raises HttpcliError if it cannot be read."""
        self._complete.set()
        await asyncio.to_thread(self._thread.join)
        if self._error is not None:
            raise self._error
        return self._hashes.digests()

    def stop(self) -> None:
        """Stop hashing, before the download restarts or the file is closed."""
        self._stopped = True
        self._complete.set()
        self._thread.join()

    def _hash_until_complete(self) -> None:
        try:
            complete = False
            while not complete and not self._stopped:
                # Check completeness before the length, or the last bytes would be missed.
                complete = self._complete.wait(_POLL_INTERVAL)
                self._hash_up_to(self._available())
        except HttpcliError as error:
            self._error = error

    def _available(self) -> int:
        try:
            return self._part.written.prefix_length
        except IndexError:  # the download is restarting; ``stop`` will be called
            return self._hashed

    def _hash_up_to(self, end: int) -> None:
        for block in self._part.read(Span(self._hashed, end)):
            if self._stopped:
                return
            self._hashes.update(block)
            self._hashed += len(block)
