import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("studies", "0032_checks_have_one_index"),
    ]

    operations = [
        migrations.AddField(
            model_name="registrylease",
            name="run",
            field=models.ForeignKey(
                db_constraint=False,
                db_index=False,
                null=True,
                on_delete=django.db.models.deletion.DO_NOTHING,
                related_name="+",
                to="studies.refreshrun",
            ),
        ),
    ]
