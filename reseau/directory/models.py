"""Tables of the directory. A structure is a projection: see ``projection`` for what decides each field."""

from __future__ import annotations

import enum
from datetime import datetime
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column, relationship

from reseau.core.clock import utcnow
from reseau.core.db import Base, Json
from reseau.core.ids import new_id

KIND = "structure"


class Status(enum.StrEnum):
    """Whether a structure is shown. ``merged``: its address leads to ``merged_into``."""

    ACTIVE = "active"
    MERGED = "merged"


class Structure(Base):
    """An organisation or place that helps: the effective value of each field, and where it came from.

    ``provenance``: field → ``{"source", "via", "date", "record"}``. ``rev`` starts at 1 and grows by one with each
    change of what is published. ``opens_evening`` and ``opens_weekend`` are facts computed from ``horaires``.
    """

    __tablename__ = "structure"
    __table_args__ = (
        sa.Index("ix_structure_commune", "status", "code_insee"),
        sa.Index("ix_structure_hours", "status", "opens_evening", "opens_weekend"),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True, default=new_id)
    slug: Mapped[str] = mapped_column(sa.String(80))
    status: Mapped[str] = mapped_column(sa.String(10), default=Status.ACTIVE.value)
    merged_into: Mapped[UUID | None] = mapped_column(sa.ForeignKey("structure.id"))
    origin: Mapped[str] = mapped_column(sa.String(255), default="")
    rev: Mapped[int] = mapped_column(default=1)
    digest: Mapped[str] = mapped_column(sa.String(64))
    created_at: Mapped[datetime] = mapped_column(default=utcnow)
    updated_at: Mapped[datetime] = mapped_column(default=utcnow)
    provenance: Mapped[dict[str, Any]]
    opens_evening: Mapped[bool] = mapped_column(default=False)
    opens_weekend: Mapped[bool] = mapped_column(default=False)

    pivot: Mapped[str | None] = mapped_column(sa.String(14), index=True)
    nom: Mapped[str] = mapped_column(sa.String(255))
    commune: Mapped[str | None] = mapped_column(sa.String(255))
    code_postal: Mapped[str | None] = mapped_column(sa.String(5))
    code_insee: Mapped[str | None] = mapped_column(sa.String(5))
    adresse: Mapped[str | None] = mapped_column(sa.Text)
    complement_adresse: Mapped[str | None] = mapped_column(sa.Text)
    latitude: Mapped[float | None] = mapped_column(sa.Double)
    longitude: Mapped[float | None] = mapped_column(sa.Double)
    typologie: Mapped[list[str]]
    telephone: Mapped[str | None] = mapped_column(sa.String(40))
    courriels: Mapped[list[str]]
    site_web: Mapped[list[str]]
    horaires: Mapped[str | None] = mapped_column(sa.Text)
    horaires_texte: Mapped[str | None] = mapped_column(sa.Text)
    presentation_resume: Mapped[str | None] = mapped_column(sa.Text)
    presentation_detail: Mapped[str | None] = mapped_column(sa.Text)
    source: Mapped[str | None] = mapped_column(sa.Text)
    itinerance: Mapped[list[str]]
    structure_parente: Mapped[str | None] = mapped_column(sa.Text)
    date_maj: Mapped[str | None] = mapped_column(sa.String(10))
    services: Mapped[list[str]]
    publics_specifiquement_adresses: Mapped[list[str]]
    prise_en_charge_specifique: Mapped[list[str]]
    frais_a_charge: Mapped[list[str]]
    dispositif_programmes_nationaux: Mapped[list[str]]
    formations_labels: Mapped[list[str]]
    autres_formations_labels: Mapped[list[str]]
    modalites_acces: Mapped[list[str]]
    modalites_accompagnement: Mapped[list[str]]
    fiche_acces_libre: Mapped[str | None] = mapped_column(sa.Text)
    prise_rdv: Mapped[str | None] = mapped_column(sa.Text)
    demarches: Mapped[list[str]]
    demarches_sante: Mapped[bool | None]

    offers: Mapped[list[Service]] = relationship(back_populates="structure", order_by="Service.nom, Service.id")


class Service(Base):
    """One offer of a structure: a subset of data·inclusion v1 *service*, plus ``demarches`` (health procedures).

    List values are codes of ``core.vocabularies``; NULL means unknown.
    """

    __tablename__ = "service"

    id: Mapped[UUID] = mapped_column(primary_key=True, default=new_id)
    structure_id: Mapped[UUID] = mapped_column(sa.ForeignKey("structure.id", ondelete="CASCADE"), index=True)
    nom: Mapped[str] = mapped_column(sa.String(150))
    description: Mapped[str | None] = mapped_column(sa.Text)
    type: Mapped[str | None] = mapped_column(sa.String(40))
    thematiques: Mapped[list[str]] = mapped_column(default=list)
    demarches: Mapped[list[str]] = mapped_column(default=list)
    publics: Mapped[list[str]] = mapped_column(default=list)
    frais: Mapped[str | None] = mapped_column(sa.String(40))
    frais_precisions: Mapped[str | None] = mapped_column(sa.Text)
    modes_accueil: Mapped[list[str]] = mapped_column(default=list)
    horaires_accueil: Mapped[str | None] = mapped_column(sa.Text)
    telephone: Mapped[str | None] = mapped_column(sa.String(40))
    courriel: Mapped[str | None] = mapped_column(sa.String(254))
    lien_mobilisation: Mapped[str | None] = mapped_column(sa.Text)
    date_maj: Mapped[str | None] = mapped_column(sa.String(10))
    created_at: Mapped[datetime] = mapped_column(default=utcnow)

    structure: Mapped[Structure] = relationship(back_populates="offers")


class SourceRecord(Base):
    """What one register says of one structure: raw as it came, mapped to our fields, with its digest.

    ``parts``: the id is a *set of parts* (``A__B``), kept in ``source_part``: a register regroups its ids at will.
    ``not_seen_since``: the first complete file of the register in which the record was absent; never deleted.
    """

    __tablename__ = "source_record"
    __table_args__ = (sa.Index("ix_source_record_territory", "source", "code_insee"),)

    id: Mapped[UUID] = mapped_column(primary_key=True, default=new_id)
    structure_id: Mapped[UUID] = mapped_column(sa.ForeignKey("structure.id"), index=True)
    source: Mapped[str] = mapped_column(sa.String(40))
    source_id: Mapped[str] = mapped_column(sa.Text)
    raw: Mapped[dict[str, Any]] = mapped_column(Json)
    mapped: Mapped[dict[str, Any]] = mapped_column(Json)
    digest: Mapped[str] = mapped_column(sa.String(64))
    date_maj: Mapped[str | None] = mapped_column(sa.String(10))
    code_insee: Mapped[str | None] = mapped_column(sa.String(5))
    first_seen_at: Mapped[datetime] = mapped_column(default=utcnow)
    changed_at: Mapped[datetime] = mapped_column(default=utcnow)
    not_seen_since: Mapped[datetime | None]


class SourcePart(Base):
    """One part of the id of a source record. A part belongs to one record at a time."""

    __tablename__ = "source_part"

    source: Mapped[str] = mapped_column(sa.String(40), primary_key=True)
    part: Mapped[str] = mapped_column(sa.String(2000), primary_key=True)
    record_id: Mapped[UUID] = mapped_column(sa.ForeignKey("source_record.id", ondelete="CASCADE"), index=True)


class Override(Base):
    """One field of a structure as a person of the network set it: it beats every source.

    ``value``: the field's value as JSON, under ``"v"`` (``{"v": null}``: the person says that there is none).
    ``source_value``: what the sources said when it was set: if they say something else later, both can be shown.
    """

    __tablename__ = "override"
    __table_args__ = (sa.UniqueConstraint("structure_id", "field"),)

    id: Mapped[UUID] = mapped_column(primary_key=True, default=new_id)
    structure_id: Mapped[UUID] = mapped_column(sa.ForeignKey("structure.id", ondelete="CASCADE"), index=True)
    field: Mapped[str] = mapped_column(sa.String(40))
    value: Mapped[dict[str, Any]]
    source_value: Mapped[dict[str, Any]]
    author: Mapped[str] = mapped_column(sa.String(120))
    set_at: Mapped[datetime] = mapped_column(default=utcnow)


class Report(Base):
    """An error that a visitor reported on a sheet. Worked through by the coordinator (a later room).

    ``nonce`` is the form's: the same form sent twice is one report. The optional ``contact`` is the reporter's own.
    """

    __tablename__ = "report"

    id: Mapped[UUID] = mapped_column(primary_key=True, default=new_id)
    structure_id: Mapped[UUID] = mapped_column(sa.ForeignKey("structure.id", ondelete="CASCADE"), index=True)
    reason: Mapped[str] = mapped_column(sa.String(20))
    message: Mapped[str] = mapped_column(sa.Text)
    contact: Mapped[str | None] = mapped_column(sa.String(254))
    language: Mapped[str] = mapped_column(sa.String(10))
    nonce: Mapped[UUID] = mapped_column(unique=True)
    created_at: Mapped[datetime] = mapped_column(default=utcnow)
