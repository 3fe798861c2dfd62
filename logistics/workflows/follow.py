"""Follow each video's episode in a market: begin it, move it, end it, and hold back what it spoils.

An episode begins when reach rises faster than normal. It is over a day after it has faded. Where
the mood under a video turns, what was put before the planners because of it is held, and says so.
"""

from dataclasses import replace
from datetime import datetime, timedelta

from forecasting import Episode as Reading
from forecasting import Phase
from logistics.decisions import (
    RECOMMENDATION,
    Kind,
    Recommendation,
    RecommendationState,
    RecommendationStep,
)
from logistics.episodes import EPISODE, LIVING, Episode, EpisodeState, EpisodeStep, Evidence
from logistics.exceptions import CaseKind
from logistics.foresight import MarketView, Watched
from logistics.store import Deed
from logistics.workflows.cases import open_case
from logistics.workflows.means import Means
from logistics.workflows.moves import move, tell

OVER_AFTER = timedelta(days=1)
"""How long after it faded an episode is over."""
RECENT_HOURS = 3
STEP_TO = {
    EpisodeState.STARTED: EpisodeStep.RISE,
    EpisodeState.PEAKED: EpisodeStep.PEAK,
    EpisodeState.FADED: EpisodeStep.FADE,
    EpisodeState.TURNED_NEGATIVE: EpisodeStep.TURN_NEGATIVE,
    EpisodeState.SUSPECT: EpisodeStep.SUSPECT,
    EpisodeState.REMOVED: EpisodeStep.REMOVE,
    EpisodeState.ENDED: EpisodeStep.END,
}
PHASES = {
    Phase.RISING: EpisodeState.STARTED,
    Phase.FADING: EpisodeState.PEAKED,
    Phase.FADED: EpisodeState.FADED,
    Phase.REMOVED: EpisodeState.REMOVED,
}
OVER = (EpisodeState.ENDED, EpisodeState.REMOVED)


def follow_episodes(
    means: Means,
    deed: Deed,
    view: MarketView,
    readings: tuple[Reading, ...],
    *,
    cause: str,
    now: datetime,
) -> None:
    """Bring the kept episodes of a market to what the readings say."""
    watched = {one.video: one for one in view.watched}
    for one in readings:
        state = _state(one, now)
        living = deed.find(Episode, video=one.video, market=view.market, state=LIVING)
        if living:
            kept = deed.lock(Episode, living[0].id)
        elif state in {None, EpisodeState.FADED, *OVER} or _seen_before(deed, view, one):
            continue
        else:
            kept = _begin(means, deed, view, one, watched[one.video], cause, now)
        if state is not None:
            _bring(means, deed, view, _measured(kept, one, watched[one.video], now), state, cause)


def _state(one: Reading, now: datetime) -> EpisodeState | None:
    """What the reading says of the episode; None where nothing is viral."""
    if one.phase is Phase.REMOVED:
        return EpisodeState.REMOVED
    if one.phase is Phase.QUIET:
        return None
    if one.suspect:
        return EpisodeState.SUSPECT
    if one.negative:
        return EpisodeState.TURNED_NEGATIVE
    faded = one.turned("faded")
    if one.phase is Phase.FADED and faded is not None and faded + OVER_AFTER <= now:
        return EpisodeState.ENDED
    return PHASES[one.phase]


def _seen_before(deed: Deed, view: MarketView, one: Reading) -> bool:
    """Whether this very rise has had its episode, which is over."""
    started = one.turned("started")
    return any(
        started is None or kept.started_at >= started
        for kept in deed.find(Episode, video=one.video, market=view.market, state=OVER)
    )


def _begin(
    means: Means,
    deed: Deed,
    view: MarketView,
    one: Reading,
    watched: Watched,
    cause: str,
    now: datetime,
) -> Episode:
    kept = deed.add(
        Episode(
            id=means.ids.new("epi", now),
            video=one.video,
            market=view.market,
            state=EpisodeState.STARTED,
            started_at=one.turned("started") or now,
            seen_at=now,
            views=one.views,
            views_per_hour=_pace(watched),
            doubling_minutes=None,
            half_life_hours=None,
            evidence=(),
        )
    )
    told = {"video": one.video, "market": view.market, "views": one.views}
    tell(
        deed,
        means.ids,
        "virality.started",
        kept.id,
        now=now,
        cause=cause,
        data=told,
        time=kept.started_at,
    )
    return kept


def _pace(watched: Watched) -> float:
    """Views an hour over the last hours that rows spoke of."""
    minutes = sum(watched.minutes[-RECENT_HOURS:])
    views = sum(sum(one.hourly[-RECENT_HOURS:]) for one in watched.views)
    return round(60 * views / minutes, 1) if minutes else 0.0


def _measured(kept: Episode, one: Reading, watched: Watched, now: datetime) -> Episode:
    doubling, half = one.doubling_hours, one.half_life_hours
    return replace(
        kept,
        seen_at=now,
        views=one.views,
        views_per_hour=_pace(watched),
        doubling_minutes=None if doubling is None else round(60 * doubling, 1),
        half_life_hours=None if half is None else round(half, 2),
        evidence=tuple(
            Evidence(name=e.name, value=round(e.value, 6), detail=e.words) for e in one.evidence
        ),
    )


def _bring(
    means: Means, deed: Deed, view: MarketView, wanted: Episode, state: EpisodeState, cause: str
) -> None:
    """Move the episode where its state is another, else only renew its figures."""
    now = wanted.seen_at
    if wanted.state is state:
        deed.change(wanted)
        return
    ends = now if state in OVER else None
    told = {"video": wanted.video, "market": wanted.market, "views": wanted.views}
    moved = move(
        deed,
        means.ids,
        EPISODE,
        wanted,
        STEP_TO[state],
        now=now,
        cause=cause,
        data=told,
        ended_at=ends,
    )
    if state is EpisodeState.SUSPECT:
        _ask(means, deed, moved, cause)
    if state is EpisodeState.TURNED_NEGATIVE:
        _hold_back(means, deed, view, moved, cause)


def _ask(means: Means, deed: Deed, episode: Episode, cause: str) -> None:
    why = "; ".join(one.detail for one in episode.evidence)
    open_case(
        deed,
        means.ids,
        CaseKind.SUSPECT_VIDEO,
        market=episode.market,
        subject=episode.video,
        detail=f"the views of {episode.video} look made: {why}",
        cause=cause,
        now=episode.seen_at,
    )


def _hold_back(means: Means, deed: Deed, view: MarketView, episode: Episode, cause: str) -> None:
    """Hold what is before the planners for a product that the video shows."""
    shows = {s.product for one in view.watched if one.video == episode.video for s in one.shows}
    standing = deed.find(Recommendation, market=view.market, state=RecommendationState.OPEN)
    for one in standing:
        if one.kind in {Kind.OPEN, Kind.TOP_UP} and shows & set(one.products):
            kept = deed.lock(Recommendation, one.id)
            move(
                deed,
                means.ids,
                RECOMMENDATION,
                kept,
                RecommendationStep.HOLD,
                now=episode.seen_at,
                cause=cause,
                held_because="sentiment_turned",
            )
