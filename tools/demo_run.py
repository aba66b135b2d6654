"""Runs inside `odoo shell` of the demo database (`env` is given): one follow-up run and its summary."""
print("no run yet")
