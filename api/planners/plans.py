"""Where plans are read, released and checked."""

from typing import Annotated

from fastapi import APIRouter, Response, Security

from api.answers import Listed, tagged
from api.auth import Caller, admitted
from api.conditional import IfMatch
from api.planners import schemas as s
from api.schemas import IdPath, Page, Word
from api.service import Now, Wired
from logistics.dispatch import Plan, PlanState
from logistics.workflows.publish import publish_plan

router = APIRouter(prefix="/v1/plans", tags=["routing"])

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
