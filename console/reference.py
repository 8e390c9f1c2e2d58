"""What every installation needs of the console: the groups of staff."""

from django.contrib.auth.models import Group

from console import rights


def load() -> str:
    """Make the groups that are missing, each with its first rights; say how many there are now.

    A group that is there keeps the rights it was given since; only owners also get what is new.
    """
    missing = rights.GROUPS.keys() - set(Group.objects.values_list("name", flat=True))
    for name in sorted(missing):
        group = Group.objects.create(name=name)
        group.permissions.set(rights.permissions(rights.GROUPS[name][1]))
    Group.objects.get(name="owner").permissions.add(*rights.permissions(rights.RIGHTS))
    return f"{len(rights.GROUPS)} groups of staff, {len(missing)} of them new"
