# requires: sqlalchemy greenlet aiosqlite
"""SQLAlchemy's asynchronous engine on aiosqlite, which has a thread for each connection, disposed of in the end."""

import asyncio

import sqlalchemy
from sqlalchemy.ext.asyncio import AsyncSession, create_async_engine
from sqlalchemy.orm import declarative_base

Base = declarative_base()


class Order(Base):
    __tablename__ = "orders"
    id = sqlalchemy.Column(sqlalchemy.Integer, primary_key=True)
    name = sqlalchemy.Column(sqlalchemy.String)


async def main():
    engine = create_async_engine("sqlite+aiosqlite://")
    try:
        async with engine.begin() as connection:
            await connection.run_sync(Base.metadata.create_all)
        async with AsyncSession(engine) as session:
            session.add_all([Order(name="one"), Order(name="two")])
            await session.commit()
            return list((await session.execute(sqlalchemy.select(Order.name).order_by(Order.id))).scalars())
    finally:
        await engine.dispose()


def handler(event, context):
    return asyncio.run(main())
