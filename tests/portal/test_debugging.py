"""A wrong signature is traced to the mistake that made it; nothing of a secret is told."""

import hashlib
import hmac
import os
import shutil
import subprocess
from base64 import b64encode
from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import pytest

from integration import diagnosing, pasting, reading_requests
from integration.diagnosing import Diagnosis
from integration.models import ApiRequest
from integration.request_log import Content
from integration.signing_requests import sign, string_to_sign
from kit.errors import DomainError

SECRET = b"hps_a-secret-of-these-tests-only"
OTHER = b"hps_the-secret-of-another-key"
SIGNED_AT = 1_795_311_000
AT = datetime.fromtimestamp(SIGNED_AT + 2, UTC)
PATH, QUERY = "/api/v1/products/%E8%8C%B6", "limit=2&after=x%20y"
BODY = '{"name": "茶", "path": "a/b"}'
# As browsers write it for bash.
ESCAPED = BODY.replace("茶", r"\u8336")
DIGEST = hashlib.sha256(BODY.encode()).hexdigest()


def right() -> str:
    return string_to_sign(
        method="POST",
        path=PATH,
        query=QUERY,
        timestamp=str(SIGNED_AT),
        nonce="n" * 16,
        body=BODY.encode(),
    )


def pasted_text(signature: str, *, timestamp: str = str(SIGNED_AT)) -> str:
    return (
        f"POST {PATH}?{QUERY} HTTP/1.1\r\nHost: huopan.example\r\nHuopan-Key: hpk_1\r\n"
        f"Huopan-Timestamp: {timestamp}\r\nHuopan-Nonce: {'n' * 16}\r\n"
        f"Huopan-Signature: {signature}\r\nContent-Type: application/json\r\n\r\n{BODY}"
    )


def diagnose(signature: str, *, theirs: str = "", at: datetime = AT) -> Diagnosis:
    return diagnosing.diagnose(
        pasting.read(pasted_text(signature)),
        secrets=[SECRET],
        others=[OTHER],
        theirs=theirs,
        at=at,
    )


def with_body(body: str) -> Callable[[str], str]:
    return lambda text: text.replace(DIGEST, hashlib.sha256(body.encode()).hexdigest())


@pytest.mark.parametrize(
    ("_case", "wrong"),
    [
        ("newline_at_end", lambda text: text + "\n"),
        ("windows_newlines", lambda text: text.replace("\n", "\r\n")),
        ("no_newlines", lambda text: text.replace("\n", "")),
        ("method", lambda text: text.replace("POST", "post")),
        ("prefix", lambda text: text.replace("/api/v1", "")),
        ("whole_address", lambda text: text.replace("/api", "https://huopan.example/api")),
        ("decoded", lambda text: text.replace("%E8%8C%B6", "茶")),
        ("query_order", lambda text: text.replace(QUERY, "after=x%20y&limit=2")),
        ("query_decoded", lambda text: text.replace("%20", " ")),
        ("query_in_path", lambda text: text.replace(f"\n{QUERY}", f"?{QUERY}\n")),
        ("milliseconds", lambda text: text.replace(str(SIGNED_AT), f"{SIGNED_AT}000")),
        ("digest_case", lambda text: text.replace(DIGEST, DIGEST.upper())),
        ("body_newline", with_body(BODY + "\n")),
        ("body_left_out", with_body("")),
        ("body_written_anew", with_body(r'{"name":"\u8336","path":"a\/b"}')),
    ],
)
def test_a_mistake_is_named_by_its_signature_and_by_its_string(
    _case: str, wrong: Callable[[str], str]
) -> None:
    text = wrong(right())
    signature = "v1=" + hmac.new(SECRET, text.encode(), "sha256").hexdigest()

    by_signature = diagnose(signature)
    by_string = diagnose("v1=" + "0" * 64, theirs=text)

    assert (by_signature.is_right, by_signature.cause) == (False, _case)
    assert by_string.cause == ""
    assert by_string.difference is not None
    assert by_string.difference.cause == _case


@pytest.mark.parametrize(
    ("signature", "cause"),
    [
        (sign(SECRET.removeprefix(b"hps_"), right()), "secret_prefix"),
        (sign(SECRET + b"\n", right()), "secret_newline"),
        (sign(OTHER, right()), "secret_other"),
        (sign(SECRET, right()).removeprefix("v1=").upper(), ""),
        (b64encode(hmac.new(SECRET, right().encode(), "sha256").digest()).decode(), ""),
        ("v1=" + "0" * 64, ""),
    ],
)
def test_another_secret_or_way_of_writing_is_told(signature: str, cause: str) -> None:
    found = diagnose(signature)

    assert found.cause == cause
    # Written otherwise, it is right, and the header's form is what is wrong.
    assert found.is_right == (cause == "" and "0" * 64 not in signature)
    assert ("form:Huopan-Signature" in found.faults) == (not signature.startswith("v1="))


def test_the_first_differing_byte_is_pointed_at() -> None:
    found = diagnose("v1=" + "0" * 64, theirs=right().replace("limit=2", "limit=3")).difference

    assert found is not None
    assert (found.position, found.line, found.column) == (len(f"POST\n{PATH}\nlimit=") + 1, 3, 7)
    assert (found.ours, found.theirs, found.cause) == (b"2", b"3", "line_3")


def test_a_signature_that_could_still_be_used_is_not_given_away() -> None:
    fresh = diagnose("v1=" + "0" * 64)
    soon = diagnose("v1=" + "0" * 64, at=AT - timedelta(days=1))
    over = diagnose("v1=" + "0" * 64, at=AT + timedelta(minutes=6))
    known = diagnose(sign(SECRET, right()))

    expected = sign(SECRET, right())
    assert [found.expected for found in (fresh, soon)] == [expected[:19]] * 2
    assert [found.expected for found in (over, known)] == [expected] * 2
    assert known.is_right


@pytest.mark.parametrize(
    "command",
    [
        (
            f"curl -X POST 'https://huopan.example{PATH}?{QUERY}' -H 'Huopan-Key: hpk_1' \\\n"
            f"  -H 'content-type: application/json' --data-binary '{BODY}'"
        ),
        (
            f"curl --request=POST --url https://huopan.example{PATH}?{QUERY} -s --max-time 5"
            f" -H'Huopan-Key: hpk_1' --json $'{ESCAPED}'"
        ),
        f'curl "https://huopan.example{PATH}?{QUERY}" -H "Huopan-Key: hpk_1" --json \'{BODY}\'',
    ],
)
def test_a_curl_command_is_read_as_it_would_be_sent(command: str) -> None:
    found = pasting.read(command)

    assert (found.method, found.path, found.query) == ("POST", PATH, QUERY)
    assert found.body == BODY.encode()
    assert found.header("Huopan-Key") == "hpk_1"
    assert found.header("Content-Type") == "application/json"


@pytest.mark.parametrize("text", ["", "hello", "curl", "curl 'unfinished", "{}", "GET"])
def test_what_is_no_request_is_refused(text: str) -> None:
    with pytest.raises(DomainError):
        pasting.read(text)


def test_wrong_headers_are_named() -> None:
    text = pasted_text("v1=" + "0" * 64, timestamp=f"{SIGNED_AT}000").replace(
        "Huopan-Nonce", "X-Huopan-Nonce"
    )

    faults = diagnosing.diagnose(pasting.read(text), secrets=[SECRET], at=AT).faults

    assert set(faults) == {
        "missing:Huopan-Nonce",
        "form:Huopan-Timestamp",
        "milliseconds",
        "name:x-huopan-nonce",
    }


@pytest.mark.parametrize(
    ("signature", "body", "theirs"),
    [
        ("é" * 44, "[" * 50_000, '"\\ud800"'),
        ("v1=\0", '{"a": "\\ud800"}', "[" * 50_000),
        ("", "\0é", "\0"),
    ],
)
def test_whatever_is_pasted_is_only_wrong(signature: str, body: str, theirs: str) -> None:
    text = pasted_text(signature).replace(BODY, body)

    found = diagnosing.diagnose(
        pasting.read(text), secrets=[SECRET], theirs=pasting.string_of(theirs), at=AT
    )

    assert not found.is_right
    assert found.difference is not None


@pytest.mark.skipif(not shutil.which("openssl"), reason="the commands sign by openssl")
def test_a_logged_request_as_commands_signs_what_it_sends() -> None:
    target = f"{PATH}?{QUERY}"
    row = ApiRequest(method="POST")
    content = Content(
        target=target,
        sent=BODY.replace("茶", "it's 茶"),
        sent_bytes=0,
        answered="",
        answered_bytes=0,
        string_to_sign="",
        headers={"Huopan-Key": "hpk_1"},
    )

    said = subprocess.run(
        [
            "/bin/bash",
            "-c",
            "curl() { printf '%s\\n' \"$@\"; }\n" + reading_requests.curl(row, content),
        ],
        env={"PATH": os.environ["PATH"], "HUOPAN_SECRET": SECRET.decode()},
        capture_output=True,
        check=True,
        text=True,
    ).stdout.splitlines()

    headers = dict(line.split(": ", 1) for line in said if ": " in line and line[0] == "H")
    assert (said[1], said[2].endswith(target), said[-1]) == ("POST", True, content.sent)
    assert headers["Huopan-Signature"] == sign(
        SECRET,
        string_to_sign(
            method="POST",
            path=PATH,
            query=QUERY,
            timestamp=headers["Huopan-Timestamp"],
            nonce=headers["Huopan-Nonce"],
            body=content.sent.encode(),
        ),
    )
