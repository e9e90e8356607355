"""``python -m tests.interop.record_peers`` writes the README's table of other programs anew."""

from __future__ import annotations

from tests.interop.beside.markdown import BEGIN, END, PEERS, block, version
from tests.support.environment import ROOT


def main() -> None:
    """Put the recorded answers, and the versions that are installed here, between the marks."""
    readme = ROOT / "README.md"
    before, _, rest = readme.read_text("utf-8").partition(BEGIN)
    _, _, after = rest.partition(END)
    made = block({program.name: version(program) for program in PEERS})
    readme.write_text(f"{before}{BEGIN}{made}{END}{after}", "utf-8")


if __name__ == "__main__":
    main()
