"""What requests and answers hold: amounts in fen, times in RFC 3339.

Written by `manage.py export_openapi` from the description.
"""

from __future__ import annotations

from typing import Any, Literal, NotRequired, TypedDict


class Aftersale(TypedDict):
    case_no: str
    out_case_no: str
    order_no: str
    out_order_no: str
    line_id: str
    sku_no: str
    type: str
    quantity: int
    state: str
    version: int
    # distributor, platform or carrier (refused or lost parcel).
    opener: str
    reason: str
    description: str
    asked_fen: int
    approved_fen: int | None
    freight_fen: int
    offered_fen: int | None
    refunded_fen: int
    decision_note: str
    return_address: str
    parcels: list[CaseParcel]
    inspections: list[Inspection]
    evidence: list[str]
    # What you may do now: POST /aftersales/{case_no}/ and this word.
    allowed_actions: list[str]
    next_deadline: Deadline | None
    progress: list[Step]
    applied_at: str
    changed_at: str
    ended_at: str | None


class AftersaleOptions(TypedDict):
    order_no: str
    out_order_no: str
    items: list[LineOptions]


class AftersalePage(TypedDict):
    items: list[Aftersale]
    next: str | None


class AgreementRequest(TypedDict):
    amount_fen: NotRequired[int | None]
    note: NotRequired[str]


class ApplicationRequest(TypedDict):
    # Your own number for the case: the same number is the same case.
    out_case_no: NotRequired[str]
    order_no: str
    line_id: str
    type: ApplicationTypeEnum
    quantity: int
    # A code of /meta/reasons.
    reason: str
    description: NotRequired[str]
    # Without it: all that may come back for the pieces.
    asked_fen: NotRequired[int | None]
    # Each an upload_id of POST /uploads.
    evidence: NotRequired[list[str]]


ApplicationTypeEnum = Literal["refund_only", "return_refund", "exchange", "resend", "compensation"]


class Attempt(TypedDict):
    at: str
    status: int | None
    error: str
    took_ms: int
    answer: str


class BatchRequest(TypedDict):
    orders: list[OrderRequest]


class Brand(TypedDict):
    code: str
    name: str


class BrandPage(TypedDict):
    items: list[Brand]
    next: str | None


class Cancellation(TypedDict):
    cancellation_no: str
    # Your own number for the request, if you gave one.
    out_cancellation_no: str
    order_no: str
    out_order_no: str
    # requested, granted, refused or withdrawn.
    state: str
    # distributor, source (short of goods) or platform.
    asker: str
    reason: str
    note: str
    lines: list[CancelledLine]
    # What came back to the deposit, with freight.
    refunded_fen: int
    refusal_note: str
    shipment: LeftIn | None
    requested_at: str
    # Without an answer by then it is granted.
    answer_due_at: str | None
    answered_at: str | None


class CancellationRequest(TypedDict):
    # Your own number for the request: the same number is the same request.
    out_cancellation_no: NotRequired[str]
    lines: NotRequired[list[CancelledPiecesRequest]]
    # A code of /meta/reasons for cancellations.
    reason: str
    note: NotRequired[str]


class Cancellations(TypedDict):
    order_no: str
    out_order_no: str
    items: list[Cancellation]


class CancelledLine(TypedDict):
    line_id: str
    sku_no: str
    quantity: int


class CancelledPiecesRequest(TypedDict):
    line_id: str
    quantity: int


class Carrier(TypedDict):
    code: str
    name: str
    # How its numbers usually look; several carriers share forms, so only a guess.
    pattern: str


class Carriers(TypedDict):
    items: list[Carrier]


class CaseParcel(TypedDict):
    # return, reship (new goods) or sent_back (failed goods).
    direction: str
    carrier_code: str
    tracking_no: str
    sent_at: str
    picked_up_at: str | None
    arrived_at: str | None


class Category(TypedDict):
    code: str
    parent_code: str | None
    name: str
    path: str


class CategoryPage(TypedDict):
    items: list[Category]
    next: str | None


class Change(TypedDict):
    seq: int
    # listed, updated, price, delisted; of everything: catalogue_prices (read all prices again),
    # catalogue (read all products again).
    kind: str
    item_no: str | None
    changed_at: str
    # As it is now, at your prices; null: take it off sale.
    product: ProductSummary | None


class ChangePage(TypedDict):
    items: list[Change]
    # `position` while there is more, else null.
    next: str | None
    # Keep it: the `after` of your next call.
    position: int
    # The newest position; keep it before you copy everything.
    latest: int


class Claim(TypedDict):
    claim_no: str
    out_claim_no: str
    order_no: str
    out_order_no: str
    line_id: str
    sku_no: str
    type: str
    quantity: int
    state: str
    version: int
    reason: str
    description: str
    # What the consumer gets, of your own money.
    amount_fen: int
    note: str
    return_address: str
    parcels: list[ClaimParcel]
    evidence: list[str]
    goodwill: Goodwill
    # What you may do now: POST /claims/{claim_no}/ and this word.
    allowed_actions: list[str]
    next_deadline: Deadline | None
    applied_at: str
    changed_at: str
    ended_at: str | None


class ClaimPage(TypedDict):
    items: list[Claim]
    next: str | None


class ClaimParcel(TypedDict):
    # return (to you), reship (new goods of yours) or goodwill (new goods of ours).
    direction: str
    carrier_code: str
    tracking_no: str
    sent_at: str


class ClaimParcelRequest(TypedDict):
    # A code of /meta/carriers.
    carrier_code: str
    tracking_no: str


class ClaimRequest(TypedDict):
    # Your own number for the claim: the same number is the same claim.
    out_claim_no: NotRequired[str]
    order_no: str
    line_id: str
    type: ClaimTypeEnum
    quantity: int
    # A code of /meta/reasons.
    reason: str
    description: NotRequired[str]
    # What the consumer wants back, of your own money.
    amount_fen: NotRequired[int]
    # Each an upload_id of POST /uploads.
    evidence: NotRequired[list[str]]


class ClaimStepRequest(TypedDict):
    pass


ClaimTypeEnum = Literal["refund", "exchange", "return"]


class Code(TypedDict):
    code: str
    type: str
    status: int
    retryable: bool
    cause: str
    remedy: str


class Codes(TypedDict):
    items: list[Code]


class Consignee(TypedDict):
    name: str
    phone: str
    province: str
    city: str
    district: str
    detail: str


class ConsigneeRequest(TypedDict):
    name: str
    phone: str
    # A name or code of /meta/regions.
    province: str
    city: str
    district: NotRequired[str]
    detail: str


class Deadline(TypedDict):
    at: str
    # What happens then: the next state, or alert (nothing moves; we are late).
    default: str


Deed = TypedDict(
    "Deed",
    {
        "subject": "str",
        "act": "str",
        "from": "str",
        "to": "str",
        "reason": "str",
        "by": "str",
        "at": "str",
    },
)


class Delivery(TypedDict):
    event_id: str
    seq: int
    type: str
    object_no: str
    # pending, delivered or parked.
    state: str
    tries: int
    # When it is tried next.
    due_at: str | None
    status: int | None
    error: str
    delivered_at: str | None
    attempts: list[Attempt]


class DeliveryPage(TypedDict):
    items: list[Delivery]
    next: str | None


class Deposit(TypedDict):
    available_fen: int
    balance_fen: int
    # What holds and open withdrawals reserve together.
    held_fen: int
    # What of held_fen open withdrawals reserve.
    withdrawals_fen: int
    credit_line_fen: int
    # Paid for orders that are not finished.
    open_orders_fen: int
    # The platform checks the deposit: nothing is spent from it meanwhile.
    frozen: bool


class DestinationRequest(TypedDict):
    # A name or code of /meta/regions.
    province: str
    city: str


class Difference(TypedDict):
    # differing, missing_here or missing_there.
    kind: str
    out_order_no: str
    # Of a transfer without an order.
    reference: str
    order_no: str
    yours_fen: int | None
    ours_fen: int | None
    # When we had an order of which nothing moved in these days.
    placed_on: str | None


class Echo(TypedDict):
    key_id: str
    scopes: list[str]
    string_to_sign: str
    server_time: str
    server_timestamp: int
    ip: str


class Event(TypedDict):
    seq: int
    id: str
    type: str
    occurred_at: str
    object_version: int | None
    data: dict[str, Any]
    previous: Any


class EventPage(TypedDict):
    items: list[Event]
    next: str | None


class ExplainedLine(TypedDict):
    supply_price_fen: NotRequired[int]
    service_fee_fen: NotRequired[int]
    line_id: str
    item_no: str
    sku_no: str
    name: str
    spec: str
    quantity: int
    agreement_price_fen: int
    cancelled: int
    shipped: int
    received: int
    returned: int
    refunded: int
    # agreement_price_fen × quantity.
    sum_fen: int
    refunded_fen: int


class Explanation(TypedDict):
    order_no: str
    out_order_no: str
    state: str
    placed_at: str
    goods_fen: int
    freight_fen: int
    total_fen: int
    # What came back to the deposit.
    back_fen: int
    open_fen: int
    lines: list[ExplainedLine]
    transfers: list[MoneyStep]
    stock: list[StockStep]
    events: list[Told]
    holds: list[HoldOfOrder]
    story: list[Story]


class Export(TypedDict):
    export_id: str
    # queued, running, ready, failed, expired.
    state: str
    in_full: bool
    # How many there will be; known once it is written.
    products: int
    written: int
    # Bytes, compressed.
    size: int
    # Of the compressed bytes; the file's ETag.
    sha256: str
    # From here on /products/changes has what the file has not.
    changes_after: int | None
    # From here on /events does.
    events_after: int | None
    asked_at: str
    finished_at: str | None
    # When it is deleted.
    expires_at: str | None


class ExportRequest(TypedDict):
    # With the detail page, as a single product is answered.
    in_full: NotRequired[bool]


class ExtensionRequest(TypedDict):
    pass


class Fault(TypedDict):
    # Where: a JSON pointer (RFC 6901) into the body or the query.
    pointer: str
    code: str
    detail: str
    values: dict[str, Any]


class Fulfilment(TypedDict):
    number: int
    state: str
    freight_fen: int
    ship_due_at: str | None
    line_ids: list[str]


class Goodwill(TypedDict):
    state: str
    # amount or reship (new goods): of what is offered, before that of what is asked.
    kind: str
    asked_fen: int
    offered_fen: int
    note: str
    answer: str


class GoodwillRequest(TypedDict):
    amount_fen: NotRequired[int]
    note: str
    # Pictures that are added, each an upload_id of POST /uploads.
    evidence: NotRequired[list[str]]


class HeldLine(TypedDict):
    line_id: str
    sku_no: str
    quantity: int
    agreement_price_fen: int


class History(TypedDict):
    items: list[Deed]


class Hold(TypedDict):
    hold_id: str
    out_order_no: str
    # consumer (until the consumer pays) or funds (until you recharge).
    kind: str
    # active, consumed (placed), released or lapsed.
    state: str
    version: int
    lines: list[HeldLine]
    goods_fen: int
    freight_fen: int
    total_fen: int
    application: str
    held_at: str
    expires_at: str
    ended_at: str | None
    extensions_left: int
    # The order that was placed from it.
    order_no: str | None


class HoldOfOrder(TypedDict):
    hold_id: str
    state: str
    total_fen: int
    held_at: str
    expires_at: str


class HoldPage(TypedDict):
    items: list[Hold]
    next: str | None


class Inspection(TypedDict):
    result: str
    grade: str
    offered_fen: int | None
    note: str
    photos: list[str]
    inspected_at: str


class LeftIn(TypedDict):
    carrier_code: str
    tracking_no: str


class Limits(TypedDict):
    server_time: str
    server_timestamp: int
    requests_per_minute: int
    signature_window_seconds: int
    body_bytes: int
    batch_body_bytes: int
    json_depth: int
    page_items: int
    batch_orders: int
    order_lines: int
    line_quantity: int
    order_total_fen: int
    lookup_products: int
    lookup_skus: int
    selection_products: int
    catalogue_file_days: int
    remark_characters: int
    quote_minutes: int
    hold_minutes: int
    hold_extensions: int
    open_holds: int
    wait_for_funds_hours: int
    events_kept_days: int
    applications: list[str]


class Line(TypedDict):
    supply_price_fen: NotRequired[int]
    service_fee_fen: NotRequired[int]
    line_id: str
    item_no: str
    sku_no: str
    name: str
    spec: str
    quantity: int
    agreement_price_fen: int
    cancelled: int
    shipped: int
    received: int
    returned: int
    refunded: int


class LineOptions(TypedDict):
    line_id: str
    sku_no: str
    # Pieces that a new case may be about.
    quantity: int
    types: list[TypeOption]
    reasons: list[OptionReason]
    # The end of the window after receipt; null: none, or none yet.
    until: str | None
    # Why nothing may be applied for, where that is so.
    problem: Problem | None


class LineRequest(TypedDict):
    # Yours; echoed everywhere.
    line_id: str
    sku_no: str
    quantity: int
    # What you expect a unit to cost; needed unless a quote or hold freezes it.
    expected_agreement_price_fen: NotRequired[int | None]


class MoneyStep(TypedDict):
    at: str
    # As in /deposit/transfers; `received` moves no deposit.
    code: str
    text: str
    reference: str
    line_id: str
    sku_no: str
    quantity: int | None
    amount_fen: int
    # Signed: negative was taken from the deposit.
    deposit_fen: int
    # What of the order was neither received nor given back, after it.
    open_fen: int


class NothingRequest(TypedDict):
    pass


OnShortfallEnum = Literal["refuse", "wait"]


class OptionReason(TypedDict):
    code: str
    name: str
    evidence: bool


class Order(TypedDict):
    order_no: str
    out_order_no: str
    state: str
    version: int
    lines: list[Line]
    fulfilments: list[Fulfilment]
    goods_fen: int
    freight_fen: int
    total_fen: int
    application: str
    channel: str
    paid_fen: int | None
    payment_reference: str
    consumer_ref: str
    remark: str
    placed_at: str
    received_at: str | None
    completed_at: str | None
    consignee: Consignee


class OrderBatch(TypedDict):
    items: list[OrderRow]


class OrderPage(TypedDict):
    items: list[Order]
    next: str | None


class OrderRequest(TypedDict):
    # Yours; unique for ever.
    out_order_no: str
    lines: list[LineRequest]
    consignee: ConsigneeRequest
    remark: NotRequired[str]
    quote_id: NotRequired[str | None]
    # Where only the deposit is short: refuse, or wait with the stock kept.
    on_shortfall: NotRequired[OnShortfallEnum]
    application: NotRequired[str]
    channel: NotRequired[str]
    paid_fen: NotRequired[int | None]
    payment_reference: NotRequired[str]
    # A pseudonym of your consumer; never a name or phone.
    consumer_ref: NotRequired[str]


class OrderRow(TypedDict):
    out_order_no: str | None
    status: int
    order: NotRequired[Order]
    waiting: NotRequired[Waiting]
    problem: NotRequired[Problem]


class OwnOrderRequest(TypedDict):
    out_order_no: str
    amount_fen: int


class OwnTransferRequest(TypedDict):
    reference: str
    amount_fen: int


class ParcelLine(TypedDict):
    line_id: str
    sku_no: str
    quantity: int
    received: int
    # Refunded on the way, never to be received.
    written_off: int


class PriceLookup(TypedDict):
    items: list[PriceRow]


class PriceRow(TypedDict):
    supply_price_fen: NotRequired[int]
    service_fee_fen: NotRequired[int]
    sku_no: str
    status: int
    agreement_price_fen: NotRequired[int]
    retail_price_fen: NotRequired[int | None]
    price_version: NotRequired[int]
    problem: NotRequired[Problem]


class Problem(TypedDict):
    type: str
    title: str
    status: int
    # Stable; /meta/errors lists all. Decide by this alone.
    code: str
    # For people, in the language of Accept-Language.
    detail: str
    # The same request may succeed later, unchanged.
    retryable: bool
    # What the detail speaks of, for machines.
    values: dict[str, Any]
    errors: list[Fault]
    request_id: NotRequired[str]


class Product(TypedDict):
    item_no: str
    name: str
    category: ProductCategory
    brand: Brand | None
    kind: str
    unit: str
    origin: str
    images: list[str]
    aftersale_note: str
    ship_within_hours: int
    allowed_applications: list[str]
    regions_not_served: list[str]
    attributes: dict[str, str]
    version: int
    changed_at: str
    skus: list[Sku]
    detail_html: str
    detail_images: list[str]


class ProductCategory(TypedDict):
    code: str
    path: str


class ProductLookup(TypedDict):
    items: list[ProductRow]


class ProductLookupRequest(TypedDict):
    item_nos: list[str]


class ProductPage(TypedDict):
    items: list[ProductSummary]
    next: str | None


class ProductRow(TypedDict):
    item_no: str
    status: int
    product: NotRequired[Product]
    problem: NotRequired[Problem]


class ProductSummary(TypedDict):
    item_no: str
    name: str
    category: ProductCategory
    brand: Brand | None
    kind: str
    unit: str
    origin: str
    images: list[str]
    aftersale_note: str
    ship_within_hours: int
    allowed_applications: list[str]
    regions_not_served: list[str]
    attributes: dict[str, str]
    version: int
    changed_at: str
    skus: list[Sku]


class Progress(TypedDict):
    case_no: str
    out_case_no: str
    order_no: str
    out_order_no: str
    line_id: str
    sku_no: str
    type: str
    quantity: int
    name: str
    spec: str
    state: str
    version: int
    return_address: str
    steps: list[ToldStep]
    parcels: list[TrackedParcel]
    next_deadline: Deadline | None
    changed_at: str
    ended_at: str | None


class Quote(TypedDict):
    quote_id: str
    expires_at: str
    lines: list[QuoteLine]
    unsellable: list[UnsellableLine]
    fulfilments: list[QuotePart]
    goods_fen: int
    freight_fen: int
    total_fen: int
    # Negative: that much would be missing.
    deposit_after_fen: int


class QuoteLine(TypedDict):
    supply_price_fen: NotRequired[int]
    service_fee_fen: NotRequired[int]
    line_id: str
    sku_no: str
    quantity: int
    agreement_price_fen: int
    price_version: int
    goods_fen: int


class QuoteLineRequest(TypedDict):
    line_id: str
    sku_no: str
    quantity: int


class QuotePart(TypedDict):
    number: int
    freight_fen: int
    line_ids: list[str]


class QuoteRequest(TypedDict):
    lines: list[QuoteLineRequest]
    destination: DestinationRequest
    application: NotRequired[str]


class Reason(TypedDict):
    code: str
    use: str
    name: str
    evidence: bool


class Reasons(TypedDict):
    items: list[Reason]


class ReceiptRequest(TypedDict):
    lines: NotRequired[list[ReceivedLineRequest]]


class ReceivedLineRequest(TypedDict):
    line_id: str
    quantity: int


class Recharge(TypedDict):
    recharge_no: str
    # applied, checked (by one of two people), approved, rejected or withdrawn.
    state: str
    version: int
    amount_fen: int
    payer: str
    paid_on: str | None
    payment_reference: str
    has_slip: bool
    note: str
    # Once it is approved: the reference of its transfer in /deposit/transfers.
    bank_reference: str
    # Why it was rejected.
    reason: str
    # What you may do now: POST /recharges/{recharge_no}/ and this word.
    allowed_actions: list[str]
    applied_at: str
    decided_at: str | None


class RechargePage(TypedDict):
    items: list[Recharge]
    next: str | None


class RechargeRequest(TypedDict):
    amount_fen: int
    # Whose bank account paid it.
    payer: str
    # The day, 2026-11-22.
    paid_on: NotRequired[str | None]
    # The number of the payment at your bank; this or a slip is needed.
    payment_reference: NotRequired[str]
    # An upload_id of POST /uploads: a picture of the bank's slip.
    slip: NotRequired[str | None]
    note: NotRequired[str]


class RechargeWithdrawalRequest(TypedDict):
    pass


Reconciliation = TypedDict(
    "Reconciliation",
    {
        "reconciliation_id": "str",
        "from": "str | None",
        "to": "str | None",
        "matched": "int",
        "differing": "int",
        "missing_here": "int",
        "missing_there": "int",
        "made_at": "str",
        "differences": "list[Difference]",
    },
)


class ReconciliationPage(TypedDict):
    items: list[ReconciliationRow]
    next: str | None


ReconciliationRequest = TypedDict(
    "ReconciliationRequest",
    {
        "from": "NotRequired[str]",
        "to": "NotRequired[str]",
        "orders": "list[OwnOrderRequest]",
        "transfers": "NotRequired[list[OwnTransferRequest]]",
    },
)


ReconciliationRow = TypedDict(
    "ReconciliationRow",
    {
        "reconciliation_id": "str",
        "from": "str | None",
        "to": "str | None",
        "matched": "int",
        "differing": "int",
        "missing_here": "int",
        "missing_there": "int",
        "made_at": "str",
    },
)


class Region(TypedDict):
    # The national code (GB/T 2260).
    code: str
    # As orders show it.
    province: str
    name: str


class Regions(TypedDict):
    items: list[Region]


class RejectionRequest(TypedDict):
    note: str


class Replay(TypedDict):
    matched: int
    queued: int


class ReplayRequest(TypedDict):
    event_ids: NotRequired[list[str]]
    types: NotRequired[list[str]]
    occurred_from: NotRequired[str | None]
    occurred_to: NotRequired[str | None]
    after_seq: NotRequired[int | None]
    # Leave out what your endpoint has acknowledged.
    only_undelivered: NotRequired[bool]
    # Only say how many match.
    dry_run: NotRequired[bool]


class RequestedCancellations(TypedDict):
    order_no: str
    out_order_no: str
    items: list[Cancellation]
    # requested while any of it waits for an answer, then granted if all of it is, else refused or
    # withdrawn.
    state: str


class ResubmissionRequest(TypedDict):
    description: NotRequired[str]
    asked_fen: NotRequired[int | None]
    # Pictures that are added, each an upload_id of POST /uploads.
    evidence: NotRequired[list[str]]


class ReturnAddressRequest(TypedDict):
    return_address: str


class ReturnShipmentRequest(TypedDict):
    # A code of /meta/carriers.
    carrier_code: str
    tracking_no: str


class Scan(TypedDict):
    status: str
    text: str
    place: str
    at: str


class Selected(TypedDict):
    item_no: str
    selected_at: str
    # Whether it is offered to you now; it stays selected.
    on_sale: bool
    # Higher than that of your copy: read it again.
    version: int | None
    # The highest of its skus, with your own terms.
    price_version: int | None
    changed_at: str | None


class SelectionPage(TypedDict):
    items: list[Selected]
    next: str | None


class SelectionRow(TypedDict):
    item_no: str
    status: int
    problem: NotRequired[Problem]


class SelectionRows(TypedDict):
    items: list[SelectionRow]


class Shipment(TypedDict):
    carrier_code: str
    tracking_no: str
    state: str
    version: int
    shipped_at: str
    delivered_at: str | None
    # When it counts as received by itself, unless something is wrong with it.
    receive_due_at: str
    received_at: str | None
    # When it came back, was given up, or was voided.
    ended_at: str | None
    lines: list[ParcelLine]
    # Newest first.
    scans: list[Scan]


class Shipments(TypedDict):
    items: list[Shipment]


class Sku(TypedDict):
    supply_price_fen: NotRequired[int]
    service_fee_fen: NotRequired[int]
    sku_no: str
    spec: dict[str, str]
    barcode: str
    weight_g: int
    min_quantity: int
    max_quantity: int | None
    multiple: int
    agreement_price_fen: int
    retail_price_fen: int | None
    price_version: int
    available: int
    stock_version: int


class SkuLookupRequest(TypedDict):
    sku_nos: list[str]


class StatedTransfer(TypedDict):
    code: str
    # With the code, unique for ever.
    reference: str
    amount_fen: int
    balance_fen: int
    order_no: str
    out_order_no: str
    line_id: str
    sku_no: str
    quantity: int | None
    note: str
    posted_at: str
    # It is of a day that was closed before it was written.
    late: bool


class Statement(TypedDict):
    date: str
    distributor: str
    opening_fen: int
    credited_fen: int
    debited_fen: int
    closing_fen: int
    transfers: int
    items: list[StatedTransfer]


class StatementPage(TypedDict):
    items: list[StatementRow]
    next: str | None


class StatementRow(TypedDict):
    date: str
    opening_fen: int
    credited_fen: int
    debited_fen: int
    # opening_fen + credited_fen − debited_fen: the next day's opening_fen.
    closing_fen: int
    transfers: int
    csv_sha256: str
    json_sha256: str


class Step(TypedDict):
    step: str
    at: str | None


class StockLookup(TypedDict):
    items: list[StockRow]


class StockRow(TypedDict):
    sku_no: str
    status: int
    available: NotRequired[int]
    stock_version: NotRequired[int]
    problem: NotRequired[Problem]


class StockStep(TypedDict):
    at: str
    sku_no: str
    # order, hold, lapse, cancel, restock or reship.
    kind: str
    # Signed: negative left stock.
    quantity: int


class Story(TypedDict):
    at: str
    # history, money, stock or event.
    kind: str
    text: str
    detail: str


class SupplierBatchParcelRequest(TypedDict):
    # A code of /meta/carriers.
    carrier_code: str
    tracking_no: str
    lines: NotRequired[list[SupplierPiecesRequest]]
    order_no: str


class SupplierBatchRequest(TypedDict):
    shipments: list[SupplierBatchParcelRequest]


class SupplierBill(TypedDict):
    bill_no: str
    state: str
    version: int
    period_from: str
    period_to: str
    lines_fen: int
    # What negative bills before it left over.
    carried_fen: int
    total_fen: int
    issued_at: str | None
    answered_at: str | None
    paid_on: str | None
    bank_reference: str
    has_invoice: bool


class SupplierBillLine(TypedDict):
    bill_line_id: str
    part: str
    code: str
    posted_at: str
    order_no: str
    line_id: str
    sku_no: str
    quantity: int | None
    unit_fen: int | None
    # Positive: owed to you.
    amount_fen: int
    case_no: str
    reason: str
    disputed: bool
    dispute_note: str
    answer: str


class SupplierBillLinePage(TypedDict):
    items: list[SupplierBillLine]
    next: str | None


class SupplierBillPage(TypedDict):
    items: list[SupplierBill]
    next: str | None


class SupplierBillPart(TypedDict):
    # goods, freight, deductions, manual or other.
    part: str
    amount_fen: int


class SupplierCorrectionRequest(TypedDict):
    carrier_code: str
    tracking_no: str
    reason: str


class SupplierDisputeRequest(TypedDict):
    lines: list[SupplierDoubtRequest]


class SupplierDoubtRequest(TypedDict):
    bill_line_id: str
    note: str


class SupplierEcho(TypedDict):
    key_id: str
    supplier_no: str
    scopes: list[str]
    string_to_sign: str
    server_time: str
    server_timestamp: int
    ip: str


class SupplierFullBill(TypedDict):
    bill_no: str
    state: str
    version: int
    period_from: str
    period_to: str
    lines_fen: int
    # What negative bills before it left over.
    carried_fen: int
    total_fen: int
    issued_at: str | None
    answered_at: str | None
    paid_on: str | None
    bank_reference: str
    has_invoice: bool
    parts: list[SupplierBillPart]


class SupplierLine(TypedDict):
    line_id: str
    item_no: str
    sku_no: str
    # Your own number of the sku.
    owner_no: str
    name: str
    spec: str
    # As it was when the order was placed.
    supply_price_fen: int
    quantity: int
    cancelled: int
    # A cancellation waits for an answer; these pieces cannot be shipped.
    frozen: int
    shipped: int
    # How many may still be shipped.
    to_ship: int


class SupplierNothingRequest(TypedDict):
    pass


class SupplierOrder(TypedDict):
    order_no: str
    state: str
    placed_at: str
    ship_due_at: str
    begun_at: str | None
    # A label printed before this shows the wrong address.
    address_changed_at: str | None
    closed_at: str | None
    lines: list[SupplierLine]
    # What is not cancelled, at your supply price.
    goods_fen: int
    freight_fen: int
    # Empty once nothing is left to ship.
    remark: str
    # null once nothing is left to ship; do not keep it longer.
    consignee: Consignee | None
    shipments: list[SupplierShipment]


class SupplierOrderPage(TypedDict):
    items: list[SupplierOrder]
    next: str | None


class SupplierParcelRequest(TypedDict):
    # A code of /meta/carriers.
    carrier_code: str
    tracking_no: str
    lines: NotRequired[list[SupplierPiecesRequest]]


class SupplierPieces(TypedDict):
    line_id: str
    sku_no: str
    quantity: int


class SupplierPiecesRequest(TypedDict):
    line_id: str
    quantity: int


class SupplierProduct(TypedDict):
    item_no: str
    owner_no: str
    name: str
    category: str
    brand: str
    state: str
    state_reason: str
    skus: list[SupplierSku]
    revision: SupplierRevision | None


class SupplierProductPage(TypedDict):
    items: list[SupplierProduct]
    next: str | None


class SupplierRevision(TypedDict):
    state: str
    # What the reviewers said.
    note: str
    submitted_at: str
    effective_at: str | None


class SupplierShipment(TypedDict):
    shipment_id: str
    order_no: str
    carrier_code: str
    tracking_no: str
    state: str
    version: int
    shipped_at: str
    delivered_at: str | None
    received_at: str | None
    # When it came back, was given up, or was voided.
    ended_at: str | None
    lines: list[SupplierPieces]


class SupplierShipmentBatch(TypedDict):
    items: list[SupplierShipmentRow]


class SupplierShipmentRow(TypedDict):
    order_no: str | None
    # 201 new, 200 was there already, else refused.
    status: int
    shipment: NotRequired[SupplierShipment]
    problem: NotRequired[Problem]


class SupplierShortage(TypedDict):
    cancellation_no: str
    # Your own number for it, if you gave one.
    out_shortage_no: str
    order_no: str
    state: str
    reason: str
    requested_at: str
    answered_at: str | None
    lines: list[SupplierPieces]


class SupplierShortageRequest(TypedDict):
    # Your own number for it: of one order the same number is the same shortage.
    out_shortage_no: NotRequired[str]
    lines: list[SupplierPiecesRequest]
    note: str
    # Nothing of these goods is left: set their stock to 0.
    empty_stock: NotRequired[bool]


class SupplierSku(TypedDict):
    sku_no: str
    owner_no: str
    spec: str
    barcode: str
    supply_price_fen: int
    retail_price_fen: int | None
    weight_g: int
    available: int
    stock_version: int


class SupplierStock(TypedDict):
    sku_no: str
    owner_no: str
    item_no: str
    name: str
    spec: str
    # What can still be ordered.
    available: int
    # Ordered, and neither shipped nor cancelled.
    promised: int
    stock_version: int


class SupplierStockPage(TypedDict):
    items: list[SupplierStock]
    next: str | None


class SupplierStockRequest(TypedDict):
    sku_no: str
    available: int
    # Set only if the stock is still of this version.
    expected_stock_version: NotRequired[int]


class SupplierStockRow(TypedDict):
    sku_no: str | None
    status: int
    available: NotRequired[int]
    stock_version: NotRequired[int]
    problem: NotRequired[Problem]


class SupplierStockRows(TypedDict):
    items: list[SupplierStockRow]


class SupplierStocksRequest(TypedDict):
    stocks: list[SupplierStockRequest]


class SupplierVoidingRequest(TypedDict):
    reason: str


class TestRequest(TypedDict):
    # One of your events, sent under a new id; without it, a greeting.
    event_id: NotRequired[str | None]


class Told(TypedDict):
    at: str
    type: str
    object_no: str
    # Its number; null for the first moments.
    seq: int | None
    # pending, delivered or parked; null: called back nowhere.
    callback: str | None


class ToldStep(TypedDict):
    step: str
    at: str | None
    # In the language of Accept-Language.
    text: str


class Track(TypedDict):
    status: str
    text: str
    place: str
    at: str


class TrackedParcel(TypedDict):
    # return, reship (new goods) or sent_back (failed goods).
    direction: str
    carrier_code: str
    tracking_no: str
    sent_at: str
    picked_up_at: str | None
    arrived_at: str | None
    carrier: str
    tracks: list[Track]


class Transfer(TypedDict):
    code: str
    # With the code, unique for ever.
    reference: str
    amount_fen: int
    balance_fen: int
    order_no: str
    out_order_no: str
    line_id: str
    sku_no: str
    quantity: int | None
    note: str
    posted_at: str


class TransferPage(TypedDict):
    items: list[Transfer]
    next: str | None


class Trial(TypedDict):
    status: int | None
    # Why there is no status.
    error: str
    took_ms: int
    # How the body begins.
    answer: str
    url: str
    headers: dict[str, str]
    body: str


class TypeOption(TypedDict):
    type: str
    quantity: int
    cap_fen: int


class UnsellableLine(TypedDict):
    line_id: str
    sku_no: str
    problem: Problem


class Upload(TypedDict):
    upload_id: str
    # Of the bytes that you sent.
    sha256: str
    # The number of bytes that you sent.
    size: int


class Waiting(TypedDict):
    out_order_no: str
    # waiting_for_funds.
    state: str
    # DELETE /holds/{hold_id} gives it up.
    hold_id: str
    shortfall_fen: int
    total_fen: int
    # Not covered by then, it lapses.
    expires_at: str


class WantedRequest(TypedDict):
    # Up to 1,000 numbers.
    item_nos: NotRequired[list[str]]
    # A category's code; with all below it.
    category: NotRequired[str]
    # A brand's code.
    brand: NotRequired[str]


class Webhook(TypedDict):
    # null: nowhere yet.
    url: str | None
    types: list[str]
    # live, degraded (it does not answer: tried every hour), paused (by you) or stopped (by its
    # answer 410). Nothing is dropped in any of them.
    state: str
    # Shown once, when it is made; null at all other times.
    secret: str | None
    secret_last4: str | None
    # Until then calls are signed with the former secret too.
    former_secret_until: str | None
    # Deliveries that are to come, parked ones among them.
    waiting: int
    # Deliveries whose tries have all failed.
    parked: int
    # Failures in a row.
    failures: int
    down_since: str | None
    # It is left alone until then.
    held_until: str | None
    last_called_at: str | None
    # With a 2xx.
    last_answered_at: str | None


class WebhookRequest(TypedDict):
    # https, on port 443 or 8443, at a public address.
    url: str
    # Types such as order.shipped, or order.* for all of them; none: everything.
    types: NotRequired[list[str]]


class Withdrawal(TypedDict):
    withdrawal_no: str
    # applied, checked (by one of two people), approved, paid, rejected, cancelled.
    state: str
    version: int
    # Held on the deposit until it is paid or ended.
    amount_fen: int
    payee: str
    # The end of the account's number.
    account_tail: str
    note: str
    # Once it is paid: the reference of its transfer in /deposit/transfers.
    bank_reference: str
    # Why it was rejected.
    reason: str
    # What you may do now: POST /withdrawals/{withdrawal_no}/ and this word.
    allowed_actions: list[str]
    applied_at: str
    decided_at: str | None
    paid_at: str | None


class WithdrawalApplicationRequest(TypedDict):
    amount_fen: int
    # In whose name the account is.
    payee: str
    bank: str
    # Kept encrypted; answers show its end alone.
    account_no: str
    note: NotRequired[str]


class WithdrawalCancellationRequest(TypedDict):
    pass


class WithdrawalPage(TypedDict):
    items: list[Withdrawal]
    next: str | None


class WithdrawalRequest(TypedDict):
    pass


class WordsRequest(TypedDict):
    description: NotRequired[str]
