"""Made-up histories of bursts: a rise, a power-law fall, noise, some families of regions."""

import numpy as np

from forecasting.histories import Histories


def bursts(rows=60, steps=30, *, seed=0, regions=0, known=0, quiet=0):
    """Poisson counts of `rows` bursts; with regions, rows x regions and the views beside them."""
    rng = np.random.default_rng(seed)
    age = np.arange(steps + known) + 1.0
    size, beta = np.exp(rng.normal(4, 1, rows)), rng.uniform(0.4, 1.4, rows)
    views = (
        size[:, None] * age ** -beta[:, None] * np.exp(rng.normal(0, 0.2, (rows, steps + known)))
    )
    before = rng.poisson(2.0, (rows, quiet))
    if not regions:
        counts = np.concatenate([before, rng.poisson(views[:, :steps])], axis=1)
        return Histories(counts=counts.astype(float), quiet=quiet)
    shares = rng.dirichlet(np.full(regions, 5.0), rows)
    orders = rng.poisson(views[:, None, :steps] * shares[:, :, None])
    return Histories(
        counts=orders.reshape(rows * regions, steps).astype(float),
        attention=np.repeat(views * 10, regions, axis=0),
        kind=np.tile(np.arange(regions), rows),
        family=np.repeat(np.arange(rows), regions),
    )
