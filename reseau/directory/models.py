"""Tables of the directory. A structure is a projection: see ``projection`` for what decides each field."""

from __future__ import annotations

import enum
from datetime import date, datetime
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column, relationship

from reseau.core.clock import utcnow
from reseau.core.db import Base, Json
from reseau.core.ids import new_id

KIND = "structure"
VERIFY_EVERY = 6


class Status(enum.StrEnum):
    """Whether a structure is listed. ``merged``: its address leads to ``merged_into``. ``closed``: its sheet says
    so.
    """

    ACTIVE = "active"
    MERGED = "merged"
    CLOSED = "closed"


class Cause(enum.StrEnum):
    """Why a value of a sheet changed."""

    EDIT = "edit"
    SUGGESTION = "suggestion"
    RESTORE = "restore"
    KEPT = "kept"  # the source says something else, and a person keeps theirs
    THEIRS = "theirs"  # a person takes what the source says
    IMPORT = "import"
    MERGE = "merge"
    SPLIT = "split"
    VERIFY = "verify"
    CREATE = "create"
    CLOSE = "close"
    REOPEN = "reopen"
    OFFER = "offer"
    RULES = "rules"  # nobody said anything new: the site computed it again (``reseau reproject``)


class SuggestionState(enum.StrEnum):
    """What became of a suggestion."""

    OPEN = "open"
    ACCEPTED = "accepted"
    REFUSED = "refused"


class Structure(Base):
    """An organisation or place that helps: the effective value of each field, and where it came from.

    ``provenance``: field → ``{"source", "via", "date", "record"}``. ``rev`` starts at 1 and grows by one with each
    change of what is published. ``opens_evening`` and ``opens_weekend`` are facts computed from ``horaires``.

    ``fresh_on``: newest day on which the whole of it was verified, or a register said something of it (see
    ``reproject.fresh_day``: correcting one value makes nothing else fresh); ``due_on``: ``fresh_on`` +
    ``verify_every`` months (1, 3, 6 or 12), the day from which it is to be verified again (ISO dates; "":
    at once, nobody ever dated it). ``reminders``: how many were sent for the day ``reminded_for``, the last one at
    ``reminded_at``. ``quality``: how many of the criteria
    of ``quality`` that do not depend on the date are met. ``label_until``: last day of the local label that it holds
    (written by the room ``label``; compare it with today: it may have passed, and nobody has written yet).
    ``archived_at``: closed by no person, but because all its
    sources gave it no more; it opens again when one does. ``in_territory``: added by hand to the territory of the
    site.
    """

    __tablename__ = "structure"
    __table_args__ = (
        sa.Index("ix_structure_commune", "status", "code_insee"),
        sa.Index("ix_structure_hours", "status", "opens_evening", "opens_weekend"),
        sa.Index("ix_structure_due", "status", "due_on", "nom"),
        sa.Index("ix_structure_quality", "status", "quality", "nom"),
        sa.Index("ix_structure_age", "status", "created_at"),
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

    parent_id: Mapped[UUID | None] = mapped_column(sa.ForeignKey("structure.id"), index=True)
    in_territory: Mapped[bool] = mapped_column(default=False)
    closed_on: Mapped[str | None] = mapped_column(sa.String(10))
    closed_reason: Mapped[str | None] = mapped_column(sa.Text)
    archived_at: Mapped[datetime | None]
    label_until: Mapped[date | None]
    verified_at: Mapped[datetime | None]
    verified_by: Mapped[str | None] = mapped_column(sa.String(20))
    verify_every: Mapped[int] = mapped_column(default=VERIFY_EVERY)
    fresh_on: Mapped[str | None] = mapped_column(sa.String(10))
    due_on: Mapped[str] = mapped_column(sa.String(10), default="")
    reminders: Mapped[int] = mapped_column(default=0)
    reminded_for: Mapped[str | None] = mapped_column(sa.String(10))
    reminded_at: Mapped[datetime | None]
    quality: Mapped[int] = mapped_column(default=0)

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

    List values are codes of ``core.vocabularies``; NULL means unknown. ``source``, ``source_id``, ``said``: the
    register that it came from, and what it says there; once a person has written it (``updated_by``), no import
    changes it. ``not_seen_since``, ``absent_runs``: as for a source record.
    """

    __tablename__ = "service"
    __table_args__ = (sa.UniqueConstraint("source", "source_id"),)

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
    rev: Mapped[int] = mapped_column(default=1)
    updated_at: Mapped[datetime] = mapped_column(default=utcnow)
    updated_by: Mapped[UUID | None]
    source: Mapped[str | None] = mapped_column(sa.String(40))
    source_id: Mapped[str | None] = mapped_column(sa.String(255))
    said: Mapped[dict[str, Any] | None] = mapped_column(Json)
    not_seen_since: Mapped[datetime | None]
    absent_runs: Mapped[int] = mapped_column(default=0)

    structure: Mapped[Structure] = relationship(back_populates="offers")


class DeclinedOffer(Base):
    """An offer of a register that a person took off a sheet: no import brings it back."""

    __tablename__ = "declined_offer"

    source: Mapped[str] = mapped_column(sa.String(40), primary_key=True)
    source_id: Mapped[str] = mapped_column(sa.String(255), primary_key=True)
    at: Mapped[datetime] = mapped_column(default=utcnow)
    by: Mapped[UUID | None]


class SourceRecord(Base):
    """What one register says of one structure: raw as it came, mapped to our fields, with its digest.

    ``parts``: the id is a *set of parts* (``A__B``), kept in ``source_part``: a register regroups its ids at will.
    ``not_seen_since``: the first complete file of the register in which the record was absent, ``absent_runs`` how many
    since; never deleted. ``raw_digest``: of the row as it came and of the rules that read it. ``repairs``: what was
    mended, ``{"rule", "field", "before", "after"}`` each. ``joined``: why it is on this structure, when its id did not
    say so: ``{"how": "score" | "person" | "own", "score": 0 to 100}``.
    """

    __tablename__ = "source_record"
    __table_args__ = (
        sa.Index("ix_source_record_territory", "source", "code_insee"),
        sa.Index(
            "ix_source_record_joined", "first_seen_at", "id", sqlite_where=sa.text("joined IS NOT NULL"),
            postgresql_where=sa.text("joined IS NOT NULL"),
        ),
    )  # fmt: skip

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
    absent_runs: Mapped[int] = mapped_column(default=0)
    raw_digest: Mapped[str] = mapped_column(sa.String(64), default="")
    repairs: Mapped[list[Any]] = mapped_column(Json, default=list)
    joined: Mapped[dict[str, Any] | None] = mapped_column(Json)


class SourceRank(Base):
    """The order of sources as coordinators set it: of two that say something of one field, the first is believed.

    A source without a row comes after, in the order of the setting ``sources``, then by name. ``pending``: it has
    moved, and sheets are still to be computed again.
    """

    __tablename__ = "source_rank"

    source: Mapped[str] = mapped_column(sa.String(40), primary_key=True)
    position: Mapped[int]
    pending: Mapped[bool] = mapped_column(default=False)


class SourcePart(Base):
    """One part of the id of a source record. A part belongs to one record at a time."""

    __tablename__ = "source_part"

    source: Mapped[str] = mapped_column(sa.String(40), primary_key=True)
    part: Mapped[str] = mapped_column(sa.String(2000), primary_key=True)
    record_id: Mapped[UUID] = mapped_column(sa.ForeignKey("source_record.id", ondelete="CASCADE"), index=True)


class Override(Base):
    """One field of a structure as a person of the network set it: it beats every source.

    ``value``: the field's value as JSON, under ``"v"`` (``{"v": null}``: the person says that there is none).
    ``source_value``: what the sources said when it was set or last looked at; ``source_now``: what they say now.
    ``conflict_since``: from when the two differ, and from ``value`` too: a person has to look. ``side``:
    ``actors.Side`` of the author; a suggestion that was accepted names the visitor's side and the suggestion.
    """

    __tablename__ = "override"
    __table_args__ = (
        sa.UniqueConstraint("structure_id", "field"),
        sa.Index(
            "ix_override_conflict", "structure_id",
            sqlite_where=sa.text("conflict_since IS NOT NULL"), postgresql_where=sa.text("conflict_since IS NOT NULL"),
        ),
    )  # fmt: skip

    id: Mapped[UUID] = mapped_column(primary_key=True, default=new_id)
    structure_id: Mapped[UUID] = mapped_column(sa.ForeignKey("structure.id", ondelete="CASCADE"), index=True)
    field: Mapped[str] = mapped_column(sa.String(40))
    value: Mapped[dict[str, Any]]
    source_value: Mapped[dict[str, Any]]
    source_now: Mapped[dict[str, Any]]
    conflict_since: Mapped[datetime | None]
    side: Mapped[str] = mapped_column(sa.String(20))
    author_id: Mapped[UUID | None] = mapped_column(index=True)
    suggestion_id: Mapped[UUID | None]
    set_at: Mapped[datetime] = mapped_column(default=utcnow)


class FieldChange(Base):
    """The history of a sheet: one value that changed, from what to what, when, by whom and why. Never updated.

    ``before`` and ``after``: under ``"v"``, as they were shown. ``field`` is "" for what concerns the whole sheet
    (created, verified, closed, merged…). ``source``: of an import. ``ref``: the suggestion, import run or offer.
    """

    __tablename__ = "field_change"
    __table_args__ = (
        sa.Index("ix_field_change_sheet", "structure_id", "id"),
        sa.Index("ix_field_change_ref", "ref", "id"),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True, default=new_id)
    structure_id: Mapped[UUID] = mapped_column(sa.ForeignKey("structure.id", ondelete="CASCADE"))
    field: Mapped[str] = mapped_column(sa.String(40), default="")
    before: Mapped[dict[str, Any]]
    after: Mapped[dict[str, Any]]
    at: Mapped[datetime] = mapped_column(default=utcnow)
    cause: Mapped[str] = mapped_column(sa.String(20))
    side: Mapped[str] = mapped_column(sa.String(20))
    author_id: Mapped[UUID | None] = mapped_column(index=True)
    source: Mapped[str | None] = mapped_column(sa.String(40))
    ref: Mapped[UUID | None]


class Suggestion(Base):
    """What anyone says is wrong on a sheet: a value to put instead, or a fact (closed, twice, wrong place).

    ``reason``: what the form asked (``suggestions.REASONS``). ``field``, ``proposed`` (under ``"v"``): when what was
    written could be read as a value of one field; ``seen`` is what the sheet said then. ``nonce`` is the form's: the
    same form sent twice is one suggestion. ``contact``: the sender's own address, erased 30 days after the answer,
    and after a year in any case.
    """

    __tablename__ = "suggestion"

    id: Mapped[UUID] = mapped_column(primary_key=True, default=new_id)
    structure_id: Mapped[UUID] = mapped_column(sa.ForeignKey("structure.id", ondelete="CASCADE"), index=True)
    reason: Mapped[str] = mapped_column(sa.String(20))
    field: Mapped[str | None] = mapped_column(sa.String(40))
    proposed: Mapped[dict[str, Any] | None]
    seen: Mapped[dict[str, Any] | None]
    message: Mapped[str] = mapped_column(sa.Text)
    contact: Mapped[str | None] = mapped_column(sa.String(254))
    author_id: Mapped[UUID | None] = mapped_column(index=True)
    language: Mapped[str] = mapped_column(sa.String(10))
    nonce: Mapped[UUID] = mapped_column(unique=True)
    created_at: Mapped[datetime] = mapped_column(default=utcnow)
    state: Mapped[str] = mapped_column(sa.String(10), default=SuggestionState.OPEN.value, index=True)
    decided_at: Mapped[datetime | None]
    decided_by: Mapped[UUID | None]
    answer: Mapped[str] = mapped_column(sa.Text, default="")
