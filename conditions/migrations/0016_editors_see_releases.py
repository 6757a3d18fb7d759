"""Editors see the releases."""

from django.contrib.auth.management import create_permissions
from django.db import migrations

GROUP = "Editors"
WANTED = ["view_release", "view_releasefile"]


def grant(apps, schema_editor):
    Group = apps.get_model("auth", "Group")
    Permission = apps.get_model("auth", "Permission")
    group, _ = Group.objects.get_or_create(name=GROUP)
    config = apps.get_app_config("conditions")
    config.models_module = True  # Django makes permissions after all migrations, which is too late here
    create_permissions(config, apps=apps, verbosity=0)
    config.models_module = None
    wanted = Permission.objects.filter(content_type__app_label="conditions", codename__in=WANTED)
    group.permissions.add(*wanted)


def revoke(apps, schema_editor):
    Permission = apps.get_model("auth", "Permission")
    wanted = Permission.objects.filter(content_type__app_label="conditions", codename__in=WANTED)
    for group in apps.get_model("auth", "Group").objects.filter(name=GROUP):
        group.permissions.remove(*wanted)


class Migration(migrations.Migration):
    dependencies = [("conditions", "0015_releases")]
    operations = [migrations.RunPython(grant, revoke)]
