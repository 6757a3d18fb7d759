from django.db import migrations

# The entries are made with the next change of the records, which a deployment's loading of the corpus is.
NOTE = """
INSERT INTO search_searchchange (kind, object_id) SELECT 'page', generate_series(1, 11);
INSERT INTO search_searchchange (kind, object_id)
SELECT DISTINCT 'study', study_id FROM conditions_poolstudy WHERE is_in;
"""


class Migration(migrations.Migration):
    dependencies = [
        ("search", "0002_synonym_groups"),
        ("conditions", "0013_search_pools_and_safety"),
    ]

    operations = [migrations.RunSQL(NOTE, migrations.RunSQL.noop)]
