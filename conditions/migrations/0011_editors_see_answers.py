"""Editors see pools, certainties and what changes did; scales are theirs to enter and change."""

from django.contrib.auth.management import create_permissions
from django.db import migrations

GROUP = "Editors"
WANTED = {
    "conditions": ["view_pool", "view_poolstudy", "view_answerchange", "view_statuschange"],
    "studies": ["view_instrument", "add_instrument", "change_instrument", "view_registryedition"],
}


def grant(apps, schema_editor):
    Group = apps.get_model("auth", "Group")
    Permission = apps.get_model("auth", "Permission")
    group, _ = Group.objects.get_or_create(name=GROUP)
    for label, codenames in WANTED.items():
        config = apps.get_app_config(label)
        config.models_module = True  # Django makes permissions after all migrations, which is too late here
        create_permissions(config, apps=apps, verbosity=0)
        config.models_module = None
        group.permissions.add(
            *Permission.objects.filter(content_type__app_label=label, codename__in=codenames)
        )


def revoke(apps, schema_editor):
    Permission = apps.get_model("auth", "Permission")
    for group in apps.get_model("auth", "Group").objects.filter(name=GROUP):
        for label, codenames in WANTED.items():
            group.permissions.remove(
                *Permission.objects.filter(content_type__app_label=label, codename__in=codenames)
            )


class Migration(migrations.Migration):
    dependencies = [
        ("conditions", "0010_answer_changes"),
        ("studies", "0009_answer_changes"),
        ("auth", "0012_alter_user_first_name_max_length"),
        ("contenttypes", "0002_remove_content_type_name"),
    ]
    operations = [migrations.RunPython(grant, revoke)]
