"""What editors may do with conditions, claims, articles and what is computed of them."""

from django.db import migrations

from ldn_kb.migrating import let_editors

# Entries of their own: added and changed by editors, deleted by an administrator only.
ENTRIES = ["condition", "claim", "omission", "safetyfact", "collection", "vocabularysource", "article"]
# Parts of an entry: an editor may remove a line entered by mistake.
PARTS = ["synonym", "claimcondition", "claimevidence", "reference", "safetyfactstudy", "question"]
# What is computed, and what was, is to be seen.
SEEN = [
    *("computedverdict", "verdictfinding", "pool", "poolstudy", "answerchange", "statuschange"),
    *("articlerevision", "release", "releasefile"),
]


class Migration(migrations.Migration):

    replaces = [
        ('conditions', '0005_article_editors'),
        ('conditions', '0011_editors_see_answers'),
        ('conditions', '0016_editors_see_releases'),
    ]

    dependencies = [
        ('conditions', '0002_links'),
        ('auth', '0012_alter_user_first_name_max_length'),
        ('contenttypes', '0002_remove_content_type_name'),
    ]

    operations = [
        let_editors('conditions', {
            **{model: ("view", "add", "change") for model in ENTRIES},
            **{model: ("view", "add", "change", "delete") for model in PARTS},
            **{model: ("view",) for model in SEEN},
            # Computed, so neither added nor deleted by hand; an editor changes the word beside it.
            "certainty": ("view", "change"),
        }),
    ]
