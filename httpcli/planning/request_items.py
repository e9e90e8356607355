"""Items become query, fields and body: what the request says; pure but for ``Files``."""

from typing import TYPE_CHECKING, NamedTuple

from httpcli.core.entry_points import load
from httpcli.core.errors import UsageError
from httpcli.core.headers import Field, Fields
from httpcli.core.invocation import Invocation, StreamKind
from httpcli.planning.body import (
    BODIES,
    FORM_TYPE,
    JSON_ACCEPT,
    JSON_TYPE,
    BodySources,
    PlannedBody,
)
from httpcli.syntax.file_values import (
    is_reference,
    read_file_value,
    read_json_value,
    read_line_value,
)
from httpcli.syntax.items import Item, ItemKind, parse_item, parse_option_item

if TYPE_CHECKING:
    from httpcli.core.interfaces import Files

_WITHOUT_CONTENT = frozenset({"GET", "HEAD", "OPTIONS", "DELETE", "TRACE", "CONNECT"})
"""Methods whose content has no meaning (RFC 9110, 9.3): stdin is not read for them."""


class TypedFields(NamedTuple):
    """The user's fields; ``unset`` has the names, in lower case, of defaults taken away."""

    fields: Fields
    unset: frozenset[str]


def items_of(invocation: Invocation) -> tuple[Item, ...]:
    """Parse all that adds to the request, in the order typed. Raises UsageError."""
    items = tuple(
        parse_option_item(typed.option, typed.text) if typed.option else parse_item(typed.text)
        for typed in invocation.items
    )
    if invocation.items and invocation.items[0].rank:  # those of the settings come first
        ranks = [typed.rank for typed in invocation.items]
        from httpcli.config.precedence import drop_overridden

        return drop_overridden(items, ranks)
    return items


def params_of(items: tuple[Item, ...], files: "Files") -> list[tuple[str, str]]:
    """Return the query parameters, in order. Raises UsageError."""
    return [
        (item.key, read_line_value(item, files)) for item in items if item.kind is ItemKind.PARAM
    ]


def fields_of(items: tuple[Item, ...], files: "Files") -> TypedFields:
    """Return the user's fields in the order typed; a later ``Name:`` drops earlier ones."""
    fields = Fields()
    unset: set[str] = set()
    cookies: list[str] = []
    for item in items:
        name = item.key.lower()
        if item.kind is ItemKind.UNSET:
            fields = fields.without(name)
            unset.add(name)
        elif item.kind is ItemKind.COOKIE:
            cookies.append(f"{item.key}={item.value}")
        elif item.kind in (ItemKind.HEADER, ItemKind.EMPTY_HEADER):
            field = Field(item.key, _field_value(item, files), secret=is_reference(item))
            fields = fields.plus([field])
            unset.discard(name)
    return TypedFields(_with_cookies(fields, cookies), frozenset(unset))


def secrets_of(items: tuple[Item, ...], files: "Files") -> frozenset[str]:
    """Return the values by reference in target and content, in each way they are written."""
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
                value = read_json_value(item, files)
                from httpcli.syntax.json_values import dump, leaf_texts

                texts.add(dump(value, ascii_only=True))
                # A form writes a text without its quotes, and items may reach into a value.
                texts |= set(leaf_texts(value))
    return frozenset(texts)


def content_of(sources: BodySources, method: str | None) -> PlannedBody:
    """Settle what the body is. Raises UsageError where there are two."""
    kinds = _kinds(sources)
    if len(kinds) > 1:
        (_, first), (_, second), *_ = kinds
        raise UsageError(f"two bodies: {first} and {second}", hint="give one of them")
    form = _is_form(sources)
    if kinds:
        kind, _ = kinds[0]
        return _typed(_made(kind, sources), form=form and kind == "raw")
    if _reads_stdin(sources, method):
        return _typed(_made("stdin", sources), form=form)
    if sources.options.switch("form"):
        return PlannedBody(None, "*/*", FORM_TYPE)
    if sources.options.switch("json"):
        return PlannedBody(None, JSON_ACCEPT, JSON_TYPE)
    return PlannedBody(None, "*/*", None)


def _made(kind: str, sources: BodySources) -> PlannedBody:
    content: PlannedBody = load(BODIES[kind])(sources)
    return content


def _typed(content: PlannedBody, *, form: bool) -> PlannedBody:
    """Return content that somebody else made, called a form where that was asked for."""
    return content._replace(accept="*/*", media_type=FORM_TYPE) if form else content


def _is_form(sources: BodySources) -> bool:
    return sources.options.switch("form") or sources.options.switch("multipart")


def _kinds(sources: BodySources) -> list[tuple[str, str]]:
    """Return each body that was asked for: its kind, and what asked for it."""
    items, options = sources.items, sources.options
    form = _is_form(sources)
    whole = [item for item in items if item.kind is ItemKind.FILE and not item.key]
    files = [item for item in items if item.kind is ItemKind.FILE and item.key]
    data = [item for item in items if item.kind in (ItemKind.FIELD, ItemKind.JSON)]
    if files and not form:
        raise _file_without_form(files[0])
    kinds = [("file", item.text) for item in whole]
    for option, kind in (("raw", "raw"), ("upload-file", "upload")):
        if options.text(option) is not None:
            kinds.append((kind, f"--{option}"))
    if files or (data and options.switch("multipart")):
        kinds.append(("multipart", (files or data)[0].text))
    elif data:
        kinds.append(("form" if form else "json", data[0].text))
    return kinds


def _file_without_form(item: Item) -> UsageError:
    return UsageError(
        f"{item.text!r}: a JSON body has no file fields",
        hint=f"--form sends a form; @{item.value} alone sends the file as the body; "
        f"{item.key}=@{item.value} embeds its text",
    )


def _reads_stdin(sources: BodySources, method: str | None) -> bool:
    """Decide whether the body comes from stdin: by what it is, never by timing."""
    if sources.options.switch("ignore-stdin"):
        return False
    if method is not None and method.upper() in _WITHOUT_CONTENT:
        return False
    stdin = sources.stdin
    return stdin.kind is StreamKind.PIPE or (stdin.kind is StreamKind.FILE and stdin.size > 0)


def _field_value(item: Item, files: "Files") -> str:
    value = read_line_value(item, files)
    if any(mark in value for mark in "\r\n\0"):
        raise UsageError(f"@{item.value}: a field's value is one line")
    return value


def _with_cookies(fields: Fields, cookies: list[str]) -> Fields:
    """Join all cookies into one field, verbatim: RFC 6265, 5.4 wants only one."""
    if not cookies:
        return fields
    value = "; ".join([*fields.all_values("Cookie"), *cookies])
    secret = any(field.secret for field in fields if field.name.lower() == "cookie")
    return fields.without("Cookie").plus([Field("Cookie", value, secret)])


def with_parameters(fields: Fields, content: PlannedBody) -> Fields:
    """Return the user's fields; their own multipart type is told the boundary."""
    essence, _, parameter = (content.media_type or "").partition(";")
    if not essence.startswith("multipart/"):
        return fields
    return Fields(
        field._replace(value=f"{field.value};{parameter}")
        if field.name.lower() == "content-type" and "boundary=" not in field.value.lower()
        else field
        for field in fields
    )
