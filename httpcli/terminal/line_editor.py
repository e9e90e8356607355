"""An input line at the bottom of the terminal, with output above it.

prompt_toolkit draws the line, and draws it again after each output and when the window
changes its size, so that output never splits the typed text.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable
from typing import TYPE_CHECKING, TextIO, cast

from prompt_toolkit import PromptSession
from prompt_toolkit.history import InMemoryHistory
from prompt_toolkit.layout.screen import Char
from prompt_toolkit.output.vt100 import Vt100_Output

from httpcli.core.escaping import escape_character, unsafe_characters
from httpcli.terminal.terminal_output import EditorStream

if TYPE_CHECKING:
    from httpcli.core.invocation import Stream

_PROMPT = "> "


class LineEditor:
    """Reads typed lines, and prints output above the line that is being typed."""

    def __init__(self, stream: Stream) -> None:
        output = Vt100_Output.from_pty(cast("TextIO", EditorStream(stream)))
        # Pasted text may have such characters too. The editor knows the width of an escape.
        for character in unsafe_characters():
            Char.display_mappings.setdefault(character, escape_character(character))
        # No cursor-position request: its reply would mix with type-ahead.
        output.enable_cpr = False
        self._session: PromptSession[str] = PromptSession(
            _PROMPT,
            output=output,
            history=InMemoryHistory(),
            erase_when_done=True,
            reserve_space_for_menu=0,
        )

    async def lines(self) -> AsyncIterator[bytes]:
        """Yield each typed line, without its end, until Ctrl-D. Raises KeyboardInterrupt."""
        while True:
            try:
                text = await self._session.prompt_async()
            except EOFError:
                return
            yield text.encode("utf-8", "replace")

    def above(self, write: Callable[[], None]) -> None:
        """Erase the line, call ``write``, and have the line drawn again.

        prompt_toolkit's ``run_in_terminal`` would leave raw mode meanwhile: a key pressed at
        that time would be echoed twice, and a Ctrl-D lost.
        """
        if self._session.app.is_running:
            self._session.app.renderer.erase()
            self._session.app.invalidate()
        write()
