"""Options and terminal become the Display of a plan: the parts to print, formatting, colours."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

from httpcli.cli.parser import OptionValues
from httpcli.core.errors import UsageError
from httpcli.core.invocation import Environment
from httpcli.core.plan import AUTO_STYLE, Colours, Display, RedactionLevel

if TYPE_CHECKING:
    from httpcli.core.format_options import FormatOptions

_PARTS = "HBhbm"


def plan_display(
    options: OptionValues, environment: Environment, secrets: frozenset[str], *, offline: bool
) -> Display:
    """Return the Display; ``secrets`` are the values that were given by reference.

    Raises UsageError for an unknown letter, style or charset, and an invalid media type.
    """
    to_file = options.text("output") not in (None, "-")
    to_terminal = environment.stdout.is_terminal and not to_file
    verbose = options.count("verbose")
    pretty = options.text("pretty")
    if pretty is None:
        formatted, colours = to_terminal, colours_by_default(environment.env, terminal=to_terminal)
    else:
        formatted = pretty in ("all", "format")
        depth = colour_depth(environment.env)
        colours = depth if pretty in ("all", "colors") else Colours.NONE
    parts = _parts(options, verbose, to_terminal=to_terminal, offline=offline)
    if options.count("quiet") and not to_file:
        parts = frozenset()
    return Display(
        parts=parts,
        all_exchanges=verbose > 0 or options.switch("all"),
        format=formatted,
        colours=colours,
        style=_style(options.text("style")),
        to_terminal=to_terminal,
        guard_terminal=to_terminal and options.text("terminal") != "raw",
        redaction=_redaction(options, environment.env),
        secrets=secrets,
        light_background=_is_light(environment.env),
        format_options=_format_options(options),
        response_charset=_charset(options.text("response-charset")),
        response_media_type=_media_type(options.text("response-mime")),
        stream=options.switch("stream"),
        now=environment.now if to_terminal else None,
        all_heads=verbose > 1,
    )


def _is_light(env: Mapping[str, str]) -> bool:
    """Return whether ``COLORFGBG`` (set by rxvt and others) names a light background."""
    return env.get("COLORFGBG", "").rpartition(";")[2] in ("7", "15")


def _format_options(options: OptionValues) -> FormatOptions | None:
    values = options.texts("format-options")
    if not values:
        return None
    from httpcli.syntax.format_options import parse_format_options

    return parse_format_options(values)


def _redaction(options: OptionValues, env: Mapping[str, str]) -> RedactionLevel:
    if options.switch("show-secrets"):
        return RedactionLevel.NOTHING
    return RedactionLevel.SECRETS if is_ci(env) else RedactionLevel.REFERENCES


def is_ci(env: Mapping[str, str]) -> bool:
    """Return whether this is a CI job, whose log many people may read."""
    return env.get("CI", "").lower() not in ("", "0", "false")


def colours_by_default(env: Mapping[str, str], *, terminal: bool) -> Colours:
    """Return the colours to use without ``--pretty`` (no-color.org, bixense.com/clicolors).

    FORCE_COLOR, which CI systems set for messages, is ignored: a body in a pipe is data.
    """
    if env.get("NO_COLOR"):
        return Colours.NONE
    if env.get("CLICOLOR_FORCE", "0") not in ("", "0"):
        return colour_depth(env)
    if not terminal or env.get("TERM", "") in ("", "dumb"):
        return Colours.NONE
    return colour_depth(env)


def colour_depth(env: Mapping[str, str]) -> Colours:
    """Return how many colours the terminal supports, by its environment variables."""
    term = env.get("TERM", "")
    if env.get("COLORTERM", "") in ("truecolor", "24bit") or term.endswith("-direct"):
        return Colours.TRUE
    if "256" in term:
        return Colours.MANY
    return Colours.EIGHT if term in ("linux", "ansi", "vt100") else Colours.SIXTEEN


def _style(name: str | None) -> str:
    """Return the style; only a given name is checked, since that loads the styles."""
    if name is None or name == AUTO_STYLE:
        return AUTO_STYLE
    from httpcli.output.styles import check_style

    check_style(name)
    return name


def _charset(name: str | None) -> str:
    """Return the name of the codec; empty without ``--response-charset``. Raises UsageError."""
    if name is None:
        return ""
    from httpcli.protocol.declared_charsets import find_codec

    codec = find_codec(name)
    if codec:
        return codec
    raise UsageError(
        f"--response-charset={name}: unknown charset",
        hint="for example utf-8, windows-1252, shift_jis, gb18030",
    )


def _media_type(value: str | None) -> str:
    """Return the media type; empty without ``--response-mime``. Raises UsageError."""
    if value is None:
        return ""
    from httpcli.protocol.media_types import parse_media_type

    if parse_media_type(value).type:
        return value
    raise UsageError(
        f"--response-mime={value}: not a media type",
        hint="TYPE/SUBTYPE, for example application/json",
    )


def _parts(
    options: OptionValues, verbose: int, *, to_terminal: bool, offline: bool
) -> frozenset[str]:
    _check_part_letters(options, "history-print")
    _check_part_letters(options, "print")
    letters = options.text("print")
    if letters is None:
        if verbose:
            return frozenset("HBhbm" if verbose > 1 else "HBhb")
        if offline:
            return frozenset("HB")
        return frozenset("hb" if to_terminal else "b")
    return frozenset(letters)


def _check_part_letters(options: OptionValues, name: str) -> None:
    """Raise UsageError for an unknown letter in ``--print`` or ``--history-print``."""
    letters = options.text(name)
    unknown = [letter for letter in letters or "" if letter not in _PARTS]
    if unknown:
        raise UsageError(
            f"--{name}={letters}: unknown letter {unknown[0]!r}",
            hint="H, B: request headers, body; h, b: response headers, body; m: metadata",
        )
