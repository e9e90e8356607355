"""``python -m tests.architecture.record_loaded`` rewrites the list of what a plain GET loads."""

from __future__ import annotations

from tests.architecture.loaded import LIST_OF_GET, loaded_by, own
from tests.support.servers import RawServer


def main() -> None:
    """Run a GET and write down the program's modules that it loaded."""
    with RawServer() as server:
        LIST_OF_GET.write_text("\n".join(own(loaded_by("GET", server.url))) + "\n", "utf-8")


if __name__ == "__main__":
    main()
