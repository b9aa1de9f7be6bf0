"""What rooms register when they are imported: cards, what people are told. For processes that serve no page."""

from __future__ import annotations

import feeds.newsletter.reading.cards
import feeds.newsletter.registered
import feeds.newsletter.subscribing.counts
import feeds.newsletter.subscribing.holding
import feeds.newsletter.writing.awaiting
import feeds.syndication.following.holding  # noqa: F401
import importers.calendars.awaiting
import importers.matching.awaiting
import importers.veille.awaiting  # noqa: F401
import reseau.groups.cards
import reseau.groups.documents
import reseau.groups.inviting
import reseau.groups.personal
import reseau.groups.telling
import reseau.indicators.counts
import reseau.label.awaiting
import reseau.label.cards
import reseau.label.personal
import reseau.notices.holding
import reseau.threads.base.cards
import reseau.threads.base.personal
import reseau.threads.telling
import reseau.threads.writing.enclosed  # noqa: F401 (what files of posts hang on)
import resources.base.cards  # noqa: F401
