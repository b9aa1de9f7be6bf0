"""What the worker does for searches that people follow."""

from __future__ import annotations

from datetime import timedelta

from feeds.syndication.following.alerting import alert
from reseau.core.jobs import Job

JOBS: tuple[Job, ...] = (Job("alertes-recherches", timedelta(minutes=5), alert),)
