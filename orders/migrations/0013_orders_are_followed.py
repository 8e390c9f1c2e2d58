from django.db import migrations

# All that was noted for good; what was read besides is read again.
TAKE_OVER = """
INSERT INTO integration_position (name, top, notes)
SELECT 'ordered', noted_order, '{}' FROM orders_orderedmark ON CONFLICT DO NOTHING
"""
GIVE_BACK = """
INSERT INTO orders_orderedmark (noted_order, waiting_order, waiting_xmax)
SELECT least(place.top, coalesce((SELECT min(row_id) - 1 FROM integration_gap gap
    WHERE gap.position_id = place.name), place.top)), 0, 0
FROM integration_position place WHERE place.name = 'ordered'
"""


class Migration(migrations.Migration):
    dependencies = [
        ("orders", "0012_cancellations_under_own_numbers"),
        ("integration", "0006_following"),
    ]

    operations = [migrations.RunSQL(TAKE_OVER, reverse_sql=GIVE_BACK)]
