"""What a resource is: its content, its versions, its translation units, its plain-file form.

What it is not: pages. It knows no Pyramid. Other parts of ``resources`` call its services.
"""

from resources.base import people  # noqa: F401 (says to ``core.personal`` what is held of a person, whoever imports us)
