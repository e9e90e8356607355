"""``python -m tests.house.record_documents`` makes the man page and the completions anew."""

from __future__ import annotations

from pathlib import Path

from httpcli.cli.subcommands import SUBCOMMANDS
from httpcli.manual.generated_files import DOCUMENTS

ROOT = Path(__file__).parents[2]


def main() -> None:
    """Write every document."""
    for path, made in DOCUMENTS.items():
        target = ROOT / path
        target.parent.mkdir(exist_ok=True)
        target.write_text(made(tuple(sorted(SUBCOMMANDS))), "utf-8")


if __name__ == "__main__":
    main()
