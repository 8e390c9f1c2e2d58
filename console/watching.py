"""Which tables are watched: every change of what companies, people, keys and prices are is written
down by the database itself, so that no act, command or hand at its prompt can leave it out.

What orders write is not here: it has history, movements and a ledger of its own, and a row more
would be paid for by every order. Of tables that orders write a column of, only others are watched.
"""

from dataclasses import dataclass


@dataclass(frozen=True)
class Watched:
    """A table, and what of it is left out.

    `left_out` columns rise or tick by themselves; `blotted` ones are secrets, of which only that
    they changed is written. `owner` is the column, and the table, of what a row belongs to. With
    `columns` no other is even looked at; `born` says whether new rows are written down, too.
    """

    table: str
    left_out: tuple[str, ...] = ()
    blotted: tuple[str, ...] = ()
    owner: tuple[str, str] = ("", "")
    columns: tuple[str, ...] = ()
    born: bool = True


_SECRETS = ("secret_sealed", "former_secret_sealed")

TABLES: tuple[Watched, ...] = (
    Watched("companies_company"),
    Watched(
        "companies_person",
        left_out=("last_login", "last_role"),
        blotted=("password",),
        columns=(
            "password",
            "is_superuser",
            "email",
            "name",
            "is_staff",
            "is_active",
            "joined_at",
        ),
    ),
    Watched("companies_membership", owner=("company_id", "companies_company")),
    Watched(
        "companies_invitation",
        blotted=("token_hash",),
        owner=("company_id", "companies_company"),
    ),
    Watched("companies_policychange", left_out=("actor", "changed_at")),
    Watched("companies_person_groups", owner=("person_id", "companies_person")),
    Watched("companies_person_user_permissions", owner=("person_id", "companies_person")),
    Watched("auth_group"),
    Watched("auth_group_permissions", owner=("group_id", "auth_group")),
    Watched(
        "mfa_authenticator",
        left_out=("last_used_at",),
        blotted=("data",),
        owner=("user_id", "companies_person"),
    ),
    Watched(
        "integration_partner",
        left_out=("last_seq",),
        owner=("company_id", "companies_company"),
        columns=("company_id", "side", "allowed_addresses"),
    ),
    Watched(
        "integration_apikey",
        left_out=("last_used_at", "last_used_address"),
        blotted=_SECRETS,
        owner=("partner_id", "integration_partner"),
        columns=(
            "partner_id",
            "public_id",
            "name",
            "scopes",
            "secret_sealed",
            "secret_last4",
            "former_secret_sealed",
            "former_until",
            "state",
            "created_at",
            "revoked_at",
            "revoked_reason",
        ),
    ),
    Watched(
        "integration_endpoint",
        left_out=(
            "failures",
            "down_since",
            "held_until",
            "claimed_until",
            "last_called_at",
            "last_answered_at",
            "changed_at",
        ),
        blotted=_SECRETS,
        owner=("partner_id", "integration_partner"),
    ),
    Watched("suppliers_supplier", owner=("company_id", "companies_company")),
    Watched("distributors_level", left_out=("price_version",)),
    Watched(
        "distributors_distributor",
        left_out=("price_version", "deposit_is_low"),
        owner=("company_id", "companies_company"),
        columns=(
            "company_id",
            "partner_id",
            "number",
            "level_id",
            "low_deposit_threshold_fen",
            "aftersale_open",
            "claims_open",
            "refund_before_receipt",
            "state",
            "state_reason",
            "state_changed_at",
        ),
    ),
    Watched("supplychain_category"),
    Watched("supplychain_brand"),
    Watched("supplychain_freighttemplate"),
    Watched("supplychain_freightrule", owner=("template_id", "supplychain_freighttemplate")),
    Watched(
        "supplychain_product",
        left_out=("version", "changed_at", "state_changed_by", "state_changed_at"),
        born=False,
    ),
    Watched(
        "supplychain_sku",
        left_out=("price_version",),
        owner=("product_id", "supplychain_product"),
        born=False,
    ),
    Watched("supplychain_rateoverride", owner=("product_id", "supplychain_product")),
    Watched("supplychain_opening", owner=("product_id", "supplychain_product")),
    Watched("supplychain_limit", owner=("distributor_id", "distributors_distributor")),
    Watched(
        "supplychain_allotment",
        left_out=("available", "version"),
        owner=("sku_id", "supplychain_sku"),
        columns=("sku_id", "distributor_id", "then_pool"),
    ),
)

FUNCTION = "console_note_alteration"
TRIGGER = "note_alteration"


def trigger(watched: Watched) -> str:
    """Return the statement that watches a table, as a migration carries it."""
    lists = [",".join(watched.blotted), ",".join(("id", *watched.left_out)), *watched.owner]
    told = ", ".join(f"'{one}'" for one in lists)
    update = f"UPDATE OF {', '.join(watched.columns)}" if watched.columns else "UPDATE"
    events = " OR ".join([*(["INSERT"] if watched.born else []), "DELETE", update])
    return (
        f"CREATE TRIGGER {TRIGGER} AFTER {events} ON {watched.table}"
        f" FOR EACH ROW EXECUTE FUNCTION {FUNCTION}({told})"
    )
