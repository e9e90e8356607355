"""What curl's ``--write-out`` calls by name, of a run: the same names in the JSON report."""

from __future__ import annotations

from httpcli.model.exchange import Exchange
from httpcli.model.exits import Outcome
from httpcli.report.registry import About
from httpcli.report.texts import readable

_CHALLENGES = (401, 407)


class Variables:
    """Learns from each exchange; the last one counts, but for what is counted or added up."""

    def __init__(self, about: About) -> None:
        self._about = about
        self._last: Exchange | None = None
        self._redirects = 0
        self._retries = 0
        self._before = 0.0

    def see(self, exchange: Exchange) -> None:
        """Take note of an exchange: the one before it was not the last."""
        last = self._last
        if last is not None:
            self._before += last.length
            status = 0 if last.response is None else last.response.status
            self._redirects += 300 <= status <= 399
            self._retries += not (300 <= status <= 399 or status in _CHALLENGES)
        self._last = exchange

    def at_end(self, outcome: Outcome) -> dict[str, int | float | str]:
        """Return the variables; times are in seconds."""
        found: dict[str, int | float | str] = {
            "method": self._about.method,
            "url": readable(self._about.url),
            "exitcode": int(outcome.status),
            "errormsg": readable(outcome.reason),
            "num_redirects": self._redirects,
            "num_retries": self._retries,
        }
        return found if self._last is None else found | self._of_last(self._last)

    def _of_last(self, last: Exchange) -> dict[str, int | float | str]:
        request, response, timings = last.request, last.response, last.timings
        status = 0 if response is None else response.status
        media_type = None if response is None else response.fields.first("Content-Type")
        connection = None if response is None else response.connection
        address, _, port = (connection.address if connection else "").rpartition(":")
        length = self._before + last.length
        first = timings.answered if timings.answered is not None else timings.ended
        return {
            "http_code": status,
            "response_code": status,
            "http_version": "" if response is None else response.version,
            "scheme": request.url.scheme,
            "url_effective": readable(str(request.url)),
            "content_type": readable(media_type or ""),
            "remote_ip": address.strip("[]"),
            "remote_port": int(port or 0),
            "size_download": last.received.size,
            "size_upload": last.sent.size,
            "speed_download": _speed(last.received.size, length),
            "speed_upload": _speed(last.sent.size, length),
            # As in curl, of the last exchange; what did not happen took no time.
            "time_namelookup": round(timings.named or 0.0, 6),
            "time_connect": round(timings.connected or 0.0, 6),
            "time_appconnect": round(timings.secured or 0.0, 6),
            "time_pretransfer": round(timings.secured or timings.connected or 0.0, 6),
            "time_starttransfer": round(first or 0.0, 6),
            "time_redirect": round(self._before, 6),
            "time_total": round(length, 6),
        }


def _speed(size: int, seconds: float) -> int:
    return round(size / seconds) if seconds > 0 else 0
