"""The dates of cookies, which are read by an algorithm of their own (RFC 6265bis, 5.1.1).

Not by ``email.utils``: it costs some 10 ms to load, and it refuses what servers
send and browsers take, and takes what they refuse.
"""

from __future__ import annotations

import re
from datetime import UTC, datetime

_DELIMITERS = re.compile(r"[\t -/;-@\[-`{-~]+")
_TIME = re.compile(r"(\d{1,2}):(\d{1,2}):(\d{1,2})(?!\d)", re.ASCII)
_DAY = re.compile(r"(\d{1,2})(?!\d)", re.ASCII)
_YEAR = re.compile(r"(\d{2,4})(?!\d)", re.ASCII)
_MONTHS = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
_EARLIEST = 1601


def parse_cookie_date(text: str) -> float | None:
    """Return the date in seconds since 1970; None where it is none.

    >>> parse_cookie_date("Thu, 01-Jan-1970 00:00:10 GMT")
    10.0
    """
    time = day = month = year = None
    for token in _DELIMITERS.split(text):
        if time is None and (found := _TIME.match(token)):
            time = found
        elif day is None and (found := _DAY.match(token)):
            day = int(found[1])
        elif month is None and token[:3].lower() in _MONTHS:
            month = _MONTHS.index(token[:3].lower()) + 1
        elif year is None and (found := _YEAR.match(token)):
            year = _whole_year(int(found[1]))
    if time is None or day is None or month is None or year is None or year < _EARLIEST:
        return None
    try:
        moment = datetime(year, month, day, int(time[1]), int(time[2]), int(time[3]), tzinfo=UTC)
    except ValueError:  # no such day, or no such time
        return None
    return moment.timestamp()


def _whole_year(year: int) -> int:
    """Return a year of two digits as it is meant."""
    if year < 70:
        return 2000 + year
    return 1900 + year if year < 100 else year
