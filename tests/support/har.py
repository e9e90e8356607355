"""HAR 1.2 as a JSON schema, written from its specification.

Sources: the W3C Web Performance draft, and softwareishard.com. Names that start with an
underscore are custom fields.
"""

from __future__ import annotations

from typing import Any

_TEXT = {"type": "string"}
_SIZE = {"type": "integer", "minimum": -1}
_TIME = {"type": "number", "minimum": 0}
_PHASE = {"anyOf": [{"const": -1}, _TIME]}
_INSTANT = {
    "type": "string",
    "pattern": r"^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?(Z|[+-]\d\d:\d\d)$",
}


def _object(required: dict[str, Any], optional: dict[str, Any] | None = None) -> dict[str, Any]:
    return {
        "type": "object",
        "properties": {**required, **(optional or {}), "comment": _TEXT},
        "patternProperties": {"^_": {}},
        "additionalProperties": False,
        "required": list(required),
    }


def _list(items: dict[str, Any]) -> dict[str, Any]:
    return {"type": "array", "items": items}


_PAIRS = _list(_object({"name": _TEXT, "value": _TEXT}))
_COOKIES = _list(
    _object(
        {"name": _TEXT, "value": _TEXT},
        {
            "path": _TEXT,
            "domain": _TEXT,
            "expires": _INSTANT,
            "httpOnly": {"type": "boolean"},
            "secure": {"type": "boolean"},
            "sameSite": _TEXT,
        },
    )
)
_PARAMS = _list(
    _object({"name": _TEXT}, {"value": _TEXT, "fileName": _TEXT, "contentType": _TEXT})
)
_MESSAGE = {
    "httpVersion": _TEXT,
    "cookies": _COOKIES,
    "headers": _PAIRS,
    "headersSize": _SIZE,
    "bodySize": _SIZE,
}
_REQUEST = _object(
    {
        **_MESSAGE,
        "method": _TEXT,
        "url": _TEXT,
        "queryString": _PAIRS,
    },
    {"postData": _object({"mimeType": _TEXT}, {"params": _PARAMS, "text": _TEXT})},
)
_RESPONSE = _object(
    {
        **_MESSAGE,
        "status": {"type": "integer"},
        "statusText": _TEXT,
        "redirectURL": _TEXT,
        "content": _object(
            {"size": {"type": "integer", "minimum": 0}, "mimeType": _TEXT},
            {"compression": {"type": "integer"}, "text": _TEXT, "encoding": _TEXT},
        ),
    }
)
_TIMINGS = _object(
    {"send": _TIME, "wait": _TIME, "receive": _TIME},
    dict.fromkeys(("blocked", "dns", "connect", "ssl"), _PHASE),
)
_ENTRY = _object(
    {
        "startedDateTime": _INSTANT,
        "time": _TIME,
        "request": _REQUEST,
        "response": _RESPONSE,
        "cache": {"type": "object"},
        "timings": _TIMINGS,
    },
    {"pageref": _TEXT, "serverIPAddress": _TEXT, "connection": _TEXT},
)
HAR_SCHEMA = _object(
    {
        "log": _object(
            {
                "version": {"const": "1.2"},
                "creator": _object({"name": _TEXT, "version": _TEXT}),
                "entries": _list(_ENTRY),
            },
            {"browser": _object({"name": _TEXT, "version": _TEXT}), "pages": {"type": "array"}},
        )
    }
)
