"""What is watched in a demonstration: two feeds and a calendar, plainly made up, read by the real importers.

Their dates are written as days from today: old news would be left out, and so would dates that are over.
"""

from __future__ import annotations

import re
import tempfile
from datetime import datetime, timedelta
from email.utils import format_datetime
from pathlib import Path

import sqlalchemy as sa
from sqlalchemy.orm import Session

from importers.conducting import Conducting, conduct
from importers.models import ImportSource

FOLDER = Path(__file__).resolve().parents[1] / "demo"
#: Switched off: their addresses lead nowhere.
SOURCES = (
    {"name": "veille-inventee", "adapter": "veille", "title": "Institutions inventées (démonstration)",
     "location": "https://institutions.exemple.invalid/flux.xml", "options": {"lang": "fr"}},
    {"name": "veille-partenaires", "adapter": "veille", "title": "Associations inventées (démonstration)",
     "location": "https://associations.exemple.invalid/flux.xml", "options": {"lang": "fr"}},
    {"name": "agenda-invente", "adapter": "agenda", "title": "Agenda inventé (démonstration)",
     "location": "https://institutions.exemple.invalid/agenda.ics", "options": {}},
)  # fmt: skip
FILES = {
    "veille-inventee": "veille.xml", "veille-partenaires": "partenaires.xml", "agenda-invente": "agenda.ics",
}  # fmt: skip
_DAY = re.compile(r"\{(jour|dans):(\d+)\}")


def seed(tools: Conducting) -> int:
    """Add these sources and read them, once. :return: how many news and dates came."""
    with tools.factory.begin() as session:
        if not _added(session, tools.clock()):
            return 0
    done = 0
    with tempfile.TemporaryDirectory(prefix="reseau-demo-") as folder:
        for name, file in FILES.items():
            path = Path(folder) / file
            written = (FOLDER / file).read_bytes().decode("utf-8")
            path.write_bytes(_dated(written, tools.clock()).encode())
            done += conduct(tools, name, str(path)).created
    return done


def _added(session: Session, now: datetime) -> bool:
    if session.scalar(sa.select(ImportSource.id).where(ImportSource.name == SOURCES[0]["name"])):
        return False
    session.add_all(ImportSource(**said, enabled=False, every_h=24, created_at=now) for said in SOURCES)
    return True


def _dated(text: str, now: datetime) -> str:
    def day(found: re.Match[str]) -> str:
        days = timedelta(days=int(found[2]))
        return format_datetime(now - days) if found[1] == "jour" else f"{now + days:%Y%m%d}"

    return _DAY.sub(day, text)
