"""Draw the README's pictures anew: ``python -m tests.docs.record_pictures``."""

from __future__ import annotations

import sys
import tempfile
from pathlib import Path

from tests.docs.everywhere import Ports, everywhere
from tests.docs.pictures import Picture, draw
from tests.docs.world import HOSTS, World
from tests.support.certificates import Authority
from tests.support.environment import ROOT
from tests.support.origin import Origin, Version
from tests.support.wire import Received

FOLDER = ROOT / "docs" / "pictures"
PICTURES = (
    Picture("request", "httpcli POST echo:/anything name=world price:=1.10"),
    Picture("timings", "httpcli --timings -h --follow https://example.org/redirect/2"),
    Picture(
        "download",
        "httpcli download --limit-rate 5M example.org/film.mkv example.org/data.csv"
        " example.org/notes.pdf",
        "1 of 3 files",
    ),
    Picture(
        "expectations",
        "httpcli -h --expect 'status == 200' --expect 'json.json.n > 3' echo:/anything n:=2",
    ),
)
SIZES = {"/film.mkv": 21_300_000, "/data.csv": 9_700_000, "/notes.pdf": 3_800_000}


class Files(Origin):
    """Serves each file with a size of its own."""

    def answer(self, request: Received) -> bytes:
        """Return the right answer."""
        self.version = Version(bytes(SIZES[request.target]))
        return super().answer(request)


def main() -> None:
    """Draw all of them, or those that are named."""
    FOLDER.mkdir(exist_ok=True)
    with tempfile.TemporaryDirectory() as temporary:
        home = Path(temporary)
        authority = Authority(home)
        context = authority.for_hosts(*HOSTS)
        with everywhere(context, home) as ports, Files(Version(b"")) as files:
            files.may_be_idle()
            usual = World(_folder(home, "usual"), authority, ports)
            slow = World(_folder(home, "slow"), authority, Ports(files.port, files.port))
            for picture in PICTURES:
                if sys.argv[1:] and picture.name not in sys.argv[1:]:
                    continue
                world = slow if picture.name == "download" else usual
                svg = draw(picture, world.env, str(world.home))
                (FOLDER / f"{picture.name}.svg").write_text(svg)


def _folder(home: Path, name: str) -> Path:
    folder = home / name
    folder.mkdir()
    return folder


if __name__ == "__main__":
    main()
