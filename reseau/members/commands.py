"""``reseau role``: the first administrator of a site has nobody to be named by; whoever runs the machine names them."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from reseau.core import audit
from reseau.core.actors import SYSTEM
from reseau.core.clock import utcnow
from reseau.core.db import session_factory
from reseau.members import governance, invitations
from reseau.members.models import PersonState
from reseau.web.security import SITE_ROLES

if TYPE_CHECKING:
    from reseau.cli import App

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
    now = utcnow()
    with session_factory(app.engine).begin() as session:
        person = invitations.account(session, email, "", app.settings.default_language, now)
        if person.state != PersonState.ACTIVE.value:
            raise click.ClickException("Ce compte est suspendu : il ne peut pas recevoir de rôle.")
        if retirer:
            done = governance.remove_role(session, person.id, role)
        else:
            done = governance.add_role(session, email, role, person.lang, None, app.settings, now)
        if done is governance.Done.LAST_ADMINISTRATOR:
            raise click.ClickException(
                "C'est la dernière personne qui administre le site : nommez-en d'abord une autre."
            )
        if done is governance.Done.DONE:
            audit.record(session, SYSTEM, "role.remove" if retirer else "role.add", now, person.id, role=role)
    click.echo(f"{email} : {role} {'retiré' if retirer else 'donné'}. La personne se connecte avec son adresse mail.")
