"""A connector that makes the stream to the origin by itself, and lets aiohttp do the rest.

TLS, where the URL asks for it, is spoken over whatever stream that is: aiohttp
would speak plain text over a Unix socket, whatever the URL says.
"""

from __future__ import annotations

import asyncio
import socket
import ssl
from abc import ABC, abstractmethod

from aiohttp import (
    ClientConnectorCertificateError,
    ClientConnectorSSLError,
    ClientRequest,
    ClientTimeout,
)
from aiohttp.client_proto import ResponseHandler
from aiohttp.tracing import Trace

from httpcli.transport.aiohttp.hop import Connector


class DiallingConnector(Connector, ABC):
    """Connects as ``dial`` does."""

    @abstractmethod
    async def dial(self, host: str, port: int) -> socket.socket:
        """Return a socket, non-blocking, whose other end is the origin. Raises HttpcliError."""

    async def _create_connection(
        self,
        req: ClientRequest,
        traces: list[Trace],  # noqa: ARG002 - aiohttp's signature
        timeout: ClientTimeout,  # noqa: ARG002, ASYNC109 - its connect limit is around this
    ) -> ResponseHandler:
        """Connect; aiohttp has no public place for a way of one's own."""
        host, port = req.url.raw_host or "", req.port or 0
        context = self._get_ssl_context(req)
        stream = await self.dial(host, port)
        try:
            _, protocol = await asyncio.get_running_loop().create_connection(
                self._factory,
                sock=stream,
                ssl=context,
                server_hostname=None if context is None else req.server_hostname or host,
            )
        except ssl.CertificateError as error:
            raise ClientConnectorCertificateError(req.connection_key, error) from error
        except ssl.SSLError as error:
            raise ClientConnectorSSLError(req.connection_key, error) from error
        return protocol
