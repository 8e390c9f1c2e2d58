"""JSON that other readers would take in silence."""

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from api import parsing
from tests.api.signed import Shop


@pytest.mark.parametrize(
    ("body", "code"),
    [
        (b"{", "json_malformed"),
        (b'{"a": 1,}', "json_malformed"),
        (b"\xff\xfe{}", "json_malformed"),
        (b"\xef\xbb\xbf{}", "json_malformed"),
        (b'{"a": "\xff"}', "json_malformed"),
        (b'{"a": ' + b"9" * 5000 + b"}", "json_malformed"),
        (b'{"a": 1, "a": 2}', "json_duplicate_key"),
        (b'{"lines": [{"quantity": 1, "quantity": 2}]}', "json_duplicate_key"),
        (b'{"a":1,"a":1}', "json_duplicate_key"),
        (b'{"a": 1.0}', "json_number_not_whole"),
        (b'{"a":1.5}', "json_number_not_whole"),
        (b'{"a": 1e2}', "json_number_not_whole"),
        (b'{"a": NaN}', "json_number_not_whole"),
        (b'{"a": -Infinity}', "json_number_not_whole"),
        (b"[" * 11 + b"]" * 11, "json_too_deep"),
        (b'{"a":' * 11 + b"1" + b"}" * 11, "json_too_deep"),
        (b'["]", ' * 11 + b'"["' + b"]" * 11, "json_too_deep"),
        (b"[" * 100_000 + b"]" * 100_000, "json_too_deep"),
    ],
)
def test_json_that_is_ambiguous_is_refused(shop: Shop, body: bytes, code: str) -> None:
    answer = shop.post("/quotes", body)

    assert answer.status_code == 400
    assert answer.json()["code"] == code


@pytest.mark.parametrize(
    "body", [b"[" * 10 + b"]" * 10, b'{"a": "[[[[[[[[[[[[[["}', b'[{"[": "]"}]', b'"x"', b"0"]
)
def test_json_of_ten_levels_and_any_text_is_read(body: bytes) -> None:
    parsing.decode(body)


_PLAIN = st.none() | st.booleans() | st.integers() | st.text()
_BODIES = st.recursive(_PLAIN, lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner))


@given(_BODIES.filter(lambda body: len(json.dumps(body)) < 1_000))
def test_a_body_reads_the_same_however_it_is_spaced_and_escaped(body: Any) -> None:
    ways: list[dict[str, Any]] = [
        {"separators": (",", ":"), "ensure_ascii": False},
        {"separators": (",", ":"), "ensure_ascii": True},
        {"indent": 2, "ensure_ascii": False},
    ]
    try:
        read = [parsing.decode(json.dumps(body, **way).encode()) for way in ways]
    except parsing.JsonTooDeep:
        return
    assert read == [body, body, body]


@given(st.text())
def test_a_key_that_stands_twice_is_refused_in_compact_bodies_too(key: str) -> None:
    name = json.dumps(key, ensure_ascii=False)
    with pytest.raises(parsing.JsonDuplicateKey):
        parsing.decode(f"{{{name}:1,{name}:1}}".encode())


def test_a_key_that_stands_twice_is_named(shop: Shop) -> None:
    answer = shop.post("/quotes", b'{"lines": [], "application": "", "lines": []}')

    assert answer.json()["values"] == {"key": "lines"}


@pytest.mark.parametrize("content_type", ["text/plain", "application/x-www-form-urlencoded", "x"])
def test_a_body_that_is_not_said_to_be_json_is_refused(shop: Shop, content_type: str) -> None:
    answer = shop.post("/quotes", b"{}", content_type=content_type)

    assert answer.status_code == 415
    assert answer.json()["code"] == "content_type_unsupported"


def test_a_charset_does_no_harm(shop: Shop) -> None:
    answer = shop.post("/quotes", b"{}", content_type="application/json; charset=utf-8")

    assert answer.status_code == 422


def test_a_compressed_body_is_refused(shop: Shop) -> None:
    answer = shop.post("/quotes", b"{}", headers={"Content-Encoding": "gzip"})

    assert answer.status_code == 415
    assert answer.json()["code"] == "content_encoding_unsupported"


@pytest.mark.parametrize(
    ("body", "pointer", "code"),
    [
        ({"destination": {}, "lines": []}, "/lines", "too_few"),
        ({"lines": [{}]}, "/lines/0/sku_no", "required"),
        ({"lines": {}}, "/lines", "wrong_type"),
        ({"lines": [{"quantity": "1"}]}, "/lines/0/quantity", "wrong_type"),
        ({"lines": [{"quantity": True}]}, "/lines/0/quantity", "wrong_type"),
        ({"lines": [{"quantity": 0}]}, "/lines/0/quantity", "too_small"),
        ({"lines": [{"quantity": 10_000}]}, "/lines/0/quantity", "too_large"),
        ({"lines": [{"sku_no": " "}]}, "/lines/0/sku_no", "blank"),
        ({"lines": [{"sku_no": None}]}, "/lines/0/sku_no", "wrong_type"),
        ({"lines": [{"sku_no": "x" * 65}]}, "/lines/0/sku_no", "too_long"),
        ({"lines": [{"sku_no": "a\x00"}]}, "/lines/0/sku_no", "control_characters"),
        ({"lines": [{"sku_no": "a\ud800"}]}, "/lines/0/sku_no", "control_characters"),
        ({"lines": [{"price/fen": 1}]}, "/lines/0/price~1fen", "unknown_field"),
        ({"balance_fen": 1}, "/balance_fen", "unknown_field"),
        ({"lines": [{}] * 101}, "/lines", "too_many"),
    ],
)
def test_every_wrong_field_is_named_with_its_place(
    shop: Shop, body: object, pointer: str, code: str
) -> None:
    answer = shop.post("/quotes", body)

    assert answer.status_code == 422
    assert answer.json()["code"] == "validation_failed"
    assert (pointer, code) in [(e["pointer"], e["code"]) for e in answer.json()["errors"]]


@pytest.mark.parametrize(
    ("query", "pointer", "code"),
    [
        ("limit=0", "/limit", "too_small"),
        ("limit=201", "/limit", "too_large"),
        ("limit=1_0", "/limit", "wrong_type"),
        ("limit=%EF%BC%91", "/limit", "wrong_type"),
        ("limit=1&limit=2", "/limit", "repeated_parameter"),
        ("page=2", "/page", "unknown_field"),
        ("placed_from=2026-11-22", "/placed_from", "wrong_format"),
        ("placed_from=2026-13-22T00:00:00Z", "/placed_from", "wrong_format"),
        ("state=lost", "/state", "not_allowed"),
        ("out_order_no=../x", "/out_order_no", "wrong_format"),
    ],
)
def test_parameters_are_read_as_strictly(shop: Shop, query: str, pointer: str, code: str) -> None:
    answer = shop.get(f"/orders?{query}")

    assert answer.status_code == 422
    assert [(e["pointer"], e["code"]) for e in answer.json()["errors"]] == [(pointer, code)]


def test_a_call_that_reads_no_parameters_refuses_them(shop: Shop) -> None:
    answers = [shop.get("/deposit?x=1"), shop.post("/orders?dry_run=1"), shop.get("/meta/limits?x")]

    for answer in answers:
        assert answer.status_code == 422
        assert answer.json()["errors"][0]["code"] == "unknown_field"


@pytest.mark.parametrize("after", ["1", "AAAA", "%F0%9F%90%BC", "x" * 60])
def test_a_cursor_that_is_not_ours_is_refused(shop: Shop, after: str) -> None:
    answer = shop.get(f"/orders?after={after}")

    assert answer.status_code == 422
    assert answer.json()["code"] == "cursor_invalid"
