"""What a kind of body is made from, and what it comes to."""

from collections.abc import Callable
from os import urandom
from typing import TYPE_CHECKING, NamedTuple

from httpcli.cli.options import Options
from httpcli.grammar.items import Item
from httpcli.model.invocation import Stream

if TYPE_CHECKING:
    from httpcli.model.bodies import Body
    from httpcli.model.ports import Files
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
