from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('supplychain', '0001_initial'),
    ]

    operations = [
        migrations.AddField(
            model_name='revision',
            name='terms',
            field=models.JSONField(blank=True, default=dict),
        ),
    ]
