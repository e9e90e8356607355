"""What a kind of body is made from, and what it comes to."""

from collections.abc import Callable
from os import urandom
from typing import TYPE_CHECKING, NamedTuple

from httpcli.cli.typed_options import TypedOptions
from httpcli.core.invocation import Stream
from httpcli.syntax.items import Item

if TYPE_CHECKING:
    from httpcli.core.body import Body
    from httpcli.core.interfaces import Files
else:  # strings would be compiled when the NamedTuple is created
    Body = Files = object


JSON_ACCEPT = "application/json, */*;q=0.5"
JSON_TYPE = "application/json"
FORM_TYPE = "application/x-www-form-urlencoded; charset=utf-8"


class BodySources(NamedTuple):
    """All that a body can be made from."""

    items: tuple[Item, ...]
    options: TypedOptions
    stdin: Stream
    files: Files
    entropy: Callable[[int], bytes] = urandom


class PlannedBody(NamedTuple):
    """A body and the field defaults that come with it."""

    body: Body | None
    accept: str = JSON_ACCEPT
    media_type: str | None = JSON_TYPE


# The kinds of body a request can have: one file, one line each.
#
# A row is a function from Sources to Content, which raises UsageError.


BODIES: dict[str, str] = {
    "json": "httpcli.planning.body_kinds:from_data_items",
    "form": "httpcli.planning.body_kinds:from_form_items",
    "multipart": "httpcli.planning.body_kinds:from_multipart_items",
    "file": "httpcli.planning.body_kinds:from_file",
    "raw": "httpcli.planning.body_kinds:from_option",
    "upload": "httpcli.planning.body_kinds:from_upload_option",
    "stdin": "httpcli.planning.body_kinds:from_standard_input",
}
