"""The comparison table: questions, the arguments for each program, and the answers.

Each program gets the options that suit the question best. An answer is True, False, or
None for "not offered". ``test_comparison_table`` verifies every answer with a run.

The answer is None if a program rejects the option or URL, or shows no body at all. No
program that rejects --retry or --checksum has the same feature under another name.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import NamedTuple

from tests.interop.beside import downloads, exit_and_retry, output, redirects_and_http2
from tests.interop.beside.runner import Runner


class Cell(NamedTuple):
    """The program's arguments, and the answer."""

    arguments: str
    answer: bool | None


class Row(NamedTuple):
    """A question: its short name, its text in Markdown, its check, and a cell for each program."""

    name: str
    question: str
    check: Callable[[Runner], bool | None]
    cells: Mapping[str, Cell]


def _yes(arguments: str) -> Cell:
    return Cell(arguments, answer=True)


def _no(arguments: str) -> Cell:
    return Cell(arguments, answer=False)


def _none(arguments: str) -> Cell:
    return Cell(arguments, answer=None)


ROWS = (
    Row(
        "json",
        "A JSON body of words: `name=x n:=1`",
        output.sends_json_from_items,
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
        "exact-json",
        "Formatted JSON has the numbers as they were sent: `1.10`, `12345678901234567890.5`",
        output.keeps_json_numbers,
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
        output.guards_terminal,
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
        "truncated",
        "Half a response is an error in the exit status",
        exit_and_retry.truncated_response_is_an_error,
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
        "exit-statuses",
        "404, refused, timed out and cut short have statuses of their own",
        exit_and_retry.has_distinct_statuses,
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
        "good-file",
        "A good file survives the download that fails (cut short; 404)",
        downloads.keeps_a_good_file,
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
        "partial-file",
        "A download that is interrupted leaves nothing half under the final name",
        downloads.leaves_no_partial_file,
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
        "changed-file",
        "Going on with a download notices that the file is another by now",
        downloads.detects_changed_file,
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
        downloads.uses_several_connections,
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
        "checksum",
        "Checks a download's SHA-256",
        downloads.verifies_checksum,
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
        redirects_and_http2.drops_credentials_on_redirect,
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
        redirects_and_http2.drops_credentials_on_redirect,
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
        exit_and_retry.obeys_retry_after,
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
        exit_and_retry.does_not_retry_post,
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
        output.supports_websocket,
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
        redirects_and_http2.supports_http2,
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
        redirects_and_http2.follows_links,
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
