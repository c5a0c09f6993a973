"""Steps of equal rows add up."""

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from rnn_utils.row_sums import sum_rows


@given(st.lists(st.integers(0, 6), min_size=1, max_size=30), st.sampled_from([(), (1,), (4,)]))
def test_it_is_what_add_at_does(rows, shape):
    steps = np.random.default_rng(len(rows)).normal(size=(len(rows), *shape))
    expected = np.zeros((7, *shape))
    np.add.at(expected, rows, steps)
    touched, totals = sum_rows(np.array(rows), steps)
    assert touched.tolist() == sorted(set(rows))
    np.testing.assert_allclose(totals, expected[touched], rtol=1e-12, atol=1e-12)
