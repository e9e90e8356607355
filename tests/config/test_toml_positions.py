"""Line numbers of keys in a TOML text."""

from __future__ import annotations

import pytest

from httpcli.config.toml_positions import line_of_key

TEXT = '''# comment
top = 1

[defaults]
timeout = 10
"style" = "pie"
note = """
timeout = 11
[profile.api]
"""
print = "h"

[profile.api]
url = "https://api.example.org"
headers = {X-A = "1"}
[profile."b"]
url = 1
[profile.b.headers]
X-B = "2"
[profile]
c.url = "x"
c.auth = "y"
'''

LINES = [
    (("top",), 2),
    (("defaults",), 4),
    (("defaults", "timeout"), 5),
    (("defaults", "style"), 6),
    (("defaults", "print"), 11),
    (("profile", "api"), 13),
    (("profile", "api", "url"), 14),
    (("profile", "api", "headers", "X-A"), 15),
    (("profile", "b", "url"), 17),
    (("profile", "b", "headers"), 18),
    (("profile", "b", "headers", "X-B"), 19),
    (("profile", "c"), 21),
    (("profile", "c", "auth"), 22),
    (("nowhere",), 1),
]


@pytest.mark.parametrize(("keys", "line"), LINES)
def test_key_has_its_own_line_or_the_line_of_its_table(keys: tuple[str, ...], line: int) -> None:
    assert line_of_key(TEXT, keys) == line
