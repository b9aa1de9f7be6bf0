"""PostgreSQL's own full text doing the work of a directory search by itself: rank, filter, count, 20 rows.

No page is rendered and nothing is analysed by us: stock ``french`` configuration, GIN indexes, one query for the rows
and one for the counts of all facets. It is what the directory must not be slower than.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Any
from urllib.parse import parse_qs

import sqlalchemy as sa

SETUP = """
CREATE TABLE own AS SELECT id, nom, slug, adresse, commune, code_insee, latitude, longitude, horaires, telephone,
  date_maj, opens_evening, opens_weekend, services, publics_specifiquement_adresses, prise_en_charge_specifique,
  frais_a_charge, dispositif_programmes_nationaux, modalites_accompagnement,
  to_tsvector('french', concat_ws(' ', nom, commune, adresse, replace(services::text, '-', ' '),
    replace(publics_specifiquement_adresses::text, '-', ' '), replace(dispositif_programmes_nationaux::text, '-', ' '),
    replace(prise_en_charge_specifique::text, '-', ' '))) AS vector FROM structure;
CREATE INDEX ON own USING gin (vector);
CREATE INDEX ON own USING gin (services);
CREATE INDEX ON own USING gin (publics_specifiquement_adresses);
CREATE INDEX ON own USING gin (frais_a_charge);
CREATE INDEX ON own (code_insee);
CREATE INDEX ON own (latitude, longitude);
ALTER TABLE own ADD PRIMARY KEY (id);
ANALYZE own;
"""
LISTS = {
    "service": "services", "public": "publics_specifiquement_adresses", "prise_en_charge": "prise_en_charge_specifique",
    "frais": "frais_a_charge", "programme": "dispositif_programmes_nationaux", "modalite": "modalites_accompagnement",
}  # fmt: skip
ALL_WORDS = "plainto_tsquery('french', :q)"
SOME_WORDS = "replace(plainto_tsquery('french', :q)::text, '&', '|')::tsquery"
DISTANCE = ("6371008.8 * 2 * asin(sqrt(sin(radians(latitude - :lat) / 2) ^ 2 + cos(radians(:lat)) * "
            "cos(radians(latitude)) * sin(radians(longitude - :lon) / 2) ^ 2))")  # fmt: skip


def conditions(asked: dict[str, list[str]], words: str) -> tuple[list[str], dict[str, Any]]:
    """WHERE clauses and values of a query string of the directory."""
    where, values = ["true"], dict[str, Any]()
    if q := asked.get("q", [""])[0]:
        where.append(f"vector @@ {words}")
        values["q"] = q
    for name, column in LISTS.items():
        for position, code in enumerate(asked.get(name, [])):
            where.append(f"{column} @> jsonb_build_array(cast(:{name}{position} as text))")
            values[f"{name}{position}"] = code
    if "soir" in asked.get("ouvert", []):
        where.append("opens_evening")
    if commune := asked.get("commune", [""])[0]:
        where.append("code_insee = :commune")
        values["commune"] = commune
    if "lat" in asked:
        values |= {"lat": float(asked["lat"][0]), "lon": float(asked["lon"][0])}
        metres = float(asked["rayon"][0]) * 1000
        values |= {"metres": metres, "dlat": metres / 111_000, "dlon": metres / 60_000}
        where.append("latitude BETWEEN :lat - :dlat AND :lat + :dlat")
        where.append("longitude BETWEEN :lon - :dlon AND :lon + :dlon")
        where.append(f"{DISTANCE} <= :metres")
    return where, values


def search(connection: sa.Connection, query: str) -> None:
    """One search: rows of the page, total, counts of all facets. When no row has all the words: some of them."""
    if not _answer(connection, parse_qs(query), ALL_WORDS):
        _answer(connection, parse_qs(query), SOME_WORDS)


def _answer(connection: sa.Connection, asked: dict[str, list[str]], words: str) -> bool:
    where, values = conditions(asked, words)
    order = "nom, id"
    if "q" in values:
        order = f"ts_rank(vector, {words}) DESC, nom, id"
    elif "lat" in values:
        order = f"{DISTANCE}, nom, id"
    elif asked.get("tri") == ["date"]:
        order = "date_maj DESC, nom, id"
    offset = (int(asked.get("page", ["1"])[0]) - 1) * 20
    condition = " AND ".join(where)
    rows = f"SELECT *, count(*) OVER () AS total FROM own WHERE {condition} ORDER BY {order} LIMIT 20 OFFSET {offset}"
    if not connection.execute(sa.text(rows), values).all() and "q" in values and words == ALL_WORDS:
        return False
    counts = " UNION ALL ".join(
        f"SELECT '{name}', code, count(*) FROM found, jsonb_array_elements_text({column}) AS code GROUP BY code"
        for name, column in LISTS.items()
    )
    columns = ", ".join(LISTS.values())
    facets = f"WITH found AS MATERIALIZED (SELECT {columns} FROM own WHERE {condition}) {counts}"
    connection.execute(sa.text(facets), values).all()
    return True


def measure(
    engine: sa.Engine, kinds: dict[str, Callable[[], str]], requests: int, percentiles: Callable[[list[float]], Any]
) -> dict[str, Any]:
    """p50 and p95 of each kind of request, on one connection that is kept."""
    with engine.begin() as connection:
        for statement in SETUP.split(";\n"):
            if statement.strip():
                connection.execute(sa.text(statement))
    found = {}
    with engine.connect() as connection:
        for name, make in kinds.items():
            spent = []
            for _ in range(requests):
                query = make()
                start = time.perf_counter()
                search(connection, query)
                spent.append(time.perf_counter() - start)
            found[name] = percentiles(spent)
    return found
