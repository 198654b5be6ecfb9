"""`hongyan database`: the schema, where roles run without `hongyan up`."""

from hongyan.db.migrate import migrate
from hongyan.runtime.process import with_database_url

from .console import print_json, say
from .context import command_settings, common_options
from .group import Group

app = Group("The database and its schema.")


@app.verb("migrate")
async def migrate_schema() -> None:
    """Bring the schema up to date.

    `hongyan up` does this by itself.
    """
    applied = await migrate(with_database_url(command_settings()).database.url)
    if common_options.get().as_json:
        print_json({"applied": applied})
    else:
        say(f"applied: {', '.join(applied)}" if applied else "the schema is up to date")


@app.verb("url")
def url() -> None:
    """Print the URL of the database, for psql and the like."""
    told = with_database_url(command_settings()).database.url
    if common_options.get().as_json:
        print_json({"url": told})
    else:
        print(told)
