"""How Alembic runs every service's steps: on the connection it is handed, in one transaction."""

from alembic import context
from sqlalchemy import Connection

from libs.database.migrations import SQL, VERSION_TABLE

connection: Connection = context.config.attributes["connection"]
schema: str = context.config.attributes["schema"]

context.configure(
    connection=connection,
    version_table=VERSION_TABLE,
    version_table_schema=schema,
    transaction_per_migration=False,
)
with context.begin_transaction():
    connection.exec_driver_sql(SQL.lock_schema, (schema,))
    connection.exec_driver_sql(SQL.work_in_schema, (schema,))
    context.run_migrations()
