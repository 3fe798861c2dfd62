"""Recommendations, the verdicts on them, and what else needs a person."""

from data.tables.columns import (
    Document,
    Flag,
    FoundMoment,
    FoundText,
    Id,
    MaybeDocument,
    MaybeFoundMoment,
    MaybeFoundText,
    MaybeMoment,
    MaybeText,
    Moment,
    Real,
    Row,
    Text,
    Whole,
)


class RecommendationRow(Row, table=True):
    """One node recommendation."""

    __tablename__ = "recommendations"

    id: Id
    kind: FoundText
    state: FoundText
    market: FoundText
    site: FoundText
    site_type: Text
    node: MaybeFoundText
    products: Document
    opened_at: Moment
    decide_by: FoundMoment
    expected_gain: Whole
    money_at_stake: Whole
    needs_two: Flag
    basis: Text
    forecasts: Document
    forecast_units: Real
    decision: Text
    proposal: Document
    held_because: MaybeText
    first_verdict: MaybeText
    last_verdict: MaybeText
    effective_at: MaybeMoment
    substitutes: Flag
    carried_out_at: MaybeFoundMoment
    supersedes: MaybeText
    superseded_by: MaybeText
    changed_by: MaybeText
    version: Whole


class VerdictRow(Row, table=True):
    """One verdict, written once."""

    __tablename__ = "verdicts"

    id: Id
    recommendation: FoundText
    planner: FoundText
    at: FoundMoment
    document: Document


class CaseRow(Row, table=True):
    """One exception."""

    __tablename__ = "cases"

    id: Id
    kind: FoundText
    state: FoundText
    market: FoundText
    subject: FoundText
    detail: Text
    money_at_stake: Whole
    opened_at: Moment
    act_by: MaybeMoment
    owner: MaybeText
    resolution: MaybeText
    closed_at: MaybeMoment
    version: Whole


class ScenarioRow(Row, table=True):
    """One what-if, with its answers so far."""

    __tablename__ = "scenarios"

    id: Id
    name: Text
    kind: FoundText
    state: FoundText
    market: MaybeFoundText
    recommendation: MaybeFoundText
    asked_by: Text
    created_at: Moment
    change: Document
    estimate: MaybeDocument
    exact: MaybeDocument
    operation: MaybeText
    answered_at: MaybeMoment
    promoted_to: MaybeText
    error: MaybeText
    version: Whole
