"""Editors keep the groups of synonyms, as the admin says of them."""

from django.db import migrations

from ldn_kb.migrating import let_editors


class Migration(migrations.Migration):

    dependencies = [
        ('search', '0002_first_words'),
        ('auth', '0012_alter_user_first_name_max_length'),
        ('contenttypes', '0002_remove_content_type_name'),
    ]

    operations = [let_editors('search', {"synonymgroup": ("view", "add", "change", "delete")})]
