"""Reads and changes the partial files of interrupted downloads."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from httpcli.core.download import PartialState
from httpcli.storage import sidecar
from httpcli.storage.resume_key import ResumeKey
from tests.support.environment import current_environment


def change_sidecar(
    folder: Path, name: str, change: Callable[[PartialState], PartialState]
) -> None:
    """Change what the sidecar of ``name`` lists, as the program itself would."""
    part, path = folder / f"{name}.part", folder / f"{name}.part.json"
    saved = sidecar.read(str(path))
    assert saved is not None
    state = change(saved.state)
    key = ResumeKey(current_environment()).create()
    with part.open("rb") as file:
        owner = sidecar.Owner(key, part.name, file.fileno())
        sidecar.write(str(path), state, state.spans, owner)
