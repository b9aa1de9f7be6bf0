"""What parts of the letter register in each other and in the house: for pages, and for processes that serve none."""

from __future__ import annotations

import feeds.newsletter.bounces.holding
import feeds.newsletter.relaying.counts
import feeds.newsletter.relaying.holding
import feeds.newsletter.relaying.own  # noqa: F401
from feeds.newsletter.bounces.services import refused
from feeds.newsletter.sending.hooks import on_refused

on_refused(refused)
