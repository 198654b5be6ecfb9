"""The database: the embedded server, migrations, notifications."""
