"""Real PostgreSQL and Valkey from Python wheels for the demo, the tests and development.

Imports nothing of the application. Production names its own servers and never starts these.
"""
