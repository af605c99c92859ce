"""The rows of the sample shop, made by chance that is the same everywhere."""

from datetime import date, timedelta
from random import Random
from typing import Any

Rows = list[tuple[Any, ...]]
SEED, CUSTOMERS, ORDERS = 20, 160, 720
FIRST, LAST = date(2024, 1, 1), date(2026, 10, 31)

FIRST_NAMES = """
    Ada Alan Ana Anton Bea Carla Chen Dario Elif Emma Femi Greta Hugo Ines Jonas Kira Lena Marek Mina Noor Olga Paul Rosa Samir
    Tomas Uma Vera Yusuf"""
LAST_NAMES = """
    Almeida Berger Costa Dubois Eriksen Ferrari Gruber Haddad Ito Jensen Kowalski Larsen Meyer Novak Okafor Petrov Rossi Silva
    Tanaka Weber"""
CITIES = """
    Berlin Germany, Hamburg Germany, Vienna Austria, Zurich Switzerland, Paris France, Lyon France, Milan Italy,
    Lisbon Portugal, Oslo Norway, Warsaw Poland"""
PRODUCTS = {
    "Lighting": "Desk lamp 39.90, Floor lamp 119.00, Light strip 24.50, Lantern 32.00, Warm bulb 6.90, Coloured bulb 18.90",
    "Paper": "Notebook 7.50, Sketch pad 12.00, Calendar 14.90, Envelopes 4.20",
    "Writing": "Fountain pen 48.00, Pencils 5.80, Marker set 16.40, Ink 9.90",
    "Furniture": "Oak shelf 149.00, Stool 64.00, Desk 329.00, Office chair 259.00, Coat rack 79.00, Side table 98.00",
    "Kitchen": "Tea pot 34.00, Mug 11.50, Chopping board 27.90, Kettle 54.90, Apron 22.00, Bread knife 29.50",
    "Textiles": "Wool blanket 89.00, Cushion 26.00, Towel 17.50, Curtain 58.00, Rug 189.00",
    "Garden": "Plant pot 15.90, Watering can 21.00, Herb seeds 3.40, Trowel 12.90, Bird house 36.00",
}
STATUSES = ("paid", "shipped", "returned", "cancelled")
OFTEN = (10, 75, 9, 6)


def made() -> dict[str, Rows]:
    """The rows of each table."""
    chance = Random(SEED)  # noqa: S311  nothing here is secret
    products = _products(chance)
    orders, items = _orders(chance, products)
    return {"customers": _customers(chance), "products": products, "orders": orders, "order_items": items}


def _customers(chance: Random) -> Rows:
    cities, rows = _pairs(CITIES), Rows()
    for number in range(1, CUSTOMERS + 1):
        first, last = chance.choice(FIRST_NAMES.split()), chance.choice(LAST_NAMES.split())
        email = f"{first}.{last}{number}@example.com".lower()
        rows.append((number, f"{first} {last}", email, *chance.choice(cities), _day(chance).isoformat()))
    return rows


def _products(chance: Random) -> Rows:
    named = [(name, category, float(price)) for category, text in PRODUCTS.items() for name, price in _pairs(text)]
    return [(number, *product, chance.randint(0, 120)) for number, product in enumerate(named, 1)]


def _orders(chance: Random, products: Rows) -> tuple[Rows, Rows]:
    orders, items = Rows(), Rows()
    for number, day in enumerate(sorted(_day(chance) for _ in range(ORDERS)), 1):
        (status,) = chance.choices(STATUSES, OFTEN)
        orders.append((number, chance.randint(1, CUSTOMERS), day.isoformat(), status))
        for product, _, _, price, _ in sorted(chance.sample(products, chance.randint(1, 4))):
            items.append((number, product, chance.choice((1, 1, 1, 2, 2, 3, 6)), price))
    return orders, items


def _pairs(text: str) -> list[tuple[str, str]]:
    """Each entry's words, and its last one."""
    return [(before, last) for entry in text.split(",") for before, _, last in (entry.strip().rpartition(" "),)]


def _day(chance: Random) -> date:
    return FIRST + timedelta(days=chance.randint(0, (LAST - FIRST).days))
