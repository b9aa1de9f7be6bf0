"""The addresses of entering and of one's own account, and what one needs to see them."""

from reseau.web.security import Permission

_ENTER, _OWN = Permission.ACCOUNT_ENTER, Permission.ACCOUNT_OWN

ROUTES = {
    "members.sign_in": ("/connexion", {"GET": _ENTER, "POST": _ENTER}),
    "members.sign_in.sent": ("/connexion/envoye", {"GET": _ENTER}),
    "members.sign_in.link": ("/connexion/lien/{token}", {"GET": _ENTER, "POST": _ENTER}),
    "members.sign_in.resume": ("/connexion/reprendre", {"GET": _OWN}),
    "members.sign_in.discard": ("/connexion/reprendre/jeter", {"POST": _OWN}),
    "members.account": ("/compte", {"GET": _OWN, "POST": _OWN}),
    "members.account.session": ("/compte/sessions/{id}/fermer", {"POST": _OWN}),
    "members.sign_out": ("/compte/deconnexion", {"POST": _ENTER}),
    "members.sign_out.everywhere": ("/compte/deconnexion-partout", {"POST": _OWN}),
    "members.account.address": ("/compte/adresse", {"GET": _OWN, "POST": _OWN}),
    "members.account.address.link": ("/compte/adresse/{token}", {"GET": _OWN, "POST": _OWN}),
    "members.account.data": ("/compte/mes-donnees.json", {"GET": _OWN}),
    "members.account.delete": ("/compte/supprimer", {"GET": _OWN, "POST": _OWN}),
    "members.personal_data": ("/donnees-personnelles", {"GET": Permission.DIRECTORY_READ}),
}
