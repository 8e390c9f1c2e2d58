"""Plain functions that make what a test needs: defaults that work, only what matters spelled out."""

import io
import itertools
from collections.abc import Mapping
from datetime import UTC, date, datetime, timedelta
from typing import Any

from django.core.files.base import ContentFile
from django.db import transaction
from PIL import Image

from aftersales import applying, claiming, evidence
from aftersales.models import Case, Claim, Evidence
from books import statements
from books.models import BankFile, BankLine, Proof, Statement
from companies import papers
from companies.models import Company
from distributors import applying as shops_applying
from distributors import (
    applying_for_recharges,
    levels,
    onboarding,
    recharging,
    slips,
    withdrawing,
)
from distributors.models import Distributor, Level, Recharge, ShopApplication, Withdrawal
from integration import request_log
from integration.models import ApiRequest, Partner, Side
from integration.request_log import Call
from kit.actors import OPERATIONS
from ledger import posting
from ledger.models import Kind
from orders import placing, receiving, requests, shipping, shipping_files, shipping_rows
from orders.models import Order, ShippingFile
from suppliers import applying as suppliers_applying
from suppliers import checklist, noticing, settlement
from suppliers.models import Application, Bill, Notice, Paper, Supplier
from suppliers.periods import Period
from supplychain import import_files, pictures, stock
from supplychain.models import (
    Category,
    FreightRule,
    FreightTemplate,
    GoodsFile,
    Picture,
    Product,
    Sku,
    Stock,
)

NOON = datetime(2026, 11, 22, 4, 0, tzinfo=UTC)  # noon in Shanghai
_count = itertools.count(1)

CONSIGNEE = requests.Consignee("张三", "13800000000", "广东省", "深圳市", "南山区", "海德三道199号")


def make_level(*, fee_rate_bp: int = 500, code: str = "") -> Level:
    """A level of distributors; 5 % fee."""
    number = next(_count)
    return levels.define(
        code=code or f"L{number}",
        name=f"等级{number}",
        rank=number % 30_000,
        fee_rate_bp=fee_rate_bp,
        at=NOON,
    )


def make_distributor(
    *, deposit_fen: int = 1_000_00, level: Level | None = None, threshold_fen: int = 0
) -> Distributor:
    """An active distributor with money on its deposit."""
    return open_distributor(
        deposit_fen=deposit_fen, level=level, threshold_fen=threshold_fen
    ).distributor


def open_distributor(
    *, deposit_fen: int = 1_000_00, level: Level | None = None, threshold_fen: int = 0
) -> onboarding.OpenedDistributor:
    """The same, with the key and secret that are shown once."""
    opened = onboarding.open_distributor(
        name=f"云平台{next(_count)}",
        level=level or make_level(),
        at=NOON,
        low_deposit_threshold_fen=threshold_fen,
    )
    if deposit_fen:
        recharging.recharge(
            distributor_pk=opened.distributor.pk,
            amount_fen=deposit_fen,
            reference=f"opening-{opened.distributor.number}",
            actor=OPERATIONS,
            at=NOON,
        )
    return opened


def make_supplier(*, trusted: bool = True) -> Supplier:
    """An active supplier."""
    number = next(_count)
    company = Company.objects.create(number=f"CT{number}", name=f"供货商{number}", opened_at=NOON)
    partner = Partner.objects.create(company=company, side=Side.SUPPLIER)
    return Supplier.objects.create(
        company=company, partner=partner, number=f"ST{number}", trusted=trusted
    )


def make_category(path: str = "食品/茶叶") -> Category:
    """A category by its path, with those above it."""
    parent: Category | None = None
    names = path.split("/")
    for depth in range(1, len(names) + 1):
        so_far = "/".join(names[:depth])
        known = Category.objects.filter(path=so_far).first()
        parent = known or Category.objects.create(
            parent=parent, code=f"cat{next(_count)}", name=names[depth - 1], path=so_far
        )
    assert parent is not None
    return parent


def make_product(
    *,
    supplier: Supplier | None = None,
    name: str = "",
    listed: bool = True,
    category: Category | None = None,
    freight_template: FreightTemplate | None = None,
    **fields: object,
) -> Product:
    """A listed product of the platform's own stock, or of a supplier, without skus."""
    number = next(_count)
    product = Product(
        supplier=supplier,
        item_no=f"ITEM-{number}",
        owner_no=f"ITEM-{number}",
        name=name or f"商品{number}",
        category=category or make_category(),
        freight_template=freight_template,
        created_at=NOON,
        changed_at=NOON,
        **fields,
    )
    if listed:
        product.list()
    product.save()
    return product


def make_sku(
    *,
    supply_price_fen: int = 50_00,
    available: int = 100,
    product: Product | None = None,
    supplier: Supplier | None = None,
    markup_fen: int = 0,
    **fields: object,
) -> Sku:
    """A sku of a product (a new listed one) with stock."""
    product = product or make_product(supplier=supplier)
    number = next(_count)
    sku = Sku.objects.create(
        product=product,
        sku_no=f"SKU-{number}",
        owner_no=f"SKU-{number}",
        supply_price_fen=supply_price_fen,
        markup_fen=markup_fen,
        price_version=levels.next_price_version(),
        **fields,
    )
    Stock.objects.create(sku=sku)
    with transaction.atomic():
        stock.set_many_within(available={sku.pk: available}, actor=OPERATIONS, at=NOON)
    return sku


def make_freight(
    *, first_fen: int = 8_00, further_fen: int = 2_00, regions: list[str] | None = None
) -> FreightTemplate:
    """A template by piece: 8.00 for the first, 2.00 for each further."""
    template = FreightTemplate.objects.create(name=f"运费{next(_count)}")
    FreightRule.objects.create(
        template=template, regions=regions or [], first_fen=first_fen, further_fen=further_fen
    )
    return template


def make_request(
    distributor: Distributor,
    quantities: Mapping[Sku, int],
    *,
    number: str = "",
    expected_fen: int | None = 10**9,
    consignee: requests.Consignee = CONSIGNEE,
    **fields: object,
) -> requests.OrderRequest:
    """An order of some skus, whatever they cost."""
    lines = tuple(
        requests.Line(str(index), sku.sku_no, quantity, expected_fen)
        for index, (sku, quantity) in enumerate(quantities.items(), 1)
    )
    return requests.OrderRequest(
        distributor_pk=distributor.pk,
        out_order_no=number or f"OUT-{next(_count)}",
        lines=lines,
        consignee=consignee,
        actor=OPERATIONS,
        **fields,  # type: ignore[arg-type]
    )


def make_picture(supplier: Supplier | None = None, colour: str = "red") -> Picture:
    """A stored picture of one colour."""
    written = io.BytesIO()
    Image.new("RGB", (40, 30), colour).save(written, "PNG")
    return pictures.store(data=written.getvalue(), supplier=supplier, at=NOON)


def make_received_order(
    distributor: Distributor, quantities: Mapping[Sku, int], *, at: datetime = NOON
) -> Order:
    """An order that was shipped and received to the last piece."""
    placed = placing.place(make_request(distributor, quantities), at=at)
    order = Order.objects.get(order_no=placed.document["order_no"])
    for part in order.fulfilments.select_related("supplier"):
        shipping.ship(
            fulfilment_pk=part.pk,
            supplier=part.supplier,
            carrier_code="ZTO",
            tracking_no=f"73{part.pk:012}",
            actor=OPERATIONS,
            at=at,
        )
    return receiving.receive(order_pk=order.pk, distributor=distributor, actor=OPERATIONS, at=at)


def make_claim(order: Order, *, quantity: int = 1, at: datetime = NOON, **fields: object) -> Claim:
    """A claim for pieces of an order's first line."""
    return claiming.apply(
        **{  # type: ignore[arg-type]
            "distributor": order.distributor,
            "order_pk": order.pk,
            "line_id": "1",
            "type": "refund",
            "quantity": quantity,
            "reason": "other",
            "description": f"包装破损 {next(_count)}",
            "actor": OPERATIONS,
            "at": at,
            **fields,
        }
    )


def make_photo(colour: str = "red", size: tuple[int, int] = (40, 30)) -> bytes:
    """A PNG of one colour."""
    written = io.BytesIO()
    Image.new("RGB", size, colour).save(written, "PNG")
    return written.getvalue()


def make_evidence(
    distributor: Distributor | None, *, colour: str = "red", at: datetime = NOON
) -> Evidence:
    """An uploaded picture of a distributor, or of the platform."""
    return evidence.upload(distributor=distributor, content=make_photo(colour), at=at)


def make_shipped_order(
    distributor: Distributor, quantities: Mapping[Sku, int], *, at: datetime = NOON, **fields: Any
) -> Order:
    """An order all of which is on its way, one parcel a source."""
    placed = placing.place(make_request(distributor, quantities, **fields), at=at)
    order = Order.objects.get(order_no=placed.document["order_no"])
    for part in order.fulfilments.select_related("supplier"):
        shipping.ship(
            fulfilment_pk=part.pk,
            supplier=part.supplier,
            carrier_code="ZTO",
            tracking_no=f"73{part.pk:012}",
            actor=OPERATIONS,
            at=at,
        )
    return order


def make_case(order: Order, *, quantity: int = 1, at: datetime = NOON, **fields: object) -> Case:
    """A case about pieces of an order's first line: a refund only, for no reason that needs photos."""
    return applying.apply(
        **{  # type: ignore[arg-type]
            "distributor": order.distributor,
            "order_pk": order.pk,
            "line_id": "1",
            "type": "refund_only",
            "quantity": quantity,
            "reason": "not_received",
            "actor": OPERATIONS,
            "at": at,
            **fields,
        }
    )


OCTOBER = Period(date(2026, 10, 1), date(2026, 10, 31))


def earn(supplier: Supplier, fen: int, *, at: datetime | None = None, **context: object) -> str:
    """Post what a supplier earned in October, or gave back where it is negative; its reference."""
    payable, other = (Kind.PAYABLE, supplier.pk), (Kind.ORDERS_OPEN, None)
    reference = str(context.pop("reference", "")) or f"earned-{next(_count)}"
    known: dict[str, object] = {
        "code": "goods_earned" if fen > 0 else "aftersale_refunded",
        "reference": reference,
        "debit": other if fen > 0 else payable,
        "credit": payable if fen > 0 else other,
        "amount_fen": abs(fen),
        "supplier_pk": supplier.pk,
    }
    one = posting.Posting(**(known | context))  # type: ignore[arg-type]
    posting.post([one], at=at or datetime(2026, 10, 15, 4, tzinfo=UTC), actor=OPERATIONS)
    return reference


def make_bill(
    supplier: Supplier | None = None, *, amounts: tuple[int, ...] = (100_00, -20_00)
) -> Bill:
    """An issued bill of October with these lines, in fen."""
    supplier = supplier or make_supplier()
    for fen in amounts:
        earn(supplier, fen)
    bill = settlement.issue(supplier_pk=supplier.pk, period=OCTOBER, actor=OPERATIONS, at=NOON)
    assert bill is not None
    return bill


def make_slip(colour: str = "red") -> slips.Slip:
    """A payment slip, as it was uploaded."""
    return slips.read_upload(make_photo(colour))


def make_recharge(
    distributor: Distributor | None = None, *, amount_fen: int = 100_00, **fields: object
) -> Recharge:
    """An application for a recharge, proven by the reference of a payment."""
    return applying_for_recharges.apply(
        **{  # type: ignore[arg-type]
            "distributor": distributor or make_distributor(deposit_fen=0),
            "amount_fen": amount_fen,
            "payer": "云上商城有限公司",
            "payment_reference": f"PAY-{next(_count)}",
            "actor": OPERATIONS,
            "at": NOON,
            **fields,
        }
    )


def make_withdrawal(
    distributor: Distributor | None = None, *, amount_fen: int = 100_00, **fields: object
) -> Withdrawal:
    """A withdrawal that its distributor applied for."""
    return withdrawing.apply(
        **{  # type: ignore[arg-type]
            "distributor": distributor or make_distributor(),
            "amount_fen": amount_fen,
            "payee": "云上商城有限公司",
            "bank": "招商银行深圳分行",
            "account_no": "6225 8888 0000 1234",
            "actor": OPERATIONS,
            "at": NOON,
            **fields,
        }
    )


def make_proof(*, at: datetime = NOON) -> Proof:
    """Return a proof that found a deposit broken."""
    columns = ["account_id", "distributor_pk", "stored_fen", "transfers_fen"]
    name = "deposits_are_the_sum_of_their_transfers"
    return Proof.objects.create(
        is_clean=False,
        checks=80,
        breaches=[{"name": name, "count": 1, "columns": columns, "rows": [[1, 1, 7, 0]]}],
        seconds=1.5,
        actor="timer:proof",
        proved_at=at,
    )


def make_statement(distributor: Distributor) -> Statement:
    """Return a distributor's closed 22 November."""
    day = NOON.date()
    statements.run(at=NOON + timedelta(days=1), day=day, distributor_pk=distributor.pk)
    return Statement.objects.get(distributor=distributor, day=day)


def make_bank_line(*, reference: str = "", amount_fen: int = 500_00) -> BankLine:
    """A movement on the bank account that no rule has matched."""
    number = next(_count)
    file = BankFile.objects.create(
        name="bank.csv", sha256=f"{number:064}", lines_count=1, actor="", loaded_at=NOON
    )
    return BankLine.objects.create(
        file=file,
        reference=reference or f"BANK-{number}",
        booked_on=NOON.date(),
        amount_fen=amount_fen,
        counterparty="杭州某店",
    )


def make_call(
    caller: Distributor | Supplier, *, target: str = "/api/v1/deposit", **fields: Any
) -> Call:
    """A request of a distributor's or a supplier's machine, as it goes by."""
    key = caller.partner.keys.first()
    assert key is not None
    values: dict[str, Any] = {
        "partner_pk": caller.partner_id,
        "key_pk": key.pk,
        "at": NOON.timestamp(),
        "request_id": f"{next(_count):016x}",
        "method": "GET",
        "route": "GET /deposit",
        "numbers": (),
        "status": 200,
        "code": "",
        "took_us": 1_500,
        "address": "203.0.113.7",
        "sent": b"",
        "sent_bytes": 0,
        "answered": b"{}",
        "answered_bytes": 2,
        "string_to_sign": "",
        "headers": {},
    }
    return Call(target=target, **(values | fields))


def make_api_request(caller: Distributor | Supplier, **fields: Any) -> ApiRequest:
    """The same, as the log keeps it."""
    call = make_call(caller, **fields)
    request_log.write([call])
    return ApiRequest.objects.get(request_id=call.request_id)


# With a right check digit each.
CREDIT_CODES = ("91440300708461136T", "91110108551385082Q", "91330106673959654P")


def make_upload(name: str = "执照.pdf") -> papers.Upload:
    """A paper as it is handed in."""
    return papers.read_upload(name=name, content=b"%PDF-1.4\n%%EOF")


def make_answers(**fields: Any) -> suppliers_applying.Answers:
    """What a company says of itself that wants to supply goods."""
    number = next(_count)
    answers = {
        "company_name": f"杭州茶厂{number}",
        "credit_code": CREDIT_CODES[0],
        "contact_name": "李雷",
        "contact_phone": "13800000000",
        "email": f"factory{number}@example.com",
        "main_goods": "龙井、红茶",
        "categories": ["食品"],
    }
    return suppliers_applying.Answers(**(answers | fields))


def make_application(*, at: datetime = NOON, **fields: Any) -> Application:
    """An application with all papers that are required, which waits for a decision."""
    uploads = {one.kind: make_upload() for one in checklist.asked() if one.required}
    return suppliers_applying.apply(
        answers=make_answers(**fields), uploads=uploads, language="zh-hans", at=at
    )


def make_shop_answers(**fields: Any) -> shops_applying.Answers:
    """What a company says of itself that wants to become a distributor."""
    number = next(_count)
    answers: dict[str, Any] = {
        "company_name": f"上海云店{number}",
        "credit_code": CREDIT_CODES[1],
        "contact_name": "韩梅梅",
        "contact_phone": "13900000000",
        "email": f"shop{number}@example.com",
        "sold_goods": "茶叶、零食",
        "shop_system": "自建商城",
        "orders_a_month": 3_000,
    }
    return shops_applying.Answers(**(answers | fields))


def make_shop_application(*, at: datetime = NOON, **fields: Any) -> ShopApplication:
    """An application of a would-be distributor, which waits for a decision."""
    return shops_applying.apply(
        answers=make_shop_answers(**fields), licence=make_upload(), language="zh-hans", at=at
    )


def make_paper(supplier: Supplier, *, kind: str = "food_licence", at: datetime = NOON) -> Paper:
    """A paper of a supplier that waits for a check."""
    return checklist.hand_in(
        supplier=supplier, kind=kind, upload=make_upload(), actor=OPERATIONS, at=at
    )


def make_notice(*, title: str = "春节发货安排", at: datetime = NOON) -> Notice:
    """A notice that suppliers see from now on."""
    return noticing.write(
        title=title, text="请提前备货。", shown_from=at, shown_until=None, actor=OPERATIONS, at=at
    )


def make_goods_file(supplier: Supplier | None = None) -> GoodsFile:
    """A file of one row, of the platform's own goods, that waits to be read."""
    return import_files.take_in(
        supplier=supplier,
        sheet=ContentFile(b"a,b\n1,2", name="a.csv"),
        actor=OPERATIONS,
        at=NOON,
    )


def make_shipping_file(text: str = "H261122-ABCDEFGHJKLM SF1234567890123") -> ShippingFile:
    """Parcels of the platform's own goods that were pasted and not shipped yet."""
    table = shipping_rows.read_text(text)
    return shipping_files.take_in(supplier=None, name="", table=table, actor=OPERATIONS, at=NOON)
