"""The agenda: dates of the network and its partners.

What it is: the table of events and its services: what calendars bring (``bringing``), what the coordination keeps of it
and what is to come (``services``). What it is not yet: a room with pages for the public; the tray where what comes in
is sorted is at ``/gestion/agenda`` (``importers.calendars``). Tables: ``event``. In the log: ``event``, for kept ones.
"""
