"""Where plans are read, released, checked and compared, and slots are asked for.

A check lists what a change by hand breaks and refuses nothing; it writes nothing either, so it may
be asked with every stop that a planner drags.
"""

from typing import Annotated

from fastapi import APIRouter, Query, Response, Security

from api.answers import Listed, tagged
from api.auth import Caller, admitted
from api.conditional import IfMatch
from api.planners import schemas as s
from api.schemas import Id, IdPath, Page, Word
from api.service import Now, Wired
from logistics.dispatch import Plan, PlanState
from logistics.workflows.checks import Edit, check_plan
from logistics.workflows.differences import plan_difference
from logistics.workflows.publish import publish_plan
from logistics.workflows.slots import SlotRequest, slot_offers

router = APIRouter(prefix="/v1/plans", tags=["routing"])

slots = APIRouter(prefix="/v1/slots", tags=["routing"])

Reader = Annotated[Caller, Security(admitted, scopes=["plans:read"])]

Planner = Annotated[Caller, Security(admitted, scopes=["plans:write"])]


@router.get("")
def plans(
    _: Reader, listed: Listed, market: Word | None = None, state: PlanState | None = None
) -> Page[s.PlanOut]:
    """List the plans."""
    return listed.page(Plan, s.PlanOut.model_validate, {"market": market, "state": state})


@router.get("/{id}")
def plan(id: IdPath, _: Reader, service: Wired, response: Response) -> s.PlanOut:
    """Show a plan, with the orders that it leaves out."""
    with service.means.store.read() as reading:
        return tagged(response, reading.get(Plan, id), s.PlanOut)


@router.put("/{id}/publication")
def publish(
    id: IdPath, caller: Planner, version: IfMatch, service: Wired, now: Now, response: Response
) -> s.PlanOut:
    """Release a solved plan: its routes are offered to carriers."""
    kept = publish_plan(service.means, id, by=caller.party, expected_version=version, now=now)
    return tagged(response, kept, s.PlanOut)


@router.post("/{id}/checks")
def check(id: IdPath, changed: s.ChecksIn, _: Reader, service: Wired) -> s.ChecksOut:
    """List every rule that the plan breaks once these routes are changed; nothing is kept.

    With no routes named, the plan is checked as it stands. Needs no `Idempotency-Key`.
    """
    edits = [Edit(route=e.route, orders=e.orders, vehicle=e.vehicle) for e in changed.routes]
    return s.ChecksOut.model_validate(check_plan(service.means, id, edits))


@router.get("/{id}/diff")
def diff(
    id: IdPath,
    _: Reader,
    service: Wired,
    against: Annotated[Id, Query(description="The plan that it is compared with.")],
) -> s.DifferenceOut:
    """Show what differs from another plan of the same market: vans, times, cost."""
    with service.means.store.read() as reading:
        return s.DifferenceOut.model_validate(plan_difference(reading, id, against))


@slots.get("")
def slot(
    _: Reader,
    service: Wired,
    now: Now,
    market: Word,
    product: Word,
    lat: Annotated[float, Query(ge=-90, le=90, allow_inf_nan=False)],
    lon: Annotated[float, Query(ge=-180, le=180, allow_inf_nan=False)],
) -> s.SlotsOut:
    """Say which windows have room for one more stop, and what each would cost the live plan."""
    asked = SlotRequest(market=market, lat=lat, lon=lon, product=product)
    return s.SlotsOut.model_validate(slot_offers(service.means, asked, now=now))
