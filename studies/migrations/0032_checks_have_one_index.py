import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("studies", "0031_editors_work_is_on_no_page")]

    operations = [
        migrations.RemoveIndex(model_name="registrycheck", name="registry_check_due"),
        migrations.AlterField(
            model_name="registrycheck",
            name="study",
            field=models.ForeignKey(
                db_index=False,
                on_delete=django.db.models.deletion.CASCADE,
                related_name="registry_checks",
                to="studies.study",
            ),
        ),
        migrations.AlterField(
            model_name="registrylease",
            name="study",
            field=models.ForeignKey(
                db_index=False,
                on_delete=django.db.models.deletion.CASCADE,
                related_name="registry_leases",
                to="studies.study",
            ),
        ),
        migrations.AddIndex(
            model_name="registrycheck",
            index=models.Index(
                condition=models.Q(("failures__gt", 0)), fields=["registry"], name="registry_check_failing"
            ),
        ),
        # Each row is written anew every week: room for the new one beside the old.
        migrations.RunSQL(
            "ALTER TABLE studies_registrycheck SET (fillfactor = 50)",
            "ALTER TABLE studies_registrycheck RESET (fillfactor)",
        ),
    ]
