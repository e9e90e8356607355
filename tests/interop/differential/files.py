"""The files that cases name; each is created in the folder of the run that names it.

They are private (mode 600), since httpcli warns about a ``.netrc`` that others can read.
"""

from __future__ import annotations

import os

FILES: dict[str, bytes] = {
    ".netrc": b"machine 127.0.0.1 login net password r:c\n",
    "_netrc": b"machine 127.0.0.1 login under password score\n",
    "own.netrc": b"machine 127.0.0.1 login own password o\n",
    "any.netrc": b"machine example.org login no password x\ndefault login any password a\n",
    "user.netrc": b"machine 127.0.0.1 login alone\n",
    "broken.netrc": b"machine 127.0.0.1 loggin x\n",
    "note.txt": b"hello\n",
    "lines.txt": b"one\r\ntwo\n\n",
    "empty.txt": b"",
    "umlaut.txt": "grün €\n".encode(),
    "latin1.txt": "grün\n".encode("latin-1"),
    "bom.txt": b"\xef\xbb\xbfhello\n",
    "big.txt": b"the same line again\n" * 20_000,
    "some.txt": b"the same line again\n" * 40,
    "number.json": b" 1.5 \n",
    "array.json": b'[1, "two", null]\n',
    "object.json": b'{"b": [1, 2],\n "a": {"c": true}}\n',
    "broken.json": b'{"a": \n',
    "page.html": b"<p>hello\n",
    "data.xml": b"<a/>\n",
    "script.js": b"1\n",
    "table.csv": b"a,b\n1,2\n",
    "picture.png": b"\x89PNG\r\n\x1a\n\x00\xff",
    "picture.JPG": b"\xff\xd8\xff\x00",
    "pack.tar.gz": b"\x1f\x8b\x08\x00",
    "pack.zip": b"PK\x03\x04",
    "random.bin": bytes(range(256)),
    "odd.zzz": b"?\n",
    "plain": b"no extension\n",
    "two words.txt": b"two words\n",
    'quo"te.txt': b"quote\n",
    "grün.txt": b"green\n",
    "at@sign.txt": b"at\n",
    "semi;colon.txt": b"semicolon\n",
    "back\\slash.txt": b"backslash\n",
    "sub/inner.txt": b"inner\n",
    "conf-form/config.json": b'{"default_options": ["--form"], "disable_update_warnings": true}',
    "conf-head/config.json": b'{"default_options": ["-h"], "disable_update_warnings": true}',
    "conf-broken/config.json": b'{"default_options": [',
    "conf-text/config.json": b'{"default_options": "-h", "disable_update_warnings": true}',
    "conf-unknown/config.json": b'{"default_options": ["--frobnicate"]}',
    "new-session.json": b"""{"__meta__": {"httpie": "3.2.4"},
        "auth": {"type": "bearer", "raw_auth": "token"},
        "cookies": [
            {"name": "any", "value": "1", "domain": null, "path": "/", "expires": null},
            {"name": "here", "value": "2", "domain": "127.0.0.1", "path": "/", "secure": false},
            {"name": "there", "value": "3", "domain": "example.org", "path": "/"},
            {"name": "deep", "value": "4", "domain": "127.0.0.1", "path": "/deep"},
            {"name": "old", "value": "5", "domain": "127.0.0.1", "path": "/", "expires": 100},
            {"name": "safe", "value": "6", "domain": "127.0.0.1", "path": "/", "secure": true}],
        "headers": [{"name": "X-A", "value": "1"}, {"name": "X-A", "value": "2"}]}""",
    "old-session.json": b"""{"__meta__": {"httpie": "2.4.0"},
        "auth": {"type": "basic", "username": "me", "password": "p:w"},
        "cookies": {"c": {"value": "1", "path": "/", "expires": null, "secure": false},
                    "d": {"value": "2"}},
        "headers": {"X-A": "1", "X-B": "2"}}""",
    "broken-session.json": b'{"cookies": [',
}


def create_files(folder: str, command: str) -> None:
    """Create in ``folder`` the files that ``command`` names."""
    for name, content in FILES.items():
        if name.removesuffix("/config.json") in command:
            path = os.path.join(folder, name)
            os.makedirs(os.path.dirname(path), exist_ok=True)
            with open(path, "wb") as file:
                file.write(content)
            os.chmod(path, 0o600)
