from django.db import migrations


class Migration(migrations.Migration):
    """A nonce need not survive a crash, so it should not cost a flush of the log."""

    dependencies = [("integration", "0001_initial")]
    operations = [
        migrations.RunSQL(
            "ALTER TABLE integration_nonce SET UNLOGGED", "ALTER TABLE integration_nonce SET LOGGED"
        )
    ]
