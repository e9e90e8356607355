"""Downloads with scripted responses: what is requested, what is joined, what is on disk."""

from __future__ import annotations

import hashlib
from pathlib import Path

import pytest

from httpcli.core.download import Checksum, Resume
from httpcli.core.errors import CONNECT_FAILURE, HttpcliError
from httpcli.core.exit_status import ExitStatus
from httpcli.core.headers import Field
from httpcli.core.plan_options import RetryPolicy
from httpcli.storage import sidecar
from tests.download.scripted import (
    CONTENT,
    ETAG,
    Reply,
    ScriptedSend,
    failure,
    file_names,
    leave_partial,
    reply,
    run_download,
    spans_on_disk,
    truncated,
)

SIZE = len(CONTENT)
OTHER = CONTENT[::-1]
ONE_RETRY = RetryPolicy(max_retries=1, delay=0)


def part(
    start: int, end: int = SIZE, *, content: bytes = CONTENT, etag: str = ETAG, size: int = SIZE
) -> Reply:
    """Return a 206 with these bytes of the content."""
    data = content[start:end]
    return reply(206, data, etag=etag, content_range=f"{start}-{end - 1}/{size}")


def is_complete(directory: Path, content: bytes = CONTENT) -> bool:
    """Return whether the file has its name and its content, and nothing else is left."""
    return file_names(directory) == ["f"] and (directory / "f").read_bytes() == content


def is_partial(directory: Path, *spans: tuple[int, int], content: bytes = CONTENT) -> bool:
    """Return whether there is a partial file, a sidecar with these spans, and their bytes."""
    if file_names(directory) != ["f.part", "f.part.json"] or spans_on_disk(directory) != [*spans]:
        return False
    data = (directory / "f.part").read_bytes()
    return all(data[start:end] == content[start:end] for start, end in spans)


def test_complete_response_gets_the_final_name(tmp_path: Path) -> None:
    send = ScriptedSend(reply(200, CONTENT[:100], CONTENT[100:]))
    assert run_download(tmp_path, send).status is ExitStatus.OK
    assert send.ranges == [(None, None)]
    assert is_complete(tmp_path)


def test_short_response_leaves_a_partial_file(tmp_path: Path) -> None:
    send = ScriptedSend(reply(200, CONTENT[:100], length=SIZE))
    result = run_download(tmp_path, send)
    assert (result.status, result.error) == (
        ExitStatus.INCOMPLETE,
        "f: received fewer bytes than announced",
    )
    assert "f.part has 100 B of 1.0 KiB; to resume: --download --continue" in result.messages
    assert is_partial(tmp_path, (0, 100))


def test_long_response_keeps_only_the_announced_bytes(tmp_path: Path) -> None:
    send = ScriptedSend(reply(200, CONTENT, b"more", length=SIZE))
    result = run_download(tmp_path, send)
    assert (result.status, result.error) == (
        ExitStatus.INCOMPLETE,
        "f: received more bytes than announced",
    )
    assert not (tmp_path / "f").exists()


def test_interrupted_response_leaves_a_partial_file(tmp_path: Path) -> None:
    send = ScriptedSend(reply(200, CONTENT[:300], truncated(), length=SIZE))
    result = run_download(tmp_path, send)
    assert (result.status, result.error) == (
        ExitStatus.INCOMPLETE,
        "example.org: the content ended early",
    )
    assert is_partial(tmp_path, (0, 300))


def test_response_without_validator_leaves_a_record_of_its_bytes(tmp_path: Path) -> None:
    send = ScriptedSend(reply(200, CONTENT[:300], truncated(), length=SIZE, etag=""))
    assert run_download(tmp_path, send).status is ExitStatus.INCOMPLETE
    assert is_partial(tmp_path, (0, 300))


def test_failure_before_any_byte_leaves_nothing(tmp_path: Path) -> None:
    send = ScriptedSend(failure(truncated()))
    assert run_download(tmp_path, send).status is ExitStatus.INCOMPLETE
    assert file_names(tmp_path) == []


def test_partial_file_is_resumed_with_if_range(tmp_path: Path) -> None:
    leave_partial(tmp_path, (0, 100))
    send = ScriptedSend(part(100))
    assert run_download(tmp_path, send).status is ExitStatus.OK
    assert send.ranges == [("bytes=100-", ETAG)]
    assert is_complete(tmp_path)


def test_partial_file_is_not_resumed_unless_requested(tmp_path: Path) -> None:
    leave_partial(tmp_path, (0, 100))
    send = ScriptedSend(reply(200, CONTENT))
    assert run_download(tmp_path, send, resume=Resume.NO).status is ExitStatus.OK
    assert send.ranges == [(None, None)]
    assert is_complete(tmp_path)


def test_each_gap_of_a_partial_file_is_requested(tmp_path: Path) -> None:
    leave_partial(tmp_path, (0, 100), (200, 300))
    send = ScriptedSend(part(100, 200), part(300))
    assert run_download(tmp_path, send).status is ExitStatus.OK
    assert send.ranges == [("bytes=100-199", ETAG), ("bytes=300-", ETAG)]
    assert is_complete(tmp_path)


def test_failure_in_a_gap_keeps_all_spans(tmp_path: Path) -> None:
    leave_partial(tmp_path, (0, 100), (200, 300))
    gap = reply(206, CONTENT[100:150], truncated(), content_range=f"100-199/{SIZE}")
    assert run_download(tmp_path, ScriptedSend(gap)).status is ExitStatus.INCOMPLETE
    assert is_partial(tmp_path, (0, 150), (200, 300))


def test_less_than_the_rest_is_joined_and_the_remainder_requested(tmp_path: Path) -> None:
    leave_partial(tmp_path, (0, 100))
    send = ScriptedSend(part(100, 400), part(400))
    assert run_download(tmp_path, send).status is ExitStatus.OK
    assert send.ranges == [("bytes=100-", ETAG), ("bytes=400-", ETAG)]
    assert is_complete(tmp_path)


def test_changed_validator_restarts_with_the_whole_response(tmp_path: Path) -> None:
    leave_partial(tmp_path, (0, 100))
    send = ScriptedSend(reply(200, OTHER, etag='"v2"'))
    result = run_download(tmp_path, send)
    assert result.status is ExitStatus.OK
    assert "f: starting over: the file has changed on the server" in result.messages
    assert send.ranges == [("bytes=100-", ETAG)]
    assert is_complete(tmp_path, OTHER)


def test_interrupted_restart_records_the_new_version_only(tmp_path: Path) -> None:
    leave_partial(tmp_path, (0, 500))
    send = ScriptedSend(reply(200, OTHER[:50], truncated(), length=SIZE, etag='"v2"'))
    assert run_download(tmp_path, send).status is ExitStatus.INCOMPLETE
    assert is_partial(tmp_path, (0, 50), content=OTHER)
    send = ScriptedSend(part(50, content=OTHER, etag='"v2"'))
    assert run_download(tmp_path, send).status is ExitStatus.OK
    assert send.ranges == [("bytes=50-", '"v2"')]
    assert is_complete(tmp_path, OTHER)


@pytest.mark.parametrize(
    ("wrong", "why"),
    [
        (part(100, content=OTHER, etag='"v2"'), "the file has changed on the server"),
        (part(100, size=SIZE + 1), "the file has changed on the server"),
        (part(90), "the server sends from byte 90, not from byte 100"),
        (reply(206, CONTENT[100:]), "the server does not specify which range it sends"),
        (
            reply(206, CONTENT[100:], length=5, content_range=f"100-{SIZE - 1}/{SIZE}"),
            "the server sends two different lengths of the part",
        ),
        (
            reply(
                206,
                CONTENT[100:],
                content_range=f"100-{SIZE - 1}/{SIZE}",
                more=[Field("Content-Encoding", "gzip")],
            ),
            "the server sends ranges of a compressed body",
        ),
        (reply(416, b"", content_range=f"*/{SIZE}"), "the server does not have this range"),
        (reply(416, b""), "the server does not have this range"),
    ],
    ids=[
        *(
            "other validator",
            "other size",
            "other start",
            "no Content-Range",
            "the server gives two different lengths",
        ),
        *("coded", "416 of another size", "416 without a size"),
    ],
)
def test_unusable_part_is_not_joined_and_all_is_requested(
    tmp_path: Path, wrong: Reply, why: str
) -> None:
    leave_partial(tmp_path, (0, 100))
    send = ScriptedSend(wrong, reply(200, CONTENT))
    result = run_download(tmp_path, send)
    assert result.status is ExitStatus.OK
    assert f"f: starting over: {why}" in result.messages
    assert send.ranges == [("bytes=100-", ETAG), (None, None)]
    assert is_complete(tmp_path)


def test_failed_restart_keeps_the_earlier_partial_file(tmp_path: Path) -> None:
    leave_partial(tmp_path, (0, 100))
    send = ScriptedSend(part(90), failure(truncated()))
    assert run_download(tmp_path, send).status is ExitStatus.INCOMPLETE
    assert is_partial(tmp_path, (0, 100))


def test_part_in_reply_to_a_request_for_all_is_an_error(tmp_path: Path) -> None:
    send = ScriptedSend(part(100))
    result = run_download(tmp_path, send)
    assert result.status is ExitStatus.INCOMPLETE
    assert (
        "requested the whole file, but the server sends from byte 100, not from byte 0"
        in result.error
    )
    assert file_names(tmp_path) == []


def test_416_of_a_complete_partial_file_names_it(tmp_path: Path) -> None:
    leave_partial(tmp_path, (0, SIZE))
    send = ScriptedSend(reply(416, b"", content_range=f"*/{SIZE}"))
    result = run_download(tmp_path, send)
    assert result.status is ExitStatus.OK
    assert "f: already complete" in result.messages
    assert send.ranges == [(f"bytes={SIZE}-", ETAG)]
    assert is_complete(tmp_path)


def test_416_of_a_changed_file_restarts(tmp_path: Path) -> None:
    leave_partial(tmp_path, (0, SIZE))
    send = ScriptedSend(
        reply(416, b"", etag='"v2"', content_range=f"*/{SIZE}"), reply(200, OTHER, etag='"v2"')
    )
    assert run_download(tmp_path, send).status is ExitStatus.OK
    assert is_complete(tmp_path, OTHER)


def test_error_response_keeps_the_partial_file(tmp_path: Path) -> None:
    leave_partial(tmp_path, (0, 100))
    send = ScriptedSend(reply(404, b"not here"))
    assert run_download(tmp_path, send).status is ExitStatus.CLIENT_ERROR
    assert is_partial(tmp_path, (0, 100))


def test_retry_in_the_same_run_resumes(tmp_path: Path) -> None:
    send = ScriptedSend(reply(200, CONTENT[:300], truncated(), length=SIZE), part(300))
    assert run_download(tmp_path, send, retry=ONE_RETRY).status is ExitStatus.OK
    assert send.ranges == [(None, None), ("bytes=300-", ETAG)]
    assert is_complete(tmp_path)


def test_size_learned_from_a_range_reaches_the_sidecar(tmp_path: Path) -> None:
    rest = reply(206, CONTENT[300:400], truncated(), content_range=f"300-{SIZE - 1}/{SIZE}")
    send = ScriptedSend(
        reply(200, CONTENT[:300], truncated(), chunked=True), rest, failure(truncated())
    )
    result = run_download(tmp_path, send, retry=ONE_RETRY)
    assert is_partial(tmp_path, (0, 400))
    saved = sidecar.read(str(tmp_path / "f.part.json"))
    assert saved is not None
    assert saved.state.size == SIZE
    assert "f.part has 400 B of 1.0 KiB" in result.messages


def test_progress_resets_the_retry_count(tmp_path: Path) -> None:
    cuts = [
        reply(206, CONTENT[at : at + 100], truncated(), content_range=f"{at}-{SIZE - 1}/{SIZE}")
        for at in range(100, 600, 100)
    ]
    whole = reply(200, CONTENT[:100], truncated(), length=SIZE)
    send = ScriptedSend(whole, *cuts, part(600))
    assert run_download(tmp_path, send, retry=ONE_RETRY).status is ExitStatus.OK
    assert is_complete(tmp_path)


def test_failures_without_progress_end_the_download(tmp_path: Path) -> None:
    leave_partial(tmp_path, (0, 100))
    errors = [failure(truncated()) for _ in range(3)]
    send = ScriptedSend(*errors)
    result = run_download(tmp_path, send, retry=RetryPolicy(max_retries=2, delay=0))
    assert result.status is ExitStatus.INCOMPLETE
    assert send.ranges == [("bytes=100-", ETAG)] * 3
    assert is_partial(tmp_path, (0, 100))


def test_error_status_is_retried(tmp_path: Path) -> None:
    send = ScriptedSend(reply(503, b"busy", reason="Busy"), reply(200, CONTENT))
    result = run_download(tmp_path, send, retry=ONE_RETRY)
    assert result.status is ExitStatus.OK
    assert "HTTP 503 Busy" in result.messages
    assert is_complete(tmp_path)


def test_connection_error_is_retried_only_as_often_as_allowed(tmp_path: Path) -> None:
    def lost() -> HttpcliError:
        return HttpcliError("lost", status=ExitStatus.NOT_CONNECTED).as_transient(CONNECT_FAILURE)

    send = ScriptedSend(failure(lost()), failure(lost()))
    result = run_download(tmp_path, send, retry=ONE_RETRY)
    assert (result.status, result.error) == (ExitStatus.NOT_CONNECTED, "lost")
    assert len(send.requests) == 2


def test_wrong_checksum_leaves_nothing(tmp_path: Path) -> None:
    wrong = Checksum("sha256", bytes(32))
    result = run_download(tmp_path, ScriptedSend(reply(200, CONTENT)), checksum=wrong)
    assert result.status is ExitStatus.INCOMPLETE
    assert file_names(tmp_path) == []


def test_checksum_covers_the_resumed_bytes(tmp_path: Path) -> None:
    leave_partial(tmp_path, (0, 100))
    checksum = Checksum("sha256", hashlib.sha256(CONTENT).digest())
    result = run_download(tmp_path, ScriptedSend(part(100)), checksum=checksum)
    assert result.status is ExitStatus.OK
    assert is_complete(tmp_path)


def test_checksum_lets_bytes_without_a_validator_be_resumed(tmp_path: Path) -> None:
    leave_partial(tmp_path, (0, 100), etag="")
    checksum = Checksum("sha256", hashlib.sha256(CONTENT).digest())
    send = ScriptedSend(part(100))
    assert run_download(tmp_path, send, checksum=checksum).status is ExitStatus.OK
    assert send.ranges == [("bytes=100-", None)]
    assert is_complete(tmp_path)


def test_bytes_without_a_validator_are_not_resumed(tmp_path: Path) -> None:
    leave_partial(tmp_path, (0, 100), etag="")
    send = ScriptedSend(reply(200, CONTENT))
    result = run_download(tmp_path, send)
    assert result.status is ExitStatus.OK
    assert "no ETag or Last-Modified" in result.messages
    assert send.ranges == [(None, None)]
    assert is_complete(tmp_path)


def test_trusted_existing_file_is_copied_and_completed(tmp_path: Path) -> None:
    (tmp_path / "f").write_bytes(CONTENT[:100])
    send = ScriptedSend(part(100))
    assert run_download(tmp_path, send, resume=Resume.TRUST).status is ExitStatus.OK
    assert send.ranges == [("bytes=100-", None)]
    assert is_complete(tmp_path)


def test_failure_keeps_a_trusted_existing_file(tmp_path: Path) -> None:
    (tmp_path / "f").write_bytes(CONTENT[:100])
    gap = reply(206, CONTENT[100:150], truncated(), content_range=f"100-{SIZE - 1}/{SIZE}")
    send = ScriptedSend(gap)
    assert run_download(tmp_path, send, resume=Resume.TRUST).status is ExitStatus.INCOMPLETE
    assert (tmp_path / "f").read_bytes() == CONTENT[:100]
