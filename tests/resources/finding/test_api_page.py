"""What ``docs/api.md`` says of the resources is what they answer."""

from __future__ import annotations

import json
import re
from pathlib import Path

from resources.finding import params
from tests.resources.conftest import Base, a_tutorial

API = Path(__file__).parents[3] / "docs" / "api.md"


def section() -> str:
    return re.split(r"^## ", API.read_text(encoding="utf-8").split("\n## Resources\n")[1], flags=re.M)[0]


def test_every_parameter_value_and_key_is_documented(base: Base) -> None:
    page = section()
    named = re.findall(r"^\| `(\w+)` \|", page, re.M)
    assert {"q", *params.FILTERS, "tri", "page"} <= set(named)
    for name in ("type", "niveau", "licence"):
        assert all(f"`{code}`" in page for code in params.codes(name))
    assert all(f"`{sort}`" in page for sort in params.SORTS)
    assert f"{params.PAGE_SIZE} resources a page" in page
    assert f"{params.MAX_QUERY} characters" in page
    base.published(a_tutorial("Un tournesol", summary="Rien."))
    answer = base.browser().get("/ressources.json?q=geste").json
    (example,) = (json.loads(body) for body in re.findall(r"^```json\n(.*?)^```", page, re.M | re.S))
    assert set(example) == set(answer)
    assert set(example["items"][0]) == set(answer["items"][0])
    assert set(example["items"][0]["extrait"]) == set(answer["items"][0]["extrait"])
