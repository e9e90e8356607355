"""Proves that a file is what it should be: by ``--checksum``, or by what the server promised.

The hash is taken while the bytes come (``storage.hashing``). A file that does not
have it never takes its name.
"""

from __future__ import annotations

import hashlib
import os
from contextlib import aclosing
from typing import TYPE_CHECKING, Protocol

from httpcli import __version__
from httpcli.core.errors import HttpcliError
from httpcli.core.events import ResponseChunk, ResponseStarted
from httpcli.core.exit_status import ExitStatus, exit_status_for
from httpcli.core.headers import Field, Fields
from httpcli.core.request import Request
from httpcli.protocol.checksums import in_list, of_fields
from httpcli.protocol.filenames import name_for
from httpcli.storage.background_hash import BackgroundHash

if TYPE_CHECKING:
    from httpcli.core.download import Checksum, ExpectedChecksum
    from httpcli.core.interfaces import Send
    from httpcli.storage.part_file import PartFile

_LARGEST_LIST = 16 << 20


class Hash(Protocol):
    """One of hashlib's."""

    def update(self, data: bytes, /) -> None:
        """Take some bytes."""

    def digest(self) -> bytes:
        """Return the hash of all of them."""


class ChecksumVerifier:
    """What proves one file. ``wanted`` is what the user asked for, None where he did not."""

    def __init__(self, wanted: ExpectedChecksum | None, request: Request) -> None:
        self._wanted = wanted
        self._request = request
        self._listed = None if wanted is None else wanted.list_text
        self._checksum = None if wanted is None else wanted.checksum
        self._hashing: BackgroundHash | None = None
        self._passing: Hash | None = None

    async def prepare(self, send: Send) -> None:
        """Fetch the list, where it is at a URL. Raises HttpcliError."""
        wanted = self._wanted
        if wanted is None or wanted.list_url is None or self._listed is not None:
            return
        fields = Fields(
            (Field("User-Agent", f"httpcli/{__version__}"), Field("Accept-Encoding", "identity"))
        )
        if wanted.list_url.origin == self._request.url.origin:
            fields = self._request.fields  # who may have the file may have its checksum
        content = bytearray()
        async with aclosing(send(Request("GET", wanted.list_url, fields))) as events:
            async for event in events:
                if isinstance(event, ResponseStarted) and not event.intermediary:
                    _check_status(event)
                    content.clear()
                elif isinstance(event, ResponseChunk):
                    content += event.data
                    if len(content) > _LARGEST_LIST:
                        raise HttpcliError(f"{wanted.text}: that is no list of checksums")
        self._listed = content.decode("utf-8", "surrogateescape")

    def begin(self, part: PartFile, name: str, response: ResponseStarted, *, coded: bool) -> None:
        """Begin to prove what goes into a part file; again where that begins anew.

        ``coded``: its content is not what the server has hashed. Raises HttpcliError
        where a list does not have the file.
        """
        self.stop()
        checksum = self._expected(name, response.fields)
        if checksum is None and not coded and response.status in (200, 206):
            checksum = of_fields(response.fields, response.status)
        if checksum is None:
            return
        self._checksum = checksum
        if part.direct:
            self._passing = hashlib.new(checksum.algorithm, usedforsecurity=False)
        else:
            self._hashing = BackgroundHash(part, checksum.algorithm)

    @property
    def is_begun(self) -> bool:
        """Whether a hash is being taken."""
        return self._hashing is not None or self._passing is not None

    def pass_by(self, data: bytes) -> None:
        """Take what is written to where it cannot be read again."""
        if self._passing is not None:
            self._passing.update(data)

    def _expected(self, name: str, fields: Fields) -> Checksum | None:
        wanted = self._wanted
        if wanted is None or self._listed is None:
            return None if wanted is None else wanted.checksum
        names = [name_for(self._request.url, Fields()), name_for(self._request.url, fields)]
        names.append(os.path.basename(name))
        found = in_list(self._listed, dict.fromkeys(names), os.path.basename(wanted.text))
        if found is None:
            raise HttpcliError(
                f"{wanted.text}: has no checksum of {names[0]}", status=ExitStatus.INCOMPLETE
            )
        return found

    async def check(self, name: str) -> None:
        """Wait for the hash. Raises HttpcliError where it is another one."""
        hashing, passing = self._hashing, self._passing
        self._hashing = self._passing = None
        if self._checksum is None or (hashing is None and passing is None):
            return
        found = await hashing.digest() if hashing is not None else b""
        if passing is not None:
            found = passing.digest()
        if found != self._checksum.digest:
            whose = self._checksum.source or "--checksum"
            raise HttpcliError(
                f"{name}: its {self._checksum.algorithm} is {found.hex()},"
                f" and not {self._checksum.digest.hex()}, which {whose} says",
                hint="the content is not what it should be; nothing was saved",
                status=ExitStatus.INCOMPLETE,
            )

    def stop(self) -> None:
        """Prove nothing any more."""
        if self._hashing is not None:
            self._hashing.stop()
        self._hashing = self._passing = None


def _check_status(response: ResponseStarted) -> None:
    if not 200 <= response.status <= 299:
        raise HttpcliError(
            f"{response.url}: the checksum cannot be had:"
            f" {response.status} {response.reason}".rstrip(),
            status=exit_status_for(response.status, following=False) or ExitStatus.FAILED,
        )
