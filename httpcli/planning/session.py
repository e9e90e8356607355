"""Options ``--session``, ``--session-read-only`` and ``--cookie-jar``.

Values given by reference are not stored. The reference itself is stored for credentials,
but only in a named session: a session file from another person's project could
otherwise refer to any file of the user.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from httpcli.cli.parser import OptionValues
from httpcli.core.errors import HttpcliError, UsageError
from httpcli.core.exit_status import ExitStatus
from httpcli.core.headers import Field, Fields
from httpcli.core.named_tuple import NamedTuple
from httpcli.core.plan import Credentials, Plan
from httpcli.core.session import Session, SessionContents, StoredAuth
from httpcli.core.url import Url, canonical_host
from httpcli.planning.credentials import find_scheme, make_credentials, parse_credentials
from httpcli.planning.request import JSON_ACCEPT, HeaderChanges, parse_items, typed_fields
from httpcli.protocol.cookies import host_from_authority, parse_cookie_field
from httpcli.storage.config_paths import config_directory
from httpcli.syntax.file_values import REFERENCE_PREFIXES

if TYPE_CHECKING:
    from httpcli.core.interfaces import Files
    from httpcli.planning.optional_features import PlanningInput


_NAME = re.compile(r"[a-zA-Z0-9_.-]+\Z")
_REQUEST_PREFIXES = ("content-", "if-")
"""Prefixes of headers that describe one request only; they are not stored, as in HTTPie."""
_NEVER_STORED = frozenset({"cookie", "proxy-authorization", "transfer-encoding"})


class OpenedSession(NamedTuple):
    """A session, and the content of its file."""

    session: Session
    """The session, as the plan has it."""
    stored: SessionContents
    """The content of the file at the start of the run."""


def open_session(inputs: PlanningInput, typed: HeaderChanges) -> OpenedSession:
    """Read the session of ``--session`` or ``--session-read-only``.

    Raises UsageError for an invalid name, HttpcliError for an invalid file.
    """
    options, parsed_url, files = inputs.options, inputs.parsed_url, inputs.files
    writable = options.text("session")
    name = writable if writable is not None else options.text("session-read-only") or ""
    authority = typed.fields.first("Host") or _authority(parsed_url.url)
    by_path = "/" in name
    if by_path:
        path = files.path(name)
    else:
        path = files.path(_named_path(name, authority, config_directory(inputs.environment.env)))
    host = host_from_authority(authority) or canonical_host(parsed_url.url.host)
    stored = files.session(path, host, by_path=by_path)
    stored_host = host_from_authority(add_stored_fields(typed, stored).fields.first("Host"))
    if stored_host and stored_host != host:  # a stored Host header overrides the URL
        host, stored = stored_host, files.session(path, stored_host, by_path=by_path)
    session = Session(name, path, host, read_only=writable is None, cookies=stored.cookies)
    return OpenedSession(session, stored)


def add_stored_fields(typed: HeaderChanges, stored: SessionContents) -> HeaderChanges:
    """Add the session's headers, except those that the user typed or removed."""
    fields = (
        field
        for field in stored.fields
        if field.name.lower() not in typed.removed_defaults and _is_storable(field.name)
    )
    return typed._replace(fields=typed.fields.with_defaults(fields))


class StorableInput(NamedTuple):
    """The part of the input that may be stored: it is from the command line.

    The settings apply to the next run anyway. A session file given by path can be used
    with any host, so it must not contain a profile's secrets.
    """

    fields: Fields
    """The headers of the command line."""
    auth: bool = True
    """Whether the credentials may be stored; False if they are from the settings."""


def _storable_input(inputs: PlanningInput, typed: HeaderChanges) -> StorableInput:
    invocation = inputs.invocation
    locations = invocation.locations
    if not locations:
        return StorableInput(typed.fields)
    items = tuple(item for item in invocation.items if not item.source)
    auth = "auth" in invocation.options or "url" not in locations
    return StorableInput(
        typed_fields(parse_items(invocation._replace(items=items)), inputs.files).fields,
        auth and "auth" not in locations,
    )


def apply_session(
    plan: Plan, inputs: PlanningInput, opened: OpenedSession, typed: HeaderChanges
) -> Plan:
    """Add the session's cookies and credentials, and the values that the run will store.

    Raises UsageError or HttpcliError if stored credentials cannot be used.
    """
    session = opened.session
    storable = _storable_input(inputs, typed)
    request, send_policy = plan.request, plan.send_policy
    if not _sets_credentials(inputs, typed):
        credentials = _stored_credentials(opened, inputs.files)
        # The session overrides the netrc file.
        send_policy = send_policy._replace(credentials=credentials or send_policy.credentials)
    plain_cookies = [
        field for field in request.fields if field.name.lower() == "cookie" and not field.secret
    ]
    fields = Fields(field for field in request.fields if field not in plain_cookies)
    cookies = [
        cookie
        for field in plain_cookies
        for cookie in parse_cookie_field(field.value, session.host)
    ]
    return plan._replace(
        request=request._replace(fields=fields),
        send_policy=send_policy,
        session=session._replace(
            new_cookies=tuple(cookies),
            fields=_storable_fields(storable.fields, opened.stored, request.fields),
            auth=_storable_auth(inputs, session) if storable.auth else None,
        ),
        warnings=plan.warnings + _warnings(storable, session, inputs.options),
    )


def _sets_credentials(inputs: PlanningInput, typed: HeaderChanges) -> bool:
    """Return whether the command line sets or removes the credentials."""
    options = inputs.options
    option = options.text("auth") is not None or options.text("auth-type") is not None
    field = typed.fields.has("Authorization") or "authorization" in typed.removed_defaults
    return option or inputs.parsed_url.user is not None or field


def _authority(url: Url) -> str:
    """Return ``host[:port]`` for the session's folder; as in HTTPie, the port only if typed."""
    host = canonical_host(url.host)
    host = f"[{host}]" if ":" in host else host
    return host if url.port is None else f"{host}:{url.port}"


def _named_path(name: str, authority: str, folder: str) -> str:
    if not _NAME.match(name):
        raise UsageError(
            f"--session={name}: invalid session name",
            hint="use letters, digits and _ . -, or a path with a slash: ./session.json",
        )
    host = authority.replace(":", "_")
    if host in ("", ".", "..") or "/" in host:
        raise UsageError(
            f"Host: {authority} cannot be used with --session: it is not a valid directory name"
        )
    return f"{folder}/sessions/{host}/{name}.json"


def _stored_credentials(opened: OpenedSession, files: Files) -> Credentials | None:
    auth = opened.stored.auth
    if auth is None:
        return None
    try:
        find_scheme(auth.scheme)
    except UsageError:
        raise HttpcliError(
            f"{opened.session.path}: unknown authentication scheme {auth.scheme!r}",
            hint="to override it: --auth",
            status=ExitStatus.LOCAL,
        ) from None
    raw = auth.raw or ""
    if not auth.literal and opened.session.is_by_path and _has_reference(raw):
        raise HttpcliError(
            (
                f"{opened.session.path}: credentials by reference (@env:, @file:) are allowed "
                "only in sessions with a name"
            ),
            hint="give them with --auth",
            status=ExitStatus.LOCAL,
        )
    if auth.literal:
        user, _, password = raw.partition(":")
        return make_credentials(auth.scheme, user, password)
    return parse_credentials(auth.scheme, raw, files) if raw else None


def _has_reference(raw: str) -> bool:
    """Return whether credentials, or their password, are a reference."""
    return any(text.startswith(REFERENCE_PREFIXES) for text in (raw, raw.partition(":")[2]))


def _storable_auth(inputs: PlanningInput, session: Session) -> StoredAuth | None:
    """Return the credentials as typed; None to store none."""
    options, parsed_url = inputs.options, inputs.parsed_url
    typed = options.text("auth")
    scheme = options.text("auth-type") or "basic"
    if typed is None:
        if parsed_url.user is None:
            return None
        return StoredAuth(scheme, f"{parsed_url.user}:{parsed_url.password or ''}", literal=True)
    if session.is_by_path and _has_reference(typed):
        return None
    prompts = not find_scheme(scheme).token and ":" not in typed
    return StoredAuth(scheme, None if prompts else typed)


def _storable_fields(typed: Fields, stored: SessionContents, sent: Fields) -> Fields:
    """Return the headers to store, by HTTPie's rules."""
    fields = [field for field in typed if _is_storable(field.name) and not field.secret]
    # As in HTTPie, the Accept header of a JSON request is stored, too.
    if sent.first("Accept") == JSON_ACCEPT and not (
        typed.has("Accept") or stored.fields.has("Accept")
    ):
        fields.append(Field("Accept", JSON_ACCEPT))
    return Fields(fields)


def _is_storable(name: str) -> bool:
    lower = name.lower()
    return lower not in _NEVER_STORED and not lower.startswith(_REQUEST_PREFIXES)


def _warnings(storable: StorableInput, session: Session, options: OptionValues) -> tuple[str, ...]:
    """Warn of values that are not stored because they were given by reference."""
    if session.read_only:
        return ()
    names = [
        field.name
        for field in storable.fields
        if field.secret and (field.name.lower() == "cookie" or _is_storable(field.name))
    ]
    if storable.auth and session.is_by_path and _has_reference(options.text("auth") or ""):
        names.append("--auth")
    return tuple(
        (
            f"{name}: not saved in the session {session.name}, because the value is a "
            "reference (@env:, @file:)"
        )
        for name in dict.fromkeys(names)
    )


def apply_cookie_jar(plan: Plan, inputs: PlanningInput) -> Plan:
    """Apply ``--cookie-jar``: read its cookies. Raises HttpcliError, or UsageError for no file."""
    name = inputs.options.text("cookie-jar")
    if name is None or inputs.parsed_url.echo:
        return plan
    if name in ("", "-"):
        raise UsageError(
            f"--cookie-jar={name}: not a regular file",
            hint="use a regular file: it is read and then written",
        )
    return plan._replace(cookie_file=inputs.files.cookie_file(name))
