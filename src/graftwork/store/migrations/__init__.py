"""From each revision of the tables to the next, by alembic (https://alembic.sqlalchemy.org)."""
