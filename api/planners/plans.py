"""Where plans are read."""

from typing import Annotated

from fastapi import APIRouter, Response, Security

from api.answers import Listed, tagged
from api.auth import Caller, admitted
from api.planners import schemas as s
from api.schemas import IdPath, Page, Word
from api.service import Wired
from logistics.dispatch import Plan, PlanState

router = APIRouter(prefix="/v1/plans", tags=["routing"])

Reader = Annotated[Caller, Security(admitted, scopes=["plans:read"])]


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
