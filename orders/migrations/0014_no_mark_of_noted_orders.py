from django.db import migrations


class Migration(migrations.Migration):
    dependencies = [("orders", "0013_orders_are_followed")]

    operations = [migrations.DeleteModel(name="OrderedMark")]
