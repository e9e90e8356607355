"""The context of a run inside the test's process: its output goes to files of a folder."""

from __future__ import annotations

import os
from collections.abc import AsyncGenerator, Callable
from pathlib import Path

from httpcli.core.events import Event
from httpcli.core.invocation import Environment, Stream, StreamKind
from httpcli.core.plan import Display, Mode, Network, Plan, SendPolicy
from httpcli.core.request import Request
from httpcli.core.url import Url
from httpcli.run_context import RunContext
from httpcli.storage.user_files import UserFiles
from httpcli.terminal.notices import Notices
from httpcli.terminal.streams import stream_writer

GET = Request("GET", Url("http", "here"))
PLAN = Plan(Mode.REQUEST, GET, Network(), SendPolicy(), Display())
"""A plan that shows the body of the response."""


def script(*steps: Event | BaseException) -> Callable[[Request], AsyncGenerator[Event, None]]:
    """Return a Send that yields these events for every request; it raises errors among them."""

    async def send(_request: Request) -> AsyncGenerator[Event, None]:
        for step in steps:
            if isinstance(step, BaseException):
                raise step
            yield step

    return send


class Console:
    """The standard streams of a run: files in ``folder``. Closed when the block ends."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        flags = os.O_WRONLY | os.O_CREAT | os.O_TRUNC
        self._fds = [os.open(folder / name, flags) for name in ("stdout", "stderr")]
        environment = Environment(
            argv=(),
            env={},
            cwd=str(folder),
            stdin=Stream(0, StreamKind.OTHER),
            stdout=Stream(self._fds[0], StreamKind.FILE),
            stderr=Stream(self._fds[1], StreamKind.FILE),
        )
        self.write_stdout = stream_writer(environment.stdout, "standard output")
        self.write_stderr = stream_writer(environment.stderr, "standard error")
        self.context = RunContext(
            environment, UserFiles(str(folder), {}), Notices(self.write_stderr), lambda: PLAN
        )

    def __enter__(self) -> Console:
        return self

    def __exit__(self, *_error: object) -> None:
        for fd in self._fds:
            os.close(fd)

    @property
    def stdout(self) -> bytes:
        """All of standard output so far."""
        return (self._folder / "stdout").read_bytes()

    @property
    def stderr(self) -> str:
        """All of standard error so far."""
        return (self._folder / "stderr").read_text()
