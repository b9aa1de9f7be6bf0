"""``reseau role``: the first administrator of a site has nobody to be named by; whoever runs the machine names them."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from reseau.core import audit
from reseau.core.actors import SYSTEM
from reseau.core.clock import utcnow
from reseau.core.db import session_factory
from reseau.members import governance, invitations, signin
from reseau.members.governance import Done
from reseau.web.security import SITE_ROLES

if TYPE_CHECKING:
    from sqlalchemy.orm import Session

    from reseau.cli import App
    from reseau.settings import Settings

ROLES = [role.value for role in SITE_ROLES]


@click.command()
@click.argument("adresse")
@click.argument("role", type=click.Choice(ROLES))
@click.option("--retirer", is_flag=True, help="Retirer ce rôle au lieu de le donner.")
@click.pass_obj
def role(app: App, adresse: str, role: str, retirer: bool) -> None:
    """Donne un rôle sur tout le site à une adresse mail ; le compte est créé s'il n'existe pas."""
    email = invitations.clean_address(adresse)
    if email is None:
        raise click.BadParameter("ce n'est pas une adresse mail complète", param_hint="ADRESSE")
    with session_factory(app.engine).begin() as session:
        said = _remove(session, email, role) if retirer else _give(session, email, role, app.settings)
    click.echo(f"{email} : {said}")


def _give(session: Session, email: str, role: str, settings: Settings) -> str:
    now = utcnow()
    person = invitations.account(session, email, "", settings.default_language, now)
    done = governance.add_role(session, email, role, person.lang, None, settings, now).done
    if done is Done.SUSPENDED:
        raise click.ClickException("Ce compte est suspendu : il ne peut pas recevoir de rôle.")
    if done is Done.NOTHING:
        return f"a déjà le rôle {role}."
    audit.record(session, SYSTEM, "role.add", now, person.id, role=role)
    return f"{role} donné. La personne se connecte avec son adresse mail."


def _remove(session: Session, email: str, role: str) -> str:
    now, person = utcnow(), signin.by_address(session, email)
    done = governance.remove_role(session, person.id, role, now) if person else Done.NOT_THERE
    if person is None or done is Done.NOT_THERE:
        raise click.ClickException(f"Cette adresse n'a pas le rôle {role} : rien n'a changé.")
    if done is Done.LAST_ADMINISTRATOR:
        raise click.ClickException("C'est la dernière personne qui administre le site : nommez-en d'abord une autre.")
    audit.record(session, SYSTEM, "role.remove", now, person.id, role=role)
    return f"{role} retiré."
