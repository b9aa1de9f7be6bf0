"""Small pieces of HTML that publishers put together: everything is escaped here."""

from __future__ import annotations

from collections.abc import Iterable
from html import escape


def paragraph(text: str) -> str:
    """Plain text with its lines, or "" for none."""
    lines = [escape(line.strip(), quote=False) for line in text.splitlines() if line.strip()]
    return f"<p>{'<br>'.join(lines)}</p>" if lines else ""


def facts(pairs: Iterable[tuple[str, str]]) -> str:
    """(what, value) one below the other; pairs without a value are passed over."""
    lines = [
        f"<strong>{escape(what, quote=False)}</strong> {escape(value, quote=False)}" for what, value in pairs if value
    ]
    return f"<p>{'<br>'.join(lines)}</p>" if lines else ""
