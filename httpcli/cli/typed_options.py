"""Typed access to the options of an Invocation, so that no caller needs to cast."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from httpcli.syntax import units

Value = bool | int | str | tuple[str, ...]


class TypedOptions:
    """The values of the given options, by long name; each getter has a default for the others."""

    def __init__(self, values: Mapping[str, Value]) -> None:
        self._values = values

    def given(self, name: str) -> bool:
        """Whether the option was given at all."""
        return name in self._values

    def switch(self, name: str) -> bool:
        """Whether the switch is on."""
        return name in self._values

    def any(self, names: Iterable[str]) -> bool:
        """Whether at least one of the options was given."""
        return any(name in self._values for name in names)

    def count(self, name: str) -> int:
        """How many times the option was given."""
        value = self._values.get(name, 0)
        return value if isinstance(value, int) else 0

    def text(self, name: str) -> str | None:
        """The value, None if the option was not given."""
        value = self._values.get(name)
        return value if isinstance(value, str) else None

    def whole_number(self, name: str, default: int) -> int:
        """The value as a number of 0 or more. Raises UsageError for any other text."""
        text = self.text(name)
        return default if text is None else units.parse_whole_number(text, f"--{name}")

    def seconds(self, name: str, default: float | None = None) -> float | None:
        """The value as a time in seconds. Raises UsageError for any other text."""
        text = self.text(name)
        return default if text is None else units.parse_seconds(text, f"--{name}")

    def byte_count(self, name: str) -> int | None:
        """The value as a number of bytes. Raises UsageError for any other text."""
        text = self.text(name)
        return None if text is None else units.parse_byte_count(text, f"--{name}")

    def texts(self, name: str) -> tuple[str, ...]:
        """All values of an option that may be repeated."""
        value = self._values.get(name, ())
        return value if isinstance(value, tuple) else ()
