"""Editors see what readers reported, and answer or decline it."""

from django.contrib.auth.management import create_permissions
from django.db import migrations

GROUP = "Editors"
WANTED = ["view_problemreport", "change_problemreport", "view_pageanswer"]


def grant(apps, schema_editor):
    Group = apps.get_model("auth", "Group")
    Permission = apps.get_model("auth", "Permission")
    group, _ = Group.objects.get_or_create(name=GROUP)
    config = apps.get_app_config("readers")
    config.models_module = True  # Django makes permissions after all migrations, which is too late here
    create_permissions(config, apps=apps, verbosity=0)
    config.models_module = None
    group.permissions.add(
        *Permission.objects.filter(content_type__app_label="readers", codename__in=WANTED)
    )


def revoke(apps, schema_editor):
    Permission = apps.get_model("auth", "Permission")
    for group in apps.get_model("auth", "Group").objects.filter(name=GROUP):
        group.permissions.remove(
            *Permission.objects.filter(content_type__app_label="readers", codename__in=WANTED)
        )


class Migration(migrations.Migration):
    dependencies = [
        ("readers", "0001_problem_reports"),
        ("auth", "0012_alter_user_first_name_max_length"),
        ("contenttypes", "0002_remove_content_type_name"),
    ]
    operations = [migrations.RunPython(grant, revoke)]
