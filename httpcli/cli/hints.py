"""Hints for wrong command lines, also for users of curl; pure.

An unknown or shortened option gets a similar full name. An option of curl with another meaning,
or without one, gets the option that does the same.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from itertools import pairwise

from httpcli.options.table import OPTIONS

_CURL_BUNDLE = re.compile(r"-(?=[fSLkOvgi]*s)[fsSLkOvgi]{2,}\Z")
"""Bundled letters that are usual with curl and unusual with httpcli: -fsSL, -sS, -sL."""

_CURL_OPTIONS_WITH_OTHER_MEANING = {
    "-d": (
        re.compile(r"[{\[@]|[^/:]+="),
        "-d downloads here; curl's -d is --raw TEXT, or items: name=value",
    ),
    "-F": (
        re.compile(r".*=", re.DOTALL),
        "-F follows redirects here; a form is --form NAME=TEXT NAME@FILE",
    ),
    "-x": (re.compile(r".*://", re.DOTALL), "-x compresses here; curl's -x is --proxy"),
    "-m": (
        re.compile(r"\d+\.?\d*\Z", re.ASCII),
        "-m shows the meta data here; curl's -m is --max-time",
    ),
    "-b": (
        re.compile(r".*=", re.DOTALL),
        "-b shows the body here; curl's -b is --cookie name=value",
    ),
    "-s": (re.compile(r".*/", re.DOTALL), "-s names a colour style here; curl's -s is --quiet"),
    "-r": (
        re.compile(r"\d+-?\d*\Z|-\d+\Z", re.ASCII),
        "-r is --raw-strings here; for a range send the field 'Range: bytes=0-99'",
    ),
}
"""Letters that mean something else for curl: a pattern of curl's value for it, and the hint.

The pattern does not match a URL or an item, which follows in a command line of httpcli.
"""

_CURL_ONLY_LETTERS = {
    "-i": "show the response's head and body with --print=hb",
    "-G": "add query parameters as name==value",
    "-E": "a client certificate is --cert FILE, with --cert-key FILE",
    "-S": "errors are always shown; leave -S out",
    "-e": "send the field Referer:URL",
    "-Z": "many requests at once are --batch FILE, a line for each",
    "-K": "many requests are --batch FILE, a line for each; settings are httpcli config",
}

_HTTP_VERSION_HINT = "HTTP/1.1 is the newest that is spoken here (and --http1.0)"
_MIN_SIMILARITY = 0.8
"""For difflib: --mission is not similar enough to --session."""

_CURL_NAMES = {
    "--data": "--raw",
    "--parallel": "--batch FILE",
    "--parallel-max": "--jobs",
    "--next": "--batch FILE, a line for each request",
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

_UNSUPPORTED_VERSIONS = ("--http2", "--http2-prior-knowledge", "--http3", "--http3-only")


def hint_for_missing_url() -> str:
    """Return the usage line."""
    return "httpcli [OPTIONS] [METHOD] URL [ITEM]...   (see httpcli --help)"


def hint_for_unknown_option(name: str, candidates: Sequence[str]) -> str:
    """Return a hint for an unknown option; ``candidates`` are similar options."""
    if not name.startswith("--"):
        return _CURL_ONLY_LETTERS.get(name, "see httpcli --help")
    if name in _UNSUPPORTED_VERSIONS:
        return _HTTP_VERSION_HINT
    names = [f"--{option.name}" for option in OPTIONS]
    names += [f"--no-{option.name}" for option in OPTIONS]
    completions = [full_name for full_name in names if full_name.startswith(name)]
    if completions:
        return f"options are written in full: {' or '.join(completions[:3])}"
    if name in _CURL_NAMES:
        return f"did you mean {_CURL_NAMES[name]}?"
    from difflib import get_close_matches

    similar = get_close_matches(name, candidates, 1, _MIN_SIMILARITY)
    return f"did you mean {similar[0]}?" if similar else "see httpcli --help"


def hint_for_curl_option(argv: Sequence[str]) -> str:
    """Return a hint if an option seems to be meant as curl's; otherwise an empty string."""
    for word, following in pairwise((*argv, "")):
        if word == "--":
            return ""
        other_meaning = _CURL_OPTIONS_WITH_OTHER_MEANING.get(word)
        if other_meaning is not None and other_meaning[0].match(following):
            return other_meaning[1]
        if _CURL_BUNDLE.match(word):
            return "letters of curl: -L is -L here too, -s is --quiet, -f is --fail"
    return ""
