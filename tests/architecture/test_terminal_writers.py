"""Only the modules listed here write to a file descriptor, or use what writes to a terminal.

``terminal.streams`` passes what goes to a terminal through the guard. A new writer belongs there.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator

import pytest

from tests.architecture.source import Module, modules

_FILES = {"storage/append_file.py", "storage/part_file.py", "storage/spool.py"}
ALLOWED: dict[str, set[str]] = {
    # Files; the first two guard a file that is the user's terminal.
    "os.write": {"terminal/streams.py", *_FILES},
    "os.writev": set(),
    "os.pwrite": _FILES,
    "os.pwritev": _FILES,
    "os.sendfile": set(),
    # Flushed at the end, and replaced by guarded streams.
    "sys.stdout": {"terminal/terminal_output.py"},
    "sys.stderr": {"terminal/terminal_output.py", "__main__.py"},
    "sys.__stdout__": set(),
    "sys.__stderr__": set(),
    "print": set(),
    "input": set(),
    "click.echo": set(),
    "faulthandler.enable": set(),
    "traceback.print_exc": set(),
    "print_exc": set(),
    "print_exception": set(),
    "warnings.warn": set(),
    "logging.getLogger": set(),
    "unguarded_writer": {"terminal/streams.py", "terminal/terminal_output.py"},
    # They get escaped text, or text of the program alone.
    "getpass": {"terminal/prompts.py"},
    "subprocess.run": {"terminal/prompts.py"},
    "subprocess.Popen": set(),
    "os.system": set(),
    "pager": {"app.py"},
    # They write to a string, or to ``EditorStream``.
    "Console": {"progress/bar_renderer.py", "terminal/waterfall.py"},
    "PromptSession": {"terminal/line_editor.py"},
}
"""The modules that may use a name."""


@pytest.mark.parametrize("name", ALLOWED)
def test_only_listed_modules_use_what_writes(name: str) -> None:
    users = {module.path for module in modules() if name in set(names_used(module))}
    assert users <= ALLOWED[name]


def names_used(module: Module) -> Iterator[str]:
    """Yield the names and attributes of modules that the code uses."""
    for node in ast.walk(module.tree):
        if isinstance(node, ast.Name) or (
            isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name)
        ):
            yield ast.unparse(node)


def test_rich_writes_to_strings_only() -> None:
    consoles = [
        {keyword.arg: ast.unparse(keyword.value) for keyword in node.keywords}
        for module in modules()
        for node in ast.walk(module.tree)
        if isinstance(node, ast.Call) and ast.unparse(node.func) == "Console"
    ]
    assert consoles
    assert all(options.get("file") == "StringIO()" for options in consoles)


def test_only_bodies_are_written_raw() -> None:
    """``raw`` turns the guard off: only ``--terminal=raw`` may, and only for bodies."""
    users = {
        module.path
        for module in modules()
        for node in ast.walk(module.tree)
        if isinstance(node, ast.Call)
        and ast.unparse(node.func) in ("stdout_writer", "stream_writer", "stream_writer_until")
        and any(keyword.arg == "raw" for keyword in node.keywords)
    }
    assert users <= {"terminal/streams.py", "dispatch.py", "batch/run.py", "websocket/run.py"}
