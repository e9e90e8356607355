r"""Shows what JSON's ``\uXXXX`` escapes stand for, where that is safe to show.

Escapes of control characters, of quotes and backslashes, of invisible and
unpaired ones stay as they are written.
"""

from __future__ import annotations

import re

_HEX = "[0-9a-fA-F]"
_HIGH = rf"u[dD][89abAB]{_HEX}{{2}}"
_LOW = rf"u[dD][c-fC-F]{_HEX}{{2}}"
_ESCAPE = re.compile(
    # An escape that may go on in the next piece comes before the whole ones;
    # other escapes are taken by the run, with the text between them.
    rf"\\(?:(?P<cut>(?:{_HIGH}(?:\\(?:u{_HEX}{{0,3}})?)?|u{_HEX}{{0,3}})?\Z)"
    rf"|(?P<pair>{_HIGH}\\{_LOW})"
    rf"|(?P<one>u{_HEX}{{4}})"
    r"|u|[^u][^\\]*+(?:\\[^u][^\\]*+)*+)"
)


class Unescape:
    """Decodes the escapes of JSON text, however it is cut; holds eleven characters at most."""

    def __init__(self) -> None:
        self._held = ""

    def feed(self, text: str) -> str:
        """Return the text, decoded, less an escape that is cut."""
        if self._held:
            text, self._held = self._held + text, ""
        return _ESCAPE.sub(self._decode, text) if "\\" in text else text

    def flush(self) -> str:
        """Return what was held, as it is written."""
        held, self._held = self._held, ""
        return held

    def _decode(self, match: re.Match[str]) -> str:
        written = match[0]
        if match["cut"] is not None:
            self._held = written
            return ""
        if match["pair"]:
            high, low = int(written[2:6], 16), int(written[8:], 16)
            meant = chr(0x10000 + ((high - 0xD800) << 10) + (low - 0xDC00))
        elif match["one"]:
            meant = chr(int(match["one"][1:], 16))
        else:
            return written
        return meant if meant.isprintable() and meant not in '"\\' else written
