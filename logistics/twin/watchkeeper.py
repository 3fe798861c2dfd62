"""Checks at every step of every run that everything adds up, at the price of what was touched.

The store notes which values were written; the watchkeeper then applies the audit's own rules to the
orders, routes and truck loads behind them, and keeps running sums of every stock's journal and
reservations and of the feed. At the end the audit looks at everything once more.
"""

from collections import Counter, defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any

from logistics.audit import Scope, discrepancies, discrepancies_of
from logistics.demand import Outlook
from logistics.dispatch import Route, Stop, Tender
from logistics.events import Event
from logistics.inventory import (
    Movement,
    Replenishment,
    Reservation,
    ReservationState,
    Stock,
    stock_id,
)
from logistics.ledger import Entry
from logistics.memory import MemoryStore
from logistics.noted import Noting
from logistics.orders import Order
from logistics.promise.offers import Promise
from logistics.shelf import Shelf
from logistics.store import KINDS, Kind, Reading
from logistics.workflows.score import is_followed

MOST_SAID = 20
"""Sentences that are kept; a run that is wrong at all is wrong."""


class NotedShelf(Shelf):
    """A shelf that notes what is put on it, and is thrifty with what no deed reads again.

    A month of forecasts would fill the memory: of one that was superseded twice, and is not followed
    to be held against what comes, the whole market's hours and totals stay.
    """

    def __init__(self, kind: Kind) -> None:
        super().__init__(kind)
        self.noted: set[str] = set()
        self._thrifty = kind.value is Outlook

    def put(self, value: Any) -> None:
        """Place a value, and note that it was."""
        self.noted.add(value.id)
        super().put(value)
        if self._thrifty and (before := self.values.get(value.supersedes or "")):
            old = self.values.get(before.supersedes or "")
            if old is not None and old.regions and not is_followed(old.made_at):
                super().put(replace(old, regions=(), whole=replace(old.whole, parts=())))


class NotingStore(MemoryStore):
    """A memory that knows what was written since somebody last asked."""

    def __init__(self) -> None:
        super().__init__()
        self.shelves = {kind.value: NotedShelf(kind) for kind in KINDS}

    def taken(self, kind: type[Any]) -> frozenset[str]:
        """The ids of a kind that were written since the last time, some of them taken back."""
        shelf = self.shelves[kind]
        if not isinstance(shelf, NotedShelf) or not shelf.noted:
            return frozenset()
        noted, shelf.noted = shelf.noted, set()
        return frozenset(noted)


@dataclass(slots=True)
class Watchkeeper:
    """Looks at what was touched at every step, and at everything at the end."""

    store: Noting
    said: list[str] = field(default_factory=list)
    """What did not add up, with its moment."""
    checks: int = 0
    _moved: Counter[str] = field(default_factory=Counter)
    _held: Counter[str] = field(default_factory=Counter)
    _holds: dict[str, tuple[str, int]] = field(default_factory=dict)
    _told: int = 0
    _sequences: Counter[str] = field(default_factory=Counter)

    def check(self, now: datetime) -> None:
        """Hold what was touched since the last step to every rule."""
        self.checks += 1
        with self.store.read() as reading:
            for wrong in self._wrong(reading):
                self._say(now, wrong)

    def close(self, now: datetime) -> None:
        """Hold everything to every rule, once."""
        with self.store.read() as reading:
            for wrong in discrepancies(reading):
                self._say(now, wrong)

    def _say(self, now: datetime, wrong: str) -> None:
        if len(self.said) < MOST_SAID:
            self.said.append(f"{now:%Y-%m-%d %H:%M}: {wrong}")

    def _wrong(self, reading: Reading) -> Iterator[str]:
        touched = {kind: self._found(reading, kind) for kind in LOOKED_AT}
        yield from self._stock(reading, touched)
        yield from self._feed(touched[Event])
        yield from discrepancies_of(reading, _scope(reading, touched))

    def _found(self, reading: Reading, kind: type[Any]) -> list[Any]:
        """The values that were written and not taken back."""
        values = (reading.maybe(kind, id) for id in self.store.taken(kind))
        return [value for value in values if value is not None]

    def _stock(self, reading: Reading, touched: dict[type[Any], list[Any]]) -> Iterator[str]:
        """Every stock is the sum of its journal, and its reserved of what is held."""
        ids = {stock.id for stock in touched[Stock]}
        for movement in touched[Movement]:
            id = stock_id(movement.node, movement.product)
            self._moved[id] += movement.units
            ids.add(id)
        for one in touched[Reservation]:
            old, units = self._holds.pop(one.id, ("", 0))
            self._held[old] -= units
            id = stock_id(one.node, one.product)
            if one.state is ReservationState.HELD:
                self._holds[one.id] = (id, one.units)
                self._held[id] += one.units
            ids |= {id, old} - {""}
        for id in sorted(ids):
            stock = reading.get(Stock, id)
            if stock.on_hand != self._moved[id]:
                yield f"{id} has {stock.on_hand} on hand and {self._moved[id]} in its journal"
            if stock.reserved != self._held[id]:
                yield f"{id} has {stock.reserved} reserved and {self._held[id]} spoken for"

    def _feed(self, events: list[Event]) -> Iterator[str]:
        """Positions rise by one over the feed, sequences by one over each subject."""
        for event in sorted(events, key=lambda event: event.position):
            self._told += 1
            self._sequences[event.subject] += 1
            if event.position != self._told:
                yield f"event {event.id} is at {event.position} and should be at {self._told}"
            if event.sequence != self._sequences[event.subject]:
                yield f"event {event.id} is number {event.sequence} of {event.subject}"


LOOKED_AT = (
    Order,
    Promise,
    Reservation,
    Movement,
    Entry,
    Stock,
    Route,
    Stop,
    Tender,
    Replenishment,
    Event,
)


def _scope(reading: Reading, touched: dict[type[Any], list[Any]]) -> Scope:
    """The orders, routes and loads behind what was written."""
    behind: dict[str, set[str]] = defaultdict(set)
    behind["ord"] = {one.id for one in touched[Order]}
    behind["ord"] |= {one.order for kind in (Promise, Reservation, Stop) for one in touched[kind]}
    behind["rte"] = {one.id for one in touched[Route]}
    behind["rte"] |= {one.route for kind in (Stop, Tender) for one in touched[kind]}
    behind["rep"] = {one.id for one in touched[Replenishment]}
    for one in (*touched[Movement], *touched[Entry]):
        behind[one.cause.partition("_")[0]].add(one.cause)
    return Scope(
        orders=_values(reading, Order, behind["ord"]),
        routes=_values(reading, Route, behind["rte"]),
        loads=_values(reading, Replenishment, behind["rep"]),
    )


def _values(reading: Reading, kind: type[Any], ids: set[str]) -> tuple[Any, ...]:
    found = (reading.maybe(kind, id) for id in sorted(ids))
    return tuple(value for value in found if value is not None)
