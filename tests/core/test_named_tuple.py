"""``core.named_tuple`` behaves as ``typing.NamedTuple``."""

from __future__ import annotations

import copy
import pickle
import subprocess
import typing
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from httpcli.core.named_tuple import NamedTuple


class Point(NamedTuple):
    """A point."""

    x: int
    y: int = 2
    label: str = ""
    """What it is called."""

    @property
    def total(self) -> int:
        return self.x + self.y

    def moved(self, by: int = 1) -> Point:
        return self._replace(x=self.x + by)


class TypingPoint(typing.NamedTuple):
    x: int
    y: int = 2
    label: str = ""


CALLS: dict[str, Callable[[Any], Any]] = {
    "positions": lambda cls: cls(1, 3, "a"),
    "defaults": lambda cls: cls(1),
    "names": lambda cls: cls(x=1, y=3, label="a"),
    "names in another order": lambda cls: cls(label="a", x=1),
    "both": lambda cls: cls(1, label="a"),
    "make": lambda cls: cls._make([1, 2, "a"]),
    "replace": lambda cls: cls(1)._replace(y=5),
    "replace nothing": lambda cls: cls(1)._replace(),
}

MISTAKES: dict[str, Callable[[Any], Any]] = {
    "nothing": lambda cls: cls(),
    "one is missing": lambda cls: cls(y=1),
    "too many": lambda cls: cls(1, 2, "a", 4),
    "too many and a name": lambda cls: cls(1, 2, "a", 4, label="b"),
    "an unknown name": lambda cls: cls(1, z=1),
    "an unknown name beside all values": lambda cls: cls(1, 2, "a", z=1),
    "twice": lambda cls: cls(1, x=1),
    "a default twice": lambda cls: cls(1, 2, y=2),
}


@pytest.mark.parametrize("call", CALLS.values(), ids=CALLS)
def test_a_call_gives_the_same_value_as_typing(call: Callable[[Any], Any]) -> None:
    made = call(Point)
    expected = call(TypingPoint)
    assert tuple(made) == tuple(expected)
    assert repr(made) == repr(expected).replace("TypingPoint", "Point")
    assert made._asdict() == expected._asdict()


@pytest.mark.parametrize("call", MISTAKES.values(), ids=MISTAKES)
def test_a_wrong_call_is_a_type_error(call: Callable[[Any], Any]) -> None:
    for cls in (Point, TypingPoint):
        with pytest.raises(TypeError):
            call(cls)


def test_replacing_an_unknown_field_is_an_error() -> None:
    unknown: dict[str, Any] = {"z": 1}
    with pytest.raises((ValueError, TypeError)):
        Point(1)._replace(**unknown)


def test_tables_methods_and_documentation_are_those_of_the_class() -> None:
    assert Point._fields == TypingPoint._fields == Point.__match_args__
    assert Point._field_defaults == TypingPoint._field_defaults
    assert Point.__doc__ == "A point."
    assert Point(1).total == 3
    assert Point(1).moved() == Point(2)
    assert (Point(1).x, Point(1).label) == (1, "")


def test_values_are_equal_hashed_unpacked_and_matched_as_tuples() -> None:
    assert Point(1, 2, "a") == (1, 2, "a")
    assert hash(Point(1)) == hash((1, 2, ""))
    x, y, _ = Point(3, 4)
    assert (x, y) == (3, 4)
    match Point(5, 6):
        case Point(x=5, y=second):
            assert second == 6
        case _:
            pytest.fail("no match")


def test_values_are_fixed() -> None:
    with pytest.raises(AttributeError):
        Point(1).x = 2  # type: ignore[misc]
    with pytest.raises(AttributeError):
        Point(1).other = 2  # type: ignore[attr-defined]


def test_values_are_copied_and_pickled() -> None:
    assert pickle.loads(pickle.dumps(Point(1, 2, "a"))) == Point(1, 2, "a")
    assert type(copy.deepcopy(Point(1))) is Point


def test_every_module_uses_it() -> None:
    root = Path(__file__).parents[2] / "httpcli"
    found = subprocess.run(
        ["grep", "-rlE", r"^ *from typing import .*\bNamedTuple\b", str(root)],
        capture_output=True,
        text=True,
    ).stdout.split()
    assert [Path(path).name for path in found] == ["named_tuple.py"]
