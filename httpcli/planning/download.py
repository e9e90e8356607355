"""What ``--download`` makes of a plan: a response becomes a file, the rest goes to stderr."""

from __future__ import annotations

from typing import TYPE_CHECKING

from httpcli.cli.typed_options import Options
from httpcli.core.download import Download, Existing, Resume
from httpcli.core.errors import UsageError
from httpcli.core.headers import Field
from httpcli.core.plan import Mode
from httpcli.planning.display import show_for
from httpcli.planning.features import OF_DOWNLOAD
from httpcli.planning.progress import telling_of_download
from httpcli.planning.retry import retry_of

if TYPE_CHECKING:
    from httpcli.core.plan import Plan, Show
    from httpcli.core.request import Request
    from httpcli.planning.features import Asked

_TRIES = 5
_EXISTING = {
    "overwrite": Existing.REPLACE,
    "skip-existing": Existing.SKIP,
    "newer": Existing.NEWER,
}
_CODINGS_OF_NAMES = {
    ".gz": ("gzip", "x-gzip"),
    ".tgz": ("gzip", "x-gzip"),
    ".br": ("br",),
    ".zst": ("zstd",),
}


def apply_download(plan: Plan, asked: Asked) -> Plan:
    """Turn a request into a download. Raises UsageError."""
    options = asked.options
    if not options.switch("download"):
        name = next(name for name in sorted(OF_DOWNLOAD) if options.typed(name))
        curls = "; curl's -c FILE is --cookie-jar FILE" if name == "continue" else ""
        raise UsageError(f"--{name} needs --download", hint=f"add -d: -d --{name}{curls}")
    if plan.mode is not Mode.REQUEST:
        return plan  # nothing comes that could be saved
    if plan.request.method == "HEAD":
        raise UsageError("a HEAD request has no content to save", hint="leave --download out")
    wish = wish_of(options)._replace(telling=telling_of_download(options, asked.around))
    return plan._replace(
        mode=Mode.DOWNLOAD,
        download=wish,
        output=None,
        check_status=True,
        request=_request(plan.request, wish),
        journey=plan.journey._replace(follow=True, retry=retry_of(options, _TRIES)),
        show=_show(plan, asked),
        # A person sees it in the head.
        announce_status=not asked.around.stderr.is_terminal or options.count("quiet") == 1,
    )


def wish_of(options: Options) -> Download:
    """Return what is to become of a response's content. Raises UsageError."""
    existing = (how for name, how in _EXISTING.items() if options.switch(name))
    folder, output = options.text("output-dir"), options.text("output")
    if folder == "":
        raise UsageError("--output-dir names no folder", hint="--output-dir FOLDER")
    return Download(
        output=output,
        folder=folder or "",
        existing=next(existing, Existing.NUMBER),
        resume=_resume(options),
        keeps_time=options.switch("remote-time"),
        makes_folders=options.switch("create-dirs"),
        most=options.byte_count("max-size"),
    )


def _resume(options: Options) -> Resume:
    typed = options.texts("continue")
    wrong = next((value for value in typed if value not in ("", "trust")), None)
    if wrong is not None:
        raise UsageError(f"--continue={wrong}: unknown value", hint="--continue or =trust")
    if not typed:
        return Resume.NO
    return Resume.TRUST if "trust" in typed else Resume.CHECKED


def _request(request: Request, wish: Download) -> Request:
    """Ask for the content as it is: a part of a coded one is of no use to anybody."""
    fields = request.fields.without("Accept-Encoding")
    name = (wish.output or request.url.path).lower()
    kept = next((kept for end, kept in _CODINGS_OF_NAMES.items() if name.endswith(end)), ())
    return request._replace(
        fields=fields.plus([Field("Accept-Encoding", "identity")]), kept_codings=frozenset(kept)
    )


def _show(plan: Plan, asked: Asked) -> Show:
    """Return what goes to stderr, as it would to stdout: the heads, and a refusal's content."""
    others = Options({k: v for k, v in asked.invocation.options.items() if k != "output"})
    around = asked.around._replace(stdout=asked.around.stderr)
    show = show_for(others, around, plan.show.secrets, offline=False)
    if not asked.options.count("quiet"):
        show = show._replace(parts=show.parts | {"b"})
    return show
