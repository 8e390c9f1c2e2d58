"""The database's own guards: a rule that was switched off keeps nothing any more."""

from django.utils.translation import gettext_lazy as _

from books.invariants.check import Check

CHECKS = (
    Check(
        "guarding_triggers_are_on",
        "I1",
        _(
            "Every trigger that forbids changing what is posted, or states that are not drawn, is"
            " in force."
        ),
        """
        SELECT wanted.relation AS table_name, wanted.name AS trigger_name,
            coalesce(trigger.tgenabled::text, 'missing') AS enabled
        FROM unnest(%(trigger_tables)s::text[], %(trigger_names)s::text[]) AS wanted (relation, name)
        LEFT JOIN pg_trigger trigger ON trigger.tgname = wanted.name
            AND trigger.tgrelid = to_regclass(wanted.relation)
        WHERE coalesce(trigger.tgenabled NOT IN ('O', 'A'), true)
        """,
        "unnest(%(trigger_names)s::text[])",
    ),
    Check(
        "constraints_are_in_force",
        "I7",
        _("Every rule and unique number that the tables declare is in force in the database."),
        """
        SELECT wanted.name AS constraint_name
        FROM unnest(%(constraint_names)s::text[]) AS wanted (name)
        WHERE NOT EXISTS (SELECT FROM pg_constraint
            WHERE conname = wanted.name AND convalidated)
        AND NOT EXISTS (SELECT FROM pg_index JOIN pg_class ON pg_class.oid = pg_index.indexrelid
            WHERE relname = wanted.name AND indisunique AND indisvalid)
        """,
        "unnest(%(constraint_names)s::text[])",
    ),
)
