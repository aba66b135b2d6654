from odoo import api, models
from odoo.tools import SQL


class CollectionReader(models.AbstractModel):
    """What must be true of agreements, disputes and limits."""

    _inherit = "collection.reader"

    # ------------------------------------------------------------------ agreements

    @api.model
    def _read_plan_totals(self):
        """I-5: plans whose installments do not come to what is to be paid."""
        return self._found_broken("plan_totals", "collection.plan", SQL(
            """SELECT p.company_id, ARRAY[p.id], jsonb_build_object('total', p.total, 'parts', COALESCE(sum(i.amount), 0), 'currency', p.currency_id)
                 FROM collection_plan p JOIN res_currency c ON c.id = p.currency_id
                 LEFT JOIN collection_plan_installment i ON i.plan_id = p.id
                GROUP BY p.id, c.rounding
               HAVING abs(COALESCE(p.total, 0) - COALESCE(sum(i.amount), 0)) > c.rounding / 2
                   OR COALESCE(bool_or(abs(i.amount - COALESCE(i.principal, 0) - COALESCE(i.interest, 0) - COALESCE(i.fee, 0)) > c.rounding / 2), false)"""))

    @api.model
    def _read_plan_payments(self):
        """I-5: plans in force of which more is said to be paid than was set off against their items, or a part is paid beyond its amount."""
        return self._found_broken("plan_payments", "collection.plan", SQL(
            """WITH part AS (SELECT plan_id, sum(paid) AS amount, bool_or(paid > amount) AS beyond FROM (
                        SELECT plan_id, amount, COALESCE(paid_amount, 0) + COALESCE(credited_amount, 0) AS paid FROM collection_plan_installment) i GROUP BY 1),
                    item AS (
                        SELECT l.plan_id, bool_and(i.parent_state = 'posted') AS whole, sum(l.amount - i.amount_residual_currency
                               + GREATEST(0, i.amount_currency - l.amount - COALESCE(l.money_before, 0) - COALESCE(l.credit_before, 0))) AS amount
                          FROM collection_plan_line l LEFT JOIN account_move_line i ON i.id = l.item_id GROUP BY 1)
               SELECT p.company_id, ARRAY[p.id], jsonb_build_object('paid', part.amount, 'booked', item.amount, 'currency', p.currency_id)
                 FROM collection_plan p JOIN res_currency c ON c.id = p.currency_id
                 JOIN part ON part.plan_id = p.id LEFT JOIN item ON item.plan_id = p.id
                WHERE p.state IN ('offered', 'active') AND (part.beyond OR (item.whole AND part.amount > GREATEST(0, item.amount) + c.rounding / 2))"""))

    @api.model
    def _read_agreed_twice(self):
        """I-11: items in two agreements of one kind that hold at the same time."""
        found = []
        for model, link, live in (
                ("collection.plan", "plan_id", "h.state = 'active' OR l.is_live"),
                ("collection.settlement", "settlement_id", "h.state IN ('to_approve', 'offered') OR (h.state = 'taken' AND h.booked_on IS NULL)"),
                ("collection.handover", "handover_id", "h.state IN ('proposed', 'approved', 'announced', 'handed')"),
                ("collection.promise", "promise_id", "h.state = 'open'")):
            found += self._found_broken("agreed_twice", model, SQL(
                """SELECT min(h.company_id), array_agg(DISTINCT h.id), jsonb_build_object('document', min(COALESCE(m.name, i.name))), ARRAY[l.item_id]
                     FROM %(lines)s l JOIN %(heads)s h ON h.id = l.%(link)s
                     JOIN account_move_line i ON i.id = l.item_id JOIN account_move m ON m.id = i.move_id
                    WHERE %(live)s GROUP BY l.item_id HAVING count(*) > 1""",
                lines=SQL.identifier(self.env[f"{model}.line"]._table), heads=SQL.identifier(self.env[model]._table),
                link=SQL.identifier(link), live=SQL(live)))
        return found

    @api.model
    def _read_contested_twice(self):
        """I-11: items of which more is contested than is open."""
        return self._found_broken("contested_twice", "collection.dispute", SQL(
            """SELECT min(d.company_id), array_agg(d.id), jsonb_build_object('document', min(d.document)), ARRAY[i.id]
                 FROM collection_dispute d JOIN account_move_line i ON i.id = d.item_id JOIN res_currency c ON c.id = i.currency_id
                WHERE d.state = 'open' AND i.parent_state = 'posted'
                GROUP BY i.id, c.rounding HAVING sum(d.open_amount) > GREATEST(0, i.amount_residual_currency) + c.rounding / 2"""))

    # ------------------------------------------------------------------ limits

    @api.model
    def _read_beyond_cap(self):
        """I-9: base limits above their approved ceiling."""
        return self._found_broken("beyond_cap", "credit.limit", SQL(
            """SELECT l.company_id, ARRAY[l.id], jsonb_build_object('amount', l.amount, 'cap', l.cap, 'currency', c.currency_id)
                 FROM credit_limit l JOIN res_company c ON c.id = l.company_id
                WHERE l.kind = 'base' AND l.state = 'approved' AND l.cap > 0 AND l.amount > l.cap"""))
