"""What a session adds to a plan, and what the plan leaves to the session; pure but for its file.

What is given by reference stays out of the file. Credentials are kept as the
reference itself, but only in a named session, whose file nobody else writes:
one that came with somebody's project could ask for any file of the user's.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, NamedTuple

from httpcli.cli.typed_options import TypedOptions
from httpcli.core.errors import HttpcliError, UsageError
from httpcli.core.exit_status import ExitStatus
from httpcli.core.headers import Field, Fields
from httpcli.core.plan import Credentials, Plan
from httpcli.core.session import Session, SessionContents, StoredAuth
from httpcli.core.url import Url
from httpcli.planning.auth import credentials_by, credentials_of, scheme_called
from httpcli.planning.body import JSON_ACCEPT
from httpcli.planning.request_items import TypedFields, fields_of, items_of
from httpcli.protocol.cookies import host_of, typed_cookies
from httpcli.storage.config_paths import config_folder
from httpcli.syntax.file_values import REFERENCE_PREFIXES

if TYPE_CHECKING:
    from httpcli.core.interfaces import Files
    from httpcli.core.plan import Plan
    from httpcli.planning.features import PlanningInput


_NAME = re.compile(r"[a-zA-Z0-9_.-]+\Z")
_OF_ONE_REQUEST = ("content-", "if-")
"""How the names of fields begin that say something of one request only, as HTTPie has it."""
_NOT_KEPT = frozenset({"cookie", "proxy-authorization", "transfer-encoding"})


class OpenedSession(NamedTuple):
    """A session and what it held when the run began."""

    session: Session
    before: SessionContents


def open_session(inputs: PlanningInput, typed: TypedFields) -> OpenedSession:
    """Read the session that was asked for.

    Raises UsageError for a name that is none, HttpcliError for a file that is none.
    """
    options, target, files = inputs.options, inputs.target, inputs.files
    named = options.text("session")
    name = named if named is not None else options.text("session-read-only") or ""
    authority = typed.fields.first("Host") or _netloc(target.url)
    if "/" in name:
        path = files.path(name)
    else:
        path = files.path(_path_of(name, authority, config_folder(inputs.environment.env)))
    host = host_of(authority) or target.url.host
    before = files.session(path, host)
    kept = host_of(with_remembered(typed, before).fields.first("Host"))
    if kept and kept != host:  # the session itself says which host is meant
        host, before = kept, files.session(path, kept)
    session = Session(name, path, host, read_only=named is None, cookies=before.cookies)
    return OpenedSession(session, before)


def with_remembered(typed: TypedFields, before: SessionContents) -> TypedFields:
    """Return the fields with those of the session that were neither typed nor taken away."""
    kept = (
        field
        for field in before.fields
        if field.name.lower() not in typed.unset and _is_kept(field.name)
    )
    return typed._replace(fields=typed.fields.with_defaults(kept))


class Own(NamedTuple):
    """What the command line itself says, without the settings: they are there next time, too.

    ``auth``: credentials, if there are any, are its own. A session in a file of
    its own goes to any host, and a profile's secrets must not go with it.
    """

    fields: Fields
    auth: bool = True


def _own_of(inputs: PlanningInput, typed: TypedFields) -> Own:
    """Return what of the fields and credentials the session may keep."""
    invocation = inputs.invocation
    places = invocation.locations
    if not places:
        return Own(typed.fields)
    items = tuple(one for one in invocation.items if not one.rank)
    auth = "auth" in invocation.options or "url" not in places
    return Own(
        fields_of(items_of(invocation._replace(items=items)), inputs.files).fields,
        auth and "auth" not in places,
    )


def in_session(
    plan: Plan, inputs: PlanningInput, opened: OpenedSession, typed: TypedFields
) -> Plan:
    """Return the plan with the session's cookies and credentials, and what is to be kept.

    Raises UsageError or HttpcliError where stored credentials cannot be used.
    """
    session, before = opened
    own = _own_of(inputs, typed)
    request, send_policy = plan.request, plan.send_policy
    if not _says_who_asks(inputs, typed):
        stored = _stored_credentials(opened, inputs.files)
        # What the netrc file has was not said by anybody: the session comes first.
        send_policy = send_policy._replace(credentials=stored or send_policy.credentials)
    open_cookies = [
        field for field in request.fields if field.name.lower() == "cookie" and not field.secret
    ]
    fields = Fields(field for field in request.fields if field not in open_cookies)
    cookies = [
        cookie for field in open_cookies for cookie in typed_cookies(field.value, session.host)
    ]
    return plan._replace(
        request=request._replace(fields=fields),
        send_policy=send_policy,
        session=session._replace(
            new_cookies=tuple(cookies),
            fields=_to_keep(own.fields, before, request.fields),
            auth=_auth_to_keep(inputs, session) if own.auth else None,
        ),
        warnings=plan.warnings + _warnings(own, session, inputs.options),
    )


def _says_who_asks(inputs: PlanningInput, typed: TypedFields) -> bool:
    """Tell whether this command line itself says it, or that nobody does."""
    options = inputs.options
    said = options.text("auth") is not None or options.text("auth-type") is not None
    field = typed.fields.has("Authorization") or "authorization" in typed.unset
    return said or inputs.target.user is not None or field


def _netloc(url: Url) -> str:
    """Return host and port as HTTPie names a session's folder: a port only where one was typed."""
    host = f"[{url.host}]" if ":" in url.host else url.host
    return host if url.port is None else f"{host}:{url.port}"


def _path_of(name: str, authority: str, folder: str) -> str:
    if not _NAME.match(name):
        raise UsageError(
            f"--session={name}: not the name of a session",
            hint="a name has letters, digits and _ . -; a path has a slash: ./session.json",
        )
    host = authority.replace(":", "_")
    if host in ("", ".", "..") or "/" in host:
        raise UsageError(f"Host: {authority} cannot name a session's folder")
    return f"{folder}/sessions/{host}/{name}.json"


def _stored_credentials(opened: OpenedSession, files: Files) -> Credentials | None:
    auth = opened.before.auth
    if auth is None:
        return None
    try:
        scheme_called(auth.scheme)
    except UsageError:
        raise HttpcliError(
            f"{opened.session.path}: unknown authentication {auth.scheme!r}",
            hint="--auth gives other credentials",
            status=ExitStatus.LOCAL,
        ) from None
    raw = auth.raw or ""
    if not auth.literal and _is_by_path(opened.session) and _has_reference(raw):
        raise HttpcliError(
            f"{opened.session.path}: its credentials are a reference, "
            "which only a session with a name may hold",
            hint="--auth gives them by reference",
            status=ExitStatus.LOCAL,
        )
    if auth.literal:
        user, _, password = raw.partition(":")
        return credentials_by(auth.scheme, user, password)
    return credentials_of(auth.scheme, raw, files) if raw else None


def _is_by_path(session: Session) -> bool:
    return "/" in session.name


def _has_reference(raw: str) -> bool:
    """Tell whether credentials, or the password of them, are given by reference."""
    return any(text.startswith(REFERENCE_PREFIXES) for text in (raw, raw.partition(":")[2]))


def _auth_to_keep(inputs: PlanningInput, session: Session) -> StoredAuth | None:
    """Return the credentials that were typed, as they were typed."""
    options, target = inputs.options, inputs.target
    typed = options.text("auth")
    scheme = options.text("auth-type") or "basic"
    if typed is None:
        if target.user is None:
            return None
        return StoredAuth(scheme, f"{target.user}:{target.password or ''}", literal=True)
    if _is_by_path(session) and _has_reference(typed):
        return None
    awaited = not scheme_called(scheme).token and ":" not in typed
    return StoredAuth(scheme, None if awaited else typed)


def _to_keep(typed: Fields, before: SessionContents, sent: Fields) -> Fields:
    """Return the fields that the session gets, by HTTPie's rules."""
    kept = [field for field in typed if _is_kept(field.name) and not field.secret]
    # As with HTTPie, an API that was sent JSON is asked for JSON from then on.
    if sent.first("Accept") == JSON_ACCEPT and not (
        typed.has("Accept") or before.fields.has("Accept")
    ):
        kept.append(Field("Accept", JSON_ACCEPT))
    return Fields(kept)


def _is_kept(name: str) -> bool:
    lower = name.lower()
    return lower not in _NOT_KEPT and not lower.startswith(_OF_ONE_REQUEST)


def _warnings(own: Own, session: Session, options: TypedOptions) -> tuple[str, ...]:
    """Tell of what was given by reference and is therefore missing next time."""
    if session.read_only:
        return ()
    names = [
        field.name
        for field in own.fields
        if field.secret and (field.name.lower() == "cookie" or _is_kept(field.name))
    ]
    if own.auth and _is_by_path(session) and _has_reference(options.text("auth") or ""):
        names.append("--auth")
    return tuple(
        f"{name}: given by reference, so the session {session.name} does not keep it"
        for name in dict.fromkeys(names)
    )


# The file of cookies that a run begins with and leaves; pure but for that file.


def apply_cookie_jar(plan: Plan, inputs: PlanningInput) -> Plan:
    """Read the cookies of ``--cookie-jar``. Raises HttpcliError, UsageError for no name."""
    name = inputs.options.text("cookie-jar")
    if name is None or inputs.target.echo:
        return plan
    if name in ("", "-"):
        raise UsageError(
            f"--cookie-jar={name}: names no file", hint="it is read first and then written"
        )
    return plan._replace(cookie_file=inputs.files.cookie_file(name))
