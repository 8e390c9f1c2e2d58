from django.db import migrations

# One row for all that saw a product, with who that was before the change.
NOTE = """
CREATE FUNCTION supplychain_note_change(product_pk bigint, distributor_pk bigint, told text)
RETURNS void LANGUAGE sql AS $$
    INSERT INTO supplychain_change
        (product_id, distributor_id, kind, category_id, brand_id, chosen_only, xid, changed_at)
    SELECT product.id, distributor_pk, told, product.category_id, product.brand_id,
        product.chosen_only, txid_current(), now()
    FROM supplychain_product product
    WHERE product.id = product_pk
        AND (product.state = 'listed' OR (distributor_pk IS NOT NULL AND product.state <> 'draft'))
    ON CONFLICT DO NOTHING
$$;
CREATE FUNCTION supplychain_note_all(distributor_pk bigint, told text)
RETURNS void LANGUAGE sql AS $$
    INSERT INTO supplychain_change (distributor_id, kind, xid, changed_at)
    VALUES (distributor_pk, told, txid_current(), now())
    ON CONFLICT DO NOTHING
$$;
"""
# Between states of sale, or of content while on sale. A version that rises alone is told only
# where nothing else of the same transaction says why.
PRODUCT = """
CREATE FUNCTION supplychain_note_product() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE told text;
BEGIN
    IF NEW.state <> OLD.state THEN
        told := CASE WHEN NEW.state = 'listed' THEN 'listed' ELSE 'delisted' END;
    ELSIF NEW.state <> 'listed' THEN
        RETURN NULL;
    ELSIF (NEW.item_no, NEW.name, NEW.category_id, NEW.brand_id, NEW.kind, NEW.unit, NEW.origin,
            NEW.aftersale_note, NEW.ship_within_hours, NEW.allowed_applications,
            NEW.regions_not_served, NEW.chosen_only, NEW.detail_html)
        IS DISTINCT FROM (OLD.item_no, OLD.name, OLD.category_id, OLD.brand_id, OLD.kind, OLD.unit,
            OLD.origin, OLD.aftersale_note, OLD.ship_within_hours, OLD.allowed_applications,
            OLD.regions_not_served, OLD.chosen_only, OLD.detail_html)
    THEN
        told := 'updated';
    ELSIF NEW.version <> OLD.version AND NOT EXISTS (
        SELECT FROM supplychain_change change
        WHERE change.product_id = NEW.id AND change.seq IS NULL AND change.xid = txid_current())
    THEN
        told := 'updated';
    ELSE
        RETURN NULL;
    END IF;
    INSERT INTO supplychain_change
        (product_id, kind, category_id, brand_id, chosen_only, xid, changed_at)
    VALUES (NEW.id, told, OLD.category_id, OLD.brand_id, OLD.chosen_only, txid_current(), now())
    ON CONFLICT DO NOTHING;
    RETURN NULL;
END $$;
CREATE FUNCTION supplychain_note_new_product() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    PERFORM supplychain_note_change(NEW.id, NULL, 'listed');
    RETURN NULL;
END $$;
CREATE TRIGGER note_change AFTER UPDATE ON supplychain_product
    FOR EACH ROW EXECUTE FUNCTION supplychain_note_product();
CREATE TRIGGER note_new AFTER INSERT ON supplychain_product
    FOR EACH ROW WHEN (NEW.state = 'listed') EXECUTE FUNCTION supplychain_note_new_product();
"""
SKU = """
CREATE FUNCTION supplychain_note_sku() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP = 'INSERT' OR (NEW.sku_no, NEW.spec, NEW.barcode, NEW.weight_g, NEW.min_quantity,
            NEW.max_quantity, NEW.multiple, NEW.offered, NEW.frozen_at, NEW.position)
        IS DISTINCT FROM (OLD.sku_no, OLD.spec, OLD.barcode, OLD.weight_g, OLD.min_quantity,
            OLD.max_quantity, OLD.multiple, OLD.offered, OLD.frozen_at, OLD.position)
    THEN
        PERFORM supplychain_note_change(NEW.product_id, NULL, 'updated');
    ELSIF NEW.price_version <> OLD.price_version THEN
        PERFORM supplychain_note_change(NEW.product_id, NULL, 'price');
    END IF;
    RETURN NULL;
END $$;
CREATE TRIGGER note_change AFTER INSERT OR UPDATE ON supplychain_sku
    FOR EACH ROW EXECUTE FUNCTION supplychain_note_sku();
"""
PICTURE = """
CREATE FUNCTION supplychain_note_picture() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    PERFORM supplychain_note_change(COALESCE(NEW.product_id, OLD.product_id), NULL, 'updated');
    RETURN NULL;
END $$;
CREATE TRIGGER note_change AFTER INSERT OR DELETE ON supplychain_productpicture
    FOR EACH ROW EXECUTE FUNCTION supplychain_note_picture();
"""
# Whom a product is opened to, and what a distributor is limited to.
ASSORTMENT = """
CREATE FUNCTION supplychain_note_opening() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP = 'INSERT' THEN
        PERFORM supplychain_note_change(NEW.product_id, NEW.distributor_id, 'listed');
    ELSE
        PERFORM supplychain_note_change(OLD.product_id, OLD.distributor_id, 'delisted');
    END IF;
    RETURN NULL;
END $$;
CREATE TRIGGER note_change AFTER INSERT OR DELETE ON supplychain_opening
    FOR EACH ROW EXECUTE FUNCTION supplychain_note_opening();
CREATE FUNCTION supplychain_note_limit() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    PERFORM supplychain_note_all(COALESCE(NEW.distributor_id, OLD.distributor_id), 'catalogue');
    RETURN NULL;
END $$;
CREATE TRIGGER note_change AFTER INSERT OR DELETE ON supplychain_limit
    FOR EACH ROW EXECUTE FUNCTION supplychain_note_limit();
"""
# What goods are shown with: a supplier that may not sell, a brand's name, a category's path.
AROUND = """
CREATE FUNCTION supplychain_note_supplier() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    PERFORM supplychain_note_change(product.id, NULL,
        CASE WHEN NEW.state = 'active' THEN 'listed' ELSE 'delisted' END)
    FROM supplychain_product product
    WHERE product.supplier_id = NEW.id AND product.state = 'listed' ORDER BY product.id;
    RETURN NULL;
END $$;
CREATE TRIGGER note_change AFTER UPDATE OF state ON suppliers_supplier
    FOR EACH ROW WHEN (OLD.state <> NEW.state) EXECUTE FUNCTION supplychain_note_supplier();
CREATE FUNCTION supplychain_note_brand() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    PERFORM supplychain_note_change(product.id, NULL, 'updated')
    FROM supplychain_product product
    WHERE product.brand_id = NEW.id AND product.state = 'listed' ORDER BY product.id;
    RETURN NULL;
END $$;
CREATE TRIGGER note_change AFTER UPDATE ON supplychain_brand
    FOR EACH ROW WHEN (OLD.* IS DISTINCT FROM NEW.*) EXECUTE FUNCTION supplychain_note_brand();
CREATE FUNCTION supplychain_note_category() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    PERFORM supplychain_note_change(product.id, NULL, 'updated')
    FROM supplychain_product product
    WHERE product.category_id = NEW.id AND product.state = 'listed' ORDER BY product.id;
    RETURN NULL;
END $$;
CREATE TRIGGER note_change AFTER UPDATE ON supplychain_category
    FOR EACH ROW WHEN (OLD.code <> NEW.code OR OLD.path <> NEW.path)
    EXECUTE FUNCTION supplychain_note_category();
"""
# What re-prices everything is one row for each distributor, however many goods there are.
TERMS = """
CREATE FUNCTION supplychain_note_level() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    PERFORM supplychain_note_all(distributor.id, 'catalogue_prices')
    FROM distributors_distributor distributor
    WHERE distributor.level_id = NEW.id ORDER BY distributor.id;
    RETURN NULL;
END $$;
CREATE TRIGGER note_change AFTER UPDATE OF price_version ON distributors_level
    FOR EACH ROW WHEN (OLD.price_version <> NEW.price_version)
    EXECUTE FUNCTION supplychain_note_level();
CREATE FUNCTION supplychain_note_distributor() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    PERFORM supplychain_note_all(NEW.id, 'catalogue_prices');
    RETURN NULL;
END $$;
CREATE TRIGGER note_change AFTER UPDATE OF price_version ON distributors_distributor
    FOR EACH ROW WHEN (OLD.price_version <> NEW.price_version)
    EXECUTE FUNCTION supplychain_note_distributor();
CREATE FUNCTION supplychain_note_policy() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    PERFORM supplychain_note_all(NULL, 'catalogue');
    RETURN NULL;
END $$;
CREATE TRIGGER note_change AFTER INSERT ON companies_policychange
    FOR EACH ROW
    WHEN (NEW.name IN ('ship_within_hours', 'show_price_parts', 'allowed_applications'))
    EXECUTE FUNCTION supplychain_note_policy();
"""
WATCHED = {
    "supplychain_product": "product",
    "supplychain_sku": "sku",
    "supplychain_productpicture": "picture",
    "supplychain_opening": "opening",
    "supplychain_limit": "limit",
    "suppliers_supplier": "supplier",
    "supplychain_brand": "brand",
    "supplychain_category": "category",
    "distributors_level": "level",
    "distributors_distributor": "distributor",
    "companies_policychange": "policy",
}
UNDO = "\n".join(
    [
        "DROP TRIGGER note_new ON supplychain_product;",
        "DROP FUNCTION supplychain_note_new_product();",
        *(
            f"DROP TRIGGER note_change ON {table}; DROP FUNCTION supplychain_note_{name}();"
            for table, name in WATCHED.items()
        ),
        "DROP FUNCTION supplychain_note_change(bigint, bigint, text);",
        "DROP FUNCTION supplychain_note_all(bigint, text);",
    ]
)


class Migration(migrations.Migration):
    dependencies = [
        ("supplychain", "0009_changes"),
        ("companies", "0001_initial"),
        ("suppliers", "0001_initial"),
        ("distributors", "0003_money_people_can_check"),
    ]

    operations = [
        migrations.RunSQL(
            NOTE + PRODUCT + SKU + PICTURE + ASSORTMENT + AROUND + TERMS,
            reverse_sql=UNDO,
        )
    ]
