"""Where planners judge forecasts: their own changes, what became of forecasts, and backtests."""

from typing import Annotated

from fastapi import APIRouter, Response, Security

from api.answers import Listed, tagged
from api.auth import Caller, admitted
from api.conditional import IfMatch
from api.idempotency import Made, UnderKey
from api.planners import schemas as s
from api.problems import ACCEPTED, CREATED
from api.schemas import IdPath, Page, Word
from api.service import Now, Wired
from logistics.demand import Accuracy, Backtest, ForecastOverride
from logistics.operations import Operation
from logistics.promise.calibration import Calibration
from logistics.workflows.backtest import ask_backtest, cancel_backtest
from logistics.workflows.means import Means
from logistics.workflows.override import change_forecast, withdraw_change

router = APIRouter(prefix="/v1", tags=["forecasting"])

Reader = Annotated[Caller, Security(admitted, scopes=["forecasts:read"])]
Planner = Annotated[Caller, Security(admitted, scopes=["overrides:write"])]


@router.post("/forecast-overrides", status_code=CREATED, response_model=s.OverrideOut)
def override(change: s.OverrideIn, caller: Planner, once: UnderKey, now: Now) -> Response:
    """Change what is forecast of a product for some hours, with a reason and an expiry."""

    def deed(means: Means) -> Made:
        kept = change_forecast(
            means,
            product=change.product,
            market=change.market,
            cell=change.cell,
            factor=change.factor,
            starts_at=change.starts_at,
            ends_at=change.ends_at,
            expires_at=change.expires_at,
            reason=change.reason,
            author=caller.party,
            now=now,
        )
        where = {"Location": f"/v1/forecast-overrides/{kept.id}"}
        return Made(body=s.OverrideOut.model_validate(kept), headers=where)

    return once.answer(deed)


@router.get("/forecast-overrides")
def overrides(
    _: Reader, listed: Listed, product: Word | None = None, market: Word | None = None
) -> Page[s.OverrideOut]:
    """List what planners changed, the oldest first; what is over or withdrawn stays in the log."""
    asked = {"product": product, "market": market}
    return listed.page(ForecastOverride, s.OverrideOut.model_validate, asked)


@router.get("/forecast-overrides/{id}")
def one_override(id: IdPath, _: Reader, service: Wired, response: Response) -> s.OverrideOut:
    """Show a change."""
    with service.means.store.read() as reading:
        return tagged(response, reading.get(ForecastOverride, id), s.OverrideOut)


@router.put("/forecast-overrides/{id}/withdrawal")
def withdraw(
    id: IdPath, caller: Planner, version: IfMatch, service: Wired, now: Now, response: Response
) -> s.OverrideOut:
    """Take a change back: from the next forecast on it counts no more."""
    kept = withdraw_change(service.means, id, expected_version=version, by=caller.party, now=now)
    return tagged(response, kept, s.OverrideOut)


@router.get("/calibration")
def calibration(
    _: Reader, listed: Listed, product: Word | None = None, market: Word | None = None
) -> Page[s.AccuracyOut]:
    """List what became of forecasts, by product and market: value added, bias and coverage of each
    total, everywhere and by region; the last week."""
    asked = {"product": product, "market": market}
    return listed.page(Accuracy, s.AccuracyOut.model_validate, asked)


@router.get("/calibration/promises")
def promises(_: Reader, listed: Listed) -> Page[s.PromiseCalibrationOut]:
    """List what became of promises, by market: how often each said chance came true."""
    return listed.page(Calibration, s.PromiseCalibrationOut.model_validate)


@router.post("/backtests", status_code=ACCEPTED, response_model=s.BacktestOut)
def backtest(asked: s.BacktestIn, caller: Planner, once: UnderKey, now: Now) -> Response:
    """Ask what forecasts would have been at past moments, and how good; `operation` tells how far
    it is."""

    def deed(means: Means) -> Made:
        kept = ask_backtest(
            means,
            market=asked.market,
            starts_at=asked.starts_at,
            ends_at=asked.ends_at,
            every_hours=asked.every_hours,
            by=caller.party,
            now=now,
        )
        where = {"Location": f"/v1/backtests/{kept.id}"}
        return Made(body=s.BacktestOut.of(kept, None), headers=where, code=ACCEPTED)

    return once.answer(deed)


@router.get("/backtests")
def backtests(_: Reader, listed: Listed, market: Word | None = None) -> Page[s.BacktestOut]:
    """List the backtests, the oldest first."""
    return listed.page(Backtest, lambda one: s.BacktestOut.of(one, None), {"market": market})


@router.get("/backtests/{id}")
def one_backtest(id: IdPath, _: Reader, service: Wired) -> s.BacktestOut:
    """Show a backtest: its scores once it is done, and until then how far it is."""
    with service.means.store.read() as reading:
        kept = reading.get(Backtest, id)
        return s.BacktestOut.of(kept, reading.get(Operation, kept.operation))


@router.put("/backtests/{id}/cancellation")
def cancel(id: IdPath, caller: Planner, service: Wired, now: Now) -> s.BacktestOut:
    """Wish that a backtest stops; one that is done stays done."""
    kept = cancel_backtest(service.means, id, by=caller.party, now=now)
    with service.means.store.read() as reading:
        return s.BacktestOut.of(kept, reading.get(Operation, kept.operation))
