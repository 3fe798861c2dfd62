"""Models of attention are kept as text and come back the same."""

from dataclasses import replace

import numpy as np
import pytest

from forecasting.attention import ALONE, learn
from forecasting.boosting import Trees
from forecasting.errors import ImpossibleQuestion
from forecasting.network import Training
from forecasting.packed import packed, unpacked
from tests.forecasting.test_attention import TINY, steep_videos

SMALL = replace(ALONE, networks=(Training(hidden=16, epochs=15, batch=64),), folds=2, beside=1)


def test_kept_models_say_the_same_as_before():
    learned = learn(steep_videos(), SMALL, ages=(4, 8))
    back = unpacked(packed(learned))
    assert [model.seen for model in back.models] == [model.seen for model in learned.models]
    assert back.value_added == pytest.approx(learned.value_added)
    views = steep_videos(rows=5, seed=9)[:, :8]
    for before, after in zip(learned.ahead(views, 40), back.ahead(views, 40), strict=True):
        assert after == pytest.approx(before, rel=1e-4)


def test_models_with_trees_are_not_kept():
    trees = replace(TINY, trees=Trees(count=5, leaves=4))
    with pytest.raises(ImpossibleQuestion, match="trees"):
        packed(learn(steep_videos(), trees, ages=(8,)))


@pytest.mark.parametrize("text", ["", "no model", "UEsDBA==", "é"])
def test_any_other_text_is_refused(text):
    with pytest.raises(ImpossibleQuestion):
        unpacked(text)


def test_networks_alone_beat_the_courses_surely_or_not_at_all():
    learned = learn(steep_videos(), SMALL, ages=(8,))
    assert learned.value_added > 0.1
    assert np.isfinite(learned.ahead(steep_videos(rows=2, seed=4)[:, :7], 24)[0]).all()
