"""Options of the request itself: method, headers, body, URL, authentication, sessions."""

from __future__ import annotations

from httpcli.auth.registry import SCHEMES
from httpcli.options.option import Option, OptionGroup, OptionKind

REQUEST = OptionGroup(
    "Request",
    (
        Option(
            "method",
            "The method, case kept; for scripts, where a word could be taken for a URL.",
            OptionKind.VALUE,
            letters="X",
            value="METHOD",
        ),
        Option(
            "header",
            "A header field; 'Name:' takes a default away, 'Name;' sends it empty.",
            OptionKind.ITEM,
            letters="H",
            value="'NAME: VALUE'",
        ),
        Option(
            "param", "A query parameter, encoded for you.", OptionKind.ITEM, value="NAME=VALUE"
        ),
        Option("cookie", "A cookie, sent as it is typed.", OptionKind.ITEM, value="NAME=VALUE"),
        Option("field", "A string in the JSON content.", OptionKind.ITEM, value="NAME=TEXT"),
        Option(
            "json-field",
            "A JSON literal in the JSON content: a number keeps its digits.",
            OptionKind.ITEM,
            value="NAME=JSON",
        ),
        Option(
            "file",
            "A file in a form; the item NAME@PATH in explicit form.",
            OptionKind.ITEM,
            value="NAME=PATH",
            details="Behind it may stand ;type=TYPE and ;filename=NAME.",
        ),
        Option(
            "json",
            "JSON content (the default with data items); sets Accept and Content-Type.",
            letters="j",
            overrides=("form", "multipart"),
        ),
        Option(
            "form",
            "A form instead of JSON: urlencoded, or multipart where there is a file.",
            letters="f",
            overrides=("json",),
        ),
        Option(
            "multipart",
            "A form as multipart/form-data, with or without files.",
            overrides=("json",),
        ),
        Option(
            "boundary",
            "What separates the parts (default: random).",
            OptionKind.VALUE,
            value="TEXT",
        ),
        Option("raw", "The content, literally.", OptionKind.VALUE, value="TEXT"),
        Option(
            "upload-file",
            "The content is that file's, standard input's (-), or what a GET of the URL gives; "
            "PUT unless a method is typed.",
            OptionKind.VALUE,
            letters="T",
            value="PATH|-|URL",
        ),
        Option("chunked", "Send the content with chunked framing."),
        Option(
            "compress",
            "Compress the content: deflate (default), gzip, br or zstd.",
            OptionKind.OPTIONAL,
            letters="x",
            value="CODING",
            details="Up to 1 MiB it is left as it is where it would grow; -xx forces it.",
        ),
        Option("expect-continue", "Send the content only when the server asks for it (100)."),
        Option("ignore-stdin", "Never read standard input.", letters="I"),
        Option(
            "path-as-is",
            "Send the path as typed: dot segments stay.",
            conflicts=("url-encoded",),
        ),
        Option("url-encoded", "The path and query are encoded already: send them as typed."),
        Option(
            "default-scheme",
            "The scheme of a URL without one (default: http).",
            OptionKind.VALUE,
            value="SCHEME",
            choices=("http", "https"),
        ),
        Option("offline", "Build the request and print it; connect nowhere."),
    ),
)

AUTH = OptionGroup(
    "Authentication",
    (
        Option(
            "auth",
            "Credentials; a user alone is asked for the password, without echo.",
            OptionKind.VALUE,
            letters="au",
            value="USER[:PASSWORD]|TOKEN",
        ),
        Option(
            "auth-type",
            "The scheme (default: basic); digest answers the server's challenge.",
            OptionKind.VALUE,
            letters="A",
            value="SCHEME",
            choices=tuple(SCHEMES),
            plugins="httpcli.auth",
            details="digest sends the request a second time, its content too (with "
            "--expect-continue once); --all shows both. Other packages may bring schemes "
            "(docs/auth-plugins.md).",
        ),
        Option(
            "ignore-netrc",
            "Do not look for the host in $NETRC, ~/.netrc or ~/_netrc.",
            details="They are asked where neither --auth, the URL nor an Authorization field "
            "says who asks.",
        ),
    ),
)

SESSIONS = OptionGroup(
    "Sessions",
    (
        Option(
            "session",
            "Remember fields, credentials and cookies, and send them again next time.",
            OptionKind.VALUE,
            value="NAME|PATH",
            conflicts=("session-read-only",),
            details="A name is for one host; a path (with a slash) for any. The files are "
            "HTTPie's.",
        ),
        Option(
            "session-read-only",
            "The same, but a session that is there stays as it is.",
            OptionKind.VALUE,
            value="NAME|PATH",
        ),
        Option(
            "cookie-jar",
            "Send the cookies of this file, and keep in it those that the servers set.",
            OptionKind.VALUE,
            value="FILE",
            conflicts=("session", "session-read-only"),
            details="The format that curl, wget and yt-dlp read and write; a new file is private.",
        ),
    ),
)
