"""The group of editors: they enter and correct content; studies and people are removed by others."""

from django.db import migrations

from ldn_kb.migrating import let_editors

# Entries of their own: added and changed by editors, deleted by an administrator only.
ENTRIES = ["study", "trial", "sideeffect", "instrument", "savedsearch"]
# Parts of an entry, and what an editor has brought: a line entered by mistake may go.
PARTS = [
    *("studycondition", "source", "arm", "dose", "titrationstep", "outcome", "armresult", "effect"),
    *("sideeffectreport", "sideeffectcount", "trialcondition", "riskofbias", "citationimport"),
]
# What machines and readers noted is to be seen.
SEEN = [
    *("provenance", "secondreading", "correction", "registrycheck", "notice", "refreshrun"),
    *("registryedition", "registrylease", "importrow"),
]
# It is decided, which counts as a change.
DECIDED = ["metadataproposal", "editortask", "find"]


class Migration(migrations.Migration):

    replaces = [
        ('studies', '0002_editors_group'),
        ('studies', '0018_editors_empty_the_inbox'),
        ('studies', '0025_editors_import'),
    ]

    dependencies = [
        ('studies', '0001_tables'),
        ('auth', '0012_alter_user_first_name_max_length'),
        ('contenttypes', '0002_remove_content_type_name'),
    ]

    operations = [
        let_editors('studies', {
            **{model: ("view", "add", "change") for model in ENTRIES},
            **{model: ("view", "add", "change", "delete") for model in PARTS},
            **{model: ("view",) for model in SEEN},
            **{model: ("view", "change") for model in DECIDED},
        }),
    ]
