from decimal import Decimal

from odoo import api, fields, models
from odoo.exceptions import AccessError, UserError

from ..engine.money import exact, quantize
from .credit_document_mixin import CREDIT_FIELDS
from .credit_hold import Demand

# Computed by core; written by hand they would be a way round the check.
DERIVED_FIELDS = {"amount_total", "amount_untaxed", "amount_tax", "currency_rate", "invoice_status"}
# What decides how much credit an order is, and whose.
ORDER_FIELDS = {"state", "order_line", "partner_id", "partner_invoice_id", "company_id", "currency_id", "pricelist_id", "fiscal_position_id",
                "commitment_date", "date_order"}
LINE_FIELDS = {"product_uom_qty", "product_uom_id", "price_unit", "discount", "tax_ids", "product_id", "order_id", "qty_delivered"}
NO_SHARE = (None, Decimal(0))
CHECKED = "account_credit_collection.checked_orders"  # in this transaction, with what they were checked for


class SaleOrder(models.Model):
    """An order is confirmed within its customer's credit, whoever confirms it: a person, a job, an import or another program.

    What is over is held: it stays a quotation with a credit hold that names the reason
    and the ways out. Salespeople see the reason, not the receivables.
    """

    _name = "sale.order"
    _inherit = ["sale.order", "credit.document.mixin"]

    credit_state = fields.Selection(tracking=True)
    credit_hold_ids = fields.One2many("credit.hold", "order_id", groups="account_credit_collection.group_viewer")

    # ------------------------------------------------------------------ confirming

    def action_confirm(self):
        """Confirm what is within credit; the rest waits, and who asked is told."""
        held = self._credit_hold()
        free = self - held
        checked = self.env.cr.cache.setdefault(CHECKED, {})
        checked.update({order.id: order._credit_share(confirmed=True) for order in free})
        result = super(SaleOrder, free).action_confirm() if free else True
        return self.env["credit.hold"]._answer(held) if held else result

    def _credit_hold(self):
        """Check orders about to be confirmed; return those that wait."""
        held = self.browse()
        waiting = self.filtered(lambda order: order.state in ("draft", "sent"))
        # sudo: a branch's user confirms by the settings of the root, which it need not see
        for company, orders in waiting.grouped(lambda order: order.company_id.sudo().root_id).items():
            # in one query what is read of them: whose orders they are, and what day it is
            (orders.partner_invoice_id | company.partner_id).sudo().fetch(["commercial_partner_id", "tz", "country_id"])
            demands = {order: demand for order in orders if (demand := order._to_demand())}
            held += self.env["credit.hold"]._check("order_id", company, demands, "order") if demands else held.browse()
            (orders - held).filtered(lambda order, demands=demands: order not in demands)._forget_credit()
        return held

    def _to_demand(self, amount=None):
        """What the order asks for, company currency: None when it is paid for; only the date counts when it is far off.

        ``amount`` is the part to check of an order that is confirmed already.
        """
        self.ensure_one()
        left = max(self._in_base(self.amount_total - self._credit_paid()), Decimal(0))
        wanted = left if amount is None else min(left, amount)
        if not left or wanted < 0:
            return None
        return Demand(self, self._credit_customer(), Decimal(0) if self._is_far() else wanted, True)

    def _credit_customer(self):
        return self.partner_invoice_id.commercial_partner_id

    def _is_far(self):
        """Whether the order is to be delivered beyond the days in which orders count."""
        horizon = self.commitment_date and self.company_id.sudo().root_id._credit_horizon()  # sudo: as above
        return bool(horizon) and self.commitment_date.date() > horizon

    def _credit_paid(self):
        """What was paid online for this order and is in no entry yet, in its currency, so that nobody who has paid is held."""
        today = fields.Date.context_today(self)
        return sum(tx.currency_id._convert(tx.amount, self.currency_id, self.company_id, today) for tx in self.sudo().transaction_ids
                   if tx.state == "authorized" or tx.state == "done" and not tx.payment_id and tx.operation != "refund")

    def _in_base(self, amount):
        """An amount of the order in company currency, at the rate of the order."""
        return quantize(exact(amount) / exact(self.currency_rate or 1), self.company_id.currency_id.rounding)

    # ------------------------------------------------------------------ other ways in

    @api.model_create_multi
    def create(self, vals_list):
        defaults = {key.removeprefix("default_") for key in self.env.context if key.startswith("default_")}
        for vals in vals_list:
            self._refuse_credit_fields(defaults | set(vals))
        orders = super().create(vals_list)
        orders._require_credit(dict.fromkeys(orders.filtered(lambda order: order.state == "sale"), NO_SHARE))
        return orders

    def write(self, vals):
        self._refuse_credit_fields(set(vals))
        before = self._credit_shares() if ORDER_FIELDS & set(vals) else {}
        if vals.get("state") in ("cancel", "draft"):
            self._forget_credit()
        result = super().write(vals)
        self._require_credit(before)
        return result

    @api.ondelete(at_uninstall=False)
    def _unlink_settles_holds(self):
        """The hold of a deleted quotation stays, as a trace of what was asked for."""
        self._forget_credit()

    def _refuse_credit_fields(self, names):
        if not self.env.su and (CREDIT_FIELDS | DERIVED_FIELDS) & names:
            raise AccessError(self.env._("The credit check of an order, and the amounts it rests on, are not written by hand."))

    def _credit_share(self, confirmed=False):
        """Whose credit a confirmed order is and how much of it: (customer id, company currency)."""
        self.ensure_one()
        if self.state != "sale" and not confirmed:
            return NO_SHARE
        return self._credit_customer().id, Decimal(0) if self._is_far() else self._in_base(self.amount_total)

    def _credit_shares(self):
        return {order: order._credit_share() for order in self}

    def _require_credit(self, before):
        """Refuse what makes orders more credit than they were ``before`` {order: share}, past the button."""
        for order, (customer, amount) in before.items():
            now = order._credit_share()
            if now == NO_SHARE or self.env.cr.cache.get(CHECKED, {}).pop(order.id, None) == now:
                continue
            more = now[1] - amount if now[0] == customer else now[1]
            if more > 0 or now[0] != customer:
                order._check_or_refuse(more)

    def _check_or_refuse(self, amount):
        """Check an order that is in the exposure already for ``amount`` of it; raise with the reason where it had to wait."""
        demand, Hold = self._to_demand(amount), self.env["credit.hold"]
        found = Hold._examine(self.company_id.sudo().root_id, [demand], "order", counted=True) if demand else {}
        for profile, _credit, verdict in found.values():
            if verdict.waits and not Hold._released("order_id", self, profile, verdict, self._in_base(self.amount_total)):
                raise UserError(self.env._("%(order)s is on credit hold. %(why)s", order=self.name,
                                           why=Hold._explain(verdict, profile.company_id)))
            self._note_credit("released" if verdict.waits else "warned" if verdict.findings else "passed", verdict)


class SaleOrderLine(models.Model):
    _inherit = "sale.order.line"

    @api.model_create_multi
    def create(self, vals_list):
        ids = {vals.get("order_id") or self.env.context.get("default_order_id") for vals in vals_list} - {None, False}
        before = self.env["sale.order"].browse(ids)._credit_shares()
        lines = super().create(vals_list)
        lines.order_id._require_credit(before)
        return lines

    def write(self, vals):
        orders = self.order_id | self.order_id.browse(vals.get("order_id") or ())
        before = orders._credit_shares() if LINE_FIELDS & set(vals) else {}
        result = super().write(vals)
        orders._require_credit(before)
        return result
