"""A typed look at the options of an Invocation, so that no caller needs to cast."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from httpcli.syntax import units

Value = bool | int | str | tuple[str, ...]


class TypedOptions:
    """What was typed, by long name; every getter has an answer for what was not."""

    def __init__(self, values: Mapping[str, Value]) -> None:
        self._values = values

    def typed(self, name: str) -> bool:
        """Whether it was typed at all."""
        return name in self._values

    def switch(self, name: str) -> bool:
        """Whether a switch is on."""
        return name in self._values

    def any(self, names: Iterable[str]) -> bool:
        """Whether one of these was typed."""
        return any(name in self._values for name in names)

    def count(self, name: str) -> int:
        """How many times it was typed."""
        value = self._values.get(name, 0)
        return value if isinstance(value, int) else 0

    def text(self, name: str) -> str | None:
        """The value, or None where it was not typed."""
        value = self._values.get(name)
        return value if isinstance(value, str) else None

    def whole_number(self, name: str, default: int) -> int:
        """The number of 0 or more. Raises UsageError for what is none."""
        typed = self.text(name)
        return default if typed is None else units.whole_number(typed, f"--{name}")

    def seconds(self, name: str, default: float | None = None) -> float | None:
        """The time in seconds. Raises UsageError for what is none."""
        typed = self.text(name)
        return default if typed is None else units.seconds(typed, f"--{name}")

    def byte_count(self, name: str) -> int | None:
        """The number of bytes. Raises UsageError for what is none."""
        typed = self.text(name)
        return None if typed is None else units.byte_count(typed, f"--{name}")

    def texts(self, name: str) -> tuple[str, ...]:
        """All values of an option that adds up."""
        value = self._values.get(name, ())
        return value if isinstance(value, tuple) else ()
