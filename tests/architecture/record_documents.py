"""``python -m tests.architecture.record_documents`` rewrites the man page and completions."""

from __future__ import annotations

from httpcli.cli.commands.registry import SUBCOMMANDS
from httpcli.manual.generated_files import DOCUMENTS
from tests.support.environment import ROOT


def main() -> None:
    """Write every document."""
    for path, generate in DOCUMENTS.items():
        target = ROOT / path
        target.parent.mkdir(exist_ok=True)
        target.write_text(generate(tuple(sorted(SUBCOMMANDS))), "utf-8")


if __name__ == "__main__":
    main()
