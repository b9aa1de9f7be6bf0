"""What rooms register when they are imported: cards, what people are told. For processes that serve no page."""

from __future__ import annotations

import resources.base.cards  # noqa: F401
