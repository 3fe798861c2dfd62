"""Orders and what a store keeps beside them, each with everything told that a test leaves out."""

from datetime import UTC, datetime, timedelta

from logistics.events import Event
from logistics.inventory import Reservation, ReservationState, Stock, stock_id
from logistics.orders import Line, Order, OrderState, ServiceLevel
from logistics.records import DecisionRecord, fingerprint

NOON = datetime(2026, 11, 23, 12, tzinfo=UTC)


def an_order(id="ord_1", *, accepted_at=NOON, **more):
    told = {
        "external_id": f"shop-{id}",
        "client": "shop",
        "buyer": "buyer-1",
        "market": "la",
        "cell": "84298e9ffffffff",
        "lat": 34.05,
        "lon": -118.24,
        "lines": (Line(product="lamp", units=1),),
        "state": OrderState.PROMISED,
        "service_level": ServiceLevel.SIX_HOUR,
        "eligible": True,
        "due_at": accepted_at + timedelta(hours=6),
        "updated_at": accepted_at,
    }
    return Order(id=id, accepted_at=accepted_at, **{**told, **more})


def some_stock(node="nod_1", product="lamp", **more):
    return Stock(id=stock_id(node, product), node=node, product=product, **more)


def a_reservation(id="rsv_1", **more):
    told = {
        "order": "ord_1",
        "node": "nod_1",
        "product": "lamp",
        "units": 1,
        "state": ReservationState.HELD,
        "made_at": NOON,
    }
    return Reservation(id=id, **{**told, **more})


def an_event(id="evt_1", *, subject="ord_1", **more):
    told = {
        "type": "order.promised",
        "time": NOON,
        "recorded_at": NOON,
        "cause": "test",
        "audience": ("shop",),
        "data": {"state": "promised", "from": "received"},
    }
    return Event(id=id, subject=subject, **{**told, **more})


def a_record(id="dec_1", **more):
    told = {
        "kind": "quote",
        "at": NOON,
        "parents": (),
        "inputs": "{}",
        "inputs_hash": fingerprint("{}"),
        "result": "[]",
        "result_hash": fingerprint("[]"),
        "code_version": "1",
        "model_version": "1",
    }
    return DecisionRecord(id=id, **{**told, **more})
