"""Where planners ask what if: an estimate at once, the exact answer by the clock, four side by side.

A scenario moves nothing. Promoting it amends the recommendation that it varies, which a planner then
decides on like any other.
"""

from typing import Annotated

from fastapi import APIRouter, Query, Response, Security

from api.answers import Listed, tagged
from api.auth import Caller, admitted
from api.idempotency import Made, UnderKey
from api.planners import schemas as s
from api.problems import ACCEPTED
from api.schemas import Id, IdPath, Page, Word
from api.service import Now, Wired
from logistics.whatif import Change, Scenario, ScenarioKind, ScenarioState, compared
from logistics.workflows.explore import (
    ask_scenario,
    beside,
    discard_scenario,
    promote_scenario,
)
from logistics.workflows.means import Means

router = APIRouter(prefix="/v1/scenarios", tags=["planner"])

Planner = Annotated[Caller, Security(admitted, scopes=["scenarios:write"])]
Promoter = Annotated[Caller, Security(admitted, scopes=["nodes:decide"])]
Others = Annotated[
    list[Id], Query(default_factory=list, alias="with", description="Up to three more scenarios.")
]


@router.post("", status_code=ACCEPTED, response_model=s.ScenarioOut)
def ask(asked: s.ScenarioIn, caller: Planner, once: UnderKey, now: Now) -> Response:
    """Save a what-if; the estimate is there at once, `operation` tells of the exact answer."""

    def deed(means: Means) -> Made:
        kept = ask_scenario(
            means,
            name=asked.name,
            kind=asked.kind,
            market=asked.market,
            recommendation=asked.recommendation,
            change=_change(asked.change),
            by=caller.party,
            now=now,
        )
        where = {"Location": f"/v1/scenarios/{kept.id}"}
        return Made(body=s.ScenarioOut.model_validate(kept), headers=where, code=ACCEPTED)

    return once.answer(deed)


def _change(asked: s.ChangeIn) -> Change:
    told = asked.model_dump()
    told["must_open"], told["must_not"] = tuple(asked.must_open), tuple(asked.must_not)
    return Change(**told)


@router.get("")
def scenarios(
    _: Planner,
    listed: Listed,
    kind: ScenarioKind | None = None,
    state: ScenarioState | None = None,
    market: Word | None = None,
    recommendation: Id | None = None,
) -> Page[s.ScenarioOut]:
    """List the what-ifs, the oldest first."""
    asked = {"kind": kind, "state": state, "market": market, "recommendation": recommendation}
    return listed.page(Scenario, s.ScenarioOut.model_validate, asked)


@router.get("/{id}")
def scenario(id: IdPath, _: Planner, service: Wired, response: Response) -> s.ScenarioOut:
    """Show a what-if: its estimate, and its exact answer once that is there."""
    with service.means.store.read() as reading:
        return tagged(response, reading.get(Scenario, id), s.ScenarioOut)


@router.get("/{id}/comparison")
def comparison(
    id: IdPath, _: Planner, service: Wired, others: Others, *, everything: bool = False
) -> s.ComparisonOut:
    """Put up to four what-ifs side by side; only what differs, unless everything is asked for."""
    with service.means.store.read() as reading:
        found = beside(reading, id, tuple(others))
    rows = [row for row in compared(found) if everything or row.differs]
    return s.ComparisonOut(
        scenarios=[one.id for one in found],
        names=[one.name for one in found],
        exact=[one.exact is not None for one in found],
        rows=[s.ComparedOut(figure=row.figure, values=list(row.values)) for row in rows],
    )


@router.put("/{id}/promotion")
def promote(
    id: IdPath, caller: Promoter, service: Wired, now: Now, response: Response
) -> s.ScenarioOut:
    """Put the what-if's stock before the planners, as an amendment of what it varies."""
    return tagged(
        response, promote_scenario(service.means, id, by=caller.party, now=now), s.ScenarioOut
    )


@router.put("/{id}/discard")
def discard(
    id: IdPath, caller: Planner, service: Wired, now: Now, response: Response
) -> s.ScenarioOut:
    """Put a what-if away; it stays readable."""
    return tagged(
        response, discard_scenario(service.means, id, by=caller.party, now=now), s.ScenarioOut
    )
