"""A line at the foot of the terminal where a person types while other things are shown above.

prompt_toolkit draws the line, and anew when something was written above it:
typing is never torn, and a window that changes its size is drawn again.
"""

from __future__ import annotations

import sys
from collections.abc import AsyncIterator, Callable

from prompt_toolkit import PromptSession
from prompt_toolkit.history import InMemoryHistory
from prompt_toolkit.output.vt100 import Vt100_Output

_MARK = "> "


class LineEditor:
    """Gives the lines that are typed; writes above the one that is being typed."""

    def __init__(self) -> None:
        output = Vt100_Output.from_pty(sys.stdout)
        # A question for the cursor's place would stand between the keys of who types ahead.
        output.enable_cpr = False
        self._session: PromptSession[str] = PromptSession(
            _MARK,
            output=output,
            history=InMemoryHistory(),
            erase_when_done=True,
            reserve_space_for_menu=0,
        )

    async def lines(self) -> AsyncIterator[bytes]:
        """Give each line, without its end, until Ctrl-D. Raises KeyboardInterrupt."""
        while True:
            try:
                text = await self._session.prompt_async()
            except EOFError:
                return
            yield text.encode("utf-8", "replace")

    def above(self, write: Callable[[], None]) -> None:
        """Call ``write`` while the line is out of the way.

        Not by ``run_in_terminal``, which hands the keyboard to the system
        meanwhile: a key pressed in that moment is echoed twice, a Ctrl-D is lost.
        """
        if self._session.app.is_running:
            self._session.app.renderer.erase()
            self._session.app.invalidate()
        write()
