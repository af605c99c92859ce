"""The sample database: a small shop with three years of orders. Every installation makes the same file, at its first use."""

import asyncio
import secrets
import sqlite3
from contextlib import closing
from pathlib import Path

from django.conf import settings

from tools.builtin.sql import sample_rows

NAME = "sample_shop"
DESCRIPTION = "An invented shop to try queries with: customers, products, orders and their items, from 2024 to 2026."
FILE = "shop-1.sqlite"  # another number with other rows

TABLES = """
CREATE TABLE customers (
    id INTEGER PRIMARY KEY, name TEXT NOT NULL, email TEXT NOT NULL, city TEXT NOT NULL, country TEXT NOT NULL,
    since DATE NOT NULL);
CREATE TABLE products (
    id INTEGER PRIMARY KEY, name TEXT NOT NULL, category TEXT NOT NULL, price NUMERIC NOT NULL, stock INTEGER NOT NULL);
CREATE TABLE orders (
    id INTEGER PRIMARY KEY, customer_id INTEGER NOT NULL REFERENCES customers (id), ordered_on DATE NOT NULL,
    status TEXT NOT NULL CHECK (status IN ('paid', 'shipped', 'returned', 'cancelled')));
CREATE TABLE order_items (
    order_id INTEGER NOT NULL REFERENCES orders (id), product_id INTEGER NOT NULL REFERENCES products (id),
    quantity INTEGER NOT NULL, unit_price NUMERIC NOT NULL, PRIMARY KEY (order_id, product_id)) WITHOUT ROWID;
"""
INSERTS = {
    "customers": "INSERT INTO customers VALUES (?, ?, ?, ?, ?, ?)",
    "products": "INSERT INTO products VALUES (?, ?, ?, ?, ?)",
    "orders": "INSERT INTO orders VALUES (?, ?, ?, ?)",
    "order_items": "INSERT INTO order_items VALUES (?, ?, ?, ?)",
}


async def file() -> Path:
    """The file, made if it is not there."""
    place: Path = settings.PLACES.samples / FILE
    if not await asyncio.to_thread(place.exists):
        await asyncio.to_thread(_make, place)
    return place


def _make(place: Path) -> None:
    """Make it as a draft and move it into place as a whole, whoever else does the same."""
    place.parent.mkdir(parents=True, exist_ok=True)
    draft = place.with_name(f".{secrets.token_hex(4)}")
    with closing(sqlite3.connect(draft)) as connection:
        connection.executescript(TABLES)
        for table, rows in sample_rows.made().items():
            connection.executemany(INSERTS[table], rows)
        connection.commit()
    draft.replace(place)
