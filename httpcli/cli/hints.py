"""What to say to somebody whose fingers know another tool; pure.

An unknown or shortened option gets the nearest full name; a letter of curl's
that is another thing here, or nothing yet, gets the option that does the job.
"""

from __future__ import annotations

from collections.abc import Sequence

from httpcli.flags.table import FLAGS

_CURL_LETTERS = {
    "-d": "curl's -d is --raw TEXT here, or items: name=value",
    "-O": "save with -o FILE",
    "-i": "show the response's head and body with --print=hb",
    "-G": "add query parameters as name==value",
    "-E": "client certificates are not an option yet",
    "-c": "curl's -c (cookie jar) is not an option here; send a cookie with --cookie name=value",
    "-S": "errors are always shown; leave -S out",
    "-e": "send the field Referer:URL",
    "-w": "see --print for what can be shown",
    "-r": "send the field 'Range: bytes=0-99'",
}

_CURL_NAMES = {
    "--data": "--raw",
    "--data-raw": "--raw",
    "--data-binary": "--raw",
    "--request": "--method",
    "--location": "--follow",
    "--user": "--auth",
    "--user-agent": "--header",
    "--include": "--print=hb",
    "--silent": "--quiet",
    "--fail": "--check-status",
    "--cacert": "--verify",
    "--connect-timeouts": "--connect-timeout",
    "--url-query": "--param",
    "--head": "--method=HEAD",
}


def hint_for_missing_url() -> str:
    """Say how the command line goes."""
    return "httpcli [OPTIONS] [METHOD] URL [ITEM]...   (see httpcli --help)"


def hint_for_unknown_option(name: str, near: Sequence[str]) -> str:
    """Say what was probably meant by an option that is not there; ``near`` is spelled alike."""
    if not name.startswith("--"):
        return _CURL_LETTERS.get(name, "see httpcli --help")
    names = [f"--{flag.name}" for flag in FLAGS]
    names += [f"--no-{flag.name}" for flag in FLAGS]
    full = [candidate for candidate in names if candidate.startswith(name)]
    if full:
        return f"options are written in full: {' or '.join(full[:3])}"
    if name in _CURL_NAMES:
        return f"did you mean {_CURL_NAMES[name]}?"
    return f"did you mean {near[0]}?" if near else "see httpcli --help"


def hint_for_curl_habit(argv: Sequence[str]) -> str:
    """Say what was probably meant by letters that curl reads in another way."""
    for word, following in zip(argv, (*argv[1:], ""), strict=False):
        if word == "-F" and "=" in following:
            return "-F follows redirects here; a form is --form NAME=TEXT NAME@FILE"
        if word == "-x" and ("://" in following or ":" in following):
            return "-x compresses here; curl's -x is --proxy"
        if word == "-m" and following.replace(".", "").isdigit():
            return "-m shows the meta data here; curl's -m is --max-time"
        if word == "-b" and "=" in following:
            return "-b shows the body here; curl's -b is --cookie name=value"
        if word == "-s" and ("/" in following or following[:1] == "-" or not following):
            return "-s names a colour style here; curl's -s is --quiet"
        if word.startswith("-") and not word.startswith("--") and set("sSf") & set(word[1:]):
            return "letters of curl: -L is -L here too, -s is --quiet, -f is --check-status"
    return ""
