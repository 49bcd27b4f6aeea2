"""Lists that come in from outside: read safely, recognised, checked, previewed, applied and undone."""
