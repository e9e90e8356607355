"""``NamedTuple`` as in ``typing``, but cheap to define: import it from here.

A GET defines more than fifty classes of this kind. ``typing.NamedTuple`` compiles a constructor
for each and checks each annotation, which is 3.5 % of the instructions of that GET. The classes
made here share one constructor. Type checkers see ``typing.NamedTuple``, and Python 3.14, where
annotations are no longer in the namespace of a class, uses it as well.
"""

import sys
from typing import TYPE_CHECKING

if TYPE_CHECKING or sys.version_info >= (3, 14):
    from typing import NamedTuple as NamedTuple
else:
    from collections import _tuplegetter

    def _error(cls, args, kwargs):
        """Return the error of a call with wrong arguments."""
        names = cls._fields
        if len(args) > len(names):
            return TypeError(f"{cls.__name__} has {len(names)} fields, not {len(args)}")
        rest = names[len(args) :]
        if wrong := [name for name in kwargs if name not in rest]:
            return TypeError(f"{cls.__name__}: unexpected or repeated: {', '.join(wrong)}")
        given = cls._field_defaults | kwargs
        missing = ", ".join(name for name in rest if name not in given)
        return TypeError(f"{cls.__name__}: missing: {missing}")

    class _NamedTuple(tuple):
        """What all the classes share."""

        __slots__ = ()
        _fields = ()
        _field_defaults = {}  # noqa: RUF012

        def __new__(cls, *args, **kwargs):
            names = cls._fields
            if kwargs or len(args) != len(names):
                rest = names[len(args) :]
                given = cls._field_defaults | kwargs
                for name in kwargs:
                    if name not in rest:
                        raise _error(cls, args, kwargs)
                try:
                    complete = (*args, *map(given.__getitem__, rest))
                except KeyError:
                    raise _error(cls, args, kwargs) from None
                if len(complete) != len(names):
                    raise _error(cls, args, kwargs)
                return tuple.__new__(cls, complete)
            return tuple.__new__(cls, args)

        def __repr__(self):
            pairs = zip(self._fields, self, strict=True)
            return f"{type(self).__name__}({', '.join(f'{n}={value!r}' for n, value in pairs)})"

        def __getnewargs__(self):
            return tuple(self)

        def _replace(self, **kwargs):
            values = tuple(map(kwargs.pop, self._fields, self))
            if kwargs:
                raise ValueError(f"{type(self).__name__} has no field {', '.join(kwargs)}")
            return tuple.__new__(type(self), values)

        def _asdict(self):
            return dict(zip(self._fields, self, strict=True))

        @classmethod
        def _make(cls, values):
            return cls(*values)

    class _Meta(type):
        """Turns a class with annotated fields into a subclass of ``_NamedTuple``."""

        def __new__(cls, name, _bases, namespace):
            names = tuple(namespace.get("__annotations__", ()))
            defaults = {field: namespace[field] for field in names if field in namespace}
            getters = {field: _tuplegetter(index, "") for index, field in enumerate(names)}
            tables = {"_fields": names, "_field_defaults": defaults, "__match_args__": names}
            complete = {"__slots__": (), **namespace, **getters, **tables}
            return type(name, (_NamedTuple,), complete)

    NamedTuple = type.__new__(_Meta, "NamedTuple", (), {})
