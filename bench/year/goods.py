"""Products of one sku, stock, changes that were reviewed, selections."""

from bench.year.rows import Year


def fill(year: Year) -> None:
    """Write products of one sku, stock, changes that were reviewed, selections."""
    numbers = "generate_series(1, %(skus)s) AS n"
    first = "%(first_sku)s"
    year.write(
        "supplychain_product",
        f"{numbers}, supplychain_category category",
        id=f"{first} + n",
        supplier_id="CASE WHEN n %% 10 > 0 THEN (%(suppliers)s)[1 + n %% 300] END",
        item_no="'I' || n",
        owner_no="'I' || n",
        name="'商品 ' || n",
        category_id="category.id",
        kind="'physical'",
        state="'listed'",
        unit="'件'",
        version="1",
    )
    year.write(
        "supplychain_sku",
        numbers,
        id=f"{first} + n",
        product_id=f"{first} + n",
        sku_no="'K' || n",
        owner_no="'K' || n",
        supply_price_fen="5000",
        min_quantity="1",
        multiple="1",
        offered="true",
    )
    year.write(
        "supplychain_stock", numbers, sku_id=f"{first} + n", available="n %% 500", version="1"
    )
    year.write(
        "supplychain_revision",
        "generate_series(1, %(skus)s / 2) AS n",
        product_id=f"{first} + n",
        state="CASE WHEN n %% 100 = 0 THEN 'open' ELSE 'published' END",
        submitted_by="'person:a@example.com'",
        submitted_at="%(at)s - n * interval '10 minutes'",
    )
    year.write(
        "supplychain_selection",
        "generate_series(1, least(%(skus)s, 500)) AS n, distributors_distributor shop",
        distributor_id="shop.id",
        product_id=f"{first} + n",
    )
