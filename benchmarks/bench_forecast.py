"""How fast forecasts are made: re-forecasts, one new signal, cached parameters, and refits.

    python -m benchmarks.bench_forecast --data DIR --json FILE [--series 100] [--prophets 100]

DIR holds `retail.parquet` (product, region, hour, units), whose products are the series of the
refits. Seconds are of one core (CPU time where it says so); compare ratios within one run.
"""

import argparse
import json
import logging
import resource
import time
import warnings
from datetime import UTC, datetime, timedelta
from pathlib import Path

import numpy as np
import pandas as pd

from forecasting import Product, Question, Region, VideoLink, forecast, read_attention, read_orders
from forecasting.demand import curve
from forecasting.seasons import DAY, Curve, levels, posterior

NOW = datetime(2026, 6, 3, 12, tzinfo=UTC)
FIRST_DAY = 14_944  # 2010-12-01


def main() -> None:
    asked = argparse.ArgumentParser(description=__doc__)
    asked.add_argument("--data", required=True, type=Path)
    asked.add_argument("--json", type=Path)
    asked.add_argument("--series", type=int, default=100)
    asked.add_argument("--prophets", type=int, default=100)
    told = asked.parse_args()
    figures = {
        **all_again(100, 100),
        **one_signal(100),
        **refits(told.data, told.series, told.prophets),
    }
    print(json.dumps(figures, indent=2))
    if told.json:
        told.json.write_text(json.dumps(figures, indent=2))


def a_world(products: int, regions: int, hours: int = 72) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Signals by video, region and hour, and orders by product, region and hour."""
    rng = np.random.default_rng(0)
    v, r, t = np.meshgrid(np.arange(products), np.arange(regions), np.arange(hours), indexing="ij")
    views = rng.poisson(2000 / regions * (t + 1.0) ** -0.8 * np.exp(rng.normal(0, 0.3, t.shape)))
    orders = rng.poisson(views * 0.01 + 0.05)
    hour = pd.to_datetime((NOW.timestamp() - 3600 * (hours - t.ravel())), unit="s", utc=True)
    region = np.char.add("cell-", r.ravel().astype(str)).astype(object)
    signals = pd.DataFrame(
        {
            "video_id": np.char.add("V", v.ravel().astype(str)).astype(object),
            "region": region,
            "bucket_start": hour,
            "views": views.ravel(),
        }
    )
    sold = pd.DataFrame(
        {
            "product": np.char.add("S", v.ravel().astype(str)).astype(object),
            "region": region,
            "hour": hour,
            "orders": orders.ravel(),
        }
    )
    return signals, sold[sold.orders > 0]


def question_of(
    signals: pd.DataFrame, sold: pd.DataFrame, products: int, regions: int, hours: int
) -> Question:
    return Question(
        now=NOW,
        products=tuple(Product(name=f"S{i}") for i in range(products)),
        regions=tuple(Region(name=f"cell-{i}", zone="America/New_York") for i in range(regions)),
        links=tuple(VideoLink(video=f"V{i}", product=f"S{i}") for i in range(products)),
        attention=read_attention(signals, NOW),
        orders=read_orders(sold, NOW, since=NOW - timedelta(hours=72)),
        hours=hours,
    )


def all_again(products: int, regions: int) -> dict[str, float]:
    """Re-forecast everything for 72 h after new attention; reading the rows is told apart."""
    signals, sold = a_world(products, regions)
    begin = time.process_time()
    question = question_of(signals, sold, products, regions, 72)
    read = time.process_time()
    answer = forecast(question)
    done = time.process_time()
    assert answer.steps.shape == (products, regions + 1, 72, 3)  # noqa: S101 - all were answered
    return {
        "product_regions": products * regions,
        "read_seconds": round(read - begin, 3),
        "reforecast_seconds": round(done - read, 3),
        "peak_mb": round(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024),
    }


def one_signal(regions: int, repeats: int = 100) -> dict[str, float]:
    """From one new signal row to one product's new quantiles in all regions, rows read anew."""
    signals, sold = a_world(1, regions)
    wall, cpu = [], []
    for i in range(repeats):
        fresh = pd.concat([signals, signals.tail(1).assign(views=100 + i)])
        begin, busy = time.perf_counter(), time.process_time()
        forecast(question_of(fresh, sold, 1, regions, 168))
        wall.append(time.perf_counter() - begin)
        cpu.append(time.process_time() - busy)
    return {
        "one_signal_ms_p50": round(float(np.quantile(wall, 0.5)) * 1e3, 1),
        "one_signal_ms_p99": round(float(np.quantile(wall, 0.99)) * 1e3, 1),
        "one_signal_cpu_ms_p99": round(float(np.quantile(cpu, 0.99)) * 1e3, 1),
    }


def refits(data: Path, series: int, prophets: int) -> dict[str, float]:
    """Our fit beside Prophet's own on real days: refits per core-second, optimum and forecast."""
    warnings.simplefilter("ignore")
    for name in ("prophet", "cmdstanpy"):
        logging.getLogger(name).setLevel(logging.ERROR)
    days = daily(data, series)
    times = np.arange(FIRST_DAY, FIRST_DAY + days.shape[1] + 14, dtype=np.float64) * DAY
    curve(days[0], FIRST_DAY, by_prophet=True)
    begin = time.process_time()
    own = [curve(row, FIRST_DAY) for row in days]
    ours = (time.process_time() - begin) / len(days)
    begin = cpu_with_children()
    theirs_all = [curve(row, FIRST_DAY, by_prophet=True) for row in days[:prophets]]
    theirs = (cpu_with_children() - begin) / prophets
    worse = [
        minus_log_posterior(a, row) - minus_log_posterior(b, row)
        for a, b, row in zip(own, theirs_all, days, strict=False)
    ]
    begin = time.process_time()
    levels(tuple(own), times)
    cached = (time.process_time() - begin) / len(own)
    return {
        "refit_ms_own": round(ours * 1e3, 2),
        "refit_ms_prophet": round(theirs * 1e3, 2),
        "refits_ratio": round(theirs / ours, 1),
        "optimum_compared_on": len(worse),
        "worst_log_posterior_loss": round(max(worse), 4),
        "cached_forecast_ms": round(cached * 1e3, 4),
        "cached_against_predict": against_predict(days[0], theirs_all[0], times),
    }


def cpu_with_children() -> float:
    """CPU seconds of this process and of all that it started (Prophet starts one per fit)."""
    mine, started = (
        resource.getrusage(resource.RUSAGE_SELF),
        resource.getrusage(resource.RUSAGE_CHILDREN),
    )
    return mine.ru_utime + mine.ru_stime + started.ru_utime + started.ru_stime


def daily(data: Path, series: int) -> np.ndarray:
    rows = pd.read_parquet(data / "retail.parquet")
    rows = rows[rows.region == "United Kingdom"]
    table = rows.assign(day=rows.hour.dt.floor("D")).pivot_table(
        index="product", columns="day", values="units", aggfunc="sum", fill_value=0
    )
    table = table.reindex(columns=pd.date_range("2010-12-01", "2011-12-09"), fill_value=0)
    busy = table[(table > 0).sum(axis=1) > 100]
    return busy.iloc[:series].to_numpy(dtype=np.float64)


def minus_log_posterior(found: Curve, counts: np.ndarray) -> float:
    days = np.arange(FIRST_DAY, FIRST_DAY + len(counts), dtype=np.float64) * DAY
    rest = (counts - found.level(days)) / found.y_scale
    solved = np.array([found.k, found.m, *found.deltas, *found.betas])
    return posterior(solved, found.sigma**2, float(rest @ rest), len(counts), len(found.deltas))


def against_predict(counts: np.ndarray, cached: Curve, times: np.ndarray) -> float:
    """The largest relative difference between cached parameters and Prophet's own `predict`."""
    from prophet import Prophet  # noqa: PLC0415 - loaded for this figure alone

    model = Prophet(
        weekly_seasonality=3,
        yearly_seasonality=False,
        daily_seasonality=False,
        uncertainty_samples=0,
    )
    stamps = pd.to_datetime(times, unit="s")
    model.fit(pd.DataFrame({"ds": stamps[: len(counts)], "y": counts}))
    told = model.predict(pd.DataFrame({"ds": stamps}))["yhat"].to_numpy()
    return float(np.max(np.abs(cached.level(times) - told)) / np.abs(told).max())


if __name__ == "__main__":
    main()
