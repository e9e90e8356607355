from __future__ import annotations

import os
import signal
import sys

import pytest

from tests.support.terminal import Terminal

PYTHON = (sys.executable, "-I", "-S", "-u", "-c")


def test_default_program_is_httpcli() -> None:
    with Terminal("--version") as screen:
        assert screen.wait() == 0
    assert screen.text.startswith("httpcli ")


def test_program_gets_a_terminal_of_the_given_size() -> None:
    script = "import os; print([os.isatty(n) for n in range(3)], os.get_terminal_size())"
    with Terminal(script, program=PYTHON, columns=101, rows=33) as screen:
        assert screen.wait() == 0
    assert screen.text == "[True, True, True] os.terminal_size(columns=101, lines=33)\n"


def test_terminal_is_the_controlling_terminal() -> None:
    with Terminal("open('/dev/tty', 'w').write('here')", program=PYTHON) as screen:
        screen.read_until("here")
        assert screen.wait() == 0


def test_typed_text_is_read_and_echoed() -> None:
    with Terminal("print(input('name? ').upper())", program=PYTHON) as screen:
        screen.read_until("name? ")
        assert screen.echoes
        screen.type("world\n")
        assert screen.read_until("WORLD") == b"world\r\nWORLD"
        assert screen.wait() == 0


def test_password_is_not_echoed() -> None:
    with Terminal("import getpass; getpass.getpass('?'); print('!')", program=PYTHON) as screen:
        screen.read_until("?")
        assert not screen.echoes
        screen.type("secret\n")
        assert screen.wait() == 0
    assert "secret" not in screen.text


def test_ctrl_c_interrupts_with_the_status_of_a_shell() -> None:
    wait = "import signal; signal.signal(2, signal.SIG_DFL); print('on'); signal.pause()"
    with Terminal(wait, program=PYTHON) as screen:
        screen.read_until("on")
        screen.interrupt()
        assert screen.wait() == 130


def test_resize_signals_the_program() -> None:
    watch = (
        "import os, signal; new = [signal.SIGWINCH];"
        "signal.pthread_sigmask(signal.SIG_BLOCK, new); print('on');"
        "signal.sigwait(new); print(os.get_terminal_size().columns)"
    )
    with Terminal(watch, program=PYTHON) as screen:
        screen.read_until("on")
        screen.resize(50, 10)
        screen.read_until("50")
        assert screen.wait() == 0


def test_signal_goes_to_the_program() -> None:
    with Terminal("import signal; print('on'); signal.pause()", program=PYTHON) as screen:
        screen.read_until("on")
        screen.signal(signal.SIGTERM)
        assert screen.wait() == 143


def test_stream_may_be_something_other_than_the_terminal() -> None:
    read_end, write_end = os.pipe()
    script = "import sys; print('out'); print('err', file=sys.stderr)"
    with Terminal(script, program=PYTHON, stdout=write_end) as screen:
        os.close(write_end)
        assert screen.wait() == 0
    with open(read_end, "rb") as pipe:
        assert pipe.read() == b"out\n"
    assert screen.text == "err\n"


def test_control_sequences_are_in_raw_but_not_in_text() -> None:
    with Terminal(r"print('\x1b[1;31mred\x1b[0m')", program=PYTHON) as screen:
        assert screen.wait() == 0
    assert screen.raw == b"\x1b[1;31mred\x1b[0m\r\n"
    assert screen.text == "red\n"


@pytest.mark.wide
def test_timed_out_wait_shows_the_output() -> None:
    with (
        Terminal("print('this'); input()", program=PYTHON) as screen,
        pytest.raises(AssertionError, match="shown was b'this"),
    ):
        screen.read_until("that", timeout=0.3)


@pytest.mark.wide
def test_program_that_does_not_end_fails_the_test() -> None:
    with (
        Terminal("input()", program=PYTHON) as screen,
        pytest.raises(AssertionError, match="no end"),
    ):
        screen.wait(timeout=0.3)
