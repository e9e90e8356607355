"""Where a byte stands, as people count."""


def line_and_column(content: bytes, offset: int) -> str:
    """Return ``line:column`` of a byte, both from 1."""
    before = content[:offset]
    line, column = before.count(b"\n") + 1, offset - before.rfind(b"\n")
    return f"{line}:{column}"
