"""What could be done instead: every rung of the ladder, the runners-up, and what waiting costs."""

from datetime import timedelta

from logistics.decisions import Option
from logistics.placement.plan import Opening
from logistics.placement.problem import DAY
from logistics.policy import HOUR
from logistics.siting.answered import Answered, money
from logistics.siting.hauling import Haul, hauled
from logistics.siting.worth import Worth, ranked, unreached, worth
from logistics.units import Cents

LADDER = ("shelf", "standby", "lease")


def ladder(answered: Answered, opening: Opening, gain: Cents) -> tuple[Option, ...]:
    """Every rung, each as if it stood alone: until when, and what each hour of waiting costs.

    `gain` is that of the proposal; where a node stands already, its own rung is what is sent there.
    """
    best: dict[str, Worth] = {}
    for one in ranked(answered.problem):
        best.setdefault(answered.site(one.site).kind, one)
    rungs = [
        _doing_nothing(answered),
        _rationing(answered),
        _hauling(answered, opening),
        _floating(answered),
    ]
    for kind in LADDER:
        if opening.standing and answered.site(opening.site).kind == kind:
            rungs.append(_filling_up(answered, opening, gain))
        elif kind in best:
            rungs.append(_rung(answered, best[kind], opening))
        else:
            why = "no free site of this kind comes in time, reaches demand and can be supplied"
            rungs.append(_refused(kind, None, why))
    return tuple(rungs)


def _rung(answered: Answered, one: Worth, opening: Opening) -> Option:
    site = answered.site(one.site)
    later = worth(answered.problem, site, delay=DAY // 4)
    lost = one.gain - (0 if later is None else max(0, later.gain))
    chosen = one.site == opening.site
    detail = f"{one.orders:,} orders from {answered.at(one.start):%d %b %H:%M} to {answered.at(one.end):%d %b %H:%M} UTC"
    return Option(
        type=site.kind,
        site=one.site,
        detail=detail,
        expected_gain=one.gain,
        decide_by=answered.at(one.start) - timedelta(seconds=site.lead),
        wait_cost_per_hour=max(0, lost // 6),
        addressable_share=one.addressable,
        chosen=chosen,
    )


def _filling_up(answered: Answered, opening: Opening, gain: Cents) -> Option:
    site = answered.site(opening.site)
    return Option(
        type=site.kind,
        site=opening.site,
        detail=f"stands already and is filled up, until {answered.at(opening.end):%d %b %H:%M} UTC",
        expected_gain=gain,
        decide_by=None,
        wait_cost_per_hour=0,
        addressable_share=1.0,
        chosen=True,
    )


def _refused(type: str, site: str | None, why: str) -> Option:
    return Option(
        type=type,
        site=site,
        detail=why,
        expected_gain=0,
        decide_by=None,
        wait_cost_per_hour=0,
        addressable_share=0.0,
        refused_because=why,
    )


def _doing_nothing(answered: Answered) -> Option:
    path = answered.plan.paths[0]
    return Option(
        type="nothing",
        site=None,
        detail=f"{path.before_in_time:,} orders come within six hours as things stand",
        expected_gain=0,
        decide_by=None,
        wait_cost_per_hour=0,
        addressable_share=1.0,
    )


def _rationing(answered: Answered) -> Option:
    free = sum(one.units for one in answered.scene.available)
    wanted = answered.wanted
    if free >= wanted:
        return _refused(
            "ration", None, f"{free:,} units free for {wanted:,} orders: nothing to share"
        )
    return Option(
        type="ration",
        site=None,
        detail=f"{free:,} units for {wanted:,} orders: floors keep the centres' own regions served",
        expected_gain=0,
        decide_by=None,
        wait_cost_per_hour=0,
        addressable_share=1.0,
    )


def _hauling(answered: Answered, opening: Opening) -> Option:
    """Trucks from the nearest centre straight into carriers' vans, where six hours leave time."""
    centres = {centre.name for centre in answered.problem.centres}
    reached = sum(leg.node in centres for leg in answered.problem.legs)
    if reached and not any(unreached(answered.problem, answered.site(opening.site))):
        detail = f"{reached} regions are reached from the centres already, without a node"
        return Option(
            type="line_haul",
            site=None,
            detail=detail,
            expected_gain=0,
            decide_by=None,
            wait_cost_per_hour=0,
            addressable_share=1.0,
        )
    haul = hauled(answered, opening.site)
    if haul is None:
        return _refused("line_haul", None, "no centre has goods to drive")
    if haul.spare <= 0:
        why = f"from {_site_of(answered, haul.centre)} an order takes {haul.takes / HOUR:.1f} h to the door, packed, driven and handed to a van"
        return _refused("line_haul", None, why)
    return _driven(answered, haul)


def _driven(answered: Answered, haul: Haul) -> Option:
    """A haul with its price; it is arranged with a carrier and not booked from here."""
    hours = (answered.at(haul.until) - answered.now) / timedelta(hours=1)
    detail = (
        f"{haul.trips_per_day} trucks a day from {_site_of(answered, haul.centre)} to meet the vans, "
        f"until {answered.at(haul.until):%d %b %H:%M} UTC: {haul.orders:,} orders "
        f"for {money(haul.trucks)} of trips; to be arranged with a carrier"
    )
    return Option(
        type="line_haul",
        site=None,
        detail=detail,
        expected_gain=haul.gain,
        decide_by=answered.at(1),
        wait_cost_per_hour=round(max(0, haul.gain) / hours),
        addressable_share=1.0,
    )


def _site_of(answered: Answered, centre: str) -> str:
    return next((one.site for one in answered.scene.centres if one.id == centre), centre)


def _floating(answered: Answered) -> Option:
    carried = sum(van.parcels for van in answered.scene.vans)
    why = (
        f"{len(answered.scene.vans)} vans hold {carried:,} parcels; no carrier declared float stock"
    )
    return _refused("float_stock", None, why)


def regret(alone: Worth | None, waited: Worth | None, gain: Cents) -> Cents:
    """What waiting a day would cost, at most the whole gain."""
    if alone is None:
        return 0
    later = 0 if waited is None else max(0, waited.gain)
    return max(0, min(gain, alone.gain - later))
