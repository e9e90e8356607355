"""The table: what a user wants to know, how each program is asked, and what came of it.

Each program is asked with its own best words. An answer is True, False, or None for
"has no such thing", and no more than what a run showed: ``test_beside_peers`` runs them.

None is what a program's refusal of the option or URL gives, or of showing content at all.
Of those that refuse --retry and --checksum, none has an option of another name for it.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import NamedTuple

from tests.interop.beside import ends, reaching, saving, showing
from tests.interop.beside.seat import Seat


class Cell(NamedTuple):
    """The words after the program's name, and the answer."""

    words: str
    answer: bool | None


class Row(NamedTuple):
    """A question: its short name, its text in Markdown, its judge, and a cell for each program."""

    name: str
    question: str
    judge: Callable[[Seat], bool | None]
    cells: Mapping[str, Cell]


def _yes(words: str) -> Cell:
    return Cell(words, answer=True)


def _no(words: str) -> Cell:
    return Cell(words, answer=False)


def _none(words: str) -> Cell:
    return Cell(words, answer=None)


ROWS = (
    Row(
        "json",
        "A JSON body of words: `name=x n:=1`",
        showing.json_of_words,
        {
            "httpcli": _yes("{url} name=x n:=1"),
            "HTTPie": _yes("{url} name=x n:=1"),
            "xh": _yes("{url} name=x n:=1"),
            "curl": _no("--json name=x --json n:=1 {url}"),
            "wget": _no("--header=Content-Type:application/json --post-data='name=x n:=1' {url}"),
            "aria2": _none("--post-data='name=x n:=1' {url}"),
        },
    ),
    Row(
        "exact",
        "Formatted JSON has the numbers as they were sent: `1.10`, `12345678901234567890.5`",
        showing.exact_json,
        {
            "httpcli": _yes("--pretty=format {url}"),
            "HTTPie": _no("--pretty=format --unsorted {url}"),
            "xh": _no("--pretty=format {url}"),
            "curl": _none("{url}"),
            "wget": _none("-O - {url}"),
            "aria2": _none("{url}"),
        },
    ),
    Row(
        "terminal",
        "A server's control codes do not drive the terminal",
        showing.tame_terminal,
        {
            "httpcli": _yes("{url}"),
            "HTTPie": _no("{url}"),
            "xh": _no("{url}"),
            "curl": _no("{url}"),
            "wget": _no("-O - {url}"),
            "aria2": _none("{url}"),
        },
    ),
    Row(
        "half",
        "Half a response is an error in the exit status",
        ends.half_is_an_error,
        {
            "httpcli": _yes("{url}"),
            "HTTPie": _yes("{url}"),
            "xh": _yes("{url}"),
            "curl": _yes("{url}"),
            "wget": _yes("--tries=1 -O - {url}"),
            "aria2": _yes("--max-tries=1 --allow-overwrite=true {url}"),
        },
    ),
    Row(
        "apart",
        "404, refused, timed out and cut short have statuses of their own",
        ends.tells_apart,
        {
            "httpcli": _yes("--check-status --timeout=1 {url}"),
            "HTTPie": _no("--check-status --timeout=1 {url}"),
            "xh": _no("--check-status --timeout=1 {url}"),
            "curl": _yes("--fail --max-time 1 {url}"),
            "wget": _no("--tries=1 --timeout=1 -O - {url}"),
            "aria2": _no("--max-tries=1 --timeout=1 --connect-timeout=1 {url}"),
        },
    ),
    Row(
        "keeps",
        "A good file survives the download that fails (cut short; 404)",
        saving.keeps_a_good_file,
        {
            "httpcli": _yes("-d --retry=0 -o f {url}"),
            "HTTPie": _no("--download --check-status -o f {url}"),
            "xh": _no("--download -o f {url}"),
            "curl": _no("--fail -o f {url}"),
            "wget": _no("--tries=1 -O f {url}"),
            "aria2": _no("--max-tries=1 --allow-overwrite=true -o f {url}"),
        },
    ),
    Row(
        "half-name",
        "A download that is interrupted leaves nothing half under the final name",
        saving.leaves_nothing_half,
        {
            "httpcli": _yes("-d -o f {url}"),
            "HTTPie": _no("--download -o f {url}"),
            "xh": _no("--download -o f {url}"),
            "curl": _no("--fail --remove-on-error -o f {url}"),
            "wget": _no("-O f {url}"),
            "aria2": _no("-o f {url}"),
        },
    ),
    Row(
        "changed",
        "Going on with a download notices that the file is another by now",
        saving.notices_a_change,
        {
            "httpcli": _yes("-d --continue --retry=0 -o f {url}"),
            "HTTPie": _no("--download --continue -o f {url}"),
            "xh": _no("--download --continue -o f {url}"),
            "curl": _no("--fail -C - -o f {url}"),
            "wget": _no("--tries=1 --continue {url}"),
            "aria2": _no("--max-tries=1 --continue=true -o f {url}"),
        },
    ),
    Row(
        "connections",
        "One file by several connections",
        saving.several_connections,
        {
            "httpcli": _yes("download -o f {url}"),
            "HTTPie": _no("--download -o f {url}"),
            "xh": _no("--download -o f {url}"),
            "curl": _no("--parallel -o f {url}"),
            "wget": _no("-O f {url}"),
            "aria2": _yes("-x4 -s4 -k1M -o f {url}"),
        },
    ),
    Row(
        "sum",
        "Checks a download's SHA-256",
        saving.checks_the_sum,
        {
            "httpcli": _yes("-d -o f --checksum=sha256:{sum} {url}"),
            "HTTPie": _none("--download -o f --checksum=sha256:{sum} {url}"),
            "xh": _none("--download -o f --checksum=sha256:{sum} {url}"),
            "curl": _none("-o f --checksum=sha256:{sum} {url}"),
            "wget": _none("-O f --checksum=sha256:{sum} {url}"),
            "aria2": _yes("-o f --checksum=sha-256={sum} {url}"),
        },
    ),
    Row(
        "authorization",
        "`Authorization`, typed as a field, does not follow a redirect to another host",
        reaching.keeps_the_secret,
        {
            "httpcli": _yes("--follow {url} 'Authorization:Bearer s3cret'"),
            "HTTPie": _yes("--follow {url} 'Authorization:Bearer s3cret'"),
            "xh": _yes("--follow {url} 'Authorization:Bearer s3cret'"),
            "curl": _yes("--location -H 'Authorization: Bearer s3cret' {url}"),
            "wget": _no("--header='Authorization: Bearer s3cret' -O - {url}"),
            "aria2": _no("--header='Authorization: Bearer s3cret' {url}"),
        },
    ),
    Row(
        "api-key",
        "`X-Api-Key` does not either",
        reaching.keeps_the_secret,
        {
            "httpcli": _yes("--follow {url} X-Api-Key:s3cret"),
            "HTTPie": _no("--follow {url} X-Api-Key:s3cret"),
            "xh": _no("--follow {url} X-Api-Key:s3cret"),
            "curl": _no("--location -H 'X-Api-Key: s3cret' {url}"),
            "wget": _no("--header='X-Api-Key: s3cret' -O - {url}"),
            "aria2": _no("--header='X-Api-Key: s3cret' {url}"),
        },
    ),
    Row(
        "retry-after",
        "A retry waits as long as `Retry-After` says",
        ends.waits_as_told,
        {
            "httpcli": _yes("--retry=1 {url}"),
            "HTTPie": _none("--retry=1 {url}"),
            "xh": _none("--retry=1 {url}"),
            "curl": _yes("--retry 1 --fail {url}"),
            "wget": _no("--tries=2 --retry-on-http-error=503 --waitretry=9 -O - {url}"),
            "aria2": _no("--max-tries=2 --retry-wait=1 {url}"),
        },
    ),
    Row(
        "post",
        "Retrying does not repeat a POST",
        ends.posts_once,
        {
            "httpcli": _yes("--retry=1 --retry-delay=10ms {url} a=b"),
            "HTTPie": _none("--retry=1 {url} a=b"),
            "xh": _none("--retry=1 {url} a=b"),
            "curl": _no("--retry 1 --fail -d a=b {url}"),
            "wget": _no("--tries=2 --retry-on-http-error=503 --post-data=a=b -O - {url}"),
            "aria2": _none("--max-tries=2 --post-data=a=b {url}"),
        },
    ),
    Row(
        "websocket",
        "WebSocket",
        showing.web_socket,
        {
            "httpcli": _yes("{url}"),
            "HTTPie": _none("{url}"),
            "xh": _none("{url}"),
            "curl": _none("{url}"),
            "wget": _none("-O - {url}"),
            "aria2": _none("{url}"),
        },
    ),
    Row(
        "http2",
        "HTTP/2",
        reaching.speaks_http2,
        {
            "httpcli": _no("{url}"),
            "HTTPie": _no("{url}"),
            "xh": _yes("--http-version=2-prior-knowledge {url}"),
            "curl": _yes("--http2-prior-knowledge {url}"),
            "wget": _no("-O - {url}"),
            "aria2": _no("{url}"),
        },
    ),
    Row(
        "links",
        "Fetches a page and what it links to",
        reaching.follows_links,
        {
            "httpcli": _no("{url}"),
            "HTTPie": _no("--follow {url}"),
            "xh": _no("--follow {url}"),
            "curl": _no("--location {url}"),
            "wget": _yes("--recursive {url}"),
            "aria2": _no("{url}"),
        },
    ),
)
