"""The table of features, and what each feature changes in a plan."""

from __future__ import annotations

import pytest

from httpcli.app import read_invocation
from httpcli.core.errors import UsageError
from httpcli.core.invocation import Environment, Stream, StreamKind
from httpcli.core.plan import Mode, Plan
from httpcli.options.table import OPTIONS
from httpcli.planning.optional_features import FEATURES, Feature
from httpcli.planning.planner import make_plan
from httpcli.storage.user_files import UserFiles


def plan(*argv: str) -> Plan:
    null_device = Stream(0, StreamKind.OTHER)
    environment = Environment(argv, {}, "/w", null_device, null_device, null_device)
    return make_plan(read_invocation(argv, None), environment, UserFiles("/w", {}))


@pytest.mark.parametrize("feature", FEATURES, ids=lambda feature: feature.apply.partition(":")[2])
def test_feature_names_existing_options(feature: Feature) -> None:
    assert feature.options
    assert feature.options <= {option.name for option in OPTIONS}


@pytest.mark.parametrize(
    ("argv", "warning"),
    [
        (["--jobs=2"], "--jobs has no effect without --batch"),
        (["--rate=5/s"], "--rate has no effect without --batch"),
        (["-r"], "--raw-strings has no effect without --select"),
    ],
)
def test_option_without_effect_gives_a_warning(argv: list[str], warning: str) -> None:
    assert plan(*argv, "h.x").warnings == (warning,)


def test_option_with_effect_gives_no_warning() -> None:
    assert plan("-r", "--select=a", "h.x").warnings == ()


@pytest.mark.parametrize(
    ("argv", "message"),
    [
        (["--continue"], "--continue needs --download"),
        (["--output-dir=d"], "--output-dir needs --download"),
        (["--checksum=md5:00"], "--checksum needs --download"),
        (["--ws-json"], "--ws-json works only with WebSockets"),
        (["--download", "HEAD"], "a HEAD response has no body to save"),
        (["--tee=-"], "--tee=-: not a file"),
        (["--hash=shake_128"], "--hash=shake_128"),
        (["--min-rate=1k:0"], "--min-rate"),
        (["--max-events=0"], "--max-events=0"),
        (["--report=jsn=f"], "unknown kind 'jsn'"),
        (["--report=json"], ": missing file name"),
        (["--report=json=f", "--report=har=f"], "two reports are written to f"),
        (["--report=json=f", "--output=f"], ": --output writes to the same file"),
        (["--retry-on=expect", "--retry=1"], "--retry-on=expect needs --expect"),
        (["--retry-on=sometimes"], "'sometimes'"),
    ],
)
def test_invalid_feature_options_are_usage_errors(argv: list[str], message: str) -> None:
    with pytest.raises(UsageError) as caught:
        plan(*argv, "h.x")
    assert message in caught.value.message


def test_download_follows_redirects_retries_and_checks_the_status() -> None:
    planned = plan("--download", "h.x/file.gz")
    assert planned.mode is Mode.DOWNLOAD
    assert planned.check_status
    assert planned.send_policy.follow
    assert planned.send_policy.retry is not None
    assert planned.send_policy.retry.max_retries == 5
    assert planned.request.fields.first("Accept-Encoding") == "identity"
    assert planned.request.kept_codings == {"gzip", "x-gzip"}


def test_raw_body_overrides_the_codings_of_a_download() -> None:
    assert plan("--download", "--raw-body", "h.x/file.gz").request.kept_codings == {"*"}


def test_expected_status_replaces_fail() -> None:
    assert plan("--fail", "h.x").check_status
    assert not plan("--fail", "--expect=status == 404", "h.x").check_status


def test_print_curl_uses_no_cookie_jar_and_no_session() -> None:
    planned = plan("--print-curl", "--report=json=f", "h.x")
    assert planned.mode is Mode.CURL
    assert planned.session is None
    assert planned.cookie_file is None
