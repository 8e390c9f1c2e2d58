"""One call: it is cut off in time and in size, and follows nobody elsewhere."""

import threading

import pytest

from integration import calling
from tests.integration.receivers import Receiver, receiving


def drip(line: object) -> None:
    assert hasattr(line, "sendall")
    for _ in range(100):
        line.sendall(b"H")
        if threading.Event().wait(0.2):
            return


@pytest.mark.parametrize("part", [b"", b"HTTP/1.1 200 OK\r\nX: "])
def test_an_answer_that_drips_is_cut_off(
    receiver: Receiver, part: bytes, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(calling, "TOTAL_SECONDS", 1)
    monkeypatch.setattr(calling, "WATCH_SECONDS", 0.1)

    def misbehave(line: object) -> None:
        assert hasattr(line, "sendall")
        line.sendall(part)
        drip(line)

    receiver.misbehave = misbehave
    answer = calling.Caller().post(receiver.url, body=b"{}", headers={})

    assert (answer.status, answer.error) == (None, calling.TOO_SLOW)


def test_an_answer_without_end_is_not_read_to_its_end(receiver: Receiver) -> None:
    sent: list[int] = []

    def misbehave(line: object) -> None:
        assert hasattr(line, "sendall")
        line.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 1000000000\r\n\r\n")
        for _ in range(1_000):
            line.sendall(b"x" * 1_000_000)
            sent.append(1)

    receiver.misbehave = misbehave
    answer = calling.Caller().post(receiver.url, body=b"{}", headers={})

    assert answer.status == 200
    assert answer.answer == "x" * calling.SHOWN_CHARACTERS
    assert len(sent) < 50


def test_a_redirect_is_a_failure_and_not_followed(receiver: Receiver) -> None:
    with receiving() as trap:
        for status in (301, 302, 303, 307, 308):
            receiver.answers(status, Location=trap.url)
            answer = calling.Caller().post(receiver.url, body=b"{}", headers={})

            assert answer.status == status
            assert not answer.is_ok
    assert trap.heard == []
