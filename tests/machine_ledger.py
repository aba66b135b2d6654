from datetime import timedelta

from odoo.fields import Command


class LedgerSteps:
    """Invoices, payments, credit notes and customers, as an accountant and core make them; see ``machine.OdooWorld``."""

    # ------------------------------------------------------------------ the ledger

    def line(self, record):
        """The journal item of an invoice, a payment or a credit note."""
        move = record.move_id if record._name == "account.payment" else record
        return move.line_ids.filtered(lambda line: line.account_type == "asset_receivable")

    def do_invoice(self, customer, late, cents, currency):
        return self.document("out_invoice", self.world.customer(customer), cents / 100, self.world.settings.currencies[currency], late)

    def document(self, kind, customer, amount, currency, late=0):
        due = self.world.today - timedelta(days=late)
        move = self.env["account.move"].create({
            "move_type": kind, "partner_id": self.partners[customer].id, "invoice_date": self.world.today, "invoice_date_due": due,
            "invoice_payment_term_id": False, "currency_id": currency, "invoice_line_ids": [Command.create({
                "name": "Goods", "quantity": 1, "price_unit": amount, "tax_ids": [],
                "account_id": self.case.company_data["default_account_revenue"].id})]})
        move.action_post()
        return move

    def do_pay(self, item, percent, back):
        item = self.world.open_item(item)
        amount = item and self.world.share(self.world.residual(item), percent)
        if not amount:
            return False
        return self.env["account.payment.register"].with_context(active_model="account.move", active_ids=self.known[item].ids).create({
            "payment_date": self.world.today - timedelta(days=back), "journal_id": self.case.company_data["default_journal_bank"].id,
            "amount": float(amount), "currency_id": item.currency, "payment_difference_handling": "open"})._create_payments()

    def do_on_account(self, customer, cents, currency):
        payment = self.env["account.payment"].create({
            "payment_type": "inbound", "partner_type": "customer", "partner_id": self.partners[self.world.customer(customer)].id,
            "amount": cents / 100, "date": self.world.today, "currency_id": self.world.settings.currencies[currency],
            "journal_id": self.case.company_data["default_journal_bank"].id})
        payment.action_post()
        return payment

    def do_credit_note(self, item, percent):
        item = self.world.open_item(item)
        amount = item and self.world.share(self.world.residual(item), percent)
        if not amount:
            return False
        note = self.document("out_refund", item.customer, float(amount), item.currency)
        (self.line(note) + self.line(self.known[item])).reconcile()
        return note

    def do_credit_free(self, customer, cents, currency):
        return self.document("out_refund", self.world.customer(customer), cents / 100, self.world.settings.currencies[currency])

    def do_match(self, number):
        credit = self.world.pick(self.world.unapplied(), number)
        items = credit and sorted(self.world.open_items(credit.customer, credit.currency), key=lambda item: (item.due, item.id))
        if not items:
            return False
        (self.line(self.known[credit]) + self.line(self.known[items[0]])).reconcile()
        return None

    def do_bounce(self, number):
        credit = self.world.pick([one for one in self.world.credits if one.kind == "money"], number)
        if not credit:
            return False
        self.known[credit].action_draft()
        self.known[credit].action_cancel()
        return None

    def do_lock(self, back):
        day = max(self.company.fiscalyear_lock_date or self.world.today - timedelta(days=9999), self.world.today - timedelta(days=back))
        self.company.sudo().fiscalyear_lock_date = day

    # ------------------------------------------------------------------ customers

    def do_pause(self, customer, days):
        self.profile(self.world.customer(customer)).paused_until = self.world.today + timedelta(days=days) if days else False

    def do_archive(self, customer):
        partner = self.partners[self.world.customer(customer)]
        partner.active = not partner.active

    def do_merge(self, source, target):
        source, target = self.world.customer(source), self.world.customer(target)
        if source is target:
            return False
        gone, stays = self.partners[source], self.partners[target]
        self.env["base.partner.merge.automatic.wizard"].create({})._merge((gone + stays).ids, stays)
        self.partners = {one: stays if partner == gone else partner for one, partner in self.partners.items()}
        return None

    def do_change_parent(self, child, parent):
        child, parent = self.world.customer(child), self.world.customer(parent)
        if child is parent:
            return False
        self.partners[child].write({"is_company": False, "parent_id": self.partners[parent].id})
        return None
