from django.db import migrations


class Migration(migrations.Migration):
    """The table of Django's database cache: log-in lockout lives in it."""

    dependencies = [("companies", "0001_initial")]
    operations = [
        migrations.RunSQL(
            """
            CREATE TABLE companies_cache (
                cache_key varchar(255) PRIMARY KEY,
                value text NOT NULL,
                expires timestamptz NOT NULL
            );
            CREATE INDEX companies_cache_expires ON companies_cache (expires);
            """,
            "DROP TABLE companies_cache",
        )
    ]
