"""Makes the Request (URL, headers and body) from items, options and standard input.

Files are read only through ``Files``. The functions that build each kind of body are in
``planning.body``, which is loaded only for a request with a body.
"""

import re
from collections.abc import Callable
from os import urandom
from typing import TYPE_CHECKING

from httpcli import __version__
from httpcli.cli.parser import OptionValues
from httpcli.core.errors import Fault, UsageError
from httpcli.core.headers import CONTROLS, TOKEN, Field, Fields
from httpcli.core.invocation import Environment, Invocation, Stream, StreamKind
from httpcli.core.lazy_load import load
from httpcli.core.named_tuple import NamedTuple
from httpcli.core.request import Request
from httpcli.protocol.codings import ENCODERS, accepted
from httpcli.syntax.file_values import (
    is_reference,
    read_file_value,
    read_json_value,
    read_line_value,
)
from httpcli.syntax.items import Item, ItemKind, parse_item, parse_option_item
from httpcli.syntax.urls import ParsedUrl, with_query

if TYPE_CHECKING:
    from httpcli.core.body import Body, Compression
    from httpcli.core.interfaces import Files
else:  # quoted annotations would be compiled when a NamedTuple class is made
    Body = Compression = Files = object


JSON_ACCEPT = "application/json, */*;q=0.5"
JSON_TYPE = "application/json"
FORM_TYPE = "application/x-www-form-urlencoded; charset=utf-8"

BODY_BUILDERS: dict[str, str] = {
    "json": "httpcli.planning.body:build_json",
    "form": "httpcli.planning.body:build_form",
    "multipart": "httpcli.planning.body:build_multipart",
    "file": "httpcli.planning.body:build_from_file",
    "raw": "httpcli.planning.body:build_from_text",
    "upload": "httpcli.planning.body:build_upload",
    "stdin": "httpcli.planning.body:build_from_stdin",
}
"""The kinds of body: functions from BodySources to PlannedBody, which raise UsageError."""

_METHOD = rf"{TOKEN}\Z"
"""Not compiled in advance: most methods are letters only and need no pattern."""
_METHODS_WITHOUT_BODY = frozenset({"GET", "HEAD", "OPTIONS", "DELETE", "TRACE", "CONNECT"})
"""Methods whose content has no meaning (RFC 9110, 9.3): stdin is not read for them."""


class HeaderChanges(NamedTuple):
    """The headers that the user gave."""

    fields: Fields
    """The headers to send, in the order typed."""
    removed_defaults: frozenset[str]
    """Names, in lower case, of default headers that are not sent."""


class BodySources(NamedTuple):
    """The sources of a body."""

    items: tuple[Item, ...]
    """All request items, in the order typed."""
    options: OptionValues
    """The options of the command line."""
    stdin: Stream
    """Standard input."""
    files: Files
    """Opens the files that items and options name."""
    entropy: Callable[[int], bytes] = urandom
    """Returns the given number of random bytes, for a multipart boundary."""


class PlannedBody(NamedTuple):
    """A body and the default headers that go with it."""

    body: Body | None
    """None for a request without a body."""
    accept: str = JSON_ACCEPT
    """The default for the Accept header."""
    media_type: str | None = JSON_TYPE
    """The default for the Content-Type header; None to send no such header by default."""


def plan_request(
    invocation: Invocation,
    items: tuple[Item, ...],
    headers: HeaderChanges,
    parsed_url: ParsedUrl,
    environment: Environment,
    files: Files,
) -> Request:
    """Return the request; ``headers`` may include the headers of a session. Raises UsageError."""
    options = OptionValues(invocation.options)
    sources = BodySources(items, options, environment.stdin, files, environment.entropy)
    planned = plan_body(sources, invocation.method)
    _check_fields(headers.fields)
    chunked = options.switch("chunked") or _requests_chunked(headers.fields)
    fields = _add_boundary(headers.fields.without("Transfer-Encoding"), planned)
    if options.switch("expect-continue") and planned.body is not None:
        fields = fields.plus([Field("Expect", "100-continue")])
    return Request(
        method=_method(invocation, planned, options),
        url=with_query(parsed_url.url, query_parameters(items, files)),
        fields=fields.with_defaults(_default_fields(planned, headers.removed_defaults)),
        body=planned.body,
        removed_defaults=headers.removed_defaults,
        chunked=chunked and planned.body is not None,
        compression=_compression(options, headers.fields),
        has_secret_body=any(
            item.kind in (ItemKind.FIELD, ItemKind.JSON) and is_reference(item) for item in items
        ),
    )


def parse_items(invocation: Invocation) -> tuple[Item, ...]:
    """Parse all items and item options (``--header``), in order. Raises UsageError."""
    items = tuple(
        parse_option_item(typed.option, typed.text) if typed.option else parse_item(typed.text)
        for typed in invocation.items
    )
    if invocation.items and invocation.items[0].source:  # items of the settings come first
        sources = [typed.source for typed in invocation.items]
        from httpcli.config.precedence import drop_overridden

        return drop_overridden(items, sources)
    return items


def query_parameters(items: tuple[Item, ...], files: Files) -> list[tuple[str, str]]:
    """Return the query parameters, in order. Raises UsageError."""
    return [
        (item.key, read_line_value(item, files)) for item in items if item.kind is ItemKind.PARAM
    ]


def typed_fields(items: tuple[Item, ...], files: Files) -> HeaderChanges:
    """Return the user's headers in the order typed; a later ``Name:`` drops earlier ones."""
    fields = Fields()
    removed_defaults: set[str] = set()
    cookies: list[str] = []
    for item in items:
        name = item.key.lower()
        if item.kind is ItemKind.UNSET:
            fields = fields.without(name)
            removed_defaults.add(name)
        elif item.kind is ItemKind.COOKIE:
            cookies.append(f"{item.key}={item.value}")
        elif item.kind in (ItemKind.HEADER, ItemKind.EMPTY_HEADER):
            field = Field(item.key, _field_value(item, files), secret=is_reference(item))
            fields = fields.plus([field])
            removed_defaults.discard(name)
    return HeaderChanges(_add_cookies(fields, cookies), frozenset(removed_defaults))


def referenced_values(items: tuple[Item, ...], files: Files) -> frozenset[str]:
    """Return the values given by reference in query and body, in each form that may be sent."""
    kinds = (ItemKind.PARAM, ItemKind.FIELD, ItemKind.JSON)
    texts: set[str] = set()
    for item in items:
        if item.kind in kinds and is_reference(item):
            texts |= {
                read_file_value(item, files),
                read_line_value(item, files),
                read_file_value(item, files).strip(),
            }
            if item.kind is ItemKind.JSON:
                from httpcli.syntax.lossless_json import dump, leaf_texts

                value = read_json_value(item, files)
                texts.add(dump(value, ascii_only=True))
                # A form sends a string without quotes, and nested names send parts of a value.
                texts |= set(leaf_texts(value))
    return frozenset(texts)


def plan_body(sources: BodySources, method: str | None) -> PlannedBody:
    """Choose and build the body. Raises UsageError if the user gave two."""
    candidates = _body_candidates(sources)
    if len(candidates) > 1:
        (_, first), (_, second), *_ = candidates
        raise UsageError(f"two request bodies: {first} and {second}", hint="use only one of them")
    form = _is_form(sources)
    if candidates:
        kind, _ = candidates[0]
        planned = _build_body(kind, sources)
        return _label_as_form(planned) if form and kind == "raw" else planned
    if _reads_stdin(sources, method):
        planned = _build_body("stdin", sources)
        return _label_as_form(planned) if form else planned
    if sources.options.switch("form"):
        return PlannedBody(None, "*/*", FORM_TYPE)
    if sources.options.switch("json"):
        return PlannedBody(None, JSON_ACCEPT, JSON_TYPE)
    return PlannedBody(None, "*/*", None)


def _build_body(kind: str, sources: BodySources) -> PlannedBody:
    planned: PlannedBody = load(BODY_BUILDERS[kind])(sources)
    return planned


def _label_as_form(planned: PlannedBody) -> PlannedBody:
    """Return the body with the default headers of an encoded form."""
    return planned._replace(accept="*/*", media_type=FORM_TYPE)


def _is_form(sources: BodySources) -> bool:
    return sources.options.switch("form") or sources.options.switch("multipart")


def _body_candidates(sources: BodySources) -> list[tuple[str, str]]:
    """Return the kind of each body that the user gave, and its item or option for an error."""
    items, options = sources.items, sources.options
    form = _is_form(sources)
    body_files = [item for item in items if item.kind is ItemKind.FILE and not item.key]
    form_files = [item for item in items if item.kind is ItemKind.FILE and item.key]
    data = [item for item in items if item.kind in (ItemKind.FIELD, ItemKind.JSON)]
    if form_files and not form:
        raise _file_without_form(form_files[0])
    candidates = [("file", item.text) for item in body_files]
    for option, kind in (("raw", "raw"), ("upload-file", "upload")):
        if options.text(option) is not None:
            candidates.append((kind, f"--{option}"))
    if form_files or (data and options.switch("multipart")):
        candidates.append(("multipart", (form_files or data)[0].text))
    elif data:
        candidates.append(("form" if form else "json", data[0].text))
    return candidates


def _file_without_form(item: Item) -> UsageError:
    from httpcli.core.shell import quote_word

    return UsageError(
        f"{item.text!r}: files can be added to forms only",
        hint=f"--form sends a form; {quote_word(f'@{item.value}')} alone sends the file as the "
        f"body; {quote_word(f'{item.key}=@{item.value}')} embeds its text",
    )


def _reads_stdin(sources: BodySources, method: str | None) -> bool:
    """Return whether stdin is the body; this depends on the kind of stream, never on timing."""
    if sources.options.switch("ignore-stdin"):
        return False
    if method is not None and method.upper() in _METHODS_WITHOUT_BODY:
        return False
    stdin = sources.stdin
    return stdin.kind is StreamKind.PIPE or (stdin.kind is StreamKind.FILE and stdin.size > 0)


def _field_value(item: Item, files: Files) -> str:
    value = read_line_value(item, files)
    if item.from_file and re.search(CONTROLS, value):
        raise UsageError(
            f"@{item.value}: a header value must be one line without control characters"
        )
    return value


def _add_cookies(fields: Fields, cookies: list[str]) -> Fields:
    """Join all cookies into one header, verbatim (RFC 6265, 5.4 allows only one)."""
    if not cookies:
        return fields
    value = "; ".join([*fields.all_values("Cookie"), *cookies])
    secret = any(field.secret for field in fields if field.name.lower() == "cookie")
    return fields.without("Cookie").plus([Field("Cookie", value, secret)])


def _add_boundary(fields: Fields, planned: PlannedBody) -> Fields:
    """Add the multipart boundary to the user's own Content-Type, if it has none."""
    essence, _, parameter = (planned.media_type or "").partition(";")
    if not essence.startswith("multipart/"):
        return fields
    return Fields(
        field._replace(value=f"{field.value};{parameter}")
        if field.name.lower() == "content-type" and "boundary=" not in field.value.lower()
        else field
        for field in fields
    )


def _check_fields(fields: Fields) -> None:
    """Refuse a second Host header, and a header that is for the proxy only."""
    if len(fields.all_values("Host")) > 1:
        raise UsageError("two Host headers", hint="a request can have only one")
    if fields.has("Proxy-Authorization"):
        # Inside a tunnel it would reach the origin.
        raise UsageError(
            "Proxy-Authorization is for proxies and is not sent to servers",
            hint="--proxy=http://USER:PASSWORD@HOST",
        )


def _requests_chunked(fields: Fields) -> bool:
    """Return whether a typed ``Transfer-Encoding: chunked`` requests chunked framing.

    The header itself is not copied: with a Content-Length too, two servers could read
    the request differently (RFC 9112, 6.1).
    """
    values = fields.all_values("Transfer-Encoding")
    for value in values:
        if value.strip().lower() != "chunked":
            raise UsageError(
                f"Transfer-Encoding: {value} is not supported",
                hint="only chunked is supported: use --chunked",
            )
    return bool(values)


def _method(invocation: Invocation, planned: PlannedBody, options: OptionValues) -> str:
    method = invocation.method
    if method is None and options.text("upload-file") is not None:
        return "PUT"
    if method is None:
        return "GET" if planned.body is None else "POST"
    if options.texts("compress") and method.lower() in ENCODERS:
        raise UsageError(
            f"{method} is not an HTTP method", hint=f"did you mean --compress={method.lower()}?"
        )
    if method.upper() == "CONNECT":
        raise UsageError("CONNECT cannot be used as the method", hint="see --proxy")
    if not (method.isascii() and method.isalpha()) and re.match(_METHOD, method) is None:
        raise UsageError(
            f"invalid method {method!r}",
            hint="a method consists of letters, digits and !#$%&'*+-.^_`|~",
            fault=Fault(method, 0, len(method)),
        )
    return method


def _default_fields(planned: PlannedBody, removed_defaults: frozenset[str]) -> list[Field]:
    defaults = [
        Field("User-Agent", f"httpcli/{__version__}"),
        Field("Accept", planned.accept),
        Field("Accept-Encoding", accepted()),
    ]
    if planned.media_type is not None:
        defaults.append(Field("Content-Type", planned.media_type))
    return [field for field in defaults if field.name.lower() not in removed_defaults]


def _compression(options: OptionValues, fields: Fields) -> Compression | None:
    """Return the coding of ``--compress``; the option given twice forces it.

    Raises UsageError for an unknown coding, and if a Content-Encoding header was typed.
    """
    values = options.texts("compress")
    if not values:
        return None
    from httpcli.core.body import Compression

    if fields.has("Content-Encoding"):
        raise UsageError(
            "--compress and a Content-Encoding header cannot be used together",
            hint="to send a body that is already compressed, set only Content-Encoding",
        )
    coding = next((value.lower() for value in reversed(values) if value), next(iter(ENCODERS)))
    if coding not in ENCODERS:
        raise UsageError(f"--compress={coding}: unknown compression", hint=", ".join(ENCODERS))
    return Compression(coding, force=len(values) > 1)
