"""Questions to configured databases: which there are, what is in them, and one SELECT at a time."""

from typing import Annotated

from msgspec import Meta

from tools.authoring import tool
from tools.builtin.sql import databases, results
from tools.specs import Context, Example, Reply

Database = Annotated[str, Meta(description="Name of a database, as list_databases gives it.", max_length=60)]
Query = Annotated[
    str,
    Meta(description="One SELECT, in the database's own dialect (PostgreSQL or SQLite).", min_length=1, max_length=20_000),
]
CATEGORY = "Data"


@tool(title="Databases", category=CATEGORY, examples=(Example("Which databases are there?", {}),))
async def list_databases(context: Context) -> Reply:
    """List the databases that you can query for this person, with their kind and what they hold."""
    rows = await databases.usable(context.person)
    found = [{"name": row.name, "kind": row.dialect, "description": row.description} for row in rows]
    lines = [f"{one['name']} ({one['kind']}): {one['description']}".rstrip(": ") for one in found]
    return Reply(text="\n".join(lines) or "There are no databases that this person may query.", data={"databases": found})


@tool(
    title="Database tables",
    category=CATEGORY,
    examples=(Example("What is in the sample shop?", {"database": "sample_shop"}, is_general=False),),
)
async def describe_database(context: Context, database: Database) -> Reply:
    """Describe the tables and columns of a database. Do this before you write a query for it."""
    return results.described(database, await databases.describe(context.person, database))


@tool(
    title="SQL query",
    category=CATEGORY,
    examples=(
        Example(
            "Which products sell best in the sample shop?",
            {
                "database": "sample_shop",
                "query": "SELECT p.name, sum(i.quantity) AS sold FROM order_items i JOIN products p ON p.id = i.product_id "
                "GROUP BY p.name ORDER BY sold DESC LIMIT 5",
            },
            is_general=False,
        ),
    ),
)
async def sql_query(context: Context, database: Database, query: Query) -> Reply:
    """Run one SELECT over a database and return its rows. Nothing can be changed.

    Long results are cut: count, group and filter in the query. Call describe_database first if you do not know the tables.
    """
    return results.reply_of(await databases.query(context.person, database, query))
