"""The addresses of what keeps a sheet true, and what one needs to see them: read by ``tests/test_app.py``."""

from reseau.web.security import Permission

_READ, _REPORT, _EDIT = Permission.DIRECTORY_READ, Permission.REPORT_CREATE, Permission.SHEET_EDIT
_VERIFY, _DESK = Permission.SHEET_VERIFY, Permission.DESK_READ

ROUTES = {
    "editing.history": ("/annuaire/{slug}-{id}/historique", {"GET": Permission.SHEET_HISTORY}),
    "editing.restore": ("/annuaire/{slug}-{id}/historique/{change}/remettre", {"GET": _EDIT, "POST": _EDIT}),
    "editing.conflicts": ("/annuaire/{slug}-{id}/ecarts", {"GET": _EDIT, "POST": _EDIT}),
    "editing.verify": ("/annuaire/{slug}-{id}/verifier", {"GET": _VERIFY, "POST": _VERIFY}),
    "editing.rhythm": ("/annuaire/{slug}-{id}/rythme", {"POST": _EDIT}),
    "editing.suggest": ("/annuaire/{slug}-{id}/signaler", {"GET": _REPORT, "POST": _REPORT}),
    "editing.verify.link": ("/verifier/{token}", {"GET": _READ, "POST": _READ}),
    "editing.desk.conflicts": ("/gestion/ecarts", {"GET": _DESK}),
    "editing.desk.suggestions": ("/gestion/suggestions", {"GET": _DESK}),
    "editing.suggestion": ("/gestion/suggestions/{suggestion}", {"GET": _EDIT}),
    "editing.suggestion.accept": ("/gestion/suggestions/{suggestion}/accepter", {"POST": _EDIT}),
    "editing.suggestion.done": ("/gestion/suggestions/{suggestion}/fait", {"POST": _EDIT}),
    "editing.suggestion.refuse": ("/gestion/suggestions/{suggestion}/refuser", {"POST": _EDIT}),
}
