from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('supplychain', '0002_revision_terms'),
    ]

    operations = [
        migrations.AddField(
            model_name='product',
            name='state_changed_at',
            field=models.DateTimeField(blank=True, null=True),
        ),
        migrations.AddField(
            model_name='product',
            name='state_changed_by',
            field=models.CharField(blank=True, default='', max_length=200),
        ),
        migrations.AddField(
            model_name='product',
            name='state_reason',
            field=models.CharField(blank=True, default='', max_length=200),
        ),
    ]
