from odoo import api, models
from odoo.tools import SQL


class CollectionReader(models.AbstractModel):
    """What the database server needs to take the addon away."""

    _inherit = "collection.reader"

    @api.model
    def _read_lock_room(self, tables):
        """How many locks the removal of ``tables`` takes at once, and how many the server has left: ``(needed, free)``.

        A table is locked with its indexes, its sequence and what is stored beside it, until the end of the transaction. Half
        as many again are for the tables between two models and for core's own.
        """
        return self.env.execute_query(SQL(
            """WITH mine AS (SELECT oid FROM pg_class WHERE relkind = 'r' AND relnamespace = current_schema::regnamespace AND relname IN %s)
               SELECT (4 * (SELECT count(*) FROM mine) + (SELECT count(*) FROM pg_index WHERE indrelid IN (SELECT oid FROM mine))) * 3 / 2,
                      current_setting('max_locks_per_transaction')::int
                          * (current_setting('max_connections')::int + current_setting('max_prepared_transactions')::int)
                          - (SELECT count(*) FROM pg_locks)""", tuple(tables)))[0]
