from collections import defaultdict
from decimal import Decimal
from typing import NamedTuple

from odoo import api, models
from odoo.tools import SQL

from ..engine.hold import Open, Standing
from ..engine.money import quantize

ZERO = Decimal(0)


class Exposure(NamedTuple):
    """What a customer has taken up: named ``parts`` in company currency (credits negative), and the open items behind them."""

    parts: dict[str, Decimal]
    items: tuple[Open, ...]
    credit: Standing | None = None


class CollectionReader(models.AbstractModel):
    """What customers have taken up at this moment; every document counts once."""

    _inherit = "collection.reader"

    @api.model
    def _read_exposure(self, company, partner_ids, today, skip_moves=()):
        """Exposure of customers with a company and its branches: ``{partner id: Exposure}``.

        Receivables at their book value, so that they agree with the ledger to the cent.
        ``skip_moves`` are ids of drafts that do not count, those just being posted.
        """
        parts = {partner: {"receivable": ZERO, "credits": ZERO} for partner in partner_ids}
        items = defaultdict(list)
        for owner, amount, item in self._read_owed(company, partner_ids, today):
            parts[owner]["receivable" if amount > 0 else "credits"] += amount
            if amount > 0:
                items[owner].append(item)
        for owner, name, amount in self._read_commitments(company, partner_ids, today, skip_moves):
            parts[owner][name] = parts[owner].get(name, ZERO) + Decimal(amount)
        return {partner: Exposure(parts[partner], tuple(items[partner])) for partner in partner_ids}

    @api.model
    def _read_owed(self, company, partner_ids, today):
        """Open receivable items, oldest due first: ``[(partner id, amount, Open)]``; what is disputed may not be asked for."""
        self.env["account.move.line"].flush_model()
        self.env["res.partner"].flush_model(["commercial_partner_id"])
        self.env["collection.dispute"].flush_model(["item_id", "open_amount", "state"])
        self.env["collection.action.line"].flush_model(["item_id", "advances", "live", "level_id"])
        self.env["collection.action"].flush_model(["sent_on"])
        self.env["collection.level"].flush_model(["holds_orders"])
        rows = self.env.execute_query(SQL(
            """SELECT p.commercial_partner_id, l.id, COALESCE(l.move_name, l.name, ''), l.amount_residual::text,
                      CASE WHEN l.amount_residual_currency > 0 THEN LEAST(1, COALESCE(d.amount, 0) / l.amount_residual_currency) ELSE 0 END::text,
                      COALESCE(l.no_followup, false), %(today)s - COALESCE(l.date_maturity, l.date), h.name
                 FROM account_move_line l
                 JOIN res_partner p ON p.id = l.partner_id
                 LEFT JOIN LATERAL (SELECT sum(open_amount) AS amount FROM collection_dispute WHERE item_id = l.id AND state = 'open') d ON TRUE
                 LEFT JOIN LATERAL (
                      SELECT COALESCE(v.name ->> %(lang)s, v.name ->> 'en_US') AS name
                        FROM collection_action_line a
                        JOIN collection_level v ON v.id = a.level_id AND v.holds_orders
                        JOIN collection_action c ON c.id = a.action_id AND c.sent_on IS NOT NULL
                       WHERE a.item_id = l.id AND a.advances AND a.live
                       ORDER BY v.offset_days DESC LIMIT 1) h ON l.reconciled IS NOT TRUE
                WHERE p.commercial_partner_id IN %(partners)s AND l.account_id = ANY(ARRAY(%(accounts)s)) AND l.parent_state = 'posted'
                  AND l.reconciled IS NOT TRUE AND l.company_id = ANY(ARRAY(%(companies)s))
                ORDER BY COALESCE(l.date_maturity, l.date), l.id""",
            today=today, lang=self.env.lang or "en_US", partners=tuple(partner_ids) or (0,),
            accounts=self._receivable_accounts().select(), companies=self._family_of(company)))
        quantum = company.root_id.currency_id.rounding
        return [(owner, Decimal(amount), Open(
            item, name, ZERO if silent else quantize(Decimal(amount) * (1 - Decimal(share)), quantum), days, level or ""))
            for owner, item, name, amount, share, silent, days, level in rows]

    @api.model
    def _read_commitments(self, company, partner_ids, today, skip_moves=()):
        """What is not a receivable: ``[(partner id, part, amount)]``. A place to hook more."""
        company = company.root_id
        rows = self._read_drafts(company, partner_ids, skip_moves) if company.credit_count_drafts else []
        return rows + (self._read_payables(company, partner_ids) if company.credit_net_payables else [])

    @api.model
    def _read_drafts(self, company, partner_ids, skip_moves):
        self.env["account.move"].flush_model()
        return self.env.execute_query(SQL(
            """SELECT m.commercial_partner_id, 'drafts', sum(m.amount_total_signed)::text
                 FROM account_move m
                WHERE m.state = 'draft' AND m.move_type IN ('out_invoice', 'out_receipt') AND m.commercial_partner_id IN %s
                  AND m.company_id IN (%s) AND m.id NOT IN %s AND %s
                GROUP BY 1""",
            tuple(partner_ids) or (0,), self._family_of(company), tuple(skip_moves) or (0,), self._counted_drafts()))

    @api.model
    def _read_payables(self, company, partner_ids):
        """What the company owes customers that are vendors too, as a negative amount."""
        payable = self.env["account.account"].sudo()._search([("account_type", "=", "liability_payable")])
        return self.env.execute_query(SQL(
            """SELECT p.commercial_partner_id, 'payables', LEAST(sum(l.amount_residual), 0)::text
                 FROM account_move_line l JOIN res_partner p ON p.id = l.partner_id
                WHERE p.commercial_partner_id IN %s AND l.account_id IN (%s) AND l.parent_state = 'posted'
                  AND l.reconciled IS NOT TRUE AND l.company_id IN (%s)
                GROUP BY 1""",
            tuple(partner_ids) or (0,), payable.select(), self._family_of(company)))

    @api.model
    def _counted_drafts(self):
        """Which drafts (alias ``m``) are not counted elsewhere already."""
        return SQL("TRUE")

    @api.model
    def _family_of(self, company):
        """The ids of a company and its branches, as a sub-select."""
        return SQL("SELECT id FROM res_company WHERE parent_path LIKE %s", company.root_id.parent_path + "%")
