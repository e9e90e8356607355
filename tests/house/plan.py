"""The plan of the house as tables: the floors, the doors, and the seams.

CONTRIBUTING.md draws the same picture for people; here it is law.
"""

from __future__ import annotations

import sys

FLOORS: dict[str, int] = {
    "__main__": 7,
    "app": 7,
    "cli": 6,
    "manual": 5,
    "flags": 4,
    "modes": 4,
    "exchange": 3,
    "output": 3,
    "report": 3,
    "storage": 3,
    "transport": 3,
    "grammar": 2,
    "protocol": 2,
    "auth": 2,
    "terminal": 2,
    "echo": 2,
    "model": 1,
    "__init__": 0,
}
"""A room imports only from lower floors (and from itself). ``__init__`` is the version."""

ALONG_A_FLOOR = {("__main__", "app")}
"""The one arrow along a floor: the process starts the program."""

PURE = frozenset({"model", "grammar", "protocol", "auth", "output", "report", "flags", "manual"})
"""Rooms that compute: no I/O, no event loop, no ambient state."""

ACTING_BUILTINS = frozenset({"breakpoint", "input", "open", "print"})
"""Functions that a pure room does not call."""

NOT_IN_PURE_ROOMS = (
    "aiofiles",
    "aiohttp",
    "asyncio",
    "click",
    "getpass",
    "http.client",
    "io",
    "pathlib",
    "rich",
    "select",
    "selectors",
    "shutil",
    "socket",
    "ssl",
    "subprocess",
    "tempfile",
    "threading",
    "urllib.request",
)

AMBIENT = frozenset(
    {
        "os.environ",
        "os.environb",
        "os.getcwd",
        "os.getenv",
        "os.isatty",
        "os.open",
        "os.read",
        "os.write",
        "sys.argv",
        "sys.stderr",
        "sys.stdin",
        "sys.stdout",
        "time.sleep",
    }
)
"""What a pure room is given instead of asking for it."""

DOORS: dict[str, tuple[str, ...]] = {
    "aiohttp.web": ("echo/",),
    "aiohttp": ("transport/",),
    "aiodns": ("transport/dial/dns_servers.py",),
    "aiohappyeyeballs": ("transport/dial/proxy.py",),
    "python_socks": ("transport/aiohttp/socks.py",),
    "multidict": ("transport/",),
    "yarl": ("transport/",),
    "aiofiles": ("storage/",),
    "backports.zstd": ("protocol/coding_zstd.py", "echo/codings.py"),
    "compression.zstd": ("protocol/coding_zstd.py", "echo/codings.py"),
    "brotli": ("protocol/coding_brotli.py", "echo/codings.py"),
    "charset_normalizer": ("output/charset_guess.py",),
    "click": ("cli/parser.py",),
    "idna": (),  # a row of core/hosts.py, which stands on the standard library alone
    "jmespath": ("syntax/jmespath.py",),
    "jsonschema": ("syntax/json_schema.py",),
    "referencing": ("syntax/json_schema.py",),
    "prompt_toolkit": ("terminal/line_editor.py",),
    "publicsuffixlist": ("protocol/public_suffixes.py",),
    "pygments": ("output/formats/highlight.py",),
    "rich": ("progress/board.py", "terminal/waterfall.py"),
}
"""Who may import which library: modules whose place starts so. The first row that fits counts."""

BROUGHT_BY = {
    "aiohappyeyeballs": "aiohttp",
    "aiohttp.web": "aiohttp",
    "charset_normalizer": "charset-normalizer",
    "compression.zstd": "backports.zstd",
    "multidict": "aiohttp",
    "prompt_toolkit": "prompt-toolkit",
    "python_socks": "python-socks",
    "referencing": "jsonschema",
    "yarl": "aiohttp",
}
"""Libraries that are there because of one that is declared by another name."""

SEAMS = frozenset(
    {
        "httpcli.__main__",  # Ctrl-C during the imports ends quietly too
    }
)
"""Modules where an import may stand inside a function."""

LOADERS = frozenset({"httpcli.core.entry_points"})
"""Modules that import by name; everybody else hands them a registry row."""

STANDARD = frozenset(sys.stdlib_module_names)

LONGEST_FILE = 300
