"""Draw the README's pictures again: ``python -m tests.docs.record_pictures``."""

from __future__ import annotations

import sys
import tempfile
from pathlib import Path

from tests.docs.catch_all_server import Ports, catch_all_server
from tests.docs.example_shell import HOSTS, ExampleShell
from tests.docs.pictures import Picture, draw
from tests.support.certificates import CertificateAuthority
from tests.support.environment import ROOT
from tests.support.file_server import FileServer, FileVersion
from tests.support.http_connection import ReceivedRequest

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


class Files(FileServer):
    """Serves each file with its size in ``SIZES``."""

    def answer(self, request: ReceivedRequest) -> bytes:
        """Return the response for the requested file."""
        self.version = FileVersion(bytes(SIZES[request.target]))
        return super().answer(request)


def main() -> None:
    """Draw all pictures, or those named on the command line."""
    FOLDER.mkdir(exist_ok=True)
    with tempfile.TemporaryDirectory() as temporary:
        home = Path(temporary)
        authority = CertificateAuthority(home)
        context = authority.for_hosts(*HOSTS)
        with catch_all_server(context, home) as ports, Files(FileVersion(b"")) as files:
            files.may_be_idle()
            usual = ExampleShell(_folder(home, "usual"), authority, ports)
            slow = ExampleShell(_folder(home, "slow"), authority, Ports(files.port, files.port))
            for picture in PICTURES:
                if sys.argv[1:] and picture.name not in sys.argv[1:]:
                    continue
                shell = slow if picture.name == "download" else usual
                svg = draw(picture, shell.env, str(shell.home))
                (FOLDER / f"{picture.name}.svg").write_text(svg)


def _folder(home: Path, name: str) -> Path:
    folder = home / name
    folder.mkdir()
    return folder


if __name__ == "__main__":
    main()
