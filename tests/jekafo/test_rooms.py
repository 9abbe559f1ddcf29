"""The rooms are plain top-level packages: nobody else's package may answer to their names."""

from importlib.metadata import packages_distributions

import pytest

ROOMS = ["forms", "transform", "store", "sync", "api", "jekafo"]


@pytest.mark.parametrize("room", ROOMS)
def test_a_room_s_name_belongs_to_this_distribution_alone(room: str) -> None:
    assert set(packages_distributions().get(room, ["jekafo"])) == {"jekafo"}
