"""Markets, categories, products, videos and the links between them."""

from data.tables.columns import (
    Document,
    Flag,
    FoundText,
    Id,
    MaybeFoundText,
    MaybeMoment,
    MaybeText,
    Moment,
    Real,
    Row,
    Text,
    Whole,
)


class MarketRow(Row, table=True):
    """One market."""

    __tablename__ = "markets"

    id: Id
    name: Text
    zone: Text
    currency: Text
    residency: Text
    regions: Document
    deliver_from_hour: Whole
    deliver_until_hour: Whole
    holidays: Document
    country: Text
    version: Whole


class CategoryRow(Row, table=True):
    """One category."""

    __tablename__ = "categories"

    id: Id
    name: Text
    orders_per_view: Real
    return_share: Real
    version: Whole


class ProductRow(Row, table=True):
    """One product."""

    __tablename__ = "products"

    id: Id
    name: Text
    category: FoundText
    price: Whole
    margin: Whole
    return_cost: Whole
    weight_grams: Whole
    volume_cm3: Whole
    chilled: Flag
    dangerous: Flag
    family: MaybeFoundText
    variant: MaybeText
    gtin: MaybeText
    recalled: Flag
    version: Whole


class VideoRow(Row, table=True):
    """One video."""

    __tablename__ = "videos"

    id: Id
    title: Text
    platform: Text
    published_at: Moment
    removed_at: MaybeMoment
    version: Whole


class VideoLinkRow(Row, table=True):
    """One video product link."""

    __tablename__ = "video_links"

    id: Id
    video: FoundText
    product: FoundText
    share: Real
    version: Whole


class PaidPushRow(Row, table=True):
    """One paid push."""

    __tablename__ = "paid_pushes"

    id: Id
    video: FoundText
    market: FoundText
    starts_at: Moment
    ends_at: Moment
    expected_paid_views: Whole
    version: Whole
