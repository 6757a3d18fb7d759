"""Editors see what readers reported, and answer or decline it."""

from django.db import migrations

from ldn_kb.migrating import let_editors


class Migration(migrations.Migration):

    replaces = [('readers', '0002_editors_answer')]

    dependencies = [
        ('readers', '0001_tables'),
        ('auth', '0012_alter_user_first_name_max_length'),
        ('contenttypes', '0002_remove_content_type_name'),
    ]

    operations = [let_editors('readers', {"problemreport": ("view", "change"), "pageanswer": ("view",)})]
