"""What comes back: letters that were not delivered (RFC 3464 and the texts of older servers), complaints (RFC 5965),
and the mails by which readers unsubscribe (RFC 2369).

What it is: ``reseau letter bounce`` (a message on standard input, or the mailbox of ``letter_inbox``) and a job that
reads the mailbox. ``parsing`` takes a message apart, ``judging`` says what a server's words mean, ``services`` counts
against the address and stops writing to it.

What it is not: it believes nobody who cannot prove of which delivery they speak (``links.bounced``). What it cannot
read stays in the mailbox, starred, and in the list of ``listing``. An answer by mail, an absence count for nothing.

Tables: ``bounce_event``; it changes ``subscriber``, ``delivery.bounce``, ``consent_event``, ``suppression``. Addresses
and pages: none. Permissions: none. Decision 035.
"""
