"""When a video's reach grows faster than normal: an episode with its phase and evidence.

An episode's life::

    started ◂─▸ peaked ─▸ faded ─▸ ENDED        any ─▸ suspect, turned_negative, REMOVED
"""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from logistics.states import Life


class EpisodeState(StrEnum):
    """The phase of an episode."""

    STARTED = "started"
    PEAKED = "peaked"
    FADED = "faded"
    TURNED_NEGATIVE = "turned_negative"
    SUSPECT = "suspect"
    ENDED = "ended"
    REMOVED = "removed"


class EpisodeStep(StrEnum):
    """What may be observed of an episode."""

    RISE = "rise"
    PEAK = "peak"
    FADE = "fade"
    TURN_NEGATIVE = "turn_negative"
    SUSPECT = "suspect"
    END = "end"
    REMOVE = "remove"


E, T = EpisodeState, EpisodeStep
LIVING = (E.STARTED, E.PEAKED, E.FADED, E.TURNED_NEGATIVE, E.SUSPECT)

EPISODE = Life(
    resource="virality",
    states=EpisodeState,
    steps=EpisodeStep,
    leads_to={
        **{(state, T.RISE): E.STARTED for state in LIVING if state is not E.STARTED},
        **{(state, T.PEAK): E.PEAKED for state in LIVING if state is not E.PEAKED},
        **{(state, T.FADE): E.FADED for state in LIVING if state is not E.FADED},
        **{
            (state, T.TURN_NEGATIVE): E.TURNED_NEGATIVE
            for state in LIVING
            if state is not E.TURNED_NEGATIVE
        },
        **{(state, T.SUSPECT): E.SUSPECT for state in LIVING if state is not E.SUSPECT},
        **{(state, T.END): E.ENDED for state in LIVING},
        **{(state, T.REMOVE): E.REMOVED for state in LIVING},
    },
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Evidence:
    """One figure that supports a phase."""

    name: str
    value: float
    detail: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Episode:
    """A bounded period in which a video's reach grows faster than normal."""

    id: str
    video: str
    market: str
    state: EpisodeState
    started_at: datetime
    seen_at: datetime
    views: int
    views_per_hour: float
    doubling_minutes: float | None
    half_life_hours: float | None
    evidence: tuple[Evidence, ...]
    ended_at: datetime | None = None
    version: int = 1
