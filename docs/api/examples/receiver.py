"""Receive callbacks. Python 3.9 or newer, nothing to install."""

# ruff: noqa: T201
import base64
import hashlib
import hmac
import json
import os
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

SECRET = base64.b64decode(os.environ["HUOPAN_WEBHOOK_SECRET"].removeprefix("whsec_"))


def is_ours(headers, body: bytes) -> bool:  # type: ignore[no-untyped-def]
    """Check time and signature over the bytes as they came."""
    timestamp = headers.get("webhook-timestamp", "0")
    signed = f"{headers.get('webhook-id')}.{timestamp}.".encode() + body
    expected = "v1," + base64.b64encode(hmac.new(SECRET, signed, hashlib.sha256).digest()).decode()
    given = headers.get("webhook-signature", "").split()
    is_fresh = timestamp.isdigit() and abs(time.time() - int(timestamp)) <= 300
    return is_fresh and any(hmac.compare_digest(one, expected) for one in given)


class Receiver(BaseHTTPRequestHandler):
    """Answers 204 to what is ours, and 400 to anything else."""

    protocol_version = "HTTP/1.1"

    def do_POST(self) -> None:
        """Hear one event; drop it if its id is known, and obey the greater object_version."""
        body = self.rfile.read(int(self.headers["content-length"]))
        ours = is_ours(self.headers, body)
        if ours:
            event = json.loads(body)
            print(event["type"], event["id"], event["data"].get("out_order_no", ""), flush=True)
        self.send_response(204 if ours else 400)
        self.send_header("Content-Length", "0")
        self.end_headers()

    def log_message(self, *_arguments: object) -> None:
        """Say nothing but what was heard."""


ThreadingHTTPServer(("127.0.0.1", int(os.environ.get("PORT", "9000"))), Receiver).serve_forever()
