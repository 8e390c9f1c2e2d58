"""The Postman collection: every operation, and a script that signs as the vectors say."""

import json
import shutil
import subprocess
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings

from tests.api import conforming

DOCS = Path(settings.BASE_DIR) / "docs" / "api"
COLLECTION = json.loads((DOCS / "postman.json").read_text())
VECTORS = json.loads((DOCS / "vectors.json").read_text())
# What the script finds in Postman: its request, and CryptoJS.
SANDBOX = """
const { createHash, createHmac } = require("node:crypto");
const { script, vectors } = JSON.parse(require("node:fs").readFileSync(0));
const signatures = vectors.map((vector) => {
  const CryptoJS = {
    SHA256: (text) => createHash("sha256").update(text).digest("hex"),
    HmacSHA256: (text, key) => createHmac("sha256", key).update(text).digest("hex"),
    lib: { WordArray: { random: () => vector.nonce } },
  };
  const headers = {};
  const pm = {
    request: {
      method: vector.method,
      body: vector.body ? { mode: "raw", raw: vector.body } : undefined,
      url: { getPathWithQuery: () => vector.path + (vector.query ? "?" + vector.query : "") },
      headers: { upsert: ({ key, value }) => { headers[key] = value; } },
    },
    variables: { get: (name) => ({ key: "hpk_1", secret: vector.secret })[name], replaceIn: (text) => text },
  };
  const clock = { now: () => Number(vector.timestamp) * 1000 };
  new Function("pm", "CryptoJS", "Date", script)(pm, CryptoJS, clock);
  return headers["Huopan-Signature"];
});
console.log(JSON.stringify(signatures));
"""


def requests() -> dict[str, Any]:
    return {item["id"]: item["request"] for folder in COLLECTION["item"] for item in folder["item"]}


def test_it_has_every_operation_and_no_other() -> None:
    described = {
        operation["operationId"]: (method.upper(), path)
        for path, method, operation in conforming.operations()
    }

    held = {
        name: (request["method"], _described(request["url"]))
        for name, request in requests().items()
    }

    assert held == described


def test_its_bodies_are_the_examples() -> None:
    body = requests()["orders_place"]["body"]["raw"]

    conforming.check(json.loads(body), {"$ref": "#/components/schemas/OrderRequest"})


@pytest.mark.skipif(shutil.which("node") is None, reason="node is not installed")
def test_its_script_signs_as_the_vectors_say() -> None:
    [event] = COLLECTION["event"]
    given = {"script": "\n".join(event["script"]["exec"]), "vectors": VECTORS}

    done = subprocess.run(
        ["node", "-e", SANDBOX],
        input=json.dumps(given),
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )

    assert done.returncode == 0, done.stderr
    assert json.loads(done.stdout) == [vector["signature"] for vector in VECTORS]


def _described(url: dict[str, Any]) -> str:
    """The address with its parameters as OpenAPI writes them."""
    path = "/" + "/".join(url["path"])
    for parameter in url["variable"]:
        path = path.replace(f":{parameter['key']}", f"{{{parameter['key']}}}")
    return path
