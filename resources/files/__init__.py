"""What is attached to resources, posts and documents: uploads, storage, pictures and words of files, downloads, quotas.

What it is not: it decides nothing of what a resource says. It has no form: a form of another part sends files.

To take files in a view (see ``upload_views``)::

    @view_config(…, request_method="POST", takes_files=True)     # at an address of ``admission.TAKES_FILES``
    def save(context, request):
        sent = request.upload                                    # fields are in request.POST too
        if sent.error: …422, sentence(sent.error, Wording.of(request.lang))      # files.errors
        staged, name = sent.file("fichier")                      # or None
        ref = services.add(request.db, request.registry["files"], resource, staged, name, by, structure_id, now,
                           request.registry["files.limits"], inspected=True)     # UploadError; FileRef

The form is ``enctype="multipart/form-data"`` and its **first** field is ``ui.csrf_field()``.

For pages: ``services.about(session, shas)``, ``services.left``; addresses by ``serving.address(ref)``,
``picture_address``, ``preview_address``; ``errors.UNREADABLE_TEXT``. For the index: ``services.texts(session, shas)``.

What posts and documents have: ``attached``; their forms: ``forming``.

Tables: ``stored_file``, ``file_use``, ``attached_file`` (``base.models``).
Addresses: ``/fichiers/{sha}/{name}``, ``/fichiers/{sha}/apercu.webp``, ``/fichiers/{sha}/image.webp``.
Permissions: ``resource:read``; what is for the network, or a draft, is refused by the view; for what a post or a
document has, the view asks ``registry["files.owners"]``.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pyramid.config import Configurator


def includeme(config: Configurator) -> None:
    """Uploads, routes, views, what authors are told on the page of their resource."""
    from reseau.core.files import FileStore
    from resources.files import panel
    from resources.files.pictures import Pictures

    config.registry["files.pictures"] = Pictures(FileStore(config.registry.settings_typed.files_dir))
    config.registry.setdefault("resource.panels", []).append(panel.TEMPLATE)
    config.add_request_method(panel.unreadable_files, "unreadable_files")
    config.include("resources.files.upload_views")
    config.include("resources.files.routes")
    config.scan("resources.files.files_views")
