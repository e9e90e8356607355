"""The architecture as tables: layers, pure packages, and library adapters.

CONTRIBUTING.md draws the same picture for people.
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
    ("run_context",),
    ("auth", "echo", "protocol", "syntax", "terminal"),
    ("core",),
    ("",),
)
"""Packages from top to bottom, ``""`` being the version in ``httpcli/__init__.py``.

A module imports only from its own package and from lower layers. The longest
name that fits a module is its package: ``cli.commands`` is not part of ``cli``.
"""

PURE = frozenset({"core", "syntax", "protocol", "output", "report", "options", "manual"})
"""Packages that compute: no I/O, no event loop, no ambient state."""

ACTING_BUILTINS = frozenset({"breakpoint", "input", "open", "print"})
"""Functions that a pure package does not call."""

NOT_IN_PURE_PACKAGES = (
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
"""Ambient state, which a pure package gets as an argument."""

ADAPTERS: dict[str, tuple[str, ...]] = {
    "aiohttp.web": ("echo/",),
    "aiohttp": ("transport/aiohttp/",),
    "aiodns": ("transport/dial/",),
    "aiohappyeyeballs": ("transport/dial/",),
    "python_socks": ("transport/dial/",),
    "multidict": ("transport/aiohttp/",),
    "yarl": ("transport/aiohttp/",),
    "aiofiles": ("storage/",),
    "backports.zstd": ("protocol/coding_zstd.py", "echo/content.py"),
    "compression.zstd": ("protocol/coding_zstd.py", "echo/content.py"),
    "brotli": ("protocol/coding_brotli.py", "echo/content.py"),
    "charset_normalizer": ("output/decoding.py",),
    "click": ("cli/parser.py",),
    "idna": ("core/url.py",),
    "jmespath": ("syntax/jmespath.py",),
    "jsonschema": ("syntax/json_schema.py",),
    "referencing": ("syntax/json_schema.py",),
    "prompt_toolkit": ("terminal/line_editor.py",),
    "publicsuffixlist": ("protocol/public_suffixes.py",),
    "pygments": ("output/formats/highlight.py", "output/pygments_styles.py"),
    "rich": ("progress/renderer.py", "terminal/waterfall.py"),
}
"""Which modules may import a library: those whose path starts so. The first match applies."""

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
"""Libraries that another declared package installs."""

LOADERS = frozenset({"httpcli.core.entry_points"})
"""Modules that import by name; other modules call their ``load`` with a registry row."""

STANDARD = frozenset(sys.stdlib_module_names)

LONGEST_MODULE = 700
"""Lines. A module is one topic; a longer one has probably two."""
