"""Where whoever asked for long work sees how far it is."""

from typing import Annotated

from fastapi import APIRouter, Response, Security

from api.answers import Listed, tagged
from api.auth import Caller, admitted, own
from api.common import schemas as s
from api.schemas import IdPath, Page
from api.service import Now, Wired
from logistics.operations import Operation, OperationState
from logistics.workflows.long_work import call_off

router = APIRouter(prefix="/v1/operations", tags=["operations"])

Asker = Annotated[Caller, Security(admitted, scopes=["audit:read", "plans:read"])]
Canceller = Annotated[Caller, Security(admitted, scopes=["scenarios:write", "settings:write"])]


@router.get("/{id}")
def operation(id: IdPath, caller: Asker, service: Wired, response: Response) -> s.OperationOut:
    """Show a long work."""
    with service.means.store.read() as reading:
        kept = reading.get(Operation, id)
    own(caller, "operation", id, kept.asked_by)
    return tagged(response, kept, s.OperationOut)


@router.put("/{id}/cancellation")
def cancel(
    id: IdPath, caller: Canceller, service: Wired, now: Now, response: Response
) -> s.OperationOut:
    """Call off a long work: what waits is cancelled, what runs stops at its next step."""
    with service.means.store.read() as reading:
        kept = reading.get(Operation, id)
    own(caller, "operation", id, kept.asked_by)
    return tagged(response, call_off(service.means, id, by=caller.party, now=now), s.OperationOut)


@router.get("")
def operations(
    _: Asker, listed: Listed, state: OperationState | None = None
) -> Page[s.OperationOut]:
    """List the long works."""
    return listed.page(Operation, s.OperationOut.model_validate, {"state": state})
