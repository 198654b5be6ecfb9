"""What the database refuses or cannot do.

Error
├── DatabaseUnavailable    it does not answer; try again
├── DataDirectoryLocked    another process runs on this data directory
├── ServerFailed           the embedded server does not start or run
├── MigrationChanged       an applied migration is not the file we have
└── SchemaTooNew           the schema was made by a newer Hongyan
"""

from hongyan.kit.errors import Error, ErrorKind


class DatabaseUnavailable(Error):
    """The database does not answer."""

    code = "database.unavailable"
    kind = ErrorKind.UNAVAILABLE


class DataDirectoryLocked(Error):
    """Another process already runs on this data directory."""

    code = "database.data_directory_locked"
    kind = ErrorKind.CONFLICT


class ServerFailed(Error):
    """The embedded PostgreSQL does not start."""

    code = "database.server_failed"
    kind = ErrorKind.UNAVAILABLE


class MigrationChanged(Error):
    """A migration that was applied to this database differs from the one in this installation."""

    code = "database.migration_changed"
    kind = ErrorKind.CONFLICT


class SchemaTooNew(Error):
    """This database was migrated by a newer version of Hongyan; run that version or a later one."""

    code = "database.schema_too_new"
    kind = ErrorKind.CONFLICT
