"""Move goods between nodes, and believe what is counted: trucks leave, arrive, and are counted in.

What leaves is what is really free at the origin, never below its floor for a temporary node. What
arrives is what the space counts: damaged units are never promised. Every change of stock is one
movement in the journal, every cost one entry in the ledger, in the same transaction as the step.
"""

from dataclasses import replace
from datetime import datetime, timedelta

from logistics.catalogue import Product
from logistics.errors import Nonsense, NotAllowedNow, Unknown, require
from logistics.exceptions import CaseKind
from logistics.inventory import (
    REPLENISHMENT,
    Load,
    Movement,
    MovementReason,
    Replenishment,
    ReplenishmentState,
    ReplenishmentStep,
    Stock,
    stock_id,
)
from logistics.ledger import Entry, EntryKind
from logistics.network import Node, NodeState, Site
from logistics.policy import SiteType
from logistics.reach import truck_cost, way
from logistics.store import Deed
from logistics.units import Cents, Parcels, Units
from logistics.workflows.cases import open_case
from logistics.workflows.means import Means
from logistics.workflows.moves import move, tell
from logistics.workflows.parcels import tell_shortage

GONE = (NodeState.CLOSED, NodeState.CANCELLED)
KEPT_OPEN = timedelta(days=1)
"""How long a short receipt stays open for a second count."""


def stock_of(deed: Deed, node: str, product: str) -> Stock:
    """The locked stock of a product at a node, made empty where there was none."""
    id = stock_id(node, product)
    if deed.maybe(Stock, id) is None:
        deed.add(Stock(id=id, node=node, product=product))
    return deed.lock(Stock, id)


def journal(
    means: Means,
    deed: Deed,
    stock: Stock,
    units: Units,
    reason: MovementReason,
    *,
    cause: str,
    now: datetime,
) -> None:
    """Write down that units came, or below zero went; nothing where none did."""
    if units:
        deed.add(
            Movement(
                id=means.ids.new("mov", now),
                node=stock.node,
                product=stock.product,
                units=units,
                reason=reason,
                cause=cause,
                at=now,
            )
        )


def book_goods(
    means: Means, deed: Deed, kind: EntryKind, cost: Cents, load: Replenishment, now: datetime
) -> None:
    """Book what a truck load costs; nothing where it costs nothing."""
    if cost:
        deed.add(
            Entry(
                id=means.ids.new("ent", now),
                kind=kind,
                amount=-cost,
                market=load.market,
                node=load.to_node,
                cause=load.id,
                at=now,
            )
        )


def depart_trucks(means: Means, *, now: datetime) -> None:
    """Let every released load leave whose time has come, and turn round what lost its node."""
    with means.store.read() as seen:
        due = seen.find(Replenishment, state=ReplenishmentState.RELEASED, sort="id")
        moving = seen.find(Replenishment, state=ReplenishmentState.IN_TRANSIT)
        lost = [one.id for one in moving if seen.get(Node, one.to_node).state in GONE]
        short = seen.find(Replenishment, state=ReplenishmentState.RECEIVED)
    for one in due:
        if one.departs_at <= now:
            with means.store.begin() as deed:
                _depart(means, deed, deed.lock(Replenishment, one.id), now)
    for id in lost:
        with means.store.begin() as deed:
            _turn_round(deed, deed.lock(Replenishment, id), now)
    for one in short:
        if one.received_at is not None and one.received_at + KEPT_OPEN <= now:
            with means.store.begin() as deed:
                kept = deed.lock(Replenishment, one.id)
                if kept.state is ReplenishmentState.RECEIVED:
                    _close(means, deed, kept, now)


def _depart(means: Means, deed: Deed, kept: Replenishment, now: datetime) -> None:
    """Load what is free at the origin; a truck with nothing on it does not leave."""
    if kept.state is not ReplenishmentState.RELEASED:
        return
    target, origin = deed.get(Node, kept.to_node), deed.get(Node, kept.from_node)
    if target.state in GONE or target.state is NodeState.DRAINING:
        _cancel(means, deed, kept, now)
        return
    loads = tuple(_loaded(means, deed, kept, load, target, now) for load in kept.loads)
    units = sum(load.units for load in loads)
    if not units:
        _cancel(means, deed, kept, now)
        return
    drive = way((origin.lat, origin.lon), (target.lat, target.lon))
    home = target.type is SiteType.CENTRE
    cost = 0 if home else truck_cost(means.policy.prices, drive.metres, units)
    delay = now - kept.departs_at
    gone = move(
        deed,
        means.ids,
        REPLENISHMENT,
        kept,
        ReplenishmentStep.DEPART,
        now=now,
        cause=kept.recommendation or kept.id,
        data={"to": target.id, "units": units},
        audience=(deed.get(Site, target.site).provider,),
        loads=tuple(load for load in loads if load.units),
        departs_at=now,
        arrives_at=kept.arrives_at + delay,
        cost=cost,
    )
    if home:
        _book_home(means, deed, gone, now)
    else:
        book_goods(means, deed, EntryKind.TRUCK, cost, gone, now)


def _book_home(means: Means, deed: Deed, gone: Replenishment, now: datetime) -> None:
    """What comes home is booked as returns of its node, unit by unit at the product's own price,
    which includes the ride (product paper, 4.2)."""
    price = sum(deed.get(Product, load.product).return_cost * load.units for load in gone.loads)
    book_goods(means, deed, EntryKind.RETURN, price, replace(gone, to_node=gone.from_node), now)


def _cancel(means: Means, deed: Deed, kept: Replenishment, now: datetime) -> None:
    step = ReplenishmentStep.CANCEL
    move(deed, means.ids, REPLENISHMENT, kept, step, now=now, cause=kept.id)


def _loaded(
    means: Means, deed: Deed, kept: Replenishment, load: Load, target: Node, now: datetime
) -> Load:
    """As many of the units as are free, above the floor of the origin's own region; of what is
    recalled none but on the way home."""
    stock = stock_of(deed, kept.from_node, load.product)
    home = target.type is SiteType.CENTRE
    if not home and deed.get(Product, load.product).recalled:
        return replace(load, units=0)
    floor = 0 if home else stock.floor
    units = min(load.units, max(0, stock.free - floor))
    if units:
        deed.change(stock.put(-units))
        journal(means, deed, stock, -units, MovementReason.SENT, cause=kept.id, now=now)
    return replace(load, units=units)


def _turn_round(deed: Deed, kept: Replenishment, now: datetime) -> None:
    """A truck whose node is no more brings its goods back to where they came from."""
    if (
        kept.state is not ReplenishmentState.IN_TRANSIT
        or deed.get(Node, kept.to_node).state not in GONE
    ):
        return
    back = max(now, kept.arrives_at) + (kept.arrives_at - kept.departs_at)
    deed.change(kept, to_node=kept.from_node, from_node=kept.to_node, arrives_at=back)


def send_home(means: Means, deed: Deed, node: Node, *, now: datetime) -> Replenishment | None:
    """Put what is left at a node on a truck to the nearest permanent centre; None where nothing is."""
    left = [one for one in deed.find(Stock, node=node.id) if one.on_hand > 0]
    home = nearest_centre(deed, node)
    if not left or home is None:
        return None
    loads = []
    for one in left:
        stock = deed.lock(Stock, one.id)
        loads.append(Load(product=stock.product, units=stock.on_hand))
        deed.change(stock.put(-stock.on_hand))
    drive = way((node.lat, node.lon), (home.lat, home.lon))
    arrives = now + timedelta(seconds=drive.seconds + means.policy.promising.loading)
    kept = deed.add(
        Replenishment(
            id=means.ids.new("rep", now),
            from_node=node.id,
            to_node=home.id,
            market=node.market,
            state=ReplenishmentState.RELEASED,
            loads=tuple(loads),
            departs_at=now,
            arrives_at=arrives,
            cost=0,
            recommendation=node.recommendation,
        )
    )
    for load, one in zip(loads, left, strict=True):
        journal(means, deed, one, -load.units, MovementReason.SENT, cause=kept.id, now=now)
    cause = node.recommendation or node.id
    step, told = ReplenishmentStep.DEPART, {"from": node.id, "to": home.id}
    gone = move(deed, means.ids, REPLENISHMENT, kept, step, now=now, cause=cause, data=told)
    _book_home(means, deed, gone, now)
    return gone


def nearest_centre(deed: Deed, node: Node) -> Node | None:
    """The live permanent centre that is quickest to reach from a node."""
    centres = deed.find(Node, type=SiteType.CENTRE, state=NodeState.LIVE)
    here = (node.lat, node.lon)
    return min(
        centres, key=lambda one: (way(here, (one.lat, one.lon)).seconds, one.id), default=None
    )


def receive(
    means: Means,
    replenishment: str,
    loads: tuple[Load, ...],
    *,
    provider: str | None,
    now: datetime,
) -> Replenishment:
    """Count in a truck load: for each product what came, and how much of that is damaged.

    Only whoever runs the space may say so (None: our own people). The same receipt twice does
    nothing twice.

    Raises:
        Unknown: for a load to another provider's space.
        NotAllowedNow: where it is not under way, or was received otherwise.
        Nonsense: for a product that was not sent, more than was sent, or more damaged than came.
    """
    with means.store.begin() as deed:
        kept = deed.lock(Replenishment, replenishment)
        target = deed.get(Node, kept.to_node)
        site = deed.get(Site, target.site)
        if provider is not None and site.provider != provider:
            raise Unknown("replenishment", replenishment)
        if target.state in GONE:
            raise NotAllowedNow("replenishment", "receive", f"for a node that is {target.state}")
        counted = _counted(kept, loads)
        if kept.state in {ReplenishmentState.RECEIVED, ReplenishmentState.CLOSED}:
            if kept.loads == counted:
                return kept
            raise NotAllowedNow("replenishment", "receive", kept.state)
        audience = (site.provider,)
        came = move(
            deed,
            means.ids,
            REPLENISHMENT,
            kept,
            ReplenishmentStep.RECEIVE,
            now=now,
            cause=provider or site.provider,
            audience=audience,
            data={"node": target.id, "units": sum(load.received for load in counted)},
            loads=counted,
            received_at=now,
        )
        for load in counted:
            _put_away(means, deed, came, load, now)
        units = sum(load.received for load in counted)
        book_goods(
            means, deed, EntryKind.INBOUND, units * means.policy.prices.inbound_per_unit, came, now
        )
        if short := sum(load.units - load.received + load.damaged for load in counted):
            _tell_short(means, deed, came, short, now)
            return came
        return _close(means, deed, came, now)


def _counted(kept: Replenishment, loads: tuple[Load, ...]) -> tuple[Load, ...]:
    """What was sent, with what came of it; a product that nobody counted did not come."""
    sent = {load.product: load for load in kept.loads}
    told = {load.product: load for load in loads}
    for i, load in enumerate(loads):
        if load.product not in sent:
            raise Nonsense(f"/loads/{i}/product", f"{load.product} was not sent")
        most = sent[load.product].units
        require(0 <= load.received <= most, f"loads/{i}/received", f"is between 0 and {most}")
        fine = 0 <= load.damaged <= load.received
        require(fine, f"loads/{i}/damaged", f"is between 0 and {load.received}")
    require(len(told) == len(loads), "loads", "name each product once")
    return tuple(
        replace(load, received=told[id].received, damaged=told[id].damaged)
        if id in told
        else replace(load, received=0, damaged=0)
        for id, load in sent.items()
    )


def _put_away(means: Means, deed: Deed, came: Replenishment, load: Load, now: datetime) -> None:
    stock = stock_of(deed, came.to_node, load.product)
    good = load.received - load.damaged
    deed.change(stock.put(good), damaged=stock.damaged + load.damaged)
    receipt, damage = MovementReason.RECEIPT, MovementReason.DAMAGE
    journal(means, deed, stock, load.received, receipt, cause=came.id, now=now)
    journal(means, deed, stock, -load.damaged, damage, cause=came.id, now=now)


def _tell_short(
    means: Means, deed: Deed, came: Replenishment, short: Parcels, now: datetime
) -> None:
    told = {"node": came.to_node, "units": short}
    tell(deed, means.ids, "stock.received_short", came.id, now=now, cause=came.id, data=told)
    open_case(
        deed,
        means.ids,
        CaseKind.SHORT_RECEIPT,
        market=came.market,
        subject=came.id,
        detail=f"{short} units of the load to {came.to_node} are missing or damaged",
        cause=came.id,
        now=now,
    )


def _close(means: Means, deed: Deed, kept: Replenishment, now: datetime) -> Replenishment:
    step = ReplenishmentStep.CLOSE
    return move(deed, means.ids, REPLENISHMENT, kept, step, now=now, cause=kept.id)


def count(
    means: Means,
    node: str,
    product: str,
    counted: Units,
    damaged: Units,
    *,
    provider: str | None,
    now: datetime,
) -> Stock:
    """Believe a count: so many good units are there, and so many damaged ones beside them.

    Raises:
        Unknown: for a node of another provider, or a product that it never had.
        Nonsense: for counts below zero.
    """
    require(counted >= 0, "counted", "must not be negative")
    require(damaged >= 0, "damaged", "must not be negative")
    with means.store.begin() as deed:
        site = deed.get(Site, deed.get(Node, node).site)
        if provider is not None and site.provider != provider:
            raise Unknown("node", node)
        kept = deed.lock(Stock, stock_id(node, product))
        change = counted - kept.on_hand
        broken = min(max(0, damaged - kept.damaged), max(0, -change))
        cause = provider or site.provider
        journal(means, deed, kept, -broken, MovementReason.DAMAGE, cause=cause, now=now)
        journal(means, deed, kept, change + broken, MovementReason.COUNT, cause=cause, now=now)
        wanted = replace(kept, on_hand=counted, damaged=damaged)
        if wanted == kept:
            return kept
        now_kept = deed.change(wanted)
        tell_shortage(deed, means.ids, kept, now_kept, now=now, cause=cause)
        return now_kept
