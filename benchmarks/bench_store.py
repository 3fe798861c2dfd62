"""How quick the stores are: many rows in and out, and the small deed of every order.

python -m benchmarks.bench_store [sqlite:///FILE | postgresql://HOST/NAME]

The database must be empty; without an address a SQLite file is made and removed again.
"""

import json
import sys
import tempfile
import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from itertools import count

from data.migrations import upgrade
from data.store import SqlStore, open_store
from logistics.events import Event
from logistics.inventory import Reservation, ReservationState, Stock
from logistics.orders import Line, Order, OrderState, ServiceLevel

NOON = datetime(2026, 11, 23, 12, tzinfo=UTC)
ROWS, DEEDS = 20_000, 1_000
NUMBERS = count()


def an_order(number: int) -> Order:
    at = NOON + timedelta(seconds=number)
    return Order(
        id=f"ord_{number:06}",
        external_id=f"shop-{number}",
        client="shop",
        buyer="buyer",
        market="la",
        cell="84298e9ffffffff",
        lat=34.05,
        lon=-118.24,
        lines=(Line(product="lamp", units=1),),
        state=OrderState.PROMISED,
        accepted_at=at,
        service_level=ServiceLevel.SIX_HOUR,
        eligible=True,
        due_at=at + timedelta(hours=6),
        updated_at=at,
    )


def reserve(store: SqlStore) -> None:
    """Lock, change, add and tell: what an order does to the stock."""
    name = next(NUMBERS)
    with store.begin() as deed:
        stock = deed.lock(Stock, "nod~lamp").reserve(1)
        assert stock is not None  # noqa: S101  there are more units than deeds
        deed.change(stock)
        deed.add(
            Reservation(
                id=f"rsv_{name}",
                order=f"ord_{name}",
                node="nod",
                product="lamp",
                units=1,
                state=ReservationState.HELD,
                made_at=NOON,
            )
        )
        deed.tell(
            Event(
                id=f"evt_{name}",
                type="order.promised",
                subject=f"ord_{name}",
                time=NOON,
                recorded_at=NOON,
                cause="bench",
                audience=("shop",),
                data={"state": "promised"},
            )
        )


def seconds(act: Callable[[], object]) -> float:
    began = time.perf_counter()
    act()
    return time.perf_counter() - began


def measured(url: str) -> dict[str, float | str]:
    upgrade(url)
    store = open_store(url)

    def add() -> None:
        with store.begin() as deed:
            deed.add_all(an_order(number) for number in range(ROWS))
            deed.add(Stock(id="nod~lamp", node="nod", product="lamp", on_hand=10 * DEEDS))

    def find() -> None:
        with store.read() as seen:
            assert len(seen.find(Order, market="la")) == ROWS  # noqa: S101  or it measures nothing

    def get() -> None:
        for number in range(DEEDS):
            with store.read() as seen:
                seen.get(Order, f"ord_{number:06}")

    def deeds() -> None:
        for _ in range(DEEDS):
            reserve(store)

    figures = {
        "database": store.database.url.get_backend_name(),
        f"add_all_{ROWS}_orders_s": round(seconds(add), 3),
        f"find_{ROWS}_orders_s": round(seconds(find), 3),
        "read_one_order_ms": round(1000 * seconds(get) / DEEDS, 3),
        "reserve_one_unit_ms": round(1000 * seconds(deeds) / DEEDS, 3),
    }
    store.database.close()
    return figures


if __name__ == "__main__":
    with tempfile.TemporaryDirectory() as folder:
        given = sys.argv[1] if len(sys.argv) > 1 else f"sqlite:///{folder}/bench.db"
        print(json.dumps(measured(given)))
