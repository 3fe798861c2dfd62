"""Where a buyer is erased, and the receipt is read."""

from typing import Annotated

from fastapi import APIRouter, Response, Security

from api.answers import Listed, tagged
from api.auth import Caller, admitted, own
from api.common import schemas as s
from api.idempotency import Made, UnderKey
from api.problems import CREATED
from api.schemas import IdPath, Page
from api.service import Now, Wired
from logistics.privacy import PrivacyRequest
from logistics.workflows.intake import erase_buyer
from logistics.workflows.means import Means

router = APIRouter(prefix="/v1/privacy-requests", tags=["privacy"])

Asker = Annotated[Caller, Security(admitted, scopes=["privacy:write"])]


@router.post("", status_code=CREATED, response_model=s.PrivacyOut)
def ask(request: s.PrivacyIn, caller: Asker, once: UnderKey, now: Now) -> Response:
    """Erase a buyer: at once what is closed, 30 days after its close what is still under way."""

    def deed(means: Means) -> Made:
        kept = erase_buyer(means, request.buyer, client=caller.party, now=now)
        where = {"Location": f"/v1/privacy-requests/{kept.id}"}
        return Made(body=s.PrivacyOut.model_validate(kept), headers=where)

    return once.answer(deed)


@router.get("/{id}")
def request(id: IdPath, caller: Asker, service: Wired, response: Response) -> s.PrivacyOut:
    """Show the receipt of a request."""
    with service.means.store.read() as reading:
        kept = reading.get(PrivacyRequest, id)
    own(caller, "privacy-request", id, kept.client)
    return tagged(response, kept, s.PrivacyOut)


@router.get("")
def requests(caller: Asker, listed: Listed) -> Page[s.PrivacyOut]:
    """List the requests; a shop sees its own."""
    where = {} if caller.sees_all else {"client": caller.party}
    return listed.page(PrivacyRequest, s.PrivacyOut.model_validate, where=where)
