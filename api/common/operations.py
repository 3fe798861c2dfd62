"""Where whoever asked for long work sees how far it is."""

from typing import Annotated

from fastapi import APIRouter, Response, Security

from api.answers import Listed, tagged
from api.auth import Caller, admitted, own
from api.common import schemas as s
from api.schemas import IdPath, Page
from api.service import Wired
from logistics.operations import Operation, OperationState

router = APIRouter(prefix="/v1/operations", tags=["operations"])

Asker = Annotated[Caller, Security(admitted, scopes=["audit:read", "plans:read"])]


@router.get("/{id}")
def operation(id: IdPath, caller: Asker, service: Wired, response: Response) -> s.OperationOut:
    """Show a long work."""
    with service.means.store.read() as reading:
        kept = reading.get(Operation, id)
    own(caller, "operation", id, kept.asked_by)
    return tagged(response, kept, s.OperationOut)


@router.get("")
def operations(
    _: Asker, listed: Listed, state: OperationState | None = None
) -> Page[s.OperationOut]:
    """List the long works."""
    return listed.page(Operation, s.OperationOut.model_validate, {"state": state})
