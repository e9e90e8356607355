"""What is shown and how it looks: the part of the plan that depends on the terminal; pure."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

from httpcli.cli.typed_options import TypedOptions
from httpcli.core.errors import UsageError
from httpcli.core.invocation import Environment
from httpcli.core.plan import AUTO_STYLE, Colours, Display, RedactionLevel

if TYPE_CHECKING:
    from httpcli.core.formatting import FormatOptions

_PARTS = "HBhbm"


def plan_display(
    options: TypedOptions, environment: Environment, secrets: frozenset[str], *, offline: bool
) -> Display:
    """Settle parts, formatting and colours; ``secrets`` were given by reference.

    Raises UsageError for an unknown letter, style, charset, and what is no media type.
    """
    saved = options.text("output") not in (None, "-")
    to_terminal = environment.stdout.is_terminal and not saved
    verbose = options.count("verbose")
    pretty = options.text("pretty")
    if pretty is None:
        formatted, colours = to_terminal, colours_by_default(environment.env, terminal=to_terminal)
    else:
        formatted = pretty in ("all", "format")
        depth = colour_depth(environment.env)
        colours = depth if pretty in ("all", "colors") else Colours.NONE
    parts = _parts(options, verbose, to_terminal=to_terminal, offline=offline)
    if options.count("quiet") and not saved:
        parts = frozenset()
    return Display(
        parts=parts,
        all_exchanges=verbose > 0 or options.switch("all"),
        format=formatted,
        colours=colours,
        style=_style(options.text("style")),
        terminal=to_terminal,
        guard_terminal=to_terminal and options.text("terminal") != "raw",
        redaction=_hide(options, environment.env),
        secrets=secrets,
        light_background=_is_light(environment.env),
        format_options=_formatting(options),
        response_charset=_charset(options.text("response-charset")),
        response_media_type=_media_type(options.text("response-mime")),
        stream=options.switch("stream"),
        now=environment.now if to_terminal else None,
    )


def _is_light(env: Mapping[str, str]) -> bool:
    """Tell whether the terminal says that its background is light: rxvt's ``COLORFGBG``."""
    return env.get("COLORFGBG", "").rpartition(";")[2] in ("7", "15")


def _formatting(options: TypedOptions) -> FormatOptions | None:
    typed = options.texts("format-options")
    if not typed:
        return None
    from httpcli.syntax.format_options import parse_format_options

    return parse_format_options(typed)


def _hide(options: TypedOptions, env: Mapping[str, str]) -> RedactionLevel:
    if options.switch("show-secrets"):
        return RedactionLevel.NOTHING
    return RedactionLevel.SECRETS if is_ci(env) else RedactionLevel.REFERENCES


def is_ci(env: Mapping[str, str]) -> bool:
    """Tell whether this is a job of a CI system, which many may read."""
    return env.get("CI", "").lower() not in ("", "0", "false")


def colours_by_default(env: Mapping[str, str], *, terminal: bool) -> Colours:
    """Colours where nothing was typed: no-color.org and bixense.com/clicolors.

    FORCE_COLOR, which CI systems set for messages, does not count: a body in a
    pipe is data.
    """
    if env.get("NO_COLOR"):
        return Colours.NONE
    if env.get("CLICOLOR_FORCE", "0") not in ("", "0"):
        return colour_depth(env)
    if not terminal or env.get("TERM", "") in ("", "dumb"):
        return Colours.NONE
    return colour_depth(env)


def colour_depth(env: Mapping[str, str]) -> Colours:
    """How many colours the terminal says it has."""
    term = env.get("TERM", "")
    if env.get("COLORTERM", "") in ("truecolor", "24bit") or term.endswith("-direct"):
        return Colours.TRUE
    if "256" in term:
        return Colours.MANY
    return Colours.EIGHT if term in ("linux", "ansi", "vt100") else Colours.SIXTEEN


def _style(typed: str | None) -> str:
    """Return a style that there is; only for a typed one somebody is asked who knows them."""
    if typed is None or typed == AUTO_STYLE:
        return AUTO_STYLE
    from httpcli.output.styles import check_style

    check_style(typed)
    return typed


def _charset(typed: str | None) -> str:
    """Return the codec's name for a charset."""
    if typed is None:
        return ""
    from httpcli.protocol.charsets import codec_of

    found = codec_of(typed)
    if found:
        return found
    raise UsageError(
        f"--response-charset={typed}: unknown charset",
        hint="for example utf-8, windows-1252, shift_jis, gb18030",
    )


def _media_type(typed: str | None) -> str:
    """Return a media type that can be read."""
    if typed is None:
        return ""
    from httpcli.protocol.media_types import parse

    if parse(typed).type:
        return typed
    raise UsageError(
        f"--response-mime={typed}: not a media type",
        hint="TYPE/SUBTYPE, for example application/json",
    )


def _parts(
    options: TypedOptions, verbose: int, *, to_terminal: bool, offline: bool
) -> frozenset[str]:
    _checked(options, "history-print")
    typed = _checked(options, "print")
    if typed is None:
        if verbose:
            return frozenset("HBhbm" if verbose > 1 else "HBhb")
        if offline:
            return frozenset("HB")
        return frozenset("hb" if to_terminal else "b")
    return frozenset(typed)


def _checked(options: TypedOptions, name: str) -> str | None:
    """Return the letters of an option, or None where it was not typed."""
    typed = options.text(name)
    unknown = [letter for letter in typed or "" if letter not in _PARTS]
    if unknown:
        raise UsageError(
            f"--{name}={typed}: unknown letter {unknown[0]!r}",
            hint="H, B: request head, body; h, b: response head, body; m: meta",
        )
    return typed
