"""The plan of a batch line, made by parsing it or from the plan of a similar line."""

from __future__ import annotations

import pytest

from httpcli.cli.parser import split_arguments
from httpcli.core.invocation import Environment, Stream, StreamKind
from httpcli.core.plan import Plan
from httpcli.planning.batch import BatchLines
from httpcli.storage.user_files import BatchFiles


def batch_lines(*options: str) -> BatchLines:
    environment = Environment(
        argv=(),
        env={},
        cwd=".",
        stdin=Stream(0, StreamKind.PIPE),
        stdout=Stream(1, StreamKind.PIPE),
        stderr=Stream(2, StreamKind.PIPE),
        entropy=bytes,
    )
    return BatchLines(list(split_arguments(list(options))), None, environment, BatchFiles(".", {}))


SIMILAR = [
    ("http://h/a", "http://h/b"),
    ("http://h/a", "http://h"),
    ("http://h", "http://h?q=%20&r=a/b?c"),
    ("https://h:8443/a", "https://h:8443/~x/a;b=c,d/@:!$&()*+"),
    ("http://u:p@h/a", "http://u:p@h/b"),
    ("GET http://h/a X:1 --follow", "GET http://h/b X:1 --follow"),
    ("http://h/a n=1", "http://h/b n=1"),
    ("-A basic -a u:p http://h/a", "-A basic -a u:p http://h/b"),
    ("--path-as-is http://h/a", "--path-as-is http://h/b"),
]
DIFFERENT = [
    ("http://h/a", "http://h/a/../b"),
    ("http://h/a", "http://h/.b"),
    ("http://h/a", "http://h/ä"),
    ("http://h/a", "http://h/%zz"),
    ("http://h/a", "http://h/b#part"),
    ("http://h/a", "http://H/b"),
    ("http://h/a", "http://i/b"),
    ("http://h/a", "https://h/b"),
    ("http://h/a", "http://h/b X:1"),
    ("http://h/a q==1", "http://h/b q==1"),
    ("http://h/a --max-time 1", "http://h/a --max-time 2"),
    ("--proxy http://p/ http://h/a", "--proxy http://q/ http://h/a"),
    ("--form http://h/a x@/dev/null", "--form http://h/b x@/dev/null"),
    ("--raw http://h/a http://h/a", "--raw http://h/b http://h/a"),
    ("--raw=1 http://h/a", "--raw=2 http://h/a"),
]


@pytest.mark.parametrize(("first", "second"), [*SIMILAR, *DIFFERENT])
@pytest.mark.parametrize(
    "options", [(), ("--header=Y:2", "--timeout=3")], ids=["no options", "options"]
)
def test_plan_does_not_depend_on_earlier_lines(
    first: str, second: str, options: tuple[str, ...]
) -> None:
    planner = batch_lines(*options)
    planner.plan(first)
    assert planner.plan(second) == batch_lines(*options).plan(second)


@pytest.mark.parametrize(("first", "second"), SIMILAR)
def test_similar_lines_share_their_network_settings(first: str, second: str) -> None:
    planner = batch_lines()
    before, after = planner.plan(first), planner.plan(second)
    assert isinstance(before, Plan)
    assert isinstance(after, Plan)
    assert before.network is after.network
    assert before.request.url != after.request.url


def test_only_a_few_plans_are_cached() -> None:
    planner = batch_lines()
    plans = [planner.plan(f"http://h{number}/") for number in range(200)]
    again = planner.plan("http://h0/")
    assert again == plans[0]
    assert again is not None
    assert plans[0] is not None
    assert again.network is not plans[0].network
