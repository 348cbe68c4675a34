"""Durable cycles per second: start, pause, answer from another process, finish; ours beside others.

Each contender runs in processes of its own on one PostgreSQL, in a database of its own: pairs of a
starter and an answerer, and workers where it has them. The starter hands the ids of what it started
to its answerer through a pipe; everything else goes through the database.
"""
