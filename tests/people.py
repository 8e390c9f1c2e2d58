"""People who log in, and goods and orders as they meet them."""

import functools
import io
import itertools

from django.contrib.auth.hashers import make_password
from django.test import Client
from PIL import Image

from companies.models import Company, Membership, Person, Role
from kit.actors import OPERATIONS
from orders import placing
from orders.models import Order
from suppliers.models import Supplier
from supplychain import catalogue, reviewing
from supplychain.content import Content, SkuContent
from supplychain.models import Product
from tests.factories import NOON, make_distributor, make_request

PASSWORD = "correct horse battery"
_count = itertools.count(1)


def make_person(company: Company, *, role: Role = Role.OWNER, email: str = "") -> Person:
    """Somebody who belongs to a company, with PASSWORD."""
    person = Person.objects.create(
        email=email or f"person{next(_count)}@example.com", name="王小明", password=_hashed()
    )
    Membership.objects.create(company=company, person=person, role=role, joined_at=NOON)
    return person


def log_in(person: Person, language: str = "en") -> Client:
    """A browser in which somebody is logged in, reading English."""
    client = Client(headers={"accept-language": language})
    client.force_login(person)
    return client


def log_in_by_password(person: Person) -> Client:
    """The same through the log-in page, a moment ago."""
    client = Client(headers={"accept-language": "en"})
    answer = client.post("/accounts/login/", {"login": person.email, "password": PASSWORD})
    assert answer.status_code == 302, answer.content.decode()
    return client


@functools.cache
def _hashed() -> str:
    """PASSWORD as it is stored; hashing it takes its time."""
    return make_password(PASSWORD)


def make_live_product(
    supplier: Supplier, *, name: str = "西湖龙井", price_fen: int = 50_00, stock: int = 20
) -> Product:
    """A product of a supplier that went through review and is on sale."""
    number = f"LIVE-{next(_count)}"
    sku = SkuContent(owner_no=number, supply_price_fen=price_fen, opening_stock=stock)
    content = Content(name=name, category_pk=catalogue.category("食品/茶叶").pk, skus=(sku,))
    revision = reviewing.propose_product(
        supplier=supplier, owner_no=number, content=content, actor=OPERATIONS, at=NOON
    )
    if revision.state == "open":
        revision = reviewing.approve(revision_pk=revision.pk, actor=OPERATIONS, at=NOON)
    return revision.product


def make_order_for(supplier: Supplier, quantity: int = 2, **fields: object) -> Order:
    """An order of a new product of a supplier, by a new distributor."""
    sku = make_live_product(supplier).skus.get()
    distributor = make_distributor()
    request = make_request(distributor, {sku: quantity}, **fields)  # type: ignore[arg-type]
    placed = placing.place(request, at=NOON)
    return Order.objects.get(order_no=placed.document["order_no"])


def picture(colour: str = "green", size: tuple[int, int] = (400, 300)) -> bytes:
    """A PNG of one colour."""
    file = io.BytesIO()
    Image.new("RGB", size, colour).save(file, "PNG")
    return file.getvalue()
