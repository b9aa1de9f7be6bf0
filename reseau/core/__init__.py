"""What all rooms stand on: database, types, ids, clock, change log, text, hours, vocabularies.

Knows no room and no Pyramid: everything here can be used from a command, a test or another program.
"""
