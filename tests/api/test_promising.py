"""What was released stays as it was: changes that would break a shop are found before they are made."""

import copy
import re
from collections.abc import Callable
from io import StringIO
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings
from django.core.management import CommandError, call_command

from api import exporting, promising
from tests.api import conforming

CHANGELOG = Path(settings.BASE_DIR) / "CHANGELOG.md"
PLACE = ("/api/v1/orders", "post")


def test_nothing_that_was_released_is_broken() -> None:
    assert exporting.broken_promises() == []


def test_a_version_with_a_date_promises_all_that_it_offers() -> None:
    newest = re.search(r"^## (.*)$", CHANGELOG.read_text(), re.M)

    assert newest is not None
    if "unreleased" not in newest[1]:
        assert exporting.RELEASED.read_text() == exporting.released()


def test_what_is_promised_now_can_be_released(monkeypatch: Any, tmp_path: Any) -> None:
    monkeypatch.setattr(exporting, "RELEASED", tmp_path / "released.json")

    call_command("export_openapi", "--release", stdout=StringIO())

    assert exporting.broken_promises() == []


def test_a_release_that_breaks_a_promise_is_refused(monkeypatch: Any, tmp_path: Any) -> None:
    file = tmp_path / "released.json"
    file.write_text(exporting.released().replace("internal_error", "gone_error"))
    monkeypatch.setattr(exporting, "RELEASED", file)

    with pytest.raises(CommandError, match="gone_error"):
        call_command("export_openapi", "--release", stdout=StringIO())

    assert "gone_error" in file.read_text()


def some_of_it() -> Any:
    """Two operations of the description, with every schema."""
    whole = conforming.description()
    paths = {path: whole["paths"][path] for path in (PLACE[0], "/api/v1/orders/{order_no}")}
    return whole | {"paths": paths}


def schema(description: Any, name: str) -> Any:
    return description["components"]["schemas"][name]


def operation(description: Any) -> Any:
    path, method = PLACE
    return description["paths"][path][method]


@pytest.mark.parametrize(
    ("_case", "breach"),
    [
        (lambda d: d["paths"].pop("/api/v1/orders/{order_no}"), "orders/{order_no} is gone"),
        (lambda d: schema(d, "Order")["properties"].pop("state"), "Order.state is gone"),
        (lambda d: schema(d, "Order")["required"].remove("state"), "Order.state may be missing"),
        (
            lambda d: schema(d, "Order")["properties"]["total_fen"].update(type="string"),
            "Order.total_fen is string",
        ),
        (
            lambda d: schema(d, "Order")["properties"]["total_fen"].update(nullable=True),
            "Order.total_fen may be null",
        ),
        (lambda d: operation(d)["responses"].pop("202"), "answers no 202"),
        (lambda d: schema(d, "LineRequest")["properties"].pop("quantity"), "quantity is gone"),
        (
            lambda d: schema(d, "OrderRequest")["required"].append("remark"),
            "OrderRequest.remark is needed",
        ),
        (lambda d: schema(d, "OnShortfallEnum")["enum"].remove("wait"), "takes no wait"),
        (
            lambda d: schema(d, "LineRequest")["properties"]["quantity"].update(maximum=99),
            "LineRequest.quantity: maximum is lower",
        ),
        (
            lambda d: operation(d).update(
                parameters=[{"name": "why", "in": "query", "required": True, "schema": {}}]
            ),
            "needs the parameter why",
        ),
    ],
)
def test_a_change_that_breaks_a_shop_is_told(_case: Callable[[Any], Any], breach: str) -> None:
    described = some_of_it()
    changed = copy.deepcopy(described)
    _case(changed)

    found = promising.breaches(promising.promise(described), promising.promise(changed))

    assert any(breach in one for one in found), found


def test_what_only_adds_breaks_nothing() -> None:
    changed = copy.deepcopy(conforming.description())
    changed["paths"]["/api/v1/new"] = {"get": operation(changed)}
    schema(changed, "Order")["properties"]["colour"] = {"type": "string"}
    schema(changed, "OrderRequest")["properties"]["colour"] = {"type": "string"}
    schema(changed, "OnShortfallEnum")["enum"].append("half")
    schema(changed, "LineRequest")["properties"]["quantity"]["maximum"] = 10_000

    found = promising.breaches(
        promising.promise(conforming.description()), promising.promise(changed)
    )

    assert found == []
