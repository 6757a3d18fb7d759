"""Editors enter and change articles; what was saved before is theirs to see."""

from django.contrib.auth.management import create_permissions
from django.db import migrations

GROUP = "Editors"
WANTED = ["view_article", "add_article", "change_article", "view_articlerevision"]


def grant(apps, schema_editor):
    Group = apps.get_model("auth", "Group")
    Permission = apps.get_model("auth", "Permission")
    config = apps.get_app_config("conditions")
    config.models_module = True  # Django makes permissions after all migrations, which is too late here
    create_permissions(config, apps=apps, verbosity=0)
    config.models_module = None
    group, _ = Group.objects.get_or_create(name=GROUP)
    group.permissions.add(
        *Permission.objects.filter(content_type__app_label="conditions", codename__in=WANTED)
    )


def revoke(apps, schema_editor):
    Permission = apps.get_model("auth", "Permission")
    for group in apps.get_model("auth", "Group").objects.filter(name=GROUP):
        group.permissions.remove(
            *Permission.objects.filter(content_type__app_label="conditions", codename__in=WANTED)
        )


class Migration(migrations.Migration):
    dependencies = [
        ("conditions", "0004_article"),
        ("studies", "0002_editors_group"),
        ("auth", "0012_alter_user_first_name_max_length"),
        ("contenttypes", "0002_remove_content_type_name"),
    ]
    operations = [migrations.RunPython(grant, revoke)]
