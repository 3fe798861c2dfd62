"""Forecasts of demand for products that are going viral: a library that knows nothing of the business.

    attention = read_attention(frame_of_signal_rows, now)      # rows in, clean series out
    orders = read_orders(frame_of_order_counts, now)
    question = Question(now=now, products=..., regions=..., links=..., attention=attention,
                        orders=orders, pushes=..., removals=..., hours=168)
    forecasts = forecast(question, parameters)                  # no fit in here, ever
    forecasts.of("sku-1", "8729a1d6fffffff")                    # one product in one region: a small value
    episodes(attention, now, removals)                          # which video is viral, and which suspect

The rooms, top first; each may know only the rooms below it:

    backtest · chain · scenarios explanation overrides refits foresight packed ·
    demand attention link regions quantiles · bursts seasons courses · boosting network scores ·
    virality histories · signals forecast · errors

Orders are counts, shares sum to 1, hours are whole hours of UTC, regions and names are opaque.
"""

from forecasting.chain import Parameters as Parameters
from forecasting.chain import Product as Product
from forecasting.chain import Question as Question
from forecasting.chain import forecast as forecast
from forecasting.errors import ForecastingError as ForecastingError
from forecasting.forecast import Band as Band
from forecasting.forecast import Forecast as Forecast
from forecasting.forecast import Forecasts as Forecasts
from forecasting.forecast import Part as Part
from forecasting.forecast import Total as Total
from forecasting.link import Conversion as Conversion
from forecasting.regions import Region as Region
from forecasting.signals import Attention as Attention
from forecasting.signals import Orders as Orders
from forecasting.signals import PaidPush as PaidPush
from forecasting.signals import Refusal as Refusal
from forecasting.signals import Removal as Removal
from forecasting.signals import VideoLink as VideoLink
from forecasting.signals import read_attention as read_attention
from forecasting.signals import read_orders as read_orders
from forecasting.virality import Episode as Episode
from forecasting.virality import Phase as Phase
from forecasting.virality import episodes as episodes
