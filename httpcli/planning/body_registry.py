"""The kinds of body a request can have: one file, one line each.

A row is a function from Sources to Content, which raises UsageError.
"""

from __future__ import annotations

BODIES: dict[str, str] = {
    "json": "httpcli.planning.body_json:from_data_items",
    "form": "httpcli.planning.body_form:from_form_items",
    "multipart": "httpcli.planning.body_multipart:from_multipart_items",
    "file": "httpcli.planning.body_file:from_file",
    "raw": "httpcli.planning.body_raw:from_option",
    "upload": "httpcli.planning.body_upload:from_upload_option",
    "stdin": "httpcli.planning.body_stdin:from_standard_input",
}
