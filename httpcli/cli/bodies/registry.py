"""The kinds of body a request can have: one file, one line each.

A row is a function from Sources to Content, which raises UsageError.
"""

from __future__ import annotations

BODIES: dict[str, str] = {
    "json": "httpcli.cli.bodies.json:from_data_items",
    "form": "httpcli.cli.bodies.form:from_form_items",
    "multipart": "httpcli.cli.bodies.multipart:from_multipart_items",
    "file": "httpcli.cli.bodies.file:from_file",
    "raw": "httpcli.cli.bodies.raw:from_option",
    "upload": "httpcli.cli.bodies.upload:from_upload_option",
    "stdin": "httpcli.cli.bodies.stdin:from_standard_input",
}
