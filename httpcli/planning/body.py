"""What a kind of body is made from, and what it comes to."""

from collections.abc import Callable
from os import urandom
from typing import TYPE_CHECKING, NamedTuple

from httpcli.cli.typed_options import Options
from httpcli.core.invocation import Stream
from httpcli.syntax.items import Item

if TYPE_CHECKING:
    from httpcli.core.body import Body
    from httpcli.core.interfaces import Files
else:  # what is in quotes would be compiled when its class is made (model.registry)
    Body = Files = object

JSON_ACCEPT = "application/json, */*;q=0.5"
JSON_TYPE = "application/json"
FORM_TYPE = "application/x-www-form-urlencoded; charset=utf-8"


class Sources(NamedTuple):
    """All that a body can be made from."""

    items: tuple[Item, ...]
    options: Options
    stdin: Stream
    files: Files
    entropy: Callable[[int], bytes] = urandom


class Content(NamedTuple):
    """A body and the field defaults that come with it."""

    body: Body | None
    accept: str = JSON_ACCEPT
    media_type: str | None = JSON_TYPE
