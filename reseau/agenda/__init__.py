"""The agenda: dates of the network and its partners. Its table only, for now: importers fill a tray.

What it is not yet: a room with pages. Tables: ``event``.
"""
