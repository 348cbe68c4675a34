"""How fast the inbox is with a million waiting: `python -m benchmarks.inbox --help`."""
