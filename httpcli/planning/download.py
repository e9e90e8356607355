"""``--download``: the response is saved to a file, and everything else goes to stderr."""

from __future__ import annotations

from typing import TYPE_CHECKING

from httpcli.cli.parser import OptionValues
from httpcli.core.download import Download, ExistingFile, ExpectedChecksum, Resume
from httpcli.core.errors import UsageError
from httpcli.core.headers import Field
from httpcli.core.plan import Mode
from httpcli.planning.display import plan_display
from httpcli.planning.optional_features import DOWNLOAD_FEATURE_OPTIONS
from httpcli.planning.retries_and_copies import download_progress_style, plan_retry
from httpcli.protocol.checksums import contradiction
from httpcli.protocol.checksums import parse_checksum as typed_checksum
from httpcli.syntax.urls import parse_url

if TYPE_CHECKING:
    from httpcli.core.plan import Display, Plan
    from httpcli.core.request import Request
    from httpcli.planning.optional_features import PlanningInput

_RETRIES = 5
"""Default of ``--retry`` for a download."""
_EXISTING = {
    "overwrite": ExistingFile.REPLACE,
    "skip-existing": ExistingFile.SKIP,
    "newer": ExistingFile.NEWER,
}
_CODINGS_BY_SUFFIX = {
    ".gz": ("gzip", "x-gzip"),
    ".tgz": ("gzip", "x-gzip"),
    ".br": ("br",),
    ".zst": ("zstd",),
}
"""Content codings that are not decoded if the file name has the suffix."""
_CHECKSUM_HINT = "use --checksum ALGORITHM:HEX, or the file or URL of a list such as SHA256SUMS"


def apply_download(plan: Plan, inputs: PlanningInput) -> Plan:
    """Apply ``--download`` and its options. Raises UsageError."""
    options = inputs.options
    if not options.switch("download"):
        name = next(name for name in sorted(DOWNLOAD_FEATURE_OPTIONS) if options.given(name))
        curl_hint = "; curl's -c FILE is --cookie-jar FILE" if name == "continue" else ""
        raise UsageError(f"--{name} needs --download", hint=f"add -d: -d --{name}{curl_hint}")
    if plan.mode is not Mode.REQUEST:
        return plan  # no response is received
    if plan.request.method == "HEAD":
        raise UsageError("a HEAD response has no body to save", hint="remove --download")
    download = _download(options)._replace(
        progress_style=download_progress_style(options, inputs.environment)
    )
    return plan._replace(
        mode=Mode.DOWNLOAD,
        download=download,
        output=None,
        check_status=True,
        request=_request(plan.request, download),
        send_policy=plan.send_policy._replace(follow=True, retry=plan_retry(options, _RETRIES)),
        display=_display(plan, inputs),
        # On a terminal the response's headers show the status.
        announce_status=not inputs.environment.stderr.is_terminal or options.count("quiet") == 1,
    )


def _download(options: OptionValues) -> Download:
    """Return where and how the file is saved. Raises UsageError."""
    existing = (policy for name, policy in _EXISTING.items() if options.switch(name))
    folder, output = options.text("output-dir"), options.text("output")
    if folder == "":
        raise UsageError("--output-dir: missing directory", hint="use --output-dir DIR")
    return Download(
        output=output,
        directory=folder or "",
        existing=next(existing, ExistingFile.NUMBER),
        resume=_resume(options),
        set_modified_time=options.switch("remote-time"),
        create_directories=options.switch("create-dirs"),
        max_size=options.byte_count("max-size"),
    )


def _resume(options: OptionValues) -> Resume:
    values = options.texts("continue")
    wrong = next((value for value in values if value not in ("", "trust")), None)
    if wrong is not None:
        raise UsageError(
            f"--continue={wrong}: unknown value", hint="use --continue or --continue=trust"
        )
    if not values:
        return Resume.NO
    return Resume.TRUST if "trust" in values else Resume.CHECKED


def _request(request: Request, download: Download) -> Request:
    """Request the content without a coding: part of compressed content cannot be resumed."""
    fields = request.fields.without("Accept-Encoding")
    name = (download.output or request.url.path).lower()
    kept = next(
        (codings for suffix, codings in _CODINGS_BY_SUFFIX.items() if name.endswith(suffix)), ()
    )
    return request._replace(
        fields=fields.plus([Field("Accept-Encoding", "identity")]), kept_codings=frozenset(kept)
    )


def _display(plan: Plan, inputs: PlanningInput) -> Display:
    """Return the display for stderr: the headers, and the body of an error response."""
    options = OptionValues({k: v for k, v in inputs.invocation.options.items() if k != "output"})
    environment = inputs.environment._replace(stdout=inputs.environment.stderr)
    display = plan_display(options, environment, plan.display.secrets, offline=False)
    if not inputs.options.count("quiet"):
        display = display._replace(parts=display.parts | {"b"})
    return display


def apply_checksum(plan: Plan, inputs: PlanningInput) -> Plan:
    """Apply ``--checksum``. Raises UsageError."""
    texts = tuple(dict.fromkeys(inputs.options.texts("checksum")))
    if plan.download is None:
        raise UsageError("--checksum needs --download", hint=f"add -d: {_CHECKSUM_HINT}")
    expected = tuple(_expected_checksum(text, inputs) for text in texts)
    if pair := contradiction(one.checksum for one in expected if one.checksum):
        raise UsageError(f"--checksum: no file has both {pair[0]} and {pair[1]}")
    return plan._replace(
        download=plan.download._replace(checksum_text=" ".join(texts), expected_checksums=expected)
    )


def _expected_checksum(text: str, inputs: PlanningInput) -> ExpectedChecksum:
    """Return the checksum itself, or the URL or the text of a list. Raises UsageError."""
    try:
        checksum = typed_checksum(text)
    except ValueError as error:
        raise UsageError(f"--checksum: {error}", hint=_CHECKSUM_HINT) from None
    if checksum is not None:
        return ExpectedChecksum(text, checksum=checksum)
    if "://" in text or text.startswith("echo:"):
        parsed_url = parse_url(text)
        if parsed_url.user is not None:
            raise UsageError(
                "--checksum: the URL must not contain credentials", hint=_CHECKSUM_HINT
            )
        return ExpectedChecksum(text, list_url=parsed_url.url)
    if not text:
        raise UsageError("--checksum is empty", hint=_CHECKSUM_HINT)
    return ExpectedChecksum(
        text, list_text=inputs.files.read(text).decode("utf-8", "surrogateescape")
    )
