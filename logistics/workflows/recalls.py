"""What a recall stops: goods of a recalled product are not promised, sent out, picked or routed.

They stay where they are; what lies at a node may still ride home to its centre. Orders that wait for
them are put before a person, who lifts the recall or cancels them.
"""

from collections.abc import Iterable

from logistics.catalogue import Product
from logistics.orders import Line, Order
from logistics.store import Reading


def recalled(reading: Reading, lines: Iterable[Line]) -> tuple[str, ...]:
    """The products among the lines that are recalled, sorted."""
    names = sorted({line.product for line in lines})
    return tuple(name for name in names if reading.get(Product, name).recalled)


def going_on(reading: Reading, orders: Iterable[Order]) -> tuple[Order, ...]:
    """The orders that no recall stops, in their order."""
    known: dict[str, bool] = {}
    kept = []
    for order in orders:
        for line in order.lines:
            if line.product not in known:
                known[line.product] = reading.get(Product, line.product).recalled
        if not any(known[line.product] for line in order.lines):
            kept.append(order)
    return tuple(kept)
