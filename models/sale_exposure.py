from decimal import Decimal

from odoo import api, fields, models
from odoo.tools import SQL

from ..engine.money import quantize


class CollectionReader(models.AbstractModel):
    """Orders are credit given as soon as they are confirmed, until they are invoiced."""

    _inherit = "collection.reader"

    @api.model
    def _read_commitments(self, company, partner_ids, today, skip_moves=()):
        """Adds confirmed orders: what was delivered, and what is to come within the company's horizon."""
        rows = self._read_orders(company, SQL("p.commercial_partner_id IN %s", tuple(partner_ids) or (0,)))
        return super()._read_commitments(company, partner_ids, today, skip_moves) + [
            (owner, part, amount) for _order, owner, *amounts in rows for part, amount in zip(("deliveries", "orders"), amounts)]

    @api.model
    def _read_orders(self, company, which):
        """What confirmed orders still are of the credit: ``[(order id, customer id, deliveries, orders)]``, company currency.

        A line counts at its price with the quantity that was not posted on an invoice yet; down
        payments are taken off. What is invoiced only in a draft is still the order's. Amounts
        are converted at the rate of the order.
        """
        self.env["sale.order"].flush_model()
        self.env["sale.order.line"].flush_model()
        self.env["account.move"].flush_model(["state"])
        self.env["account.move.line"].flush_model()
        self.env["res.partner"].flush_model(["commercial_partner_id"])
        company = company.root_id
        return self.env.execute_query(SQL(
            """WITH line AS (
                    SELECT o.id, p.commercial_partner_id AS owner, COALESCE(NULLIF(o.currency_rate, 0), 1)::numeric AS rate,
                           COALESCE(o.commitment_date, o.date_order)::date AS day, s.is_downpayment,
                           s.price_total / NULLIF(s.product_uom_qty, 0)::numeric AS price, s.product_uom_qty::numeric AS ordered,
                           s.qty_delivered::numeric AS delivered, COALESCE(i.quantity, 0) AS posted, COALESCE(i.amount, 0) AS paid_down
                      FROM sale_order o
                      JOIN res_partner p ON p.id = o.partner_invoice_id
                      JOIN sale_order_line s ON s.order_id = o.id AND s.display_type IS NULL AND s.invoice_status <> 'upselling'
                      LEFT JOIN uom_uom su ON su.id = s.product_uom_id
                      LEFT JOIN LATERAL (
                           SELECT sum(l.quantity::numeric * COALESCE(lu.factor / su.factor, 1)::numeric * side) AS quantity,
                                  sum(l.price_total * side * CASE WHEN l.currency_id = s.currency_id THEN 1
                                      ELSE o.currency_rate / COALESCE(NULLIF(m.invoice_currency_rate, 0), 1) END::numeric) AS amount
                             FROM sale_order_line_invoice_rel r
                             JOIN account_move_line l ON l.id = r.invoice_line_id
                             JOIN account_move m ON m.id = l.move_id AND m.state = 'posted'
                             LEFT JOIN uom_uom lu ON lu.id = l.product_uom_id
                            CROSS JOIN LATERAL (SELECT CASE WHEN m.move_type = 'out_refund' THEN -1 ELSE 1 END AS side) x
                            WHERE r.order_line_id = s.id) i ON TRUE
                     WHERE o.state = 'sale' AND o.company_id IN (%(companies)s) AND %(which)s
                ), rest AS (
                    SELECT id, owner, rate, day,
                           sum(CASE WHEN is_downpayment THEN 0 WHEN ordered < 0 THEN 0
                                    ELSE price * GREATEST(delivered - posted, 0) END) AS deliveries,
                           sum(CASE WHEN is_downpayment THEN -paid_down WHEN ordered < 0 THEN price * LEAST(ordered - posted, 0)
                                    ELSE price * GREATEST(GREATEST(ordered, delivered) - GREATEST(posted, delivered), 0) END) AS orders
                      FROM line GROUP BY id, owner, rate, day
                )
               SELECT id, owner, round(GREATEST(deliveries + LEAST(orders, 0), 0) / rate, %(digits)s)::text,
                      CASE WHEN %(horizon)s::date IS NULL OR day <= %(horizon)s
                           THEN round(GREATEST(orders, 0) / rate, %(digits)s) ELSE 0 END::text
                 FROM rest""",
            companies=self._family_of(company), which=which, digits=company.currency_id.decimal_places, horizon=company._credit_horizon() or None))

    @api.model
    def _counted_drafts(self):
        """A draft invoice of an order is counted with the order."""
        return SQL(
            """NOT EXISTS (SELECT 1 FROM account_move_line l JOIN sale_order_line_invoice_rel r ON r.invoice_line_id = l.id
                            WHERE l.move_id = m.id)""")


class CreditHold(models.Model):
    _inherit = "credit.hold"

    order_id = fields.Many2one("sale.order", index="btree_not_null", ondelete="set null", readonly=True)

    _order_uniq = models.UniqueIndex("(order_id) WHERE state = 'held'", "The order is held already.")

    @api.depends("order_id")
    def _compute_document(self):
        return super()._compute_document()

    def _document(self):
        return self.order_id or super()._document()

    def _release(self, reason, until):
        super()._release(reason, until)
        self.sudo().order_id.write({"credit_state": "released"})

    def _go_on(self):
        """Confirm the released orders, each in the name of who releases."""
        orders = self.filtered("order_id")
        # sudo: who may release need not be a salesperson
        orders.sudo().order_id.filtered(lambda order: order.state in ("draft", "sent")).action_confirm()
        return super(CreditHold, self - orders)._go_on()


class AccountMove(models.Model):
    _inherit = "account.move"

    def _counted_before(self):
        """What comes from confirmed orders of the same customer was credit since then, as far as they still are."""
        counted = super()._counted_before()
        lines = self.invoice_line_ids.filtered("sale_line_ids")
        if not lines:
            return counted
        orders = lines.sale_line_ids.order_id.sudo()  # sudo: who posts need not see the orders of all salespeople
        left = {row[0]: (row[1], Decimal(row[2]) + Decimal(row[3])) for row in self.env["collection.reader"].sudo()._read_orders(
            self.company_id.sudo().root_id, SQL("o.id IN %s", tuple(orders.ids)))}
        for move in self:
            for order in (move.invoice_line_ids & lines).sale_line_ids.order_id:
                customer, share = left.get(order.id, (None, Decimal(0)))
                if customer == move.commercial_partner_id.id:
                    part = min(share, move._amount_of(order))
                    left[order.id] = (customer, share - part)
                    counted[move] = counted.get(move, Decimal(0)) + part
        return counted

    def _amount_of(self, order):
        """What an invoice asks for of an order, company currency: its lines, or all of it when nothing else is on it."""
        lines = self.invoice_line_ids.filtered(lambda line: line.display_type == "product")
        ours = lines.filtered(lambda line: order in line.sale_line_ids.order_id)
        amount = self.amount_total_signed if ours == lines else sum(ours.mapped("price_total")) / (self.invoice_currency_rate or 1)
        return quantize(amount, self.company_currency_id.rounding)
