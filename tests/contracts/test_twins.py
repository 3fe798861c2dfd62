"""Whatever is done to them, the store in dictionaries and the store in SQL stay the same."""

import shutil
import tempfile
from dataclasses import replace
from pathlib import Path

import hypothesis.strategies as st
from hypothesis import HealthCheck, Phase, settings
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    rule,
    run_state_machine_as_test,
)

from data.store import open_store
from logistics.errors import SurgeportError
from logistics.events import Event
from logistics.inventory import Stock
from logistics.memory import MemoryStore
from logistics.orders import Order, OrderState
from logistics.store import Range, Seen
from tests.builders.orders import an_event, an_order, some_stock

IDS = st.sampled_from(["ord_1", "ord_2", "ord_3", "ord_4"])
OUTSIDE = st.sampled_from(["shop-ord_1", "shop-ord_2", "A"])
NODES = st.none() | st.sampled_from(["nod_1", "nod_2"])
STATES = st.sampled_from([OrderState.PROMISED, OrderState.PICKED])
ORDERS = st.builds(an_order, IDS, external_id=OUTSIDE, node=NODES, state=STATES) | st.builds(
    an_order, IDS, node=NODES
)
VERSIONS = st.integers(1, 3)
ACTS = st.one_of(
    st.tuples(st.just("add"), ORDERS),
    st.tuples(st.just("add_all"), st.lists(ORDERS | st.just(some_stock()), max_size=3)),
    st.tuples(st.just("change"), st.builds(replace, ORDERS, version=VERSIONS)),
    st.tuples(st.just("forget"), st.just(Order), IDS),
    st.tuples(st.just("lock"), st.just(Order), IDS),
    st.tuples(st.just("lock"), st.just(Stock), st.just("nod_1~lamp")),
    st.tuples(
        st.just("require_unchanged"),
        st.lists(st.builds(Seen, kind=st.just(Order), id=IDS, version=VERSIONS), max_size=2),
    ),
    st.tuples(st.just("tell"), st.builds(an_event, st.uuids().map(str), subject=IDS)),
)
ONE_OF = st.lists(NODES, max_size=3).map(tuple)
RANGES = st.builds(Range, least=NODES, below=NODES)


class Fault(Exception):
    pass


def fail_where_asked(fail):
    if fail:
        raise Fault


def outcome(store, acts, *, fail):
    """What each act of a deed answered; one that is refused does not end the deed."""
    said = []
    try:
        with store.begin() as deed:
            said += [answer(deed, name, given) for name, *given in acts]
            fail_where_asked(fail)
    except (SurgeportError, Fault) as refusal:
        said.append((type(refusal), str(refusal)))
    return said


def answer(deed, name, given):
    try:
        return getattr(deed, name)(*given)
    except SurgeportError as refusal:
        return type(refusal), str(refusal)


class Twins(RuleBasedStateMachine):
    template: Path

    def __init__(self):
        super().__init__()
        self.folder = tempfile.TemporaryDirectory()
        file = shutil.copy(self.template, Path(self.folder.name) / "twin.db")
        self.memory, self.sql = MemoryStore(), open_store(f"sqlite:///{file}")

    @initialize(nodes=st.lists(NODES, min_size=3, max_size=3))
    def begin(self, nodes):
        known = [an_order(f"ord_{n}", node=node) for n, node in enumerate(nodes, 1)]
        for store in (self.memory, self.sql):
            with store.begin() as deed:
                deed.add_all([*known, some_stock()])

    @rule(
        acts=st.lists(ACTS, min_size=1, max_size=4),
        fail=st.sampled_from([False, False, False, True]),
    )
    def act(self, acts, fail):
        assert outcome(self.memory, acts, fail=fail) == outcome(self.sql, acts, fail=fail)

    @rule(
        where=st.just({}) | st.fixed_dictionaries({"node": NODES | ONE_OF | RANGES}),
        sort=st.sampled_from(["id", "node", "state"]),
        descending=st.booleans(),
        limit=st.none() | st.integers(0, 3),
    )
    def ask(self, where, sort, descending, limit):
        asked = {**where, "sort": sort, "descending": descending, "limit": limit}
        with self.memory.read() as one, self.sql.read() as other:
            assert one.find(Order, **asked) == other.find(Order, **asked)
            assert one.count(Order, **where) == other.count(Order, **where)

    @invariant()
    def keeps_the_same(self):
        with self.memory.read() as one, self.sql.read() as other:
            for kind in (Order, Stock, Event):
                assert one.find(kind) == other.find(kind)
            assert one.position() == other.position()

    def teardown(self):
        self.sql.database.close()
        self.folder.cleanup()


def test_dictionaries_and_sql_stay_twins(migrated_file):
    Twins.template = migrated_file
    run_state_machine_as_test(
        Twins,
        settings=settings(
            max_examples=60,
            phases=[Phase.generate],
            stateful_step_count=12,
            suppress_health_check=list(HealthCheck),
        ),
    )
