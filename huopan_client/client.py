"""The client: every operation of the API as a method, signed, and tried again where that is safe."""

import gzip
import io
import json
import random
import time
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from types import TracebackType
from typing import Any, Self
from urllib.parse import quote, urlencode

from huopan_client import signing, types
from huopan_client.operations import Operations
from huopan_client.problems import OutcomeUnknown, Problem, Unreachable
from huopan_client.transport import Answer, NoAnswer, NotConnected, Transport

PREFIX = "/api/v1"
TIMEOUT_SECONDS = 30.0
TRIES = 5
FIRST_WAIT_SECONDS = 0.2
LONGEST_WAIT_SECONDS = 30.0
# How often to ask whether a catalogue file is written, and while it is in which states.
EXPORT_SECONDS, EXPORT_LOOK_SECONDS = 600.0, 1.0
UNDER_WAY = ("queued", "running")
JSON = "application/json"
WAITING, TOO_MANY_REQUESTS = 202, 429
# Nobody can tell from them whether the request was done.
UNCERTAIN = (500, 502, 503, 504)


@dataclass(frozen=True)
class Placed:
    """The order, or what waits until the deposit covers it (`on_shortfall: wait`)."""

    order: types.Order | None
    waiting: types.Waiting | None
    is_replayed: bool


class Client(Operations):
    """A distributor's key, calling one installation. Threads may share it."""

    def __init__(
        self,
        url: str,
        key: str,
        secret: str,
        *,
        language: str = "zh-CN",
        timeout_seconds: float = TIMEOUT_SECONDS,
        tries: int = TRIES,
    ) -> None:
        self.url = url.rstrip("/")
        self.key = key
        self._secret = secret
        self._language = language
        self._tries = tries
        self._transport = Transport(url, timeout_seconds=timeout_seconds)

    def __enter__(self) -> Self:
        """Return the client itself; its line is hung up at the end."""
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        """Hang up."""
        self._transport.close()

    @cached_property
    def limits(self) -> types.Limits:
        """What `GET /meta/limits` says, read once."""
        return self.meta_limits()

    # --- what the answer's status tells, too -------------------------------------------------------------

    def place(self, order: types.OrderRequest) -> Placed:
        """Place an order; sent again under its `out_order_no` it is only answered again.

        :raises Problem: it is refused and leaves no trace; mend it, and keep the number.
        """
        answer = self.answer("POST", "/orders", body=order, repeatable=True)
        if answer.status == WAITING:
            return Placed(None, answer.body, answer.is_replayed)
        return Placed(answer.body, None, answer.is_replayed)

    # --- more than a request may hold -----------------------------------------------------------------

    def place_all(self, orders: Iterable[types.OrderRequest]) -> Iterator[types.OrderRow]:
        """Place any number of orders, as many requests as it takes; yield a row for each, in order.

        A row with `problem` is one refused order; the others stand. Sending all of it again places
        nothing twice.
        """
        for some in self._batches(orders):
            yield from self.orders_place_batch({"orders": some})["items"]

    def products_of(self, item_nos: Iterable[str]) -> Iterator[types.ProductRow]:
        """Look up any number of products; a missing one is a row with status 404."""
        for some in _chunks(item_nos, self.limits["lookup_products"]):
            yield from self.products_lookup({"item_nos": some})["items"]

    def prices_of(self, sku_nos: Iterable[str]) -> Iterator[types.PriceRow]:
        """Look up any number of prices."""
        for some in _chunks(sku_nos, self.limits["lookup_skus"]):
            yield from self.prices_lookup({"sku_nos": some})["items"]

    def stocks_of(self, sku_nos: Iterable[str]) -> Iterator[types.StockRow]:
        """Look up the stock of any number of skus."""
        for some in _chunks(sku_nos, self.limits["lookup_skus"]):
            yield from self.stocks_lookup({"sku_nos": some})["items"]

    def export_catalogue(
        self, *, in_full: bool = False, wait_seconds: float = EXPORT_SECONDS
    ) -> types.Export:
        """Have all that you see written to a file, of one moment, and wait until it is.

        Afterwards `products_changes_each` from its `changes_after` has what the file has not.

        :raises TimeoutError: it was not ready in time.
        """
        until = time.monotonic() + wait_seconds
        export = self.catalogue_exports_ask({"in_full": in_full})
        while export["state"] in UNDER_WAY:
            if time.monotonic() > until:
                raise TimeoutError(f"The file {export['export_id']} is {export['state']}.")
            time.sleep(EXPORT_LOOK_SECONDS)
            export = self.catalogue_exports_read(export["export_id"])
        return export

    def products_in(self, export: types.Export) -> Iterator[types.ProductSummary]:
        """Yield every product of a catalogue file.

        :raises Problem: it could not be written, or is gone.
        """
        content = self.catalogue_exports_fetch(export["export_id"])
        with gzip.open(io.BytesIO(content)) as lines:
            for line in lines:
                yield json.loads(line)

    def _batches(self, orders: Iterable[types.OrderRequest]) -> Iterator[list[types.OrderRequest]]:
        """Split where there are too many orders, or too many bytes, for one request."""
        most, most_bytes = self.limits["batch_orders"], self.limits["batch_body_bytes"]
        batch: list[types.OrderRequest] = []
        held_bytes = len(_dumped({"orders": []}))
        for order in orders:
            order_bytes = len(_dumped(order)) + len(", ")
            if batch and (len(batch) == most or held_bytes + order_bytes > most_bytes):
                yield batch
                batch, held_bytes = [], len(_dumped({"orders": []}))
            batch.append(order)
            held_bytes += order_bytes
        if batch:
            yield batch

    # --- one call ---------------------------------------------------------------------------------------

    def answer(
        self,
        method: str,
        path: str,
        *,
        query: Mapping[str, Any] | None = None,
        body: Any = None,
        content_type: str = JSON,
        repeatable: bool = False,
    ) -> Answer:
        """Send a request, and return the answer with its status and headers.

        `path` begins after `/api/v1`. A `repeatable` request may arrive twice without a second
        effect, so it is tried again whenever it is unknown what became of it.

        :raises Problem: it was refused.
        :raises OutcomeUnknown: it was sent, no answer came, and it may not be repeated.
        :raises Unreachable: no connection could be made.
        """
        target = self._transport.path + PREFIX + path + _query(query or {})
        content = body if isinstance(body, bytes) else b"" if body is None else _dumped(body)
        for tries_left in reversed(range(self._tries)):
            wait_seconds = _wait_seconds(self._tries - tries_left)
            try:
                answer = self._send(method, target, content, content_type)
            except NotConnected as error:
                if not tries_left:
                    raise Unreachable(str(error)) from error
            except NoAnswer as error:
                if not (repeatable and tries_left):
                    raise OutcomeUnknown(f"{method} {target}: {error}") from error
            else:
                if answer.status < 300:
                    return answer
                wait_seconds = max(wait_seconds, answer.retry_after_seconds or 0)
                if not (tries_left and _may_pass(answer, repeatable)):
                    raise Problem(answer)
                if wait_seconds > LONGEST_WAIT_SECONDS:
                    raise Problem(answer)
            time.sleep(wait_seconds)
        raise AssertionError("the last try returns or raises")

    def _send(self, method: str, target: str, content: bytes, content_type: str) -> Answer:
        signed = signing.headers(
            key=self.key, secret=self._secret, method=method, target=target, body=content
        )
        said = {"Accept-Language": self._language, **signed}
        if content:
            said["Content-Type"] = content_type
        has_body = method in ("POST", "PUT")
        return self._transport.send(method, target, content if has_body else None, said)

    def _call(self, method: str, path: str, **options: Any) -> Any:
        return self.answer(method, path, **options).body


def _may_pass(answer: Answer, repeatable: bool) -> bool:
    """Tell whether the same request may pass in a moment, and cannot be done twice."""
    if answer.status == TOO_MANY_REQUESTS:
        return True
    return repeatable and answer.status in UNCERTAIN


def _wait_seconds(tries: int) -> float:
    """Twice as long each time, and never all at once."""
    return FIRST_WAIT_SECONDS * 2.0 ** (tries - 1) * random.uniform(0.5, 1.5)  # noqa: S311


def _query(values: Mapping[str, Any]) -> str:
    given = {name: value for name, value in values.items() if value is not None}
    return "?" + urlencode(given, quote_via=quote) if given else ""


def _dumped(body: Any) -> bytes:
    return json.dumps(body, ensure_ascii=False).encode()


def _chunks(items: Iterable[str], size: int) -> Iterator[list[str]]:
    some: list[str] = []
    for item in items:
        some.append(item)
        if len(some) == size:
            yield some
            some = []
    if some:
        yield some
