"""PostgreSQL: pool, embedded server, migrations, named queries, group commit."""
