from odoo import api, fields, models
from odoo.tools import SQL

KINDS = [("billed", "Billed"), ("credited", "Credited"), ("collected", "Collected"), ("discount", "Discounts"), ("written_off", "Written off"),
         ("exchange", "Exchange differences"), ("other", "Other")]
SALES = ("out_invoice", "out_receipt", "out_refund")
# What stands for money: bank, cash, cards, and the accounts in which payments wait for the bank.
WAITING = ("asset_current", "liability_current")
MONEY = ("asset_cash", "liability_credit_card")
ACCOUNTS = ["account_journal_early_pay_discount_loss_account_id", "income_currency_exchange_account_id", "expense_currency_exchange_account_id",
            "collection_write_off_account_id"]


class CollectionMovement(models.Model):
    """What moved the receivables: each posted receivable item in its parts by kind, which sum to its balance.

    So what was open before a period, with the movements of it, is what is open after it.
    """

    _name = "collection.movement"
    _description = "Movements of Receivables"
    _inherit = ["collection.report.mixin", "collection.own.currency.mixin"]
    _auto = False
    _rec_name = "document"
    _order = "date desc, id desc"
    _depends = {
        "account.move.line": ["account_id", "balance", "company_id", "currency_id", "date", "journal_id", "move_id", "move_name", "name", "parent_state",
                              "partner_id", "tax_line_id"],
        "account.move": ["collection_dispute_id", "collection_settlement_id", "invoice_user_id", "move_type"],
        "account.account": ["account_type", "reconcile"],
        "account.journal": ["type"],
        "account.partial.reconcile": ["discount_move_id", "exchange_move_id"],
        "credit.profile": ["collector_id", "company_id", "partner_id", "segment_id", "segment_since"],
        "credit.segment.move": ["day", "profile_id", "to_id"],
        "res.company": ["parent_path"],
        "res.partner": ["commercial_partner_id", "country_id", "user_id"],
    }

    segment_id = fields.Many2one("credit.segment", readonly=True,
                                 help="The customer's segment on the day of the movement; before its first move, the segment it came to first.")
    kind = fields.Selection(KINDS, readonly=True, help=(
        "Billed: invoices. Credited: credit notes. Collected: what payments carry. Discounts: early payment discounts with their taxes. "
        "Written off: what became an expense. Exchange differences: what rates made of it. Other: the rest, such as opening balances."))
    amount = fields.Monetary(currency_field="company_currency_id", readonly=True,
                             help="In the currency of the company; what lowers the receivables is negative. Open before + movements = open after.")

    # ------------------------------------------------------------------ SQL

    @property
    def _table_query(self):
        return self._movement_sql()

    @api.model
    def _movement_sql(self, companies=None, last_day=None, first_day=None):
        """A query of the movements of ``companies`` (the very ones, branches not added; None: all), both days included.

        Its columns are the fields of this model. An item may have several rows, one per kind.
        """
        self._flush_depends()
        return SQL(
            """SELECT i.id::bigint * 8 + k.number AS id, i.id AS item_id, i.move_id, COALESCE(i.move_name, i.name, '') AS document, i.company_id, %(owner)s,
                      i.account_id, i.currency_id, i.company_currency_id, i.date, i.kind, i.amount
                 FROM (%(parts)s) i
                 JOIN (VALUES %(kinds)s) k(kind, number) ON k.kind = i.kind
                 %(joins)s""",
            owner=self._owner_columns(self._segment_sql(SQL("i.date"))), joins=self._owner_joins(), parts=self._parts_sql(companies, last_day, first_day),
            kinds=SQL(", ").join(SQL("(%s, %s)", kind, number) for number, (kind, _label) in enumerate(KINDS)))

    @api.model
    def _parts_sql(self, companies, last_day, first_day):
        """Items of sales documents are of one kind; those of other entries are what else the entry holds."""
        columns = SQL("l.id, l.move_id, l.move_name, l.name, l.company_id, l.partner_id, l.account_id, l.currency_id, l.company_currency_id, l.date")
        some = SQL("l.balance <> 0 AND %s %s", self._items_condition(companies, last_day), SQL("AND l.date >= %s", first_day) if first_day else SQL())
        return SQL(
            """SELECT %(columns)s, CASE e.move_type WHEN 'out_refund' THEN 'credited' ELSE 'billed' END AS kind, l.balance AS amount
                 FROM account_move_line l JOIN account_move e ON e.id = l.move_id AND e.move_type IN %(sales)s WHERE %(some)s
                UNION ALL
               SELECT %(columns)s, COALESCE(e.whole, part.kind), CASE WHEN e.whole IS NULL THEN part.amount ELSE l.balance END
                 FROM account_move_line l
                 JOIN (%(entries)s) e ON e.id = l.move_id
                 JOIN account_journal j ON j.id = l.journal_id
                 JOIN res_currency u ON u.id = l.company_currency_id
                CROSS JOIN LATERAL (%(sums)s) s
                CROSS JOIN LATERAL (%(split)s) t
                CROSS JOIN LATERAL (%(parts)s) part(kind, amount)
                WHERE CASE WHEN e.whole IS NULL THEN part.amount <> 0 ELSE part.kind = 'other' END AND %(some)s""",
            columns=columns, sales=SALES, some=some, entries=self._entries_sql(), sums=self._entry_sums_sql(), split=self._entry_split_sql(),
            parts=self._item_parts_sql())

    @api.model
    def _entries_sql(self):
        """Entries that are no sales documents; ``whole``: the kind of all of it, where that is known by what it was made for."""
        return SQL(
            """SELECT q.id, CASE WHEN q.move_type <> 'entry' THEN 'other'
                                 WHEN q.id IN (SELECT r.exchange_move_id FROM account_partial_reconcile r WHERE r.exchange_move_id IS NOT NULL) THEN 'exchange'
                                 WHEN q.id IN (SELECT r.discount_move_id FROM account_partial_reconcile r WHERE r.discount_move_id IS NOT NULL) THEN 'discount'
                                 WHEN q.collection_dispute_id IS NOT NULL OR q.collection_settlement_id IS NOT NULL THEN 'written_off' END AS whole
                 FROM account_move q WHERE q.move_type NOT IN %s""", SALES)

    @api.model
    def _entry_sums_sql(self):
        """What the entry of item ``l`` holds, with the sign it has for receivables: ``net`` of its receivable items, where ``l`` is on their side.

        ``same``: of those of the sign of ``l``. An item of the other side, as of a transfer between customers, is of no kind.
        """
        return SQL(
            """SELECT sum(x.balance) FILTER (WHERE x.kind = 'receivable' AND sign(x.balance) = sign(l.balance)) AS same,
                      CASE WHEN sign(sum(x.balance) FILTER (WHERE x.kind = 'receivable')) = sign(l.balance)
                           THEN sum(x.balance) FILTER (WHERE x.kind = 'receivable') ELSE 0 END AS net,
                      COALESCE(-sum(x.balance) FILTER (WHERE x.kind = 'discount'), 0) AS discount,
                      COALESCE(-sum(x.balance) FILTER (WHERE x.kind = 'exchange'), 0) AS exchange,
                      COALESCE(-sum(x.balance) FILTER (WHERE x.kind = 'written_off'), 0) AS written_off,
                      COALESCE(-sum(x.balance) FILTER (WHERE x.kind = 'tax'), 0) AS tax,
                      COALESCE(-sum(x.balance) FILTER (WHERE x.kind = 'money' AND j.type IN ('bank', 'cash', 'credit')), 0) AS money
                 FROM (SELECT y.balance, %(kind)s AS kind FROM account_move_line y JOIN account_account a ON a.id = y.account_id
                        WHERE y.move_id = l.move_id) x""", kind=self._line_kind_sql())

    @api.model
    def _line_kind_sql(self):
        """What a line ``y`` on account ``a`` is, by the accounts that the companies chose."""
        # sudo: an entry is of the same kind, whoever looks
        companies = self.env["res.company"].sudo().search_fetch([], ACCOUNTS)
        discounts = companies.account_journal_early_pay_discount_loss_account_id
        exchanges = companies.income_currency_exchange_account_id | companies.expense_currency_exchange_account_id
        return SQL(
            """CASE WHEN a.account_type = 'asset_receivable' THEN 'receivable'
                    WHEN y.account_id IN %(discounts)s THEN 'discount'
                    WHEN y.account_id IN %(exchanges)s THEN 'exchange'
                    WHEN y.tax_line_id IS NOT NULL THEN 'tax'
                    WHEN a.account_type LIKE 'expense%%' OR y.account_id IN %(write_offs)s THEN 'written_off'
                    WHEN a.account_type IN %(money)s OR a.account_type IN %(waiting)s AND a.reconcile THEN 'money' END""",
            discounts=tuple(discounts.ids) or (0,), exchanges=tuple(exchanges.ids) or (0,), money=MONEY, waiting=WAITING,
            write_offs=tuple(companies.collection_write_off_account_id.ids) or (0,))

    @api.model
    def _entry_split_sql(self):
        """How ``net`` is made up: discounts, exchange differences, write-offs and money in turn, none more than what is left; the rest is other.

        Taxes go with the discount, or else with the write-off, that they are a part of. ``OFFSET 0`` keeps PostgreSQL from
        working each step out again wherever it is used.
        """
        discount = _within(SQL("s.discount + CASE WHEN s.discount <> 0 THEN s.tax ELSE 0 END"), SQL("s.net"))
        written = SQL("s.written_off + CASE WHEN s.discount = 0 AND s.written_off <> 0 THEN s.tax ELSE 0 END")
        return SQL(
            """SELECT three.*, %(collected)s AS collected FROM (
                   SELECT two.*, %(written_off)s AS written_off FROM (
                       SELECT one.*, %(exchange)s AS exchange FROM (SELECT %(discount)s AS discount OFFSET 0) one OFFSET 0) two OFFSET 0) three OFFSET 0""",
            discount=discount, exchange=_within(SQL("s.exchange"), SQL("(s.net - one.discount)")),
            written_off=_within(written, SQL("(s.net - two.discount - two.exchange)")),
            collected=_within(SQL("s.money"), SQL("(s.net - three.discount - three.exchange - three.written_off)")))

    @api.model
    def _item_parts_sql(self):
        """The parts of item ``l``: its share of each kind, rounded; what is left is collected where nothing is other, so that no cent is lost."""
        share = {kind: SQL("round(%s * l.balance / s.same, u.decimal_places)", SQL.identifier("t", kind))
                 for kind in ("discount", "exchange", "written_off", "collected")}
        known = SQL("(%s + %s + %s)", share["discount"], share["exchange"], share["written_off"])
        collected = SQL(
            """CASE WHEN t.collected <> 0 AND s.same = s.net AND s.net = t.discount + t.exchange + t.written_off + t.collected
                    THEN l.balance - %s ELSE %s END""", known, share["collected"])
        return SQL(
            """VALUES ('discount', %(discount)s), ('exchange', %(exchange)s), ('written_off', %(written_off)s), ('collected', %(collected)s),
                      ('other', l.balance - %(known)s - %(collected)s)""", **{**share, "known": known, "collected": collected})


def _within(amount, limit):
    """``amount``, as far as it is of the sign of ``limit`` and not beyond it."""
    return SQL("CASE WHEN %(limit)s < 0 THEN greatest(least(%(amount)s, 0), %(limit)s) ELSE least(greatest(%(amount)s, 0), %(limit)s) END",
               amount=amount, limit=limit)
