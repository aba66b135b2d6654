from datetime import date, timedelta

from freezegun import freeze_time

from odoo import Command

from .common import CollectionCommon

TODAY = date(2026, 11, 23)  # a Monday


class OccasionCommon(CollectionCommon):
    """A customer with a contact called Ann, one armed birthday, and the nights and hours in which greetings are planned and leave."""

    @classmethod
    def setUpClass(cls):
        cls.startClassPatcher(freeze_time(f"{TODAY} 12:00:00"))
        super().setUpClass()
        cls.env["collection.occasion"].sudo().search([]).armed = False
        cls.ann = cls._contact("Ann")
        cls._bought(cls.customer)
        cls.profile = cls.env["credit.profile"]._ensure(cls.company, cls.customer)
        cls.birthday = cls._occasion("birthday")
        cls.company.collection_greeting_most_late = 14

    @classmethod
    def _contact(cls, name, day=(11, 24), year=0, partner=None, **values):
        return cls.env["res.partner"].create({
            "name": name, "parent_id": (partner or cls.customer).id, "email": f"{name.lower()}@customer.example", "tz": "Europe/Brussels",
            "birth_month": day and str(day[0]), "birth_day": day and day[1], "birth_year": year, **values})

    @classmethod
    def _bought(cls, customer, on=TODAY - timedelta(days=60), data=None):
        """An invoice of nothing: whoever was invoiced once is a customer of the company."""
        data = data or cls.company_data
        cls.env["account.move"].sudo().with_company(data["company"]).create({
            "move_type": "out_invoice", "partner_id": customer.id, "journal_id": data["default_journal_sale"].id, "invoice_date": on,
            "invoice_line_ids": [Command.create({"name": "Sample", "price_unit": 0.0, "tax_ids": [],
                                                 "account_id": data["default_account_revenue"].id})]}).action_post()

    @classmethod
    def _occasion(cls, kind, armed=True, **values):
        words = cls.env.ref("account_credit_collection.collection_mail_template_holiday" if kind == "holiday"
                            else "account_credit_collection.collection_mail_template_birthday")
        occasion = cls.env["collection.occasion"].create({
            "name": f"Test {kind}", "kind": kind, "template_id": words.id, "company_id": cls.company.id, **values})
        if armed:
            occasion.action_arm()
        return occasion

    def _plan(self, on=TODAY, profiles=None):
        """A night: plan what leaves within a week."""
        with freeze_time(f"{on} 02:00:00"):
            (profiles or self.profile)._refresh(self.company, on)
        return self._greetings()

    def _hour(self, on=TODAY, at="10:00"):
        """The job at an hour, universal time; Brussels is one hour ahead in winter. Returns the mails it queued."""
        before = self.env["mail.mail"].sudo().search([])
        with freeze_time(f"{on} {at}:00"):
            due = self.env["collection.greeting"].sudo().search([("company_id", "=", self.company.id), ("state", "=", "planned"), ("leaves_on", "<=", on)])
            due._greet_all(self.company, on)
        return self.env["mail.mail"].sudo().search([]) - before

    def _greetings(self, occasion=None):
        domain = [("profile_id.company_id", "=", self.company.id)] + ([("occasion_id", "=", occasion.id)] if occasion else [])
        return self.env["collection.greeting"].search(domain)
