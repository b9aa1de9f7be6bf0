"""Territories as people write them."""

from __future__ import annotations

import pytest

from reseau.core.communes import communes
from reseau.core.territories import UnknownTerritory, codes, departement, describe


@pytest.mark.parametrize(
    ("asked", "expected"),
    [
        (["59512"], {"59512"}),
        ([" 59512 ", "", "59512"], {"59512"}),
        (["75112"], {"75056"}),  # an arrondissement is Paris
        (["69383", "13206"], {"69123", "13055"}),
        (["87136"], {"87028"}),  # Saint-Barbant, in Val-d'Oire-et-Gartempe since 2019
        (["2a004"], {"2A004"}),
        (["dep:975"], {"97501", "97502"}),
        (["DEP : 978"], {"97801"}),
        ([], set()),
    ],
)
def test_codes(asked: list[str], expected: set[str]) -> None:
    assert codes(asked) == expected


def test_an_intercommunality_and_a_departement() -> None:
    lille = codes(["epci:200093201"])
    assert len(lille) == 95  # the communes of the Métropole Européenne de Lille
    assert {"59512", "59350", "59599"} <= lille
    north = codes(["dep:59"])
    assert lille < north
    assert all(code.startswith("59") for code in north)
    assert codes(["dep:2A", "dep:2B"]) == {code for code in communes().codes() if code.startswith(("2A", "2B"))}
    assert codes(["dep:974"]).isdisjoint(codes(["dep:971"]))
    assert codes(["epci:200093201", "dep:974", "62041"]) == lille | codes(["dep:974"]) | {"62041"}


def test_names() -> None:
    asked = ["59512", "epci:200093201", "dep:59", "dep:2b", "dep:987"]
    assert describe(asked) == (
        "Roubaix", "Métropole Européenne de Lille", "Nord (59)", "Haute-Corse (2B)", "Polynésie française (987)",
    )  # fmt: skip


def test_what_means_nothing_is_said_all_at_once() -> None:
    with pytest.raises(UnknownTerritory) as caught:
        codes(["59512", "59999", "epci:1", "dep:20", "dep:", "region:32", "Roubaix", "::", "é" * 300, "\x00"])
    assert caught.value.codes == ("59999", "epci:1", "dep:20", "dep:", "region:32", "Roubaix", "::", "é" * 300, "\x00")
    with pytest.raises(UnknownTerritory):
        describe(["dep:99"])


def test_departement_of_a_commune() -> None:
    assert [departement(code) for code in ("59512", "2A004", "97411", "98735")] == ["59", "2A", "974", "987"]


def test_every_intercommunality_can_be_read() -> None:
    from reseau.core import territories

    found = territories._epci()
    assert len(found) > 1_200
    assert all(one.codes and one.name for one in found.values())


@pytest.mark.parametrize("asked", [[""], ["", " "], ["", ""]])
def test_empty_codes_alone_are_no_territory(asked: list[str]) -> None:
    with pytest.raises(UnknownTerritory):
        codes(asked)
