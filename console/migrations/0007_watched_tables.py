from django.db import migrations

# What a trigger is told: columns to blot out, columns to leave out, and of what a row is a part.
# A name comes from the row; long texts are cut; who acts was said by `kit.attributing`.
NOTE = """
CREATE FUNCTION console_note_alteration() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    blotted text[] := string_to_array(TG_ARGV[0], ',');
    left_out text[] := string_to_array(TG_ARGV[1], ',');
    whole jsonb;
    old_row jsonb := '{}';
    new_row jsonb := '{}';
    secret text;
BEGIN
    IF TG_OP = 'INSERT' THEN
        whole := to_jsonb(NEW);
        new_row := jsonb_strip_nulls(whole - left_out);
    ELSIF TG_OP = 'DELETE' THEN
        whole := to_jsonb(OLD);
        old_row := jsonb_strip_nulls(whole - left_out);
    ELSE
        whole := to_jsonb(NEW);
        SELECT coalesce(jsonb_object_agg(key, was.value), '{}'), coalesce(jsonb_object_agg(key, now.value), '{}')
        INTO old_row, new_row
        FROM jsonb_each(to_jsonb(OLD) - left_out) AS was JOIN jsonb_each(whole - left_out) AS now USING (key)
        WHERE was.value <> now.value;
        IF new_row = '{}' THEN
            RETURN NULL;
        END IF;
    END IF;
    FOREACH secret IN ARRAY blotted LOOP
        IF old_row ->> secret IS NOT NULL THEN
            old_row := jsonb_set(old_row, ARRAY[secret], '"•••"');
        END IF;
        IF new_row ->> secret IS NOT NULL THEN
            new_row := jsonb_set(new_row, ARRAY[secret], '"•••"');
        END IF;
    END LOOP;
    INSERT INTO console_alteration ("table", row_pk, owner_table, owner_pk, label, kind, before,
        after, columns, actor, altered_at)
    VALUES (
        TG_TABLE_NAME, (whole ->> 'id')::bigint,
        CASE WHEN whole ->> TG_ARGV[2] IS NULL THEN '' ELSE TG_ARGV[3] END,
        (whole ->> TG_ARGV[2])::bigint,
        left(coalesce(whole ->> 'email', nullif(whole ->> 'name', ''), whole ->> 'public_id',
            whole ->> 'sku_no', whole ->> 'url', whole ->> 'number', ''), 200),
        lower(TG_OP),
        (SELECT coalesce(jsonb_object_agg(key, CASE WHEN length(value::text) > 1000
            THEN to_jsonb(left(value #>> '{}', 1000) || '…') ELSE value END), '{}') FROM jsonb_each(old_row)),
        (SELECT coalesce(jsonb_object_agg(key, CASE WHEN length(value::text) > 1000
            THEN to_jsonb(left(value #>> '{}', 1000) || '…') ELSE value END), '{}') FROM jsonb_each(new_row)),
        ARRAY(SELECT jsonb_object_keys(old_row || new_row) ORDER BY 1),
        left(coalesce(nullif(current_setting('huopan.actor', true), ''), 'database:' || session_user), 200),
        now());
    RETURN NULL;
END $$;
"""
WATCHED = """
CREATE TRIGGER note_alteration AFTER INSERT OR DELETE OR UPDATE ON companies_company
    FOR EACH ROW EXECUTE FUNCTION
        console_note_alteration('',
            'id', '', '');
CREATE TRIGGER note_alteration AFTER INSERT OR DELETE OR UPDATE OF password, is_superuser,
    email, name, is_staff, is_active, joined_at ON companies_person
    FOR EACH ROW EXECUTE FUNCTION
        console_note_alteration('password',
            'id,last_login,last_role', '', '');
CREATE TRIGGER note_alteration AFTER INSERT OR DELETE OR UPDATE ON companies_membership
    FOR EACH ROW EXECUTE FUNCTION
        console_note_alteration('',
            'id', 'company_id', 'companies_company');
CREATE TRIGGER note_alteration AFTER INSERT OR DELETE OR UPDATE ON companies_invitation
    FOR EACH ROW EXECUTE FUNCTION
        console_note_alteration('token_hash',
            'id', 'company_id', 'companies_company');
CREATE TRIGGER note_alteration AFTER INSERT OR DELETE OR UPDATE ON companies_policychange
    FOR EACH ROW EXECUTE FUNCTION
        console_note_alteration('',
            'id,actor,changed_at', '', '');
CREATE TRIGGER note_alteration AFTER INSERT OR DELETE OR UPDATE ON companies_person_groups
    FOR EACH ROW EXECUTE FUNCTION
        console_note_alteration('',
            'id', 'person_id', 'companies_person');
CREATE TRIGGER note_alteration AFTER INSERT OR DELETE OR UPDATE ON
    companies_person_user_permissions
    FOR EACH ROW EXECUTE FUNCTION
        console_note_alteration('',
            'id', 'person_id', 'companies_person');
CREATE TRIGGER note_alteration AFTER INSERT OR DELETE OR UPDATE ON auth_group
    FOR EACH ROW EXECUTE FUNCTION
        console_note_alteration('',
            'id', '', '');
CREATE TRIGGER note_alteration AFTER INSERT OR DELETE OR UPDATE ON auth_group_permissions
    FOR EACH ROW EXECUTE FUNCTION
        console_note_alteration('',
            'id', 'group_id', 'auth_group');
CREATE TRIGGER note_alteration AFTER INSERT OR DELETE OR UPDATE ON mfa_authenticator
    FOR EACH ROW EXECUTE FUNCTION
        console_note_alteration('data',
            'id,last_used_at', 'user_id', 'companies_person');
CREATE TRIGGER note_alteration AFTER INSERT OR DELETE OR UPDATE OF company_id, side,
    allowed_addresses ON integration_partner
    FOR EACH ROW EXECUTE FUNCTION
        console_note_alteration('',
            'id,last_seq', 'company_id', 'companies_company');
CREATE TRIGGER note_alteration AFTER INSERT OR DELETE OR UPDATE OF partner_id, public_id, name,
    scopes, secret_sealed, secret_last4, former_secret_sealed, former_until, state, created_at,
    revoked_at, revoked_reason ON integration_apikey
    FOR EACH ROW EXECUTE FUNCTION
        console_note_alteration('secret_sealed,former_secret_sealed',
            'id,last_used_at,last_used_address', 'partner_id', 'integration_partner');
CREATE TRIGGER note_alteration AFTER INSERT OR DELETE OR UPDATE ON integration_endpoint
    FOR EACH ROW EXECUTE FUNCTION
        console_note_alteration('secret_sealed,former_secret_sealed',
            'id,failures,down_since,held_until,claimed_until,last_called_at,last_answered_at,changed_at', 'partner_id', 'integration_partner');
CREATE TRIGGER note_alteration AFTER INSERT OR DELETE OR UPDATE ON suppliers_supplier
    FOR EACH ROW EXECUTE FUNCTION
        console_note_alteration('',
            'id', 'company_id', 'companies_company');
CREATE TRIGGER note_alteration AFTER INSERT OR DELETE OR UPDATE ON distributors_level
    FOR EACH ROW EXECUTE FUNCTION
        console_note_alteration('',
            'id,price_version', '', '');
CREATE TRIGGER note_alteration AFTER INSERT OR DELETE OR UPDATE OF company_id, partner_id,
    number, level_id, low_deposit_threshold_fen, aftersale_open, claims_open,
    refund_before_receipt, state, state_reason, state_changed_at ON distributors_distributor
    FOR EACH ROW EXECUTE FUNCTION
        console_note_alteration('',
            'id,price_version,deposit_is_low', 'company_id', 'companies_company');
CREATE TRIGGER note_alteration AFTER INSERT OR DELETE OR UPDATE ON supplychain_category
    FOR EACH ROW EXECUTE FUNCTION
        console_note_alteration('',
            'id', '', '');
CREATE TRIGGER note_alteration AFTER INSERT OR DELETE OR UPDATE ON supplychain_brand
    FOR EACH ROW EXECUTE FUNCTION
        console_note_alteration('',
            'id', '', '');
CREATE TRIGGER note_alteration AFTER INSERT OR DELETE OR UPDATE ON supplychain_freighttemplate
    FOR EACH ROW EXECUTE FUNCTION
        console_note_alteration('',
            'id', '', '');
CREATE TRIGGER note_alteration AFTER INSERT OR DELETE OR UPDATE ON supplychain_freightrule
    FOR EACH ROW EXECUTE FUNCTION
        console_note_alteration('',
            'id', 'template_id', 'supplychain_freighttemplate');
CREATE TRIGGER note_alteration AFTER DELETE OR UPDATE ON supplychain_product
    FOR EACH ROW EXECUTE FUNCTION
        console_note_alteration('',
            'id,version,changed_at,state_changed_by,state_changed_at', '', '');
CREATE TRIGGER note_alteration AFTER DELETE OR UPDATE ON supplychain_sku
    FOR EACH ROW EXECUTE FUNCTION
        console_note_alteration('',
            'id,price_version', 'product_id', 'supplychain_product');
CREATE TRIGGER note_alteration AFTER INSERT OR DELETE OR UPDATE ON supplychain_rateoverride
    FOR EACH ROW EXECUTE FUNCTION
        console_note_alteration('',
            'id', 'product_id', 'supplychain_product');
CREATE TRIGGER note_alteration AFTER INSERT OR DELETE OR UPDATE ON supplychain_opening
    FOR EACH ROW EXECUTE FUNCTION
        console_note_alteration('',
            'id', 'product_id', 'supplychain_product');
CREATE TRIGGER note_alteration AFTER INSERT OR DELETE OR UPDATE ON supplychain_limit
    FOR EACH ROW EXECUTE FUNCTION
        console_note_alteration('',
            'id', 'distributor_id', 'distributors_distributor');
CREATE TRIGGER note_alteration AFTER INSERT OR DELETE OR UPDATE OF sku_id, distributor_id,
    then_pool ON supplychain_allotment
    FOR EACH ROW EXECUTE FUNCTION
        console_note_alteration('',
            'id,available,version', 'sku_id', 'supplychain_sku');
"""
TABLES = (
    "companies_company",
    "companies_person",
    "companies_membership",
    "companies_invitation",
    "companies_policychange",
    "companies_person_groups",
    "companies_person_user_permissions",
    "auth_group",
    "auth_group_permissions",
    "mfa_authenticator",
    "integration_partner",
    "integration_apikey",
    "integration_endpoint",
    "suppliers_supplier",
    "distributors_level",
    "distributors_distributor",
    "supplychain_category",
    "supplychain_brand",
    "supplychain_freighttemplate",
    "supplychain_freightrule",
    "supplychain_product",
    "supplychain_sku",
    "supplychain_rateoverride",
    "supplychain_opening",
    "supplychain_limit",
    "supplychain_allotment",
)
LOOSE = "".join(f"DROP TRIGGER note_alteration ON {table};" for table in TABLES)


class Migration(migrations.Migration):
    dependencies = [
        ("console", "0006_alterations"),
        ("auth", "0012_alter_user_first_name_max_length"),
        ("mfa", "0003_authenticator_type_uniq"),
        ("companies", "0004_readers_look_only"),
        ("integration", "0006_following"),
        ("suppliers", "0004_issued_bills_stay"),
        ("distributors", "0003_money_people_can_check"),
        ("supplychain", "0011_catalogue_exports"),
    ]

    operations = [
        migrations.RunSQL(NOTE, "DROP FUNCTION console_note_alteration();"),
        migrations.RunSQL(WATCHED, LOOSE),
    ]
