"""``python -m tests.interop.record_peers`` updates the comparison table in the README."""

from __future__ import annotations

from tests.interop.beside.markdown import BEGIN, END, PEERS, block, version
from tests.support.environment import ROOT


def main() -> None:
    """Write the recorded answers and the installed versions between the markers."""
    readme = ROOT / "README.md"
    before, _, rest = readme.read_text("utf-8").partition(BEGIN)
    _, _, after = rest.partition(END)
    made = block({program.name: version(program) for program in PEERS})
    readme.write_text(f"{before}{BEGIN}{made}{END}{after}", "utf-8")


if __name__ == "__main__":
    main()
