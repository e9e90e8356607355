"""An event stream's line ends, for a terminal: CR, LF and CRLF are one (WHATWG HTML, 9.2.5)."""

from __future__ import annotations

from collections.abc import Iterator


class LineEnds:
    """Ends every line with LF, at once (a ``Format``)."""

    def __init__(self) -> None:
        self._after_cr = False

    def feed(self, text: str) -> Iterator[str]:
        """Give text; of a CRLF that was cut, the LF is not another end."""
        ended, self._after_cr = self._after_cr, text.endswith("\r")
        if ended:
            text = text.removeprefix("\n")
        yield text.replace("\r\n", "\n").replace("\r", "\n")

    def pause(self) -> Iterator[str]:
        """Give nothing: nothing is held."""
        return iter(())

    def flush(self) -> Iterator[str]:
        """Give nothing: nothing is held."""
        return iter(())
