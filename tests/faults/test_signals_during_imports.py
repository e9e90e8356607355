"""Signals while a module is being imported: C code turns any error there into ImportError."""

from __future__ import annotations

import signal
from pathlib import Path

import pytest

from tests.support.environment import child_environment
from tests.support.run import run_process

MODULE = """
import os, sys, time
try:
    os.kill(os.getpid(), {number})
    time.sleep(0.2)
except BaseException:
    raise ImportError("PyCapsule_Import could not import module") from None
sys.path.remove({folder!r})
del sys.modules["platform"]
import platform
"""
"""Replaces a module that the program imports at its start; it is killed meanwhile."""


@pytest.mark.parametrize(
    ("number", "status"), [(signal.SIGTERM, 143), (signal.SIGINT, 130), (signal.SIGHUP, 129)]
)
def test_signal_during_an_import_ends_the_program_without_a_traceback(
    tmp_path: Path, number: int, status: int
) -> None:
    folder = tmp_path / "modules"
    folder.mkdir()
    text = MODULE.format(number=int(number), folder=str(folder))
    (folder / "platform.py").write_text(text)
    path = ":".join(filter(None, [str(folder), child_environment().get("PYTHONPATH")]))
    result = run_process("-d", "http://127.0.0.1:9/f", env={"PYTHONPATH": path}, cwd=tmp_path)
    assert (result.status, result.err) == (status, "")
