"""The curl command that sends the same request, and what curl has no words for."""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

from httpcli.core.escaping import REDACTED
from httpcli.core.exchange import Exchange
from httpcli.core.exit_status import Outcome
from httpcli.core.headers import Fields
from httpcli.core.plan import Credentials, Plan
from httpcli.core.url import Url
from httpcli.protocol.request_head import framed
from httpcli.report.curl_connection import journey, user_and_password, way
from httpcli.report.curl_content import Said, said
from httpcli.report.redact import Hiding
from httpcli.report.registry import About
from httpcli.report.shell_quote import laid_out

_FORM = "application/x-www-form-urlencoded"
_OWN = ("Accept", "Host", "User-Agent")
"""Fields that curl sends unless it is told not to."""
_EXPECTS = 1024 * 1024
"""Bytes of content from which curl asks for a 100 (Continue) by itself."""


class CurlLine(NamedTuple):
    """The command, which may have several lines, and what it does not say."""

    text: str
    unsaid: tuple[str, ...] = ()


def curl_line(
    plan: Plan, hiding: Hiding | None, said_so: tuple[tuple[str, ...], ...] = ()
) -> CurlLine:
    """Return the curl command for a plan, less what ``hiding`` hides.

    ``said_so``: options that are curl's, as they are.
    """
    request = plan.request
    head = framed(request, version="1.1")
    fields = head.fields if hiding is None else hiding.fields(head.fields)
    content = Said([]) if request.body is None else said(request.body, head.fields, hiding)
    unsaid = [*content.unsaid]
    groups = [["curl"], *_method(request.method, content, has_body=request.body is not None)]
    if request.method == "HEAD" and request.body is not None:
        unsaid.append("HEAD with content: curl waits for a body of the response")
    groups += _url(request.url, hiding)
    if plan.journey.credentials is not None:
        groups += _credentials(plan.journey.credentials, hiding, unsaid)
    length = 0 if request.body is None else request.body.length
    long = length is None or length > _EXPECTS
    groups += _fields(fields, request.url, content, body=request.body is not None, long=long)
    groups += content.groups
    groups += journey(plan.journey, request.url)
    if plan.journey.follow and not any(group[0] == "--cookie" for group in groups):
        groups.append(["--cookie", ""])  # so that it carries cookies from hop to hop
    if plan.journey.follow and any(group[0] == "--request" for group in groups):
        unsaid.append(f"a redirect that turns {request.method} into GET: curl repeats the method")
    groups += way(plan.wire, request.url, hiding)
    if "h" in plan.show.parts and request.method != "HEAD":
        groups.append(["--include"])
    if plan.output is not None:
        groups.append(["--output", plan.output])
    groups += [[*each] for each in said_so]
    if request.compression is not None:
        unsaid.append("compressing the content")
    if plan.echo:
        unsaid.append("echo: is a server inside httpcli")
    return CurlLine(content.before + laid_out(groups) + "\n", tuple(unsaid))


class CurlReport:
    """The command alone: what came of the run is not curl's business."""

    def __init__(self, about: About) -> None:
        self._text = about.curl

    def begin(self) -> str:
        return self._text

    def exchange(self, _exchange: Exchange) -> str:
        return ""

    def end(self, _outcome: Outcome) -> str:
        return ""


def _method(method: str, content: Said, *, has_body: bool) -> list[list[str]]:
    """Return the method where curl would not choose it by itself."""
    if method == "HEAD" and not has_body:
        return [["--head"]]
    by_itself = "POST" if content.groups else "GET"
    return [] if method == by_itself else [["--request", method]]


def _url(url: Url, hiding: Hiding | None) -> Iterator[list[str]]:
    text = str(url)
    if "%" in url.host:  # the zone, which is not for the server
        authority = url.authority
        zoned = f"[{url.host.replace('%', '%25', 1)}]"
        text = text.replace(authority.partition("]")[0] + "]", zoned, 1)
    shown = text if hiding is None else hiding.url(text)
    if any(mark in text.partition("://")[2].partition("/")[2] for mark in "[]{}"):
        yield ["--globoff"]
    if any(segment in (".", "..") for segment in url.path.split("/")):
        yield ["--path-as-is"]
    yield [shown]


def _credentials(
    credentials: Credentials, hiding: Hiding | None, unsaid: list[str]
) -> list[list[str]]:
    user, password = credentials.user, credentials.password
    pair = user_and_password(user, password, hiding)
    match credentials.scheme:
        case "basic":
            return [["--user", pair]]
        case "digest":
            return [["--digest"], ["--user", pair]]
        case "bearer":
            return [["--oauth2-bearer", REDACTED if password and hiding else password or ""]]
        case scheme:
            unsaid.append(f"authentication by {scheme}")
            return []


def _fields(
    fields: Fields, url: Url, content: Said, *, body: bool, long: bool
) -> Iterator[list[str]]:
    """Give the header fields, less what curl sends by itself, and what it is not to send."""
    one_cookie = len(fields.every("Cookie")) == 1
    for name, value, _ in fields:
        if _is_curls(name.lower(), value, url, content, body=body):
            continue
        if name.lower() == "cookie" and one_cookie and "=" in value:
            yield ["--cookie", value]
            continue
        if name.lower() == "accept-encoding" and value != "identity":
            yield ["--compressed"]
        yield ["--header", f"{name}: {value}" if value.strip() else f"{name};"]
    for name in _OWN:
        if not fields.has(name):
            yield ["--header", f"{name}:"]
    if content.groups and not content.form and not fields.has("Content-Type"):
        yield ["--header", "Content-Type:"]
    if long and not fields.has("Expect"):
        yield ["--header", "Expect:"]


def _is_curls(name: str, value: str, url: Url, content: Said, *, body: bool) -> bool:
    """Tell whether curl sends that field by itself."""
    match name:
        case "host":
            return value == url.authority
        case "accept":
            return value == "*/*"
        case "content-length":
            return body
        case "content-type" if content.form:
            return value.startswith("multipart/form-data")
        case "content-type":
            return value == _FORM and bool(content.groups)
    return False
