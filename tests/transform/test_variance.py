import math

import numpy as np
import pytest

from forms.text import Bilingual
from transform.design import Floats, LonelyPsu, SampleDesign, nest
from transform.errors import DesignIncomplete
from transform.interval import t_interval
from transform.ratio import estimates, unweighted_estimates
from transform.sums import GroupSums
from transform.variance import covariance, ratios


def design(
    *stratum_of_psu: int, lonely_psu: LonelyPsu = LonelyPsu.ADJUST, population: Floats | None = None
) -> SampleDesign:
    return SampleDesign(np.array(stratum_of_psu), 8, 80.0, population, lonely_psu)


def test_the_variance_of_a_share_is_worked_by_hand():
    # Two strata of two villages; weights 10; yes of asked: 2/2, 1/2 | 0/2, 1/2. p = 4/8 = 0.5.
    # Influence of a village: (yes - 0.5 * asked) * 10 / 80 = 0.125, 0 | -0.125, 0.
    # Stratum 1: 2/1 * (0.0625^2 + 0.0625^2) = 0.015625, stratum 2 the same: V = 0.03125, SE = 0.1767767.
    found = ratios(np.array([[20.0, 10.0, 0.0, 10.0]]), np.array([20.0, 20.0, 20.0, 20.0]))

    variance = covariance(found.influence, design(0, 0, 1, 1))[0, 0]

    assert found.values == pytest.approx([0.5])
    assert variance == pytest.approx(0.03125)
    # half of all villages were visited: half the variance
    halved = covariance(found.influence, design(0, 0, 1, 1, population=np.array([4.0, 4.0])))
    assert halved[0, 0] == pytest.approx(0.015625)


def test_the_design_effect_is_worked_by_hand():
    # As above: V = 0.03125. A simple random sample of 8 of 80: 0.25 * 8/7 / 8 * (80 - 8) / 80 = 0.0321429.
    psu = np.repeat(np.arange(4), 2)
    answers = np.array([1, 1, 1, 0, 0, 0, 1, 0])
    sums = GroupSums.of_rows(psus=4, psu=psu, weight=np.full(8, 10.0), in_base=np.ones(8, dtype=bool), scores=[answers])

    (found,) = estimates(sums.domain(), design(0, 0, 1, 1), t_interval)

    assert found.design_effect == pytest.approx(0.03125 / (0.25 / 7 * 72 / 80))
    assert (found.base, found.psus, found.degrees_of_freedom) == (8, 4, 2)


def test_weights_that_sum_to_the_interviews_are_compared_with_sampling_with_replacement():
    psu = np.repeat(np.arange(4), 2)
    answers = np.array([1, 1, 1, 0, 0, 0, 1, 0])
    sums = GroupSums.of_rows(psus=4, psu=psu, weight=np.ones(8), in_base=np.ones(8, dtype=bool), scores=[answers])
    relative = SampleDesign(np.array([0, 0, 1, 1]), 8, 8.0)

    (found,) = estimates(sums.domain(), relative, t_interval)

    assert found.design_effect == pytest.approx(0.03125 / (0.25 / 7))


def test_the_answers_of_a_distribution_vary_against_each_other():
    shares = ratios(np.array([[20.0, 10, 0, 10], [0.0, 10, 20, 10]]), np.full(4, 20.0))

    joint = covariance(shares.influence, design(0, 0, 1, 1))

    # two shares that sum to 1 have one variance and its negative as covariance
    assert joint == pytest.approx(np.array([[0.03125, -0.03125], [-0.03125, 0.03125]]))


def test_a_domain_keeps_the_villages_where_it_has_nobody():
    # The domain is in village 0 and 1 of three: the third adds its zero to the stratum's spread.
    found = ratios(np.array([[10.0, 0.0, 0.0]]), np.array([10.0, 10.0, 0.0]))

    variance = covariance(found.influence, design(0, 0, 0))[0, 0]

    # influence 0.25, -0.25, 0: 3/2 * 0.125; dropping the village would give 2/1 * 0.125
    assert variance == pytest.approx(0.1875)


def test_a_domain_has_the_degrees_of_freedom_of_its_own_villages_and_strata():
    sample = design(0, 0, 0, 1, 1, 2, 2)

    assert sample.degrees_of_freedom(np.ones(7, dtype=bool)) == 4
    assert sample.degrees_of_freedom(np.array([True, True, True, False, False, False, False])) == 2
    assert sample.degrees_of_freedom(np.array([False, False, False, True, False, True, False])) == 0


def test_one_number_for_two_villages_of_two_strata_is_two_villages():
    stratum_of_psu, psu_of_row = nest(np.array(["koro", "koro", "macina"]), np.array(["1", "2", "1"]))

    assert list(stratum_of_psu) == [0, 0, 1]
    assert list(psu_of_row) == [0, 1, 2]


def test_no_error_is_given_where_all_answers_come_from_one_village():
    sums = GroupSums.of_rows(
        psus=2, psu=np.array([0, 0, 1]), weight=np.ones(3), in_base=np.array([True, True, False]), scores=[[1, 0, 0]]
    )

    (found,) = estimates(sums.domain(), design(0, 0), t_interval)

    assert (found.value, found.base, found.psus) == (0.5, 2, 1)
    assert found.standard_error is None
    assert found.low is None


def test_an_empty_domain_is_a_figure_without_a_value():
    sums = GroupSums.of_rows(psus=1, psu=np.array([0]), weight=np.ones(1), in_base=np.array([False]), scores=[[1]])

    for found in (estimates(sums.domain(), design(0), t_interval), unweighted_estimates(sums.domain())):
        assert found[0].value is None
        assert found[0].base == 0


def test_agreement_of_all_leaves_no_rounding_noise_as_variance():
    generator = np.random.default_rng(7)
    weight = generator.uniform(0.1, 3e4, 5_000)
    psu = np.arange(5_000) % 40
    sums = GroupSums.of_rows(
        psus=40, psu=psu, weight=weight, in_base=np.ones(5_000, dtype=bool), scores=[np.full(5_000, 3.0)]
    )

    (found,) = estimates(sums.domain(), SampleDesign(np.arange(40) % 8, 5_000, weight.sum()), t_interval)

    assert (found.value, found.standard_error, found.low, found.design_effect) == (3.0, 0.0, None, None)


def test_a_single_village_in_a_stratum_refuses_where_the_workbook_says_so():
    with pytest.raises(DesignIncomplete) as refusal:
        design(0, 0, 1, lonely_psu=LonelyPsu.FAIL)

    assert isinstance(refusal.value.message, Bilingual)


def test_the_rule_average_says_nothing_where_every_stratum_has_one_village():
    found = ratios(np.array([[10.0, 0.0]]), np.array([10.0, 10.0]))

    assert math.isnan(covariance(found.influence, design(0, 1, lonely_psu=LonelyPsu.AVERAGE))[0, 0])


def test_more_villages_visited_than_there_are_is_an_error_of_the_design():
    with pytest.raises(DesignIncomplete):
        design(0, 0, 0, population=np.array([2.0]))
