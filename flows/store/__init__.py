"""Every lock, lease and raw query.

Two rules keep deadlocks out: a transaction locks execution rows before anything else, and a
statement that locks several locks them in the order of their ids.
"""
