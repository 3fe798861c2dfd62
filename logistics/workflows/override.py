"""A planner changes what is forecast, says why and until when, and may take it back.

Nothing is forecast in here: the next look at the market counts it in, as a part of its own.
"""

from datetime import datetime

from logistics.catalogue import Market, Product
from logistics.demand import ForecastOverride
from logistics.errors import Nonsense, StaleVersion, require
from logistics.workflows.means import Means
from logistics.workflows.moves import tell


def change_forecast(
    means: Means,
    *,
    product: str,
    market: str,
    cell: str | None,
    factor: float,
    starts_at: datetime,
    ends_at: datetime,
    expires_at: datetime,
    reason: str,
    author: str,
    now: datetime,
) -> ForecastOverride:
    """Keep a change.

    Raises:
        Unknown: for a product or a market that nobody has told of.
        Nonsense: for hours that are over, a region of another market, or without a reason.
    """
    require(bool(reason.strip()), "reason", "says why")
    require(ends_at > now, "ends_at", "is yet to come")
    require(expires_at > now, "expires_at", "is yet to come")
    with means.store.begin() as deed:
        deed.get(Product, product)
        place = deed.get(Market, market)
        if cell is not None and cell not in {region.cell for region in place.regions}:
            raise Nonsense("/cell", f"is no region of {market}")
        kept = deed.add(
            ForecastOverride(
                id=means.ids.new("ovr", now),
                product=product,
                market=market,
                cell=cell,
                factor=factor,
                starts_at=starts_at,
                ends_at=ends_at,
                expires_at=expires_at,
                made_at=now,
                author=author,
                reason=reason,
            )
        )
        told = {"product": product, "market": market, "factor": factor, "by": author}
        tell(deed, means.ids, "forecast.overridden", kept.id, now=now, cause=author, data=told)
        return kept


def withdraw_change(
    means: Means, id: str, *, expected_version: int, by: str, now: datetime
) -> ForecastOverride:
    """Take a change back; one that is withdrawn already stays as it is.

    Raises:
        Unknown: where there is no such change.
        StaleVersion: where somebody withdrew it since it was read.
    """
    with means.store.begin() as deed:
        kept = deed.lock(ForecastOverride, id)
        if kept.version != expected_version:
            raise StaleVersion("forecast-override", id, kept.version, None, ("withdrawn_at",))
        if kept.withdrawn_at is not None:
            return kept
        gone = deed.change(kept, withdrawn_at=now)
        told = {"by": by}
        tell(deed, means.ids, "forecast.override_withdrawn", id, now=now, cause=by, data=told)
        return gone
