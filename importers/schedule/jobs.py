"""What the worker does for the importers."""

from __future__ import annotations

from reseau.core.jobs import Job

JOBS: tuple[Job, ...] = ()
