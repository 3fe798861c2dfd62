"""Models of attention as text, and back: what a market learned by night is kept, and read by day.

Networks are arrays, so the text is a table of named arrays (NumPy's own format, compressed) in
base 64. Nothing in it can be run: no object is ever unpickled. Trees are not kept; they are a hundred
times larger than the networks beside them.
"""

from base64 import b64decode, b64encode
from functools import lru_cache
from io import BytesIO
from zipfile import BadZipFile

import numpy as np
import numpy.typing as npt

from forecasting.attention import Learned
from forecasting.bursts import Bursts, Fold
from forecasting.errors import ImpossibleQuestion
from forecasting.network import Network

Arrays = dict[str, npt.NDArray[np.generic]]


def packed(learned: Learned) -> str:
    """The models as text; refused where they hold trees."""
    arrays: Arrays = {"value_added": np.array(learned.value_added)}
    for m, model in enumerate(learned.models):
        arrays |= _of_model(f"{m}", model)
    file = BytesIO()
    np.savez_compressed(file, **arrays)  # type: ignore[arg-type]
    return b64encode(file.getvalue()).decode("ascii")


@lru_cache(maxsize=8)
def unpacked(text: str) -> Learned:
    """The models that `packed` made a text of. Raises ImpossibleQuestion for any other text."""
    try:
        with np.load(BytesIO(b64decode(text, validate=True)), allow_pickle=False) as file:
            arrays = dict(file)
        count = len({name.split(".")[0] for name in arrays if "." in name})
        return Learned(
            models=tuple(_model(f"{m}", arrays) for m in range(count)),
            value_added=float(arrays["value_added"]),
        )
    except (ValueError, KeyError, OSError, EOFError, BadZipFile) as cause:
        raise ImpossibleQuestion(field="attention", reason="is no model that was kept") from cause


def _of_model(at: str, model: Bursts) -> Arrays:
    arrays: Arrays = {
        f"{at}.seen": np.array(model.seen),
        f"{at}.windows": np.array(model.windows),
        f"{at}.summed": np.array(model.summed),
    }
    for f, fold in enumerate(model.folds):
        if fold.steps is not None:
            raise ImpossibleQuestion(field="attention", reason="holds trees, which are not kept")
        for n, network in enumerate(fold.networks):
            arrays |= _of_network(f"{at}.{f}.{n}", network)
    return arrays


def _of_network(at: str, network: Network) -> Arrays:
    arrays: Arrays = {
        f"{at}.{name}": np.asarray(getattr(network, name), np.float32)
        for name in ("centre", "scale", "start")
    }
    for number, (weights, bias) in enumerate(network.layers):
        arrays[f"{at}.weights{number}"] = np.asarray(weights, np.float32)
        arrays[f"{at}.bias{number}"] = np.asarray(bias, np.float32)
    return arrays


def _model(at: str, arrays: Arrays) -> Bursts:
    windows = tuple((int(a), int(b)) for a, b in arrays[f"{at}.windows"].tolist())
    folds: list[Fold] = []
    while f"{at}.{len(folds)}.0.start" in arrays:
        networks: list[Network] = []
        while f"{at}.{len(folds)}.{len(networks)}.start" in arrays:
            networks.append(_network(f"{at}.{len(folds)}.{len(networks)}", arrays))
        folds.append(Fold(networks=tuple(networks)))
    return Bursts(
        seen=int(arrays[f"{at}.seen"]),
        windows=windows,
        known=False,
        kinds=0,
        folds=tuple(folds),
        weights=np.ones(len(windows)),
        summed=float(arrays[f"{at}.summed"]),
    )


def _network(at: str, arrays: Arrays) -> Network:
    layers = range(sum(name.startswith(f"{at}.weights") for name in arrays))
    return Network(
        layers=tuple((_floats(arrays, f"{at}.weights{i}"), _floats(arrays, f"{at}.bias{i}")) for i in layers),
        centre=_floats(arrays, f"{at}.centre"),
        scale=_floats(arrays, f"{at}.scale"),
        start=_floats(arrays, f"{at}.start"),
    )  # fmt: skip


def _floats(arrays: Arrays, name: str) -> npt.NDArray[np.floating]:
    return np.asarray(arrays[name], np.float32)
