"""Where planners see what needs a person, and see to it."""

from typing import Annotated

from fastapi import APIRouter, Response, Security

from api.answers import Listed, tagged
from api.auth import Caller, admitted
from api.conditional import IfMatch
from api.planners import schemas as s
from api.schemas import IdPath, Page, Word
from api.service import Now, Wired
from logistics.exceptions import Case, CaseKind, CaseState
from logistics.workflows.attend import attend

router = APIRouter(prefix="/v1/exceptions", tags=["planner"])

Reader = Annotated[Caller, Security(admitted, scopes=["audit:read"])]
Planner = Annotated[Caller, Security(admitted, scopes=["nodes:decide"])]


@router.get("")
def cases(
    _: Reader,
    listed: Listed,
    state: CaseState | None = None,
    kind: CaseKind | None = None,
    market: Word | None = None,
) -> Page[s.CaseOut]:
    """List what needs a person."""
    asked = {"state": state, "kind": kind, "market": market}
    return listed.page(Case, s.CaseOut.model_validate, asked)


@router.get("/{id}")
def case(id: IdPath, _: Reader, service: Wired, response: Response) -> s.CaseOut:
    """Show one thing that needs a person."""
    with service.means.store.read() as reading:
        return tagged(response, reading.get(Case, id), s.CaseOut)


@router.put("/{id}/handling")
def handle(
    id: IdPath,
    said: s.StepIn,
    caller: Planner,
    version: IfMatch,
    service: Wired,
    now: Now,
    response: Response,
) -> s.CaseOut:
    """Take a case, give it back, settle it or put it aside."""
    kept = attend(
        service.means,
        id,
        said.step,
        planner=caller.party,
        resolution=said.resolution,
        expected_version=version,
        now=now,
    )
    return tagged(response, kept, s.CaseOut)
