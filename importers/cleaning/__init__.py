"""Named rules that mend what registers write: each one says when it applies and what it does.

**Is**: pure functions of a cell (``texts``, ``codes``, ``places``, ``reach``), which give its value, a reason when it
cannot be used, and the steps of the rules that changed it (``rules``); a French sentence for each rule (``words``).
**Is not**: a geocoder; a guess (what could be repaired in two ways is unknown); a reader of files.

No tables, no addresses, no permissions.
"""
