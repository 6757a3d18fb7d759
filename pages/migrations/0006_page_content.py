from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("pages", "0005_study_documents")]

    operations = [
        migrations.AddField(
            model_name="page",
            name="content_sha256",
            field=models.CharField(
                default="",
                help_text="Of what it says: the body without its day and the versions of its styles.",
                max_length=64,
            ),
            preserve_default=False,
        ),
        migrations.AlterField(
            model_name="page",
            name="changed_at",
            field=models.DateTimeField(help_text="When it began to say what it says."),
        ),
    ]
