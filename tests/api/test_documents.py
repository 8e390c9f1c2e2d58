"""What integrators are given: vectors, examples in their languages, and pages."""

import json
import os
import re
import shutil
import signal
import socket
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from datetime import datetime, timedelta
from http.client import HTTPConnection
from pathlib import Path
from typing import Any
from urllib.parse import unquote

import pytest
from django.conf import settings
from django.contrib.staticfiles import finders
from django.test import Client
from django.utils import timezone
from standardwebhooks import Webhook

from aftersales import allowing, claim_roads
from aftersales.models import CaseType
from api import signing
from api.codes import CODES
from kit import markdown
from running import processes
from tests.api.signed import Shop
from tests.conftest import LiveWeb

DOCS = Path(settings.BASE_DIR) / "docs" / "api"
VECTORS = json.loads((DOCS / "vectors.json").read_text())
DOCUMENTS = [
    *sorted(DOCS.glob("*.md")),
    DOCS / "llms.txt",
    DOCS.parent / "integrators.md",
    DOCS.parent.parent / "huopan_client" / "README.md",
]
EXAMPLES = {
    "python3": ["python3", "huopan.py"],
    "node": ["node", "huopan.mjs"],
    "java": ["java", "Huopan.java"],
    "php": ["php", "huopan.php"],
    "go": ["go", "run", "huopan.go"],
}
RECEIVERS = {
    "python3": ["python3", "receiver.py"],
    "node": ["node", "receiver.mjs"],
    "java": ["java", "Receiver.java"],
    "php": ["php", "-S", "127.0.0.1:PORT", "receiver.php"],
    "go": ["go", "run", "receiver.go"],
}
PATH = "/usr/local/bin:/usr/bin:/bin"
SECRET = "whsec_" + "c2VjcmV0LW9mLW5vYm9keS1pbi1wYXJ0aWN1bGFyLTE="


@pytest.mark.parametrize("vector", VECTORS, ids=[vector["name"] for vector in VECTORS])
def test_the_vectors_are_what_we_compute(vector: dict[str, str]) -> None:
    text = signing.string_to_sign(
        method=vector["method"],
        path=vector["path"],
        query=vector["query"],
        timestamp=vector["timestamp"],
        nonce=vector["nonce"],
        body=vector["body"].encode(),
    )

    assert text == vector["string_to_sign"]
    assert signing.sign(vector["secret"].encode(), text) == vector["signature"]


def test_the_example_in_the_text_is_one_of_the_vectors() -> None:
    text = (DOCS / "signing.md").read_text()

    told = [v for v in VECTORS if v["string_to_sign"] in text and v["signature"] in text]

    assert len(told) == 1


def test_the_guide_names_every_call_of_after_sales_and_none_that_is_not() -> None:
    text = (DOCS / "aftersales.md").read_text()
    described = json.loads((DOCS / "openapi.json").read_text())["paths"]
    calls = {
        f"{method.upper()} {path.removeprefix('/api/v1')}": operation["tags"]
        for path, methods in described.items()
        for method, operation in methods.items()
    }

    named = set(re.findall(r"`((?:GET|POST|PUT|DELETE) /[^`]*[^`/])`", text))

    assert named <= calls.keys()
    halves = text.split("# After-sales\n")
    for word in (action.name for action in allowing.ACTIONS):
        assert all(f"| `{word}` |" in half for half in halves), word
    for type_ in CaseType.values:
        assert all(f"`{type_}`" in half for half in halves), type_


def test_the_guide_of_claims_names_every_step_in_both_languages() -> None:
    text = (DOCS / "claims.md").read_text()

    halves = text.split("# Claims\n")

    for step in claim_roads.STEPS:
        assert all(f"| `{step.action}` |" in half for half in halves), step.action
    for action, _states in claim_roads.GOODWILL_STEPS:
        assert all(f"`POST /claims/{{claim_no}}/{action}`" in half for half in halves), action


def test_every_test_that_is_said_to_prove_something_exists() -> None:
    text = (DOCS.parent / "integrators.md").read_text()
    tests = Path(settings.BASE_DIR) / "tests"
    defined = {
        name
        for file in tests.rglob("test_*.py")
        for name in re.findall(r"^def (test_\w+)", file.read_text(), re.MULTILINE)
    }

    named = re.findall(r"`(test_\w+)`", text)

    assert len(named) > 15
    assert set(named) <= defined


@pytest.mark.parametrize("document", DOCUMENTS, ids=lambda path: path.name)
def test_links_between_documents_lead_somewhere(document: Path) -> None:
    for link in re.findall(r"\]\(([^)#]+)", document.read_text()):
        assert (document.parent / link).exists(), link


@pytest.mark.http
@pytest.mark.parametrize("program", EXAMPLES)
def test_the_examples_call_a_real_server(live_web: LiveWeb, program: str) -> None:
    if shutil.which(program) is None:
        pytest.skip(f"{program} is not installed")
    shop = Shop()
    environment = {
        "PATH": PATH,
        "HUOPAN_URL": live_web.url,
        "HUOPAN_KEY": shop.key.public_id,
        "HUOPAN_SECRET": shop.secret,
        "HOME": "/tmp",
    }

    done = subprocess.run(
        EXAMPLES[program],
        cwd=DOCS / "examples",
        env=environment,
        capture_output=True,
        timeout=60,
        check=False,
    )

    assert done.returncode == 0, done.stderr
    assert json.loads(done.stdout)["key_id"] == shop.key.public_id


@pytest.mark.parametrize("program", RECEIVERS)
def test_the_receivers_hear_what_we_signed_and_nothing_else(program: str) -> None:
    if shutil.which(program) is None:
        pytest.skip(f"{program} is not installed")
    now, body = timezone.now(), '{"type": "order.shipped", "id": "evt_1", "data": {"name": "茶"}}'
    late = now - timedelta(seconds=301)

    with running_receiver(program) as port:
        answers = [
            call(port, body, signed_at=now),
            call(port, body + " ", signed_at=now, signature=sign(body, now)),
            call(port, body, signed_at=late),
            call(port, body, signed_at=now, signature="v1,"),
        ]

    assert answers == [204, 400, 400, 400]


@contextmanager
def running_receiver(program: str) -> Iterator[int]:
    """Run the example on a port of its own until it answers."""
    port = processes.free_port()
    process = subprocess.Popen(
        [word.replace("PORT", str(port)) for word in RECEIVERS[program]],
        cwd=DOCS / "examples",
        env={"PATH": PATH, "HOME": "/tmp", "PORT": str(port), "HUOPAN_WEBHOOK_SECRET": SECRET},
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        start_new_session=True,
    )
    try:
        until = time.monotonic() + 60
        while not listens(port):
            assert process.poll() is None
            assert time.monotonic() < until
            time.sleep(0.05)
        yield port
    finally:
        os.killpg(process.pid, signal.SIGKILL)
        process.wait()


def listens(port: int) -> bool:
    with suppress(OSError), socket.create_connection(("127.0.0.1", port)):
        return True
    return False


def sign(body: str, at: datetime) -> str:
    return Webhook(SECRET).sign("evt_1", at, body)


def call(port: int, body: str, *, signed_at: datetime, signature: str = "") -> int:
    """Call back as the platform does; return the status."""
    connection = HTTPConnection("127.0.0.1", port, timeout=20)
    headers = {
        "webhook-id": "evt_1",
        "webhook-timestamp": str(int(signed_at.timestamp())),
        "webhook-signature": signature or sign(body, signed_at),
    }
    connection.request("POST", "/hook", body.encode(), headers)
    return connection.getresponse().status


@pytest.mark.parametrize("path", ["/api/docs/", "/api/docs/errors"])
@pytest.mark.parametrize("language", ["zh-CN", "en"])
def test_pages_load_only_what_we_serve(client: Client, path: str, language: str) -> None:
    answer = client.get(path, headers={"Accept-Language": language})

    assert answer.status_code == 200
    text = answer.content.decode()
    links = re.findall(r'(?:src|href)="([^"]*)"', text)
    assert links
    for link in links:
        assert link.startswith(("/", "#", "data:,")), link
        assert not link.startswith("//")
        if link.startswith("/static/"):
            assert finders.find(link.removeprefix("/static/")), link
    assert "<script>" not in text
    assert "default-src 'none'" in answer["Content-Security-Policy"]
    assert ("请求签名" in text or "错误码" in text) == (language == "zh-CN")


GUIDES = [path.stem for path in sorted(DOCS.glob("*.md")) if path.stem != "errors"]


@pytest.mark.parametrize("language", ["zh-CN", "en"])
def test_the_installation_shows_every_guide_in_its_readers_language(
    client: Client, language: str
) -> None:
    for name in GUIDES:
        answer = client.get(f"/api/docs/guides/{name}", headers={"Accept-Language": language})

        text = answer.content.decode()
        assert answer.status_code == 200, name
        assert answer["Content-Security-Policy"].startswith("default-src 'none'")
        assert "```" not in text, name
        title = re.search(r"<h1[^>]*>(.*?)</h1>", text)
        assert title is not None
        assert any(letter > "\u4e00" for letter in title[1]) == (language == "zh-CN"), name
        for link in set(re.findall(r'href="(/api/docs/[^"#]*)', text)):
            assert client.get(link).status_code == 200, link
        for anchor in re.findall(r'href="#([^"]+)"', text):
            assert f'id="{unquote(anchor)}"' in text, (name, anchor)


def test_files_are_handed_out_as_they_are_and_nothing_else_is(client: Client) -> None:
    for name in ("postman.json", "vectors.json", "examples/huopan.php", "llms.txt"):
        answer = client.get(f"/api/docs/files/{name}")
        assert answer.content == (DOCS / name).read_bytes()

    for name in ("../../manage.py", "..%2f..%2fmanage.py", "examples", "examples/../../adr", ""):
        assert client.get(f"/api/docs/files/{name}").status_code == 404
    assert client.get("/api/docs/guides/..%2fglossary").status_code == 404
    assert client.get("/api/docs/guides/nothing").status_code == 404


def test_a_document_cannot_bring_markup_of_its_own() -> None:
    shown = markdown.html(
        "# <b>\n\n[x](javascript:1) `<i>` **<u>**\n\n| <s> |\n|---|\n| a\\|b |", lambda _to: None
    )

    assert "<b>" not in shown
    assert "href" not in shown
    assert "<i>" not in shown
    assert "<u>" not in shown
    assert "<td>a|b</td>" in shown


def test_every_problem_links_to_its_code(client: Client) -> None:
    text = client.get("/api/docs/errors").content.decode()

    for code in CODES:
        assert f'id="{code}"' in text


@pytest.mark.parametrize("name", ["limits", "errors", "carriers", "regions", "reasons"])
def test_what_never_changes_is_open_to_everybody(client: Client, db: Any, name: str) -> None:
    answer = client.get(f"/api/v1/meta/{name}")

    assert answer.status_code == 200
    assert answer.json()


def test_names_follow_the_language(client: Client) -> None:
    chinese = client.get("/api/v1/meta/regions").json()["items"][0]
    english = client.get("/api/v1/meta/regions", headers={"Accept-Language": "en"}).json()

    assert (chinese["province"], chinese["name"]) == ("北京市", "北京市")
    assert (english["items"][0]["province"], english["items"][0]["name"]) == ("北京市", "Beijing")
