"""What alembic runs: the connection comes from whoever asked."""

from alembic import context

context.configure(connection=context.config.attributes["connection"])
context.run_migrations()
