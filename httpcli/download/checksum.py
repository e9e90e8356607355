"""Verifies a download against ``--checksum``, or against a checksum in a response header.

The hash is computed while bytes arrive. A file with another hash never gets its final name.
"""

from __future__ import annotations

import asyncio
import hashlib
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
from httpcli.protocol.checksums import checksum_from_fields, find_in_list
from httpcli.protocol.filenames import download_name
from httpcli.storage.output_path import read_regular_file

if TYPE_CHECKING:
    from httpcli.core.download import Checksum, ExpectedChecksum
    from httpcli.core.interfaces import Send
    from httpcli.storage.part_file import PartFile

_MAX_LIST_SIZE = 16 << 20
"""Bytes of a checksum list."""
_POLL_INTERVAL = 0.05
"""Seconds between two checks for new bytes."""


class ChecksumVerifier:
    """Verifies one file. ``expected`` is the meaning of ``--checksum``; None without it."""

    def __init__(self, expected: ExpectedChecksum | None, request: Request) -> None:
        self._expected = expected
        self._request = request
        self._list = None if expected is None else expected.list_text
        """The text of a checksum list, once it is read or fetched."""
        self._checksum = None if expected is None else expected.checksum
        self._file_hash: BackgroundHash | None = None
        self._stream_hash: hashlib._Hash | None = None
        """For output that cannot be read again."""

    async def prepare(self, send: Send) -> None:
        """Fetch the checksum list if it is at a URL. Raises HttpcliError."""
        expected = self._expected
        if expected is None or expected.list_url is None or self._list is not None:
            return
        fields = Fields(
            (Field("User-Agent", f"httpcli/{__version__}"), Field("Accept-Encoding", "identity"))
        )
        if expected.list_url.origin == self._request.url.origin:
            fields = self._request.fields  # the credentials for the file are for its list, too
        body = bytearray()
        async with aclosing(send(Request("GET", expected.list_url, fields))) as events:
            async for event in events:
                if isinstance(event, ResponseStarted) and not event.is_followed:
                    _check_status(event)
                    body.clear()
                elif isinstance(event, ResponseChunk):
                    body += event.data
                    if len(body) > _MAX_LIST_SIZE:
                        raise HttpcliError(f"{expected.text}: that is no list of checksums")
        self._list = body.decode("utf-8", "surrogateescape")

    def start(
        self, part: PartFile, name: str, response: ResponseStarted, *, ignore_server_checksum: bool
    ) -> None:
        """Start hashing a part file, from its first byte; an earlier hash is dropped.

        ``ignore_server_checksum``: the bytes saved are not those that the server hashed. Raises
        HttpcliError if a checksum list does not contain the file.
        """
        self.stop()
        checksum = self._expected_checksum(name, response.fields)
        if checksum is None and not ignore_server_checksum and response.status in (200, 206):
            checksum = checksum_from_fields(response.fields, response.status)
        if checksum is None:
            return
        self._checksum = checksum
        if part.is_direct:
            self._stream_hash = hashlib.new(checksum.algorithm, usedforsecurity=False)
        else:
            self._file_hash = BackgroundHash(part, checksum.algorithm)

    @property
    def is_started(self) -> bool:
        """Whether a hash is being computed."""
        return self._file_hash is not None or self._stream_hash is not None

    def update(self, data: bytes) -> None:
        """Hash bytes of output that cannot be read again."""
        if self._stream_hash is not None:
            self._stream_hash.update(data)

    def _expected_checksum(self, name: str, fields: Fields) -> Checksum | None:
        expected = self._expected
        if expected is None or self._list is None:
            return None if expected is None else expected.checksum
        names = [
            download_name(self._request.url, Fields()),
            download_name(self._request.url, fields),
        ]
        names.append(os.path.basename(name))
        checksum = find_in_list(self._list, dict.fromkeys(names), os.path.basename(expected.text))
        if checksum is None:
            raise HttpcliError(
                f"{expected.text}: has no checksum of {names[0]}", status=ExitStatus.INCOMPLETE
            )
        return checksum

    async def check(self, name: str) -> None:
        """Wait for the hash. Raises HttpcliError if it is not the expected one."""
        file_hash, stream_hash = self._file_hash, self._stream_hash
        self._file_hash = self._stream_hash = None
        if self._checksum is None or (file_hash is None and stream_hash is None):
            return
        digest = await file_hash.digest() if file_hash is not None else b""
        if stream_hash is not None:
            digest = stream_hash.digest()
        if digest != self._checksum.digest:
            hint = "the content is not what it should be; nothing was saved"
            raise _mismatch(name, self._checksum, digest, hint)

    async def check_existing(
        self, path: str, name: str, response: ResponseStarted | None = None
    ) -> None:
        """Hash a file that is there already. Raises HttpcliError if its checksum is another.

        It must have the checksum of ``--checksum``, else that of the ``response``, if there is
        one. ``response`` is None before the first response.
        """
        checksum = self._expected_checksum(name, response.fields if response else Fields())
        if checksum is None and response is not None and response.status in (200, 206):
            checksum = checksum_from_fields(response.fields, response.status)
        if checksum is None:
            return
        digest = await _hash_file(path, name, checksum.algorithm)
        if digest != checksum.digest:
            raise _mismatch(name, checksum, digest, "--overwrite downloads it again")

    def stop(self) -> None:
        """Stop hashing."""
        if self._file_hash is not None:
            self._file_hash.stop()
        self._file_hash = self._stream_hash = None


def _mismatch(name: str, checksum: Checksum, digest: bytes, hint: str) -> HttpcliError:
    source = checksum.source or "--checksum"
    return HttpcliError(
        f"{name}: its {checksum.algorithm} is {digest.hex()},"
        f" and not {checksum.digest.hex()}, which {source} says",
        hint=hint,
        status=ExitStatus.INCOMPLETE,
    )


async def _hash_file(path: str, name: str, algorithm: str) -> bytes:
    """Return the hash of a regular file. Raises HttpcliError if it cannot be read."""
    cancelled = threading.Event()

    def hash_in_thread() -> bytes:
        digest = hashlib.new(algorithm, usedforsecurity=False)
        for block in read_regular_file(path, name):
            if cancelled.is_set():
                break
            digest.update(block)
        return digest.digest()

    try:
        return await asyncio.to_thread(hash_in_thread)
    except asyncio.CancelledError:
        cancelled.set()
        raise


def _check_status(response: ResponseStarted) -> None:
    if not 200 <= response.status <= 299:
        raise HttpcliError(
            f"{response.url}: the checksum cannot be had:"
            f" {response.status} {response.reason}".rstrip(),
            status=exit_status_for(response.status, following=False) or ExitStatus.FAILED,
        )


class BackgroundHash:
    """Hashes a part file in a separate thread while it is written.

    It reads the bytes back, up to the first gap. So several connections, or an earlier run, may
    have written them. Recent bytes come from the page cache, and only ``digest`` waits for the
    hash. Call ``digest`` or ``stop`` at the end. ``algorithm`` is a name of hashlib.
    """

    def __init__(self, part: PartFile, algorithm: str) -> None:
        self._part = part
        self._hash = hashlib.new(algorithm, usedforsecurity=False)
        self._hashed = 0
        self._complete = threading.Event()
        self._stopped = False
        self._error: HttpcliError | None = None
        self._thread = threading.Thread(target=self._hash_until_complete, daemon=True)
        self._thread.start()

    async def digest(self) -> bytes:
        """Return the hash of the complete file. Raises HttpcliError if it cannot be read."""
        self._complete.set()
        await asyncio.to_thread(self._thread.join)
        if self._error is not None:
            raise self._error
        return self._hash.digest()

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
            self._hash.update(block)  # releases the GIL
            self._hashed += len(block)
