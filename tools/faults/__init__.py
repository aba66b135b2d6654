"""Tests from outside the process: kill a worker, race two, starve one; run by `./dev test faults`; `campaign.py` is `./dev faults`.

Each test finds by environment variables: ACC_DB (a fresh database with the addon), ACC_ODOO_BIN (runs Odoo with
this checkout's configuration), ACC_ODOO_CONF and ACC_PYTHON. `from tools import database, server` works.
"""
