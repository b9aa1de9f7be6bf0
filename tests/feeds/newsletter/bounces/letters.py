"""Messages as servers send them when a letter cannot be delivered. Written by hand, in the shape of each."""

from __future__ import annotations

LETTER = """\
Return-Path: <{verp}>
From: Lettre du reseau <lettre@reseau.example>
To: {to}
Subject: La lettre de novembre
Message-ID: <letter-1@reseau.example>
List-Unsubscribe: <https://reseau.example/lettre/d/{key}>, <mailto:lettre@reseau.example?subject=leave>

Bonjour, voici la lettre.
"""

POSTFIX = """\
Return-Path: <>
Date: Tue, 24 Nov 2026 09:00:00 +0000 (UTC)
From: MAILER-DAEMON@mx.ailleurs.example (Mail Delivery System)
Subject: Undelivered Mail Returned to Sender
To: {verp}
Auto-Submitted: auto-replied
Message-ID: <20261124090000.AAAA@mx.ailleurs.example>
MIME-Version: 1.0
Content-Type: multipart/report; report-type=delivery-status; boundary="AAAA/mx"

This is a MIME-encapsulated message.

--AAAA/mx
Content-Description: Notification
Content-Type: text/plain; charset=us-ascii

This is the mail system at host mx.ailleurs.example.

I'm sorry to have to inform you that your message could not
be delivered to one or more recipients. It's attached below.

<{to}>: host mx1.ailleurs.example[192.0.2.7] said: {code} {status} {words}
    (in reply to RCPT TO command)

--AAAA/mx
Content-Description: Delivery report
Content-Type: message/delivery-status

Reporting-MTA: dns; mx.ailleurs.example
X-Postfix-Queue-ID: AAAA
X-Postfix-Sender: rfc822; {verp}
Arrival-Date: Tue, 24 Nov 2026 08:59:00 +0000 (UTC)

Final-Recipient: rfc822; {to}
Original-Recipient: rfc822;{to}
Action: {action}
Status: {status}
Remote-MTA: dns; mx1.ailleurs.example
Diagnostic-Code: smtp; {code} {status} {words}

--AAAA/mx
Content-Description: Undelivered Message
Content-Type: message/rfc822

{letter}
--AAAA/mx--
"""

#: Exchange Online: a page of HTML, the true code in the diagnostic only.
MICROSOFT = """\
From: postmaster@ailleurs.example
To: {verp}
Date: Tue, 24 Nov 2026 09:00:00 +0000
Content-Type: multipart/report; report-type=delivery-status;
\tboundary="b1_microsoft"
MIME-Version: 1.0
Message-ID: <m1@PROD.OUTLOOK.EXAMPLE>
Subject: =?utf-8?B?Tm9uIHJlbWlzwqA6IExhIGxldHRyZQ==?=
Auto-Submitted: auto-replied

--b1_microsoft
Content-Type: multipart/alternative; differences=Content-Type; boundary="b2_microsoft"

--b2_microsoft
Content-Type: text/plain; charset="utf-8"
Content-Transfer-Encoding: quoted-printable

Votre message =C3=A0 {to} n=E2=80=99a pas pu =C3=AAtre remis.

--b2_microsoft
Content-Type: text/html; charset="utf-8"

<p>Votre message n'a pas pu &ecirc;tre remis.</p>

--b2_microsoft--

--b1_microsoft
Content-Type: message/delivery-status

Reporting-MTA: dns;PR0P264MB0001.FRAP264.PROD.OUTLOOK.EXAMPLE
Received-From-MTA: dns;mx.reseau.example
Arrival-Date: Tue, 24 Nov 2026 08:59:00 +0000

Final-Recipient: rfc822;{to}
Action: failed
Status: 5.0.0
Diagnostic-Code: smtp;550 5.1.10 RESOLVER.ADR.RecipientNotFound; Recipient not found by SMTP address lookup

--b1_microsoft--
"""

#: An old Exchange: recipient in X.400, no Action, the code only in the text.
X400 = """\
From: Administrateur du systeme <postmaster@hopital.example>
To: {verp}
Subject: Rapport de non-remise
Message-ID: <x400@hopital.example>
MIME-Version: 1.0
Content-Type: multipart/report; report-type=delivery-status; boundary=x400

--x400
Content-Type: text/plain; charset=iso-8859-1
Content-Transfer-Encoding: 8bit

Votre message n'a pas atteint certains de ses destinataires.
  marie@hopital.example le 24/11/2026
  L'adresse n'a pas ete trouvee. <exch01.hopital.example #5.1.1>

--x400
Content-Type: message/delivery-status

Reporting-MTA: dns;exch01.hopital.example

Final-Recipient: x400;/c=FR/a=ATLAS/p=HOPITAL/o=EXCH/s=MARIE

--x400--
"""

EXIM = """\
Return-path: <>
From: Mail Delivery System <Mailer-Daemon@cpanel.example>
To: {verp}
Subject: Mail delivery failed: returning message to sender
Auto-Submitted: auto-replied
X-Failed-Recipients: {to}
Message-Id: <E1exim@cpanel.example>

This message was created automatically by mail delivery software.

A message that you sent could not be delivered to one or more of its
recipients. This is a permanent error. The following address(es) failed:

  {to}
    {words}

------ This is a copy of the message, including all the headers. ------

{letter}
"""

QMAIL = """\
Return-Path: <>
Date: 24 Nov 2026 09:00:00 -0000
From: MAILER-DAEMON@vieux.example
To: {verp}
Subject: failure notice
Message-Id: <qmail@vieux.example>

Hi. This is the qmail-send program at vieux.example.
I'm afraid I wasn't able to deliver your message to the following addresses.
This is a permanent error; I've given up. Sorry it didn't work out.

<{to}>:
Sorry, no mailbox here by that name. (#5.1.1)

--- Below this line is a copy of the message.

{letter}
"""

#: A French provider, a text and nothing else, in Latin letters of its own.
FRENCH = """\
Return-Path: <>
From: Postmaster <postmaster@fournisseur.example>
To: {verp}
Subject: =?iso-8859-1?Q?=C9chec_de_la_remise?=
Message-ID: <fr@fournisseur.example>
Content-Type: text/plain; charset=iso-8859-1
Content-Transfer-Encoding: quoted-printable

Bonjour,

Votre message n'a pas pu =EAtre remis =E0 {to} :
bo=EEte aux lettres satur=E9e, l'espace de stockage est d=E9pass=E9.
"""

#: Two recipients and no empty line between them.
SEVERAL = """\
From: MAILER-DAEMON@liste.example
To: {verp}
Subject: Delivery Status Notification
Message-ID: <several@liste.example>
MIME-Version: 1.0
Content-Type: multipart/report; report-type=delivery-status; boundary=many

--many
Content-Type: text/plain

See the report.

--many
Content-Type: message/delivery-status

Reporting-MTA: dns; liste.example

Final-Recipient: rfc822; un@liste.example
Action: {first}
Status: {first_status}
Final-Recipient: rfc822; deux@liste.example
Action: {second}
Status: {second_status}

--many--
"""

ABSENCE = """\
From: {to}
To: {verp}
Subject: =?utf-8?Q?R=C3=A9ponse_automatique_=3A_absente?=
Message-ID: <absence@ailleurs.example>
Auto-Submitted: auto-replied
Content-Type: text/plain; charset=utf-8

Je reviens lundi. En cas d'urgence : 550 5.1.1 rue des Lilas.
"""

ANSWER = """\
From: {to}
To: {verp}
Subject: Re: La lettre de novembre
Message-ID: <answer@ailleurs.example>
Content-Type: text/plain; charset=utf-8

Merci, user unknown me fait toujours rire.
"""

#: What a mail program sends for its user, by the address of List-Unsubscribe.
UNSUBSCRIBE = """\
From: {to}
To: {verp}
Subject: {subject}
Message-ID: <unsubscribe@ailleurs.example>
Content-Type: text/plain; charset=utf-8
{more}
This message was automatically generated.
"""

COMPLAINT = """\
From: <feedback@fai.example>
To: {complaints}
Subject: FW: La lettre de novembre
Message-ID: <arf@fai.example>
MIME-Version: 1.0
Content-Type: multipart/report; report-type=feedback-report; boundary=arf

--arf
Content-Type: text/plain; charset=us-ascii

This is an email abuse report.

--arf
Content-Type: message/feedback-report

Feedback-Type: {kind}
User-Agent: FAI-Feedback/1.0
Version: 1
{more}
--arf
Content-Type: message/rfc822

{letter}
--arf--
"""


def made(
    shape: str,
    verp: str,
    to: str = "marie@ailleurs.example",
    *,
    key: str = "x" * 32,
    letter: str = LETTER,
    **values: str,
) -> bytes:
    """A message of a shape. ``values``: what the shape leaves open."""
    known = {"code": "550", "status": "5.1.1", "action": "failed", "words": "User unknown", "kind": "abuse", "more": "",
             "complaints": verp, "subject": "unsubscribe", "first": "failed", "first_status": "5.1.1", "second": "failed",
             "second_status": "5.1.1"} | values  # fmt: skip
    enclosed = letter.format(verp=verp, to=to, key=key)
    text = shape.format(verp=verp, to=to, letter=enclosed, **known)
    return text.replace("\n", "\r\n").encode("iso-8859-1")
