"""Hints for wrong command lines, also for users of curl; pure.

An unknown or shortened option gets a similar full name. An option of curl with another meaning,
or without one, gets the option that does the same.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from itertools import pairwise

from httpcli.core.errors import UsageError
from httpcli.options.option import Option, OptionKind
from httpcli.options.table import OPTIONS

_CURL_BUNDLE = re.compile(r"-(?=[fSLkOvgi]*s)[fsSLkOvgi]{2,}\Z")
"""Bundled letters that are usual with curl and unusual with httpcli: -fsSL, -sS, -sL."""

_CURL_OPTIONS_WITH_OTHER_MEANING = {
    "-d": (
        re.compile(r"[{\[@]|[^/:]+="),
        "in httpcli, -d downloads; for curl's -d use --raw TEXT, or items: name=value",
    ),
    "-F": (
        re.compile(r".*=", re.DOTALL),
        "in httpcli, -F follows redirects; for curl's -F use --form NAME=TEXT NAME@FILE",
    ),
    "-x": (
        re.compile(r".*://", re.DOTALL),
        "in httpcli, -x compresses the body; for curl's -x use --proxy URL",
    ),
    "-m": (
        re.compile(r"\d+\.?\d*\Z", re.ASCII),
        "in httpcli, -m prints metadata; for curl's -m use --max-time SECONDS",
    ),
    "-b": (
        re.compile(r".*=", re.DOTALL),
        "in httpcli, -b prints the body; for curl's -b use --cookie NAME=VALUE",
    ),
    "-s": (
        re.compile(r".*/", re.DOTALL),
        "in httpcli, -s sets the color style; for curl's -s use --quiet",
    ),
    "-r": (
        re.compile(r"\d+-?\d*\Z|-\d+\Z", re.ASCII),
        "in httpcli, -r is --raw-strings; for curl's -r send a header: 'Range: bytes=0-99'",
    ),
}
"""Letters that mean something else for curl: a pattern of curl's value for it, and the hint.

The pattern does not match a URL or an item, which follows in a command line of httpcli.
"""

_CURL_ONLY_LETTERS = {
    "-i": "to print the headers and the body: --print=hb",
    "-G": "query parameters are items: name==value",
    "-E": "for a client certificate: --cert FILE --cert-key FILE",
    "-S": "-S is not needed: errors are always printed",
    "-e": "send a header: Referer:URL",
    "-Z": "to send many requests at once: --batch FILE, one request per line",
    "-0": "for HTTP/1.0: --http1.0",
    "-C": "to resume a download: -dc URL",
    "-D": "to save the headers: --print=h --output FILE",
    "-J": "-J is not needed: -d takes the name from the response",
    "-N": "-N is not needed: output is not buffered",
    "-V": "for the version: --version",
    "-n": "-n is not needed: ~/.netrc is read if it exists",
    "-z": "for a newer file: -d --newer; for other requests send a header: If-Modified-Since:DATE",
    "-K": "for many requests: --batch FILE; for settings: httpcli help config",
}

_HTTP_VERSION_HINT = "HTTP/1.1 is the newest supported version"
_MIN_SIMILARITY = 0.8
"""For difflib: --mission is not similar enough to --session."""

_CURL_NAMES = {
    "--data": "--raw",
    "--parallel": "--batch FILE",
    "--parallel-max": "--jobs",
    "--next": "--batch FILE, one request per line",
    "--bearer": "--auth-type=bearer --auth TOKEN",
    "--curl": "--print-curl",
    "--dir": "--output-dir",
    "--fail-with-body": "--check-status",
    "--https": "--default-scheme=https",
    "--load-cookies": "--cookie-jar",
    "--no-check-certificate": "--verify=no",
    "--post-data": "--raw",
    "--retry-all-errors": "--retry N --retry-on LIST",
    "--tries": "--retry",
    "--data-raw": "--raw",
    "--data-binary": "--raw",
    "--request": "--method",
    "--location": "--follow",
    "--user": "--auth",
    "--basic": "--auth-type=basic",
    "--digest": "--auth-type=digest",
    "--oauth2-bearer": "--auth-type=bearer --auth",
    "--user-agent": "--header",
    "--include": "--print=hb",
    "--silent": "--quiet",
    "--cacert": "--verify",
    "--capath": "--verify",
    "--key": "--cert-key",
    "--pass": "--cert-key-pass",
    "--pinnedpubkey": "--pin",
    "--tls-max": "--ssl=..tls1.2",
    "--tlsv1.0": "--ssl=tls1..",
    "--tlsv1.1": "--ssl=tls1.1..",
    "--tlsv1.2": "--ssl=tls1.2..",
    "--tlsv1.3": "--ssl=tls1.3",
    "--url-query": "--param",
    "--head": "--method=HEAD",
    "--proxy-user": "--proxy-auth",
    "--sni": "--server-name",
    "--read-timeout": "--timeout",
    "--dns-servers": "--dns-server",
    "--abstract-unix-socket": "--unix-socket=@NAME",
    "--socks5": "--proxy=socks5://HOST:PORT",
    "--socks5-hostname": "--proxy=socks5h://HOST:PORT",
    "--socks4": "--proxy=socks4://HOST:PORT",
    "--socks4a": "--proxy=socks4a://HOST:PORT",
}

_HINTS = {
    "--compressed": "--compressed is not needed: responses are decompressed",
    "--data-urlencode": "items are encoded: httpcli -f URL name=value; in the query: name==value",
    "--range": "send a header: Range:bytes=0-99",
    "--referer": "send a header: Referer:URL",
}
"""Hints that are more than the name of an option."""

_UNSUPPORTED_VERSIONS = ("--http2", "--http2-prior-knowledge", "--http3", "--http3-only")


_USAGE = "usage: httpcli [OPTIONS] [METHOD] URL [ITEM]...   (see httpcli -h)"
_LIKE_A_URL = (
    r"(?:https?|wss?)(?:\+unix)?://|localhost\b|echo:|:\d|::?/|\[[0-9a-f:.]+\]"
    r"|[\w-]+(?:\.[\w-]+)*\.[a-z][\w-]+(?:[:/?#]|\Z)|\d+\.\d+\.\d+\.\d+"
)
_LIKE_A_FILE = (
    r"(?![a-z]+://).*\.(?:bin|crt|csv|gz|har|html?|iso|jpe?g|json|key|log|pdf|pem|png|tgz|txt|"
    r"xml|zip)\Z"
)
_SECRET_VALUES = frozenset({"auth", "cert-key-pass", "proxy-auth", "raw"})


def missing_url(
    taken: Iterable[tuple[Option, str]], command: str = "httpcli", usage: str = ""
) -> UsageError:
    """Return the error of a command line without a URL.

    ``taken``: the options that took a word as their value, and these words. If one is like a
    URL, the error names its option: the option's own value was forgotten. The value of an
    option for secrets is not shown.
    """
    usage = usage or _USAGE
    prefix = "" if command == "httpcli" else f"{command.removeprefix('httpcli ')}: "
    for option, value in reversed([*taken]):
        is_number = option.value in ("TIME", "SIZE", "RATE", "N")
        if is_number and re.match(r"[.\d]", value) and value.count(".") < 2:
            continue
        if not is_number and (
            not re.match(_LIKE_A_URL, value, re.IGNORECASE)
            or re.match(_LIKE_A_FILE, value, re.IGNORECASE)
        ):
            continue
        from httpcli.protocol.redact_urls import redact_url

        name = f"--{option.name}"
        is_secret = option.kind is OptionKind.ITEM or option.name in _SECRET_VALUES
        is_secret = is_secret or ("@" in value and "://" not in value)
        shown = "…" if is_secret else redact_url(value)
        if not re.search("URL|HOST|ADDR", option.value):
            usage = f"if it is the URL, add the value of {name}: {command} {name} {option.value} "
            usage += "URL" if is_secret else shown
        return UsageError(f"{prefix}missing URL: {name} took {shown!r} as its value", hint=usage)
    return UsageError(f"{prefix}missing URL", hint=usage)


def hint_for_unknown_option(name: str, candidates: Sequence[str]) -> str:
    """Return a hint for an unknown option; ``candidates`` are similar options."""
    if not name.startswith("--"):
        return _CURL_ONLY_LETTERS.get(name, "see httpcli --help")
    if name in _UNSUPPORTED_VERSIONS:
        return _HTTP_VERSION_HINT
    if name in _HINTS:
        return _HINTS[name]
    names = [f"--{option.name}" for option in OPTIONS]
    names += [f"--no-{option.name}" for option in OPTIONS]
    completions = [full_name for full_name in names if full_name.startswith(name)]
    if completions:
        return f"options cannot be abbreviated: {' or '.join(completions[:3])}"
    if name in _CURL_NAMES:
        return f"did you mean {_CURL_NAMES[name]}?"
    from difflib import get_close_matches

    # Without --no-: it would make --no-hsts similar to --no-ssl, which is less secure.
    prefix = "--no-" if name.startswith("--no-") else "--"
    known = {each.removeprefix(prefix): each for each in candidates if each.startswith(prefix)}
    if prefix == "--":
        known = {each: option for each, option in known.items() if not each.startswith("no-")}
    similar = get_close_matches(name.removeprefix(prefix), known, 1, _MIN_SIMILARITY)
    return f"did you mean {known[similar[0]]}?" if similar else "see httpcli --help"


def hint_for_curl_option(argv: Sequence[str]) -> str:
    """Return a hint if an option seems to be meant as curl's; otherwise an empty string."""
    for word, following in pairwise((*argv, "")):
        if word == "--":
            return ""
        other_meaning = _CURL_OPTIONS_WITH_OTHER_MEANING.get(word)
        is_option = following.startswith("-")
        if other_meaning is not None and not is_option and other_meaning[0].match(following):
            return other_meaning[1]
        if _CURL_BUNDLE.match(word):
            return (
                "these are curl's letters: -L is the same here, for -s use -q, for -f use --fail"
            )
    return ""
