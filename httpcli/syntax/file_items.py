"""The value of a file item, ``PATH[;type=TYPE][;filename=NAME]``, taken apart."""

import re
from typing import NamedTuple

from httpcli.core.errors import Fault, UsageError
from httpcli.core.headers import TOKEN
from httpcli.syntax.items import Item

_OPTION = re.compile(r";(type|filename)=")
_MEDIA_TYPE = re.compile(rf"{TOKEN}/{TOKEN}(?:[ -~]*)\Z")


class Upload(NamedTuple):
    """A file to send: where it is, and what it is said to be (None: not said)."""

    path: str
    media_type: str | None = None
    filename: str | None = None


def upload_of(item: Item) -> Upload:
    """Return what a file item names. Raises UsageError for a type that is none."""
    path, *options = _OPTION.split(item.value)
    said = dict(zip(options[::2], options[1::2], strict=True))
    media_type = said.get("type")
    if media_type is not None and _MEDIA_TYPE.match(media_type) is None:
        start = item.text.find(";type=")
        raise UsageError(
            f"{media_type!r} is not a media type",
            hint="as in name@file;type=text/plain",
            fault=Fault(item.text, start, start + len(";type=") + len(media_type)),
        )
    if not path:
        raise UsageError(
            f"{item.text!r}: no file is named",
            hint="name@FILE;type=TYPE;filename=NAME",
            fault=Fault(item.text, item.start, item.start),
        )
    return Upload(path, media_type, said.get("filename"))
