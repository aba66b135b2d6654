from datetime import timedelta
from typing import NamedTuple

from odoo import api, models
from odoo.tools import SQL

BOOKED_LATE = timedelta(days=14)  # money may be booked so long after it arrived


class Paid(NamedTuple):
    """What a customer paid on a day in one currency."""

    partner: int
    day: object
    currency: int
    amount: str
    documents: tuple
    reminded: bool


class CollectionReader(models.AbstractModel):
    """Payments that customers are thanked for."""

    _inherit = "collection.reader"

    @api.model
    def _read_payments_since(self, company, since):
        """What was set off against the receivables of a company from a day on, by money: ``[Paid]``. One query, so that booking a payment costs nothing.

        Money that was paid some weeks ago and is matched anew is none, nor is what we paid back.
        """
        self._flush_payments()
        self.env["account.partial.reconcile"].flush_model()
        self.env["collection.action"].flush_model()
        zone = str(company._collection_timezone())
        return [Paid(*row) for row in self.env.execute_query(SQL(
            """SELECT o.commercial_partner_id, (r.create_date AT TIME ZONE 'UTC' AT TIME ZONE %(zone)s)::date, d.currency_id,
                      sum(r.debit_amount_currency)::text, array_agg(DISTINCT d.move_name ORDER BY d.move_name),
                      bool_or(EXISTS (SELECT 1 FROM collection_action_line l JOIN collection_action a ON a.id = l.action_id
                                       WHERE l.item_id = d.id AND a.state = 'sent' AND a.kind = 'after'))
                 FROM account_partial_reconcile r
                 JOIN account_move_line d ON d.id = r.debit_move_id AND d.account_id IN (%(accounts)s)
                 JOIN account_journal k ON k.id = d.journal_id AND k.type NOT IN ('bank', 'cash', 'credit')
                 JOIN account_move_line c ON c.id = r.credit_move_id AND c.parent_state = 'posted' AND c.date >= %(paid_since)s
                 JOIN account_journal j ON j.id = c.journal_id AND j.type IN ('bank', 'cash', 'credit')
                 JOIN res_partner o ON o.id = d.partner_id
                 JOIN res_company b ON b.id = d.company_id AND split_part(b.parent_path, '/', 1)::int = %(company)s
                WHERE r.create_date >= %(since)s
                GROUP BY 1, 2, 3 ORDER BY 1, 2, 3""",
            zone=zone, accounts=self._receivable_accounts().select(), company=company.id, since=since - timedelta(days=1),
            paid_since=since - BOOKED_LATE))]

    @api.model
    def _read_still_owing(self, company, partner_ids, today):
        """Those of these customers of whom something due is open, today's too."""
        self.env["account.move.line"].flush_model()
        return {row[0] for row in self.env.execute_query(SQL(
            """SELECT DISTINCT o.commercial_partner_id
                 FROM res_partner o
                 JOIN account_move_line i ON i.partner_id = o.id AND i.account_id IN (%s) AND i.parent_state = 'posted'
                      AND i.reconciled IS NOT TRUE AND i.amount_residual_currency > 0 AND COALESCE(i.date_maturity, i.date) <= %s
                 JOIN res_company b ON b.id = i.company_id AND split_part(b.parent_path, '/', 1)::int = %s
                WHERE o.commercial_partner_id IN %s""",
            self._receivable_accounts().select(), today, company.id, tuple(partner_ids) or (0,)))}

    @api.model
    def _read_contacts(self, profiles, today, memory, skip_runs=()):
        """With the days on which a customer was thanked, where the company counts them."""
        contacts = super()._read_contacts(profiles, today, memory, skip_runs)
        if any(profiles.company_id.mapped("collection_thanks_count")):
            self.env["collection.thanks"].flush_model()
            self.env["res.company"].flush_model(["collection_thanks_count"])
            for profile, days in self.env.execute_query(SQL(
                    """SELECT t.profile_id, array_agg(DISTINCT t.sent_on) FROM collection_thanks t JOIN res_company c ON c.id = t.company_id
                        WHERE c.collection_thanks_count AND t.sent_on >= %s AND t.profile_id IN %s GROUP BY t.profile_id""",
                    today - timedelta(days=memory), tuple(profiles.ids) or (0,))):
                contacts[profile] = tuple(sorted({*contacts.get(profile, ()), *days}))
        return contacts
