"""What a resource is: its content, its versions, its translation units, its plain-file form.

What it is not: pages. It knows no Pyramid. Other parts of ``resources`` call its services.
"""
