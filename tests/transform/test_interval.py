import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from transform.interval import Point, balance_interval, exact_interval, logit_interval, share_interval, t_interval
from transform.ratio import IntervalRule


def point(
    value: float, variance: float, degrees_of_freedom: float = 20, rows: int = 50, effective: float = 40
) -> Point:
    return Point(value, variance, degrees_of_freedom, rows, effective)


def test_the_t_interval_is_symmetric_with_the_quantile_of_the_design():
    # t(0.975; 10) = 2.228139 in every table of Student's t
    low, high = t_interval(point(3.0, 0.04, degrees_of_freedom=10))

    assert low == pytest.approx(3 - 2.228139 * 0.2, abs=1e-6)
    assert high == pytest.approx(3 + 2.228139 * 0.2, abs=1e-6)


def test_the_logit_interval_stays_inside_zero_and_one():
    # p = 0.5, SE = 0.1: logit 0, SE 0.4; half-width 1.959964 * 0.4 = 0.783986; 1 / (1 + exp(0.783986)) = 0.313462
    low, high = logit_interval(point(0.5, 0.01, degrees_of_freedom=math.inf))

    assert (low, high) == pytest.approx((0.313462, 0.686538), abs=1e-6)


@pytest.mark.parametrize("interval", [t_interval, balance_interval, logit_interval, exact_interval, share_interval])
@pytest.mark.parametrize("degrees_of_freedom", [0, -1])
def test_no_interval_is_claimed_without_a_degree_of_freedom(interval: IntervalRule, degrees_of_freedom: int):
    assert interval(point(0.5, 0.01, degrees_of_freedom=degrees_of_freedom)) is None


def test_a_mean_on_which_all_agree_has_no_interval():
    assert t_interval(point(4.0, 0.0)) is None


def test_a_balance_is_never_said_to_pass_one():
    low, high = balance_interval(point(0.95, 0.01))

    assert high == 1.0
    assert low == pytest.approx(t_interval(point(0.95, 0.01))[0])


def test_a_share_of_nobody_has_the_exact_upper_bound():
    # 0 of 40 with 49 degrees of freedom of 50 rows: no correction, so 1 - 0.025 ** (1 / 40) = 0.088097
    low, high = share_interval(point(0.0, 0.0, degrees_of_freedom=49))

    assert low == 0.0
    assert high == pytest.approx(1 - 0.025 ** (1 / 40), abs=1e-12)


def test_a_share_of_everybody_mirrors_a_share_of_nobody():
    none, everyone = (share_interval(point(value, 0.0)) for value in (0.0, 1.0))

    assert everyone == pytest.approx((1 - none[1], 1.0), abs=1e-12)


def test_few_villages_widen_the_exact_interval():
    many, few = (exact_interval(point(0.0, 0.0, degrees_of_freedom=df)) for df in (40, 3))

    assert few[1] > many[1]


@given(st.floats(1e-6, 1 - 1e-6), st.floats(1e-9, 0.3), st.integers(1, 200))
def test_every_share_lies_in_its_interval_and_the_interval_in_zero_to_one(
    value: float, variance: float, degrees_of_freedom: int
):
    for interval in (share_interval, logit_interval):
        low, high = interval(point(value, variance, degrees_of_freedom=degrees_of_freedom))
        assert 0 <= low <= value * (1 + 1e-9)
        assert value * (1 - 1e-9) <= high <= 1


@given(st.floats(-1e6, 1e6), st.floats(1e-9, 1e6))
def test_a_wider_variance_gives_a_wider_interval(value: float, variance: float):
    narrow, wide = (t_interval(point(value, factor * variance)) for factor in (1, 4))

    assert wide[0] <= narrow[0] <= value <= narrow[1] <= wide[1]
