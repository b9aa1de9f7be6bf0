"""An issue of the letter as HTML and as text, in a language; what is wrong with it before it leaves.

What it is: ``reading_rows.content_of`` makes plain values of the rows of an issue, ``compose.compose`` makes a mail of
them (pure: no session, no request), ``checks.check`` reads both. What it is not: it sends nothing and personalises
nothing (``content.LEAVE``, ``content.CODE`` stay in what it makes), and has no page.

Tables: it reads ``letter_issue``, ``letter_line``, ``relay``. Addresses: none of its own; ``addresses`` says where the
pages of ``reading`` are. Permissions: none. Why the mail looks as it does: docs/decisions/031-letter-format.md.
"""
