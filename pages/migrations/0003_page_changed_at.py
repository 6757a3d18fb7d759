from django.db import migrations, models
from django.db.models import F


def take_published_at(apps, schema_editor):
    apps.get_model("pages", "Page").objects.update(changed_at=F("published_at"))


class Migration(migrations.Migration):

    dependencies = [
        ('pages', '0002_page_copies'),
    ]

    operations = [
        migrations.AddField(
            model_name='page',
            name='changed_at',
            field=models.DateTimeField(help_text='When it began to say what it says: the body was another before.', null=True),
        ),
        migrations.RunPython(take_published_at, migrations.RunPython.noop),
        migrations.AlterField(
            model_name='page',
            name='changed_at',
            field=models.DateTimeField(help_text='When it began to say what it says: the body was another before.'),
        ),
    ]
