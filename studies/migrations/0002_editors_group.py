"""The group of editors: they enter and correct content; studies, claims and people are removed by others."""

from django.contrib.auth.management import create_permissions
from django.db import migrations

GROUP = "Editors"
# Entries of their own: added and changed by editors, deleted by an administrator only.
ENTRIES = {
    "studies": ["study", "trial", "sideeffect"],
    "conditions": ["condition", "claim", "omission", "safetyfact", "collection", "vocabularysource"],
}
# Parts of an entry: an editor may remove a line entered by mistake.
PARTS = {
    "studies": [
        *("studycondition", "source", "arm", "dose", "titrationstep", "outcome", "armresult", "effect"),
        *("sideeffectreport", "sideeffectcount", "trialcondition"),
    ],
    "conditions": ["synonym", "claimcondition", "claimevidence", "reference", "safetyfactstudy"],
}
# What machines and readers noted: to be seen. A proposal is decided, which counts as a change.
SEEN = {
    "studies": [
        *("provenance", "secondreading", "correction", "registrycheck", "notice", "metadataproposal"),
        "refreshrun",
    ],
}


def create_group(apps, schema_editor):
    Group = apps.get_model("auth", "Group")
    Permission = apps.get_model("auth", "Permission")
    _create_permissions(apps)
    group, _ = Group.objects.get_or_create(name=GROUP)
    wanted = [
        *_codenames(ENTRIES, "view", "add", "change"),
        *_codenames(PARTS, "view", "add", "change", "delete"),
        *_codenames(SEEN, "view"),
        ("studies", "change_metadataproposal"),
    ]
    for app_label, codename in wanted:
        group.permissions.add(
            Permission.objects.get(content_type__app_label=app_label, codename=codename)
        )


def _create_permissions(apps):
    """Django makes permissions after all migrations, which is too late for this one."""
    for label in ("studies", "conditions"):
        config = apps.get_app_config(label)
        config.models_module = True
        create_permissions(config, apps=apps, verbosity=0)
        config.models_module = None


def _codenames(models, *verbs):
    return [(label, f"{verb}_{name}") for label, names in models.items() for name in names for verb in verbs]


def remove_group(apps, schema_editor):
    apps.get_model("auth", "Group").objects.filter(name=GROUP).delete()


class Migration(migrations.Migration):
    dependencies = [
        ("studies", "0001_initial"),
        ("conditions", "0002_initial"),
        ("auth", "0012_alter_user_first_name_max_length"),
        ("contenttypes", "0002_remove_content_type_name"),
    ]
    operations = [migrations.RunPython(create_group, remove_group)]
