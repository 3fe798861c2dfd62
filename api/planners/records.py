"""Where automatic decisions are looked into: what went in, what came out, what it rested on."""

import json
from typing import Annotated

from fastapi import APIRouter, Query, Security

from api.answers import Listed
from api.auth import Caller, admitted
from api.planners import schemas as s
from api.schemas import IdPath, Page
from api.service import Wired
from logistics.records import DecisionRecord
from logistics.workflows.lineage import lineage
from logistics.workflows.replay import replay

router = APIRouter(prefix="/v1/decisions", tags=["audit"])

Auditor = Annotated[Caller, Security(admitted, scopes=["audit:read"])]
OfKind = Annotated[str | None, Query(max_length=40, pattern=r"^[a-z_]+$")]


@router.get("")
def decisions(_: Auditor, listed: Listed, kind: OfKind = None) -> Page[s.DecisionOut]:
    """List the automatic decisions."""
    return listed.page(DecisionRecord, s.DecisionOut.model_validate, {"kind": kind})


@router.get("/{id}")
def decision(id: IdPath, _: Auditor, service: Wired) -> s.RecordOut:
    """Show one decision with all that is needed to compute it again."""
    with service.means.store.read() as reading:
        kept = reading.get(DecisionRecord, id)
    plain = s.DecisionOut.model_validate(kept).model_dump()
    return s.RecordOut(**plain, inputs=json.loads(kept.inputs), result=json.loads(kept.result))


@router.get("/{id}/lineage")
def follow(id: IdPath, _: Auditor, service: Wired) -> s.LineageOut:
    """Show everything that a decision rests on, back to the signals."""
    with service.means.store.read() as reading:
        reading.get(DecisionRecord, id)
        links = lineage(reading, id)
    return s.LineageOut(decision=id, links=[s.LinkOut.model_validate(link) for link in links])


@router.post("/{id}/replay")
def again(id: IdPath, _: Auditor, service: Wired) -> s.ReplayOut:
    """Compute a decision again from its kept inputs; nothing is kept of it."""
    with service.means.store.read() as reading:
        return s.ReplayOut.model_validate(replay(reading, id))
