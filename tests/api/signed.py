"""A company's machine: signs its requests as docs/api/signing.md says, and sends them."""

import json
import secrets
import time
from typing import Any

from django.test import Client

from api import signing
from distributors.models import Distributor
from huopan_client import signing as client_signing
from integration import keys
from integration.models import Partner
from suppliers.models import Supplier
from tests.factories import NOON, make_distributor, make_supplier


class Machine:
    """A machine with a key; calls the API through Django's test client."""

    def __init__(self, partner: Partner, **key: Any) -> None:
        new = keys.create(partner=partner, at=NOON, **key)
        self.key, self.secret = new.key, new.secret
        self.client = Client(raise_request_exception=False)

    def get(self, target: str, **options: Any) -> Any:
        """Send a GET for a path with its query."""
        return self.send("GET", target, b"", **options)

    def post(self, target: str, body: Any = None, **options: Any) -> Any:
        """Send a POST with an object as JSON, or with bytes as they are."""
        content = body if isinstance(body, bytes) else json.dumps(body or {}).encode()
        return self.send("POST", target, content, **options)

    def send(
        self,
        method: str,
        target: str,
        body: bytes = b"",
        *,
        headers: dict[str, str] | None = None,
        language: str = "en",
        **environ: Any,
    ) -> Any:
        """Sign and send; `headers` replace those that were made (an empty one is left out)."""
        sent = self.sign(method, f"/api/v1{target}", body) | (headers or {})
        sent = {"Accept-Language": language} | {name: v for name, v in sent.items() if v}
        environ.setdefault("RAW_URI", f"/api/v1{target}")
        return self.client.generic(
            method,
            f"/api/v1{target}",
            body,
            content_type=environ.pop("content_type", "application/json" if body else ""),
            headers=sent,
            **environ,
        )

    def sign(
        self, method: str, target: str, body: bytes = b"", *, at: int | None = None
    ) -> dict[str, str]:
        """Return the four headers for a request."""
        timestamp = str(int(time.time()) if at is None else at)
        nonce = secrets.token_hex(12)
        return {
            signing.KEY: self.key.public_id,
            signing.TIMESTAMP: timestamp,
            signing.NONCE: nonce,
            signing.SIGNATURE: client_signing.signature(
                secret=self.secret,
                method=method,
                target=target,
                timestamp=timestamp,
                nonce=nonce,
                body=body,
            ),
        }


class Shop(Machine):
    """A distributor with a key."""

    def __init__(self, distributor: Distributor | None = None, **key: Any) -> None:
        self.distributor = distributor or make_distributor()
        super().__init__(self.distributor.partner, **key)


class Works(Machine):
    """A supplier with a key."""

    def __init__(self, supplier: Supplier | None = None, **key: Any) -> None:
        self.supplier = supplier or make_supplier()
        super().__init__(self.supplier.partner, **key)


def order_body(sku_no: str, *, number: str, quantity: int = 1, expected_fen: int = 10**9) -> Any:
    """An order as a shop sends it."""
    return {
        "out_order_no": number,
        "lines": [
            {
                "line_id": "1",
                "sku_no": sku_no,
                "quantity": quantity,
                "expected_agreement_price_fen": expected_fen,
            }
        ],
        "consignee": {
            "name": "张三",
            "phone": "13800000000",
            "province": "广东省",
            "city": "深圳市",
            "district": "南山区",
            "detail": "海德三道199号",
        },
    }
