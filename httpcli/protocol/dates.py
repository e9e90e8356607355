"""Parses the dates in headers, and formats dates for HTTP and RFC 3339, all in UTC.

Dates are parsed with the algorithm for cookies (RFC 6265bis, 5.1.1), which accepts
all three formats of RFC 9110, 5.6.7. ``email.utils`` would take 10 ms to import, and
does not accept the same dates as browsers.
"""

from __future__ import annotations

import re
import time
from datetime import UTC, datetime

_DELIMITERS = re.compile(r"[\t -/;-@\[-`{-~]+")
_TIME = re.compile(r"(\d{1,2}):(\d{1,2}):(\d{1,2})(?!\d)", re.ASCII)
_DAY = re.compile(r"(\d{1,2})(?!\d)", re.ASCII)
_YEAR = re.compile(r"(\d{2,4})(?!\d)", re.ASCII)
_DAYS = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")
_MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")
_MIN_YEAR = 1601


def parse_date(text: str) -> float | None:
    """Return a date as seconds since 1970; None if it is invalid.

    >>> parse_date("Thu, 01-Jan-1970 00:00:10 GMT")
    10.0
    """
    clock = day = month = year = None
    for token in _DELIMITERS.split(text):
        if clock is None and (found := _TIME.match(token)):
            clock = found
        elif day is None and (found := _DAY.match(token)):
            day = int(found[1])
        elif month is None and token[:3].title() in _MONTHS:
            month = _MONTHS.index(token[:3].title()) + 1
        elif year is None and (found := _YEAR.match(token)):
            year = _full_year(int(found[1]))
    if clock is None or day is None or month is None or year is None or year < _MIN_YEAR:
        return None
    hour, minute, second = map(int, clock.groups())
    try:
        return datetime(year, month, day, hour, minute, second, tzinfo=UTC).timestamp()
    except ValueError:  # for example February 30, or 25:00
        return None


def http_date(seconds: float) -> str:
    """Format seconds since 1970 for HTTP (IMF-fixdate, RFC 9110, 5.6.7).

    >>> http_date(784111777)
    'Sun, 06 Nov 1994 08:49:37 GMT'
    """
    at = time.gmtime(seconds)
    day, month = _DAYS[at.tm_wday], _MONTHS[at.tm_mon - 1]
    clock = f"{at.tm_hour:02}:{at.tm_min:02}:{at.tm_sec:02}"
    return f"{day}, {at.tm_mday:02} {month} {at.tm_year:04} {clock} GMT"


def timestamp(seconds: float) -> str:
    """Format seconds since 1970 as in RFC 3339, with milliseconds.

    >>> timestamp(0)
    '1970-01-01T00:00:00.000Z'
    """
    moment = datetime.fromtimestamp(seconds, UTC).isoformat(timespec="milliseconds")
    return moment.replace("+00:00", "Z")


def _full_year(year: int) -> int:
    """Return the year with four digits if it has two."""
    if year < 70:
        return 2000 + year
    return 1900 + year if year < 100 else year
