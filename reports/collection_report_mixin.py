from odoo import api, fields, models
from odoo.exceptions import AccessError
from odoo.tools import SQL


class CollectionReportMixin(models.AbstractModel):
    """What reports on journal items share: whose item it is, and the way to its entry.

    Columns stand in joins on unique keys and in subqueries, so that PostgreSQL leaves out what a question does not ask for.
    """

    _name = "collection.report.mixin"
    _description = "Report on journal items"

    item_id = fields.Many2one("account.move.line", "Journal item", readonly=True)
    move_id = fields.Many2one("account.move", "Journal entry", readonly=True)
    document = fields.Char(readonly=True)
    company_id = fields.Many2one("res.company", readonly=True)
    root_id = fields.Many2one("res.company", "Company group", readonly=True, help="The company at the top of the branches.")
    partner_id = fields.Many2one("res.partner", "Customer", readonly=True)
    profile_id = fields.Many2one("credit.profile", "Credit profile", readonly=True)
    segment_id = fields.Many2one("credit.segment", readonly=True)
    collector_id = fields.Many2one("res.users", readonly=True, help="The customer's collector today.")
    salesperson_id = fields.Many2one("res.users", readonly=True, help="The salesperson of the invoice, else the customer's.")
    country_id = fields.Many2one("res.country", readonly=True)
    account_id = fields.Many2one("account.account", readonly=True)
    currency_id = fields.Many2one("res.currency", readonly=True)
    company_currency_id = fields.Many2one("res.currency", "Company currency", readonly=True)
    date = fields.Date("Booked on", readonly=True)

    # ------------------------------------------------------------------ SQL

    @api.model
    def _owner_joins(self):
        """From journal items ``i``: company ``c``, customer ``o``, its standing ``f``, document ``m``."""
        return SQL(
            """LEFT JOIN res_company c ON c.id = i.company_id
               LEFT JOIN res_partner p ON p.id = i.partner_id
               LEFT JOIN res_partner o ON o.id = p.commercial_partner_id
               LEFT JOIN credit_profile f ON f.company_id = split_part(c.parent_path, '/', 1)::int AND f.partner_id = p.commercial_partner_id
               LEFT JOIN account_move m ON m.id = i.move_id""")

    @api.model
    def _owner_columns(self, segment):
        """Whose an item is; its ``segment`` is that of a day, the collector today's."""
        return SQL(
            """split_part(c.parent_path, '/', 1)::int AS root_id, p.commercial_partner_id AS partner_id, f.id AS profile_id,
               %s AS segment_id, f.collector_id, COALESCE(m.invoice_user_id, o.user_id) AS salesperson_id, o.country_id""", segment)

    @api.model
    def _segment_sql(self, day, moved=None):
        """The segment of ``day``: the target of the last move on or before it; before the first move, that of the first.

        ``moved`` is that target where ``_segments_sql`` was joined.
        """
        moved = moved or SQL("(SELECT t.to_id FROM credit_segment_move t WHERE t.profile_id = f.id ORDER BY %s LIMIT 1)", self._move_order(day))
        return SQL("CASE WHEN f.segment_since <= %s THEN f.segment_id ELSE %s END", day, moved)

    @api.model
    def _segments_sql(self, day):
        """The targets for all customers at once who moved since ``day``: one day needs no look-up per item."""
        return SQL(
            """SELECT DISTINCT ON (t.profile_id) t.profile_id, t.to_id
                 FROM credit_segment_move t JOIN credit_profile w ON w.id = t.profile_id AND (w.segment_since > %s OR w.segment_since IS NULL)
                ORDER BY t.profile_id, %s""", day, self._move_order(day))

    @api.model
    def _move_order(self, day):
        """Moves ``t`` with the one that counts on ``day`` first."""
        return SQL("t.day > %(day)s, abs(t.day - %(day)s), CASE WHEN t.day > %(day)s THEN t.id ELSE -t.id END", day=day)

    @api.model
    def _items_condition(self, companies, last_day):
        """Posted receivable items ``l`` up to a day, of some companies or of all."""
        return SQL(
            """l.parent_state = 'posted' AND l.account_id IN (SELECT id FROM account_account WHERE account_type = 'asset_receivable') %s %s""",
            SQL("AND l.date <= %s", last_day) if last_day else SQL(),
            SQL("AND l.company_id IN %s", tuple(companies.ids) or (0,)) if companies is not None else SQL())

    @api.model
    def _flush_depends(self):
        """What the SQL reads, also where it is not run by the ORM."""
        for model, names in self._depends.items():
            self.env[model].flush_model(names)

    @api.model
    def _read_group_orderby(self, order, groupby_terms, query):
        """Classes and kinds stand in their own order, not in that of their codes."""
        ranked = {term: self._rank_sql(term, sql) for term, sql in groupby_terms.items()}
        result = super()._read_group_orderby(order, ranked, query)
        groupby_terms.update((term, sql) for term, sql in ranked.items() if not self._is_ranked(term))
        return result

    @api.model
    def _is_ranked(self, term):
        return term in self._fields and self._fields[term].type == "selection"

    @api.model
    def _rank_sql(self, term, sql):
        return SQL("array_position(%s, %s::text)", self._fields[term].get_values(self.env), sql) if self._is_ranked(term) else sql

    # ------------------------------------------------------------------ opening

    def action_open_document(self):
        """The journal entry behind a row; its customer for those who see no entries."""
        self.ensure_one()
        self._check_viewer()
        return self.profile_id._open_entry(self.move_id)

    def _check_viewer(self):
        if not self.env.user.has_group("account_credit_collection.group_viewer"):
            raise AccessError(self.env._("Reports on receivables are for those who may see them: ask a credit manager for the right."))
        self.check_access("read")
