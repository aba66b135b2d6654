import itertools

from odoo import api, models
from odoo.tools import SQL

BATCH = 2_000
_numbers = itertools.count()


class CollectionReader(models.AbstractModel):
    """Any number of rows of a report, some at a time."""

    _inherit = "collection.reader"

    @api.model
    def _stream_rows(self, records, domain, names, order):
        """Yield the stored fields ``names`` of all rows that the user may see, as lists of tuples.

        The database works the question out once and hands its rows over in batches: asking again for each batch
        would work out a report again each time, and all rows at once would not fit into memory.
        """
        query = records._search(domain, order=order)
        columns = [records._field_to_sql(query.table, name, query) for name in names]
        cursor = SQL.identifier(f"collection_rows_{next(_numbers)}")
        self.env.execute_query(SQL("DECLARE %s NO SCROLL CURSOR FOR %s", cursor, query.select(*columns)))
        while rows := self.env.execute_query(SQL("FETCH %s FROM %s", BATCH, cursor)):
            yield rows
        self.env.execute_query(SQL("CLOSE %s", cursor))  # after an error the transaction closes it
