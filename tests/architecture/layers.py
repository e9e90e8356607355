"""The architecture as tables: layers, pure packages, and library adapters.

docs/architecture.md describes the same layers for people.
"""

from __future__ import annotations

import sys

LAYERS: tuple[tuple[str, ...], ...] = (
    ("__main__",),
    ("app",),
    ("cli.commands",),
    ("dispatch",),
    ("batch", "download", "websocket"),
    ("exchange",),
    ("body", "observers"),
    ("middleware", "progress"),
    ("planning",),
    ("config",),
    ("cli", "manual"),
    ("output", "report", "storage", "transport"),
    ("options",),
    ("event_loop", "run_context"),
    ("auth", "echo", "protocol", "syntax", "terminal"),
    ("core",),
    ("",),
)
"""Packages from top to bottom, ``""`` being the version in ``httpcli/__init__.py``.

A module imports only from its own package and from lower layers. A module belongs to the
package with the longest name that fits: ``cli.commands`` is not part of ``cli``.
"""

PURE = frozenset({"core", "syntax", "protocol", "output", "report", "options", "manual"})
"""Packages that compute: no I/O, no event loop, no ambient state."""

IO_BUILTINS = frozenset({"breakpoint", "input", "open", "print"})
"""Functions that a pure package does not call."""

IO_MODULES = (
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
"""Modules that a pure package does not import."""

AMBIENT_STATE = frozenset(
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
"""State of the process. Pure packages do not read it; they get values as arguments."""

ADAPTERS: dict[str, tuple[str, ...]] = {
    "aiohttp.web": ("echo/",),
    "aiohttp": ("transport/aiohttp/",),
    "aiodns": ("transport/dial/",),
    "aiohappyeyeballs": ("transport/dial/",),
    "python_socks": ("transport/dial/",),
    "multidict": ("transport/aiohttp/",),
    "yarl": ("transport/aiohttp/",),
    "aiofiles": ("storage/",),
    "backports.zstd": ("protocol/codings.py", "echo/content.py"),
    "compression.zstd": ("protocol/codings.py", "echo/content.py"),
    "brotli": ("protocol/codings.py", "echo/content.py"),
    "charset_normalizer": ("output/decoding.py",),
    "click": ("cli/parser.py",),
    "idna": ("core/international_hosts.py",),
    "jmespath": ("syntax/jmespath.py",),
    "jsonschema": ("syntax/json_schema.py",),
    "referencing": ("syntax/json_schema.py",),
    "prompt_toolkit": ("terminal/line_editor.py",),
    "publicsuffixlist": ("protocol/cookies.py",),
    "pygments": ("output/formats/highlight.py", "output/styles.py"),
    "rich": ("progress/bar_renderer.py", "terminal/waterfall.py"),
}
"""For each library, the modules that may import it, by the start of their path.

The first library that matches an import applies.
"""

INSTALLED_WITH = {
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
"""Libraries that come with a package that pyproject.toml declares."""

LOADERS = frozenset({"httpcli.core.lazy_load"})
"""Modules that import by name; other modules call their ``load`` with a registry row."""

STANDARD = frozenset(sys.stdlib_module_names)

LONGEST_MODULE = 700
"""In lines. A longer module probably covers more than one topic."""
