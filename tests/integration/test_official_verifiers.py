"""The official verifier of Standard Webhooks for JavaScript accepts what we send, and nothing altered.

The one for Python is asked in test_delivering.py; it is a requirement of the tests. This one is
installed for the occasion, where node and the registry can be had.
"""

import json
import shutil
import subprocess
from datetime import datetime
from pathlib import Path

import pytest
from django.utils import timezone

from integration import signing_calls

PACKAGE = "standardwebhooks@1.0.0"
SECRET = "whsec_" + "c2VjcmV0LW9mLW5vYm9keS1pbi1wYXJ0aWN1bGFyLTE="
FORMER = "whsec_" + "Zm9ybWVyLXNlY3JldC1vZi1ub2JvZHktYXQtYWxsLTI="
SCRIPT = """
const { Webhook } = require("standardwebhooks");
const cases = JSON.parse(require("fs").readFileSync(0, "utf8"));
console.log(JSON.stringify(cases.map(({ secret, body, headers }) => {
  try { new Webhook(secret).verify(body, headers); return true } catch { return false }
})));
"""


@pytest.fixture(scope="module")
def javascript(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder in which the official verifier is installed."""
    if not (shutil.which("node") and shutil.which("npm")):
        pytest.skip("node and npm are not installed")
    folder = tmp_path_factory.mktemp("javascript")
    options = ["--no-audit", "--no-fund", "--ignore-scripts", "--fetch-retries=0"]
    try:
        done = subprocess.run(
            ["npm", "install", *options, PACKAGE], cwd=folder, capture_output=True, timeout=30
        )
    except subprocess.TimeoutExpired:
        pytest.skip("the registry of npm does not answer")
    if done.returncode:
        pytest.skip("the registry of npm is out of reach")
    return folder


def signed(body: str, at: datetime, *secrets: str) -> dict[str, str]:
    return signing_calls.headers("evt_1_2", body.encode(), secrets, at)


def test_the_official_verifier_for_javascript_accepts_our_calls_and_no_altered_one(
    javascript: Path,
) -> None:
    now, body = timezone.now(), '{"type": "order.shipped", "data": {"name": "明前龙井"}}'
    ours, rotating = signed(body, now, SECRET), signed(body, now, SECRET, FORMER)
    cases = {
        "ours": (SECRET, body, ours),
        "the former secret": (FORMER, body, rotating),
        "the new secret": (SECRET, body, rotating),
        "another secret": (FORMER, body, ours),
        "another body": (SECRET, body + " ", ours),
        "another id": (SECRET, body, ours | {"webhook-id": "evt_1_3"}),
        "another time": (SECRET, body, ours | {"webhook-timestamp": str(int(now.timestamp()) - 1)}),
    }

    done = subprocess.run(
        ["node", "-e", SCRIPT],
        cwd=javascript,
        input=json.dumps(
            [dict(zip(("secret", "body", "headers"), one, strict=True)) for one in cases.values()]
        ),
        capture_output=True,
        text=True,
        timeout=30,
        check=True,
    )

    accepted = {name for name, yes in zip(cases, json.loads(done.stdout), strict=True) if yes}
    assert accepted == {"ours", "the former secret", "the new secret"}
