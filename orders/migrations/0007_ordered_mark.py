from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("orders", "0006_parts_close_once_all_has_left"),
        ("supplychain", "0007_selection"),
    ]

    operations = [
        migrations.CreateModel(
            name="OrderedMark",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("noted_order", models.BigIntegerField(default=0)),
                ("waiting_order", models.BigIntegerField(default=0)),
                ("waiting_xmax", models.BigIntegerField(default=0)),
            ],
            options={
                "verbose_name": "mark of noted orders",
                "verbose_name_plural": "marks of noted orders",
            },
        ),
    ]
