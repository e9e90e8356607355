"""The links and pictures in the documents exist."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from tests.architecture import record_packages
from tests.docs.record_pictures import PICTURES
from tests.support.environment import ROOT

DOCUMENTS = sorted([*ROOT.glob("*.md"), *(ROOT / "docs").glob("*.md")])
LINK = re.compile(r"\]\(([^)#\s]+)(?:#[^)]*)?\)")


@pytest.mark.parametrize("document", DOCUMENTS, ids=lambda path: path.name)
def test_every_relative_link_leads_to_a_file(document: Path) -> None:
    links = [link for link in LINK.findall(document.read_text()) if "://" not in link]
    assert [link for link in links if not (document.parent / link).exists()] == []


def test_every_picture_is_recorded_and_used() -> None:
    recorded = {f"docs/pictures/{name}.svg" for name, *_ in PICTURES}
    files = {str(path.relative_to(ROOT)) for path in (ROOT / "docs/pictures").iterdir()}
    assert files == recorded | {str(record_packages.PICTURE.relative_to(ROOT))}
    assert recorded <= set(LINK.findall((ROOT / "README.md").read_text()))


def test_picture_of_the_packages_is_up_to_date() -> None:
    """``python -m tests.architecture.record_packages`` draws it."""
    assert record_packages.PICTURE.read_text("utf-8") == record_packages.draw()


@pytest.mark.parametrize("name", [picture.name for picture in PICTURES])
def test_picture_loads_nothing_from_the_network(name: str) -> None:
    svg = (ROOT / f"docs/pictures/{name}.svg").read_text()
    assert "url(http" not in svg
    assert "@font-face" not in svg
    assert " href=" not in svg
