"""Uploads: the picture is the body, the signature covers it, and what is no picture is refused."""

import hashlib
from typing import Any

import pytest

from aftersales.models import Evidence
from supplychain import pictures
from tests.api.signed import Shop
from tests.factories import make_photo


def upload(shop: Shop, content: bytes, content_type: str = "image/png", **options: Any) -> Any:
    return shop.send("POST", "/uploads", content, content_type=content_type, **options)


def test_a_picture_is_kept_and_answered_with_what_was_sent(shop: Shop) -> None:
    content = make_photo()

    answer = upload(shop, content)

    kept = Evidence.objects.get()
    assert answer.status_code == 201
    assert answer.json() == {
        "upload_id": kept.upload_id,
        "sha256": hashlib.sha256(content).hexdigest(),
        "size": len(content),
    }
    assert kept.distributor == shop.distributor


def test_the_same_picture_again_has_the_same_number(shop: Shop) -> None:
    first, again = upload(shop, make_photo()), upload(shop, make_photo())

    assert (first.status_code, again.status_code) == (201, 200)
    assert again["Idempotent-Replayed"] == "true"
    assert again.json() == first.json()


@pytest.mark.parametrize(
    ("_case", "content", "content_type", "status", "code"),
    [
        ("JSON", b"{}", "application/json", 415, "picture_format_not_allowed"),
        ("a form", b"a=1", "multipart/form-data", 415, "picture_format_not_allowed"),
        ("nothing", b"", "image/png", 415, "picture_format_not_allowed"),
        ("a page", b"\xff\xd8\xff<html>", "image/jpeg", 415, "picture_format_not_allowed"),
        ("a half", make_photo(size=(300, 300))[:90], "image/png", 422, "picture_unreadable"),
        (
            "too much",
            b"\xff\xd8\xff" + bytes(pictures.MAX_BYTES),
            "image/jpeg",
            413,
            "body_too_large",
        ),
    ],
)
def test_what_is_no_picture_is_refused(
    shop: Shop, _case: str, content: bytes, content_type: str, status: int, code: str
) -> None:
    answer = upload(shop, content, content_type)

    assert (answer.status_code, answer.json()["code"]) == (status, code)
    assert not Evidence.objects.exists()


def test_a_compressed_body_is_refused(shop: Shop) -> None:
    answer = upload(shop, make_photo(), headers={"Content-Encoding": "gzip"})

    assert (answer.status_code, answer.json()["code"]) == (415, "content_encoding_unsupported")


def test_a_picture_that_was_changed_on_its_way_is_refused(shop: Shop) -> None:
    signed = shop.sign("POST", "/api/v1/uploads", make_photo())

    answer = upload(shop, make_photo(colour="blue"), headers=signed)

    assert (answer.status_code, answer.json()["code"]) == (401, "signature_invalid")
    assert not Evidence.objects.exists()


def test_uploading_needs_the_scope_of_after_sales(transactional_db: None) -> None:
    answer = upload(Shop(scopes=["orders"]), make_photo())

    assert (answer.status_code, answer.json()["code"]) == (403, "scope_missing")
