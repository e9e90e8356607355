"""Options that say what is asked: method, fields, content, URL."""

from __future__ import annotations

from httpcli.options.option import Flag, Group, Kind

REQUEST = Group(
    "Request",
    (
        Flag(
            "method",
            "The method, case kept; for scripts, where a word could be taken for a URL.",
            Kind.VALUE,
            letters="X",
            value="METHOD",
        ),
        Flag(
            "header",
            "A header field; 'Name:' takes a default away, 'Name;' sends it empty.",
            Kind.ITEM,
            letters="H",
            value="'NAME: VALUE'",
        ),
        Flag("param", "A query parameter, encoded for you.", Kind.ITEM, value="NAME=VALUE"),
        Flag("cookie", "A cookie, sent as it is typed.", Kind.ITEM, value="NAME=VALUE"),
        Flag("field", "A string in the JSON content.", Kind.ITEM, value="NAME=TEXT"),
        Flag(
            "json-field",
            "A JSON literal in the JSON content: a number keeps its digits.",
            Kind.ITEM,
            value="NAME=JSON",
        ),
        Flag(
            "file",
            "A file in a form; the item NAME@PATH in explicit form.",
            Kind.ITEM,
            value="NAME=PATH",
            more="Behind it may stand ;type=TYPE and ;filename=NAME.",
        ),
        Flag(
            "json",
            "JSON content (the default with data items); sets Accept and Content-Type.",
            letters="j",
            instead_of=("form", "multipart"),
        ),
        Flag(
            "form",
            "A form instead of JSON: urlencoded, or multipart where there is a file.",
            letters="f",
            instead_of=("json",),
        ),
        Flag(
            "multipart",
            "A form as multipart/form-data, with or without files.",
            instead_of=("json",),
        ),
        Flag("boundary", "What separates the parts (default: random).", Kind.VALUE, value="TEXT"),
        Flag("raw", "The content, literally.", Kind.VALUE, value="TEXT"),
        Flag(
            "upload-file",
            "The content is that file's, standard input's (-), or what a GET of the URL gives; "
            "PUT unless a method is typed.",
            Kind.VALUE,
            letters="T",
            value="PATH|-|URL",
        ),
        Flag("chunked", "Send the content with chunked framing."),
        Flag(
            "compress",
            "Compress the content: deflate (default), gzip, br or zstd.",
            Kind.OPTIONAL,
            letters="x",
            value="CODING",
            more="Up to 1 MiB it is left as it is where it would grow; -xx forces it.",
        ),
        Flag("expect-continue", "Send the content only when the server asks for it (100)."),
        Flag("ignore-stdin", "Never read standard input.", letters="I"),
        Flag(
            "path-as-is",
            "Send the path as typed: dot segments stay.",
            conflicts=("url-encoded",),
        ),
        Flag("url-encoded", "The path and query are encoded already: send them as typed."),
        Flag(
            "default-scheme",
            "The scheme of a URL without one (default: http).",
            Kind.VALUE,
            value="SCHEME",
            choices=("http", "https"),
        ),
        Flag("offline", "Build the request and print it; connect nowhere."),
    ),
)
