# requires: sqlalchemy
"""A synchronous engine with its pool, kept at module level."""

import sqlalchemy

engine = sqlalchemy.create_engine("sqlite://")


def handler(event, context):
    with engine.connect() as connection:
        return connection.execute(sqlalchemy.text("SELECT 6 * 7")).scalar()
