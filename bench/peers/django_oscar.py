"""django-oscar, placing orders by library call; runs in an environment of its own.

`python django_oscar.py prepare`, then `orders --seconds 6` and `rush` as often as wanted; the
database is `DATABASE_URL`. One order is what a checkout does without its pages: a basket of one
line, the look whether it can be bought, an address, the order with its stock allocated. As oscar's
documentation has it (ATOMIC_REQUESTS), the basket is one transaction and the checkout another.
No e-mail is sent.
"""

import argparse
import itertools
import json
import math
import multiprocessing
import os
import random
import time
from decimal import Decimal
from typing import Any, NamedTuple
from urllib.parse import urlsplit

import django
import oscar
from django.conf import settings
from django.db import connection, transaction
from oscar import defaults

PRODUCTS, USERS, STOCK = 1_000, 1_000, 50_000_000
PROCESSES = 4
RUSHING, RUSH_STOCK = 8, 100
CURRENCY = "CNY"


class Bought(NamedTuple):
    """What one process did: clock readings and the seconds of every order."""

    began: float
    ended: float
    cpu_seconds: float
    latencies: list[float]


def main() -> None:
    """Do what is asked and print the result as JSON."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("task", choices=["prepare", "orders", "rush"])
    parser.add_argument("--seconds", type=float, default=6.0, help="length of `orders` (6)")
    chosen = parser.parse_args()
    _configure(os.environ["DATABASE_URL"])
    if chosen.task == "prepare":
        _prepare()
    elif chosen.task == "orders":
        print(json.dumps(_orders(chosen.seconds)))
    else:
        print(json.dumps(_rush()))


def _configure(url: str) -> None:
    place = urlsplit(url)
    database = {
        "ENGINE": "django.db.backends.postgresql",
        "HOST": place.hostname,
        "PORT": place.port,
        "USER": place.username,
        "PASSWORD": place.password,
        "NAME": place.path.lstrip("/"),
    }
    own = {name: getattr(defaults, name) for name in dir(defaults) if name.startswith("OSCAR_")}
    settings.configure(
        **own | {"OSCAR_DEFAULT_CURRENCY": CURRENCY},
        SECRET_KEY="of a benchmark",
        SITE_ID=1,
        USE_TZ=True,
        DATABASES={"default": database},
        INSTALLED_APPS=oscar.INSTALLED_APPS,
        DEFAULT_AUTO_FIELD="django.db.models.AutoField",
        HAYSTACK_CONNECTIONS={
            "default": {"ENGINE": "haystack.backends.simple_backend.SimpleEngine"}
        },
    )
    django.setup()


def _prepare() -> None:
    from django.core.management import call_command

    call_command("migrate", verbosity=0, skip_checks=True)
    user = _model("auth.User")
    user.objects.bulk_create(user(username=f"buyer-{index}") for index in range(USERS))
    _model("address.Country").objects.create(
        iso_3166_1_a2="CN", printable_name="China", is_shipping_country=True
    )
    _model("partner.Partner").objects.create(name="bench")
    _model("catalogue.ProductClass").objects.create(name="bench", track_stock=True)
    _add_products(PRODUCTS, STOCK)
    with connection.cursor() as cursor:
        cursor.execute("VACUUM ANALYZE")


def _add_products(count: int, stock: int) -> list[Any]:
    product, record = _model("catalogue.Product"), _model("partner.StockRecord")
    sort = _model("catalogue.ProductClass").objects.get()
    partner = _model("partner.Partner").objects.get()
    products = product.objects.bulk_create(
        product(title=f"商品 {index}", slug=f"item-{index}", product_class=sort)
        for index in range(count)
    )
    record.objects.bulk_create(
        record(
            product=product,
            partner=partner,
            partner_sku=f"SKU-{product.pk}",
            price_currency=CURRENCY,
            price=Decimal("52.50"),
            num_in_stock=stock,
        )
        for product in products
    )
    return list(products)


def _orders(seconds: float) -> dict[str, float]:
    """Let every process order random products for some seconds."""
    products = _model("catalogue.Product").objects.order_by("pk")[:PRODUCTS]
    bought = _together(PROCESSES, list(products), seconds)
    latencies = sorted(itertools.chain.from_iterable(one.latencies for one in bought))
    return {
        "orders": len(latencies),
        "seconds": max(one.ended for one in bought) - min(one.began for one in bought),
        "p50_ms": latencies[len(latencies) // 2] * 1000,
        "p99_ms": latencies[len(latencies) * 99 // 100] * 1000,
        "python_ms": sum(one.cpu_seconds for one in bought) * 1000 / len(latencies),
    }


def _rush() -> dict[str, int]:
    """Let many buyers order one scarce product until each is refused."""
    (product,) = _add_products(1, RUSH_STOCK)
    _together(RUSHING, [product], math.inf)
    sold = _model("order.Line").objects.filter(product=product).count()  # each of one piece
    return {"stock": RUSH_STOCK, "sold": sold, "oversold": max(0, sold - RUSH_STOCK)}


def _together(processes: int, products: list[Any], seconds: float) -> list[Bought]:
    users = list(_model("auth.User").objects.order_by("pk"))
    connection.close()
    context = multiprocessing.get_context("fork")
    # Buyers of their own, so that no two processes write into the same address book.
    work = [(users[at::processes], products, seconds) for at in range(processes)]
    with context.Pool(processes, initializer=context.Barrier(processes).wait) as pool:
        return pool.starmap(_buy, work, chunksize=1)


def _buy(users: list[Any], products: list[Any], seconds: float) -> Bought:
    # Not measured: the first order of a process also connects and loads oscar's classes.
    _place(users[0], products[0])
    latencies, cpu = [], time.process_time()
    began = now = time.perf_counter()
    while now - began < seconds and _place(random.choice(users), random.choice(products)):
        started, now = now, time.perf_counter()
        latencies.append(now - started)
    return Bought(began, now, time.process_time() - cpu, latencies)


def _place(user: Any, product: Any) -> bool:
    """Place one order; False when it cannot be bought any more."""
    from oscar.core.loading import get_class

    strategy = get_class("partner.strategy", "Selector")().strategy(user=user)
    with transaction.atomic():
        basket = _model("basket.Basket").objects.create(owner=user)
        basket.strategy = strategy
        basket.add_product(product, 1)
    with transaction.atomic():
        get_class("offer.applicator", "Applicator")().apply(basket, user=user)
        for line in basket.all_lines():
            if not strategy.fetch_for_line(line).availability.is_purchase_permitted(line.quantity)[
                0
            ]:
                return False
        address = _address()
        basket.freeze()
        method = get_class("shipping.methods", "Free")()
        charge = method.calculate(basket)
        checkout = get_class("checkout.mixins", "OrderPlacementMixin")()
        checkout.place_order(
            order_number=checkout.generate_order_number(basket),
            user=user,
            basket=basket,
            shipping_address=address,
            shipping_method=method,
            shipping_charge=charge,
            order_total=get_class("checkout.calculators", "OrderTotalCalculator")().calculate(
                basket, charge
            ),
        )
        basket.submit()
    return True


def _address() -> Any:
    return _model("order.ShippingAddress")(
        first_name="三",
        last_name="张",
        line1="海德三道199号",
        line4="深圳市",
        state="广东省",
        postcode="518000",
        country_id="CN",
    )


def _model(name: str) -> Any:
    from django.apps import apps

    return apps.get_model(name)


if __name__ == "__main__":
    main()
