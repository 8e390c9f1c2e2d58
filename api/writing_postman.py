"""Writing the Postman collection: every operation with its example, signed before it is sent."""

import json
import re
from collections.abc import Iterator, Mapping
from typing import Any

Schema = Mapping[str, Any]

# By this name Postman knows the format.
FORMAT = "https://schema.getpostman.com/json/collection/v2.1.0/collection.json"
JSON = "application/json"
VARIABLES = (("baseUrl", "http://127.0.0.1:8000"), ("key", ""), ("secret", ""))
DESCRIPTION = """\
填好集合变量 baseUrl、key、secret 后即可调用。
每个请求发送前由集合的 Pre-request Script 签名。
路径参数和正文里的编号是示例，请换成您自己的。

Set the collection's variables baseUrl, key and secret; a pre-request script signs every request.
Numbers in paths and bodies are examples: put your own in their place."""
# Runs in Postman, whose sandbox has `pm` and CryptoJS.
SIGNING = """\
// docs/api/signing.md: method, path, query, timestamp, nonce and the hash of the body, signed.
const body = pm.request.body && pm.request.body.mode === "raw"
  ? pm.variables.replaceIn(pm.request.body.raw || "") : "";
if (body) pm.request.body.raw = body;
// As Postman sends it: what is encoded stays, what is not is encoded.
const target = encodeURI(pm.variables.replaceIn(pm.request.url.getPathWithQuery()))
  .replace(/%25([0-9A-Fa-f]{2})/g, "%$1");
const [path, query] = [target.split("?")[0], target.split("?").slice(1).join("?")];
const timestamp = Math.floor(Date.now() / 1000).toString();
const nonce = CryptoJS.lib.WordArray.random(16).toString();
const digest = CryptoJS.SHA256(body).toString();
const text = [pm.request.method, path, query, timestamp, nonce, digest].join("\\n");
const signature = "v1=" + CryptoJS.HmacSHA256(text, pm.variables.get("secret")).toString();
const headers = {
  "Huopan-Key": pm.variables.get("key"), "Huopan-Timestamp": timestamp,
  "Huopan-Nonce": nonce, "Huopan-Signature": signature,
};
for (const [key, value] of Object.entries(headers)) pm.request.headers.upsert({ key, value });
"""


def collection(description: Schema) -> str:
    """Return the collection for a description, as JSON."""
    folders: dict[str, list[Any]] = {}
    for path, methods in description["paths"].items():
        for method, operation in methods.items():
            folders.setdefault(operation["tags"][0], []).append(
                _item(method.upper(), path, operation)
            )
    made = {
        "info": {
            "name": "货盘 Huopan",
            "version": description["info"]["version"],
            "description": DESCRIPTION,
            "schema": FORMAT,
        },
        "variable": [{"key": key, "value": value} for key, value in VARIABLES],
        "event": [
            {
                "listen": "prerequest",
                "script": {"type": "text/javascript", "exec": SIGNING.splitlines()},
            }
        ],
        "item": [{"name": tag, "item": items} for tag, items in sorted(folders.items())],
    }
    return json.dumps(made, ensure_ascii=False, indent=1) + "\n"


def _item(method: str, path: str, operation: Schema) -> dict[str, Any]:
    request = {
        "method": method,
        "header": list(_headers(operation)),
        "url": _url(path, operation),
        "description": operation.get("description", ""),
    }
    body = _body(operation)
    return {
        "name": operation["summary"],
        "id": operation["operationId"],
        "request": request | ({"body": body} if body else {}),
    }


def _url(path: str, operation: Schema) -> dict[str, Any]:
    parameters = operation.get("parameters", [])
    shown = re.sub(r"{(\w+)}", r":\1", path)
    return {
        "raw": "{{baseUrl}}" + shown,
        "host": ["{{baseUrl}}"],
        "path": shown.strip("/").split("/"),
        "variable": [
            {"key": one["name"], "value": str(one["example"])}
            for one in parameters
            if one["in"] == "path"
        ],
        "query": [
            {
                "key": one["name"],
                "value": str(one["schema"].get("default", "")),
                "description": one.get("description", ""),
                "disabled": True,
            }
            for one in parameters
            if one["in"] == "query"
        ],
    }


def _headers(operation: Schema) -> Iterator[dict[str, str]]:
    yield {"key": "Accept-Language", "value": "zh-CN"}
    content = operation.get("requestBody", {}).get("content", {})
    if content:
        yield {"key": "Content-Type", "value": next(iter(content))}


def _body(operation: Schema) -> dict[str, Any] | None:
    content = operation.get("requestBody", {}).get("content", {})
    if not content:
        return None
    if JSON not in content:
        return {"mode": "file", "file": {}}
    [example] = content[JSON]["examples"].values()
    text = json.dumps(example["value"], ensure_ascii=False, indent=2)
    return {"mode": "raw", "raw": text, "options": {"raw": {"language": "json"}}}
