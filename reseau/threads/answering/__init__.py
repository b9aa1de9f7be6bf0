"""Answers by mail: a message that answers one of our mails becomes a message of its thread.

What it is: ``reseau mail receive`` (a message on standard input, or a mailbox over IMAP) and a job that reads the
mailbox. ``reading`` takes a message apart, ``recognising`` says what programs wrote, ``stripping`` and ``html`` find
what the person wrote, ``publishing`` makes a post of it or says why not.

What it is not: a mail server, a mailing list, a way to start a thread. It writes to addresses of accounts only.

Tables: ``mail_received``. Addresses and pages: none. Permissions: those of the person who wrote, looked up when the
mail comes.
"""
