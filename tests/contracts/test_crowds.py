"""Many at once: nothing is lost, nothing over-booked, and the feed is read without a gap."""

import threading
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace

from data.store import open_store
from logistics.errors import Duplicate, StaleVersion
from logistics.events import Event
from logistics.inventory import Reservation, Stock
from logistics.orders import Order
from logistics.store import Range, seen
from tests.builders.orders import a_reservation, an_event, an_order, some_stock

THREADS, EACH = 8, 60


def crowd(act):
    """Let eight threads act together, each told its number."""
    gate = threading.Barrier(THREADS)

    def together(number):
        gate.wait()
        return act(number)

    with ThreadPoolExecutor(THREADS) as threads:
        return list(threads.map(together, range(THREADS)))


def reserve(store, name):
    """Reserve one unit under the row's lock, as an order does; say whether one was free."""
    with store.begin() as deed:
        left = deed.lock(Stock, "nod_1~lamp").reserve(1)
        if left is None:
            return False
        deed.change(left)
        deed.add(a_reservation(f"rsv_{name}", order=f"ord_{name}"))
        deed.tell(an_event(f"evt_{name}", subject=f"ord_{name}"))
        return True


def test_of_480_reservations_on_one_row_none_is_lost(store):
    with store.begin() as deed:
        deed.add(some_stock(on_hand=1_000))
    given = crowd(lambda thread: sum(reserve(store, f"{thread}-{n}") for n in range(EACH)))
    assert sum(given) == THREADS * EACH
    with store.read() as reading:
        assert reading.get(Stock, "nod_1~lamp").reserved == THREADS * EACH
        assert reading.count(Reservation) == THREADS * EACH
        assert reading.position() == THREADS * EACH


def test_of_480_that_want_300_units_300_get_one(store):
    with store.begin() as deed:
        deed.add(some_stock(on_hand=300))
    given = crowd(lambda thread: sum(reserve(store, f"{thread}-{n}") for n in range(EACH)))
    assert sum(given) == 300
    with store.read() as reading:
        stock = reading.get(Stock, "nod_1~lamp")
        assert (stock.reserved, stock.free) == (300, 0)
        assert reading.count(Reservation) == 300


def test_a_change_without_a_lock_is_refused_and_never_lost(store):
    with store.begin() as deed:
        deed.add(some_stock())

    def add_one(_thread):
        done = 0
        for _ in range(20):
            with store.read() as reading:
                read = reading.get(Stock, "nod_1~lamp")
            try:
                with store.begin() as deed:
                    deed.change(replace(read, on_hand=read.on_hand + 1))
            except StaleVersion:
                continue
            done += 1
        return done

    done = sum(crowd(add_one))
    with store.read() as reading:
        kept = reading.get(Stock, "nod_1~lamp")
    assert (kept.on_hand, kept.version) == (done, done + 1)
    assert done >= 20


def test_the_same_outside_id_from_eight_at_once_is_kept_once(store):
    def place(thread):
        try:
            with store.begin() as deed:
                deed.add(an_order(f"ord_{thread}", external_id="A-1"))
        except Duplicate as refusal:
            return refusal.existing
        return f"ord_{thread}"

    assert len(set(crowd(place))) == 1
    with store.read() as reading:
        assert reading.count(Order) == 1


def test_a_reader_of_the_feed_never_misses_an_event(store):
    over = threading.Event()

    def follow():
        """Read on from the last position seen, as webhooks and streams do."""
        last, got = 0, []
        while True:
            ended = over.is_set()
            with store.read() as reading:
                new = reading.find(Event, position=Range(least=last + 1), sort="position")
            got += [one.position for one in new]
            last = got[-1] if got else 0
            if ended:
                return got

    def write(thread):
        for n in range(EACH):
            with store.begin() as deed:
                deed.tell(an_event(f"evt_{thread}-{n}-a", subject=f"s{n % 3}"))
                deed.add(an_order(f"ord_{thread}-{n}"))
                deed.tell(an_event(f"evt_{thread}-{n}-b", subject="shared"))

    with ThreadPoolExecutor(2) as readers:
        following = [readers.submit(follow) for _ in range(2)]
        try:
            crowd(write)
        finally:
            over.set()
        for reader in following:
            assert reader.result() == list(range(1, 2 * THREADS * EACH + 1))
    with store.read() as reading:
        shared = reading.find(Event, subject="shared", sort="position")
    assert [one.sequence for one in shared] == list(range(1, THREADS * EACH + 1))


def test_what_was_found_unchanged_stays_so_until_the_deed_ends(sql_store):
    with sql_store.begin() as deed:
        deed.add(an_order())
    checked, order = threading.Event(), []

    def heavy():
        with sql_store.begin() as deed:
            deed.require_unchanged(seen(an_order()))
            checked.set()
            order.append("checked")
            threading.Event().wait(0.2)
            deed.add(an_order("ord_2"))
            order.append("written")

    def quick():
        checked.wait()
        with sql_store.begin() as deed:
            deed.change(replace(an_order(), node="nod_1"))
        order.append("changed")

    with ThreadPoolExecutor(2) as two:
        for done in [two.submit(heavy), two.submit(quick)]:
            done.result()
    assert order == ["checked", "written", "changed"]


def test_a_deed_in_another_row_need_not_wait_on_postgresql(migrated_postgres_url):
    store = open_store(migrated_postgres_url)
    with store.begin() as deed:
        deed.add_all([some_stock("nod_1"), some_stock("nod_2")])
    with store.begin() as slow:
        slow.change(slow.lock(Stock, "nod_1~lamp").put(1))
        slow.tell(an_event("evt_slow"))
        with store.begin() as quick:
            quick.change(quick.lock(Stock, "nod_2~lamp").put(1))
            quick.tell(an_event("evt_quick"))
    with store.read() as reading:
        assert [one.id for one in reading.find(Event, sort="position")] == [
            "evt_quick",
            "evt_slow",
        ]
    store.database.close()
