"""Where whoever runs a space answers leases and reports goods."""

from typing import Annotated

from fastapi import APIRouter, Response, Security

from api.auth import Caller, admitted
from api.idempotency import Made, UnderKey
from api.problems import CREATED
from api.service import Now
from api.spaces import schemas as s
from logistics.orders import OrderStep
from logistics.workflows.allocate import report_picks
from logistics.workflows.means import Means
from logistics.workflows.stock import answer_lease, count, receive

router = APIRouter(prefix="/v1/spaces", tags=["spaces"])

Space = Annotated[Caller, Security(admitted, scopes=["spaces:write"])]


@router.post("/lease-responses", status_code=CREATED, response_model=s.LeaseStandingOut)
def answer(said: s.LeaseResponseIn, caller: Space, once: UnderKey, now: Now) -> Response:
    """Confirm, offer or refuse a lease."""

    def deed(means: Means) -> Made:
        kept = answer_lease(
            means, said.lease, said.answer, provider=caller.party, reason=said.reason, now=now
        )
        return Made(body=s.LeaseStandingOut.model_validate(kept))

    return once.answer(deed)


@router.post("/receipts", status_code=CREATED, response_model=s.ReceiptOut)
def receipt(said: s.ReceiptIn, caller: Space, once: UnderKey, now: Now) -> Response:
    """Report what came off a truck; it may be short, and some of it damaged."""

    def deed(means: Means) -> Made:
        provider = caller.party
        kept = receive(means, said.replenishment, said.values(), provider=provider, now=now)
        return Made(body=s.ReceiptOut.model_validate(kept))

    return once.answer(deed)


@router.post("/counts", status_code=CREATED, response_model=s.CountOut)
def counted(said: s.CountIn, caller: Space, once: UnderKey, now: Now) -> Response:
    """Report a count; the difference is one line of the journal."""

    def deed(means: Means) -> Made:
        told = said.model_dump()
        kept = count(means, **told, provider=caller.party, now=now)
        return Made(body=s.CountOut.model_validate(kept))

    return once.answer(deed)


@router.post("/picks", status_code=CREATED, response_model=s.PicksOut)
def picked(said: s.PicksIn, caller: Space, once: UnderKey, now: Now) -> Response:
    """Report orders that are picked or packed; all of them or none."""

    def deed(means: Means) -> Made:
        step, provider = OrderStep(said.step), caller.party
        labels = {label.order: label.sscc for label in said.labels}
        kept = report_picks(
            means, said.node, said.orders, step, provider=provider, now=now, labels=labels
        )
        return Made(body=s.PicksOut(items=[s.PickedOut.model_validate(one) for one in kept]))

    return once.answer(deed)
