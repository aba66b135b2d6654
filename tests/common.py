from datetime import date, timedelta

from odoo.fields import Command

from odoo.addons.account.tests.common import AccountTestInvoicingCommon


class CollectionCommon(AccountTestInvoicingCommon):
    """A company with one follow-up policy and the verbs of the business: invoice, pay, run, send."""

    @classmethod
    def get_default_groups(cls):
        return super().get_default_groups() | cls.quick_ref("account_credit_collection.group_manager")

    @classmethod
    def setup_independent_company(cls, **kwargs):
        """The company that `./dev test` puts into the database beforehand; a new one where there is none."""
        ready = cls.env["res.company"].sudo().search([("name", "=", "company_1_data")], limit=1).with_env(cls.env)
        if not ready or kwargs or cls.country_code or cls.chart_template:
            return super().setup_independent_company(**kwargs)
        cls.env.user.company_ids = [Command.link(ready.id)]
        return ready

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.company = cls.company_data["company"]
        cls.company.write({"email": "ar@seller.example", "collection_bank_days": 0})
        cls.company.partner_id.tz = "Europe/Brussels"
        cls.today = cls.company._collection_today()
        cls.template = cls.env["mail.template"].create({
            "name": "Test reminder", "model_id": cls.env.ref("account_credit_collection.model_collection_action").id,
            "lang": "{{ object.lang }}", "subject": "Your account with {{ object.company_name }}",
            "body_html": '<p>Dear <t t-out="object.contact_name"/></p><t t-out="object.items_table"/>'
                         '<t t-out="object.pay_button"/><t t-out="object.bank_details"/>',
            "use_default_to": False,
        })
        cls.sms_template = cls.env["sms.template"].create({
            "name": "Test SMS", "model_id": cls.template.model_id.id, "lang": "{{ object.lang }}",
            "body": "{{ object.company_name }}: {{ object.amount_text }}",
        })
        cls.policy = cls._policy("Test", [(-7, {}), (1, {}), (8, {}), (20, {})])
        cls.company.collection_policy_id = cls.policy
        cls.customer = cls._customer("Northwind")

    # ------------------------------------------------------------------ given

    @classmethod
    def _policy(cls, name, levels, **values):
        """A policy without quiet days; ``levels`` are (offset, values) pairs, e-mail by default."""
        policy = cls.env["collection.policy"].create({
            "name": name, "company_id": cls.company.id, "gap_days": 5, "cap_count": 0, "quiet_weekends": False,
            "quiet_holidays": False, "hour_from": 0, "hour_to": 24, "minimum_amount": 0, **values})
        for offset, level in levels:
            cls._level(policy, offset, **level)
        return policy

    @classmethod
    def _level(cls, policy, offset, channels=("email",), fallback=(), **values):
        return cls.env["collection.level"].create({
            "policy_id": policy.id, "name": f"Day {offset}", "offset_days": offset,
            "channel_ids": [Command.create({"channel": channel, "use": "always"}) for channel in channels]
            + [Command.create({"channel": channel, "use": "fallback"}) for channel in fallback],
            "message_ids": [Command.create({
                "channel": channel, "behaviour": "any", "template_id": cls.template.id, "sms_template_id": cls.sms_template.id,
                "script": "When did you send your payment?"}) for channel in (*channels, *fallback)],
            **values})

    @classmethod
    def _customer(cls, name, **values):
        return cls.env["res.partner"].create({
            "name": name, "is_company": True, "email": f"{name.lower().replace(' ', '.')}@customer.example",
            "street": "1 Main Street", "city": "Brussels", "country_id": cls.env.ref("base.be").id,
            "property_account_receivable_id": cls.company_data["default_account_receivable"].id, **values})

    def _due(self, days_late):
        """The due date of something ``days_late`` days late (negative: due in the future)."""
        return self.today - timedelta(days=days_late)

    def _invoice(self, days_late=10, amount=100.0, partner=None, currency=None, move_type="out_invoice", post=True, **values):
        """A posted invoice, due ``days_late`` days ago."""
        due = self._due(days_late)
        move = self.env["account.move"].create({
            "move_type": move_type, "partner_id": (partner or self.customer).id,
            "invoice_date": min(due, self.today) - timedelta(days=30), "invoice_date_due": due,
            "invoice_payment_term_id": False, "currency_id": (currency or self.company.currency_id).id,
            "invoice_line_ids": [Command.create({
                "name": "Goods", "quantity": 1, "price_unit": amount, "tax_ids": [],
                "account_id": self.company_data["default_account_revenue"].id})],
            **values})
        if post:
            move.action_post()
        return move

    def _pay(self, invoice, amount=None, on=None):
        """Register a payment of an invoice."""
        return self.env["account.payment.register"].with_context(
            active_model="account.move", active_ids=invoice.ids).create({
                "payment_date": on or self.today, "journal_id": self.company_data["default_journal_bank"].id,
                **({"amount": amount} if amount else {})})._create_payments()

    def _on_account(self, amount, partner=None):
        """A payment nobody has matched yet."""
        payment = self.env["account.payment"].create({
            "payment_type": "inbound", "partner_type": "customer", "partner_id": (partner or self.customer).id,
            "amount": amount, "date": self.today, "journal_id": self.company_data["default_journal_bank"].id})
        payment.action_post()
        return payment

    # ------------------------------------------------------------------ when

    def _run(self, on: date | int = 0, kind="manual"):
        """A follow-up run as of a day (or so many days from today)."""
        day = on if isinstance(on, date) else self.today + timedelta(days=on)
        run = self.env["collection.run"].sudo().create({"company_id": self.company.id, "run_date": day, "kind": kind})
        run._execute()
        return run

    def _sent(self, run):
        """Take a run's contacts as sent on its day, as the outbox would."""
        for action in run.action_ids.filtered(lambda action: action.state == "ready"):
            action._transition("checking")
            action._transition("sending")
            action._mark_sent(run.run_date)
        return run

    # ------------------------------------------------------------------ then

    def _profile(self, partner=None):
        return self.env["credit.profile"]._ensure(self.company, partner or self.customer)

    def _item(self, invoice):
        return invoice.line_ids.filtered(lambda line: line.account_type == "asset_receivable")

    def _why(self, partner=None):
        """The code of the reason the customer's last decision left."""
        return self._profile(partner).next_reason

    def _levels(self, run):
        return run.action_ids.mapped("level_id.offset_days")
