import math
from datetime import datetime, timedelta, timezone

import pytz

from odoo import api, fields, models, tools
from odoo.tools import float_round

from ..engine import behaviour, promise
from ..engine.money import exact
from .collection_policy import zone_of


class ResCompany(models.Model):
    _inherit = "res.company"

    collection_policy_id = fields.Many2one("collection.policy", "Default follow-up policy",
                                           domain="[('company_id', '=', id)]", ondelete="restrict")
    collection_user_id = fields.Many2one("res.users", "Default collector", ondelete="restrict")
    collection_automatic = fields.Boolean("Send follow-ups automatically")
    collection_bank_days = fields.Integer("Oldest bank data (days)", default=7)
    collection_resend_unknown = fields.Boolean("Resend once when the outcome is unknown")
    collection_link_days = fields.Integer("Links in messages stay valid (days)", default=30)
    collection_window_months = fields.Integer("Payment behaviour over (months)", default=12)
    collection_prompt_days = fields.Float("Prompt up to (days late)", default=3.0)
    collection_chronic_days = fields.Float("Chronic above (days late)", default=15.0)
    collection_tolerance_days = fields.Float("Tolerance before a class changes (days)", default=1.0)
    collection_promise_days = fields.Integer("Tolerance of promises (days)", default=2,
                                             help="A payment takes time: so many days after the promised one it still keeps the promise.")
    collection_promise_max_days = fields.Integer("Promises at most (days ahead)", default=30)
    collection_tell_salesperson = fields.Selection(
        [("nobody", "Of nothing"), ("important", "Of broken promises, disputes and refusals"), ("all", "Of everything")],
        "Salespeople are told", default="important", required=True)
    collection_dispute_payments = fields.Selection(
        [("undisputed", "What is not contested first"), ("proportional", "All in proportion")], "Payments on contested invoices settle",
        default="undisputed", required=True)
    collection_write_off_max = fields.Monetary("Collectors may write off up to", default=0.0)
    collection_write_off_account_id = fields.Many2one("account.account", "Account for write-offs", ondelete="restrict", check_company=True,
                                                      domain="[('account_type', 'in', ('expense', 'expense_other', 'income', 'income_other'))]")
    collection_payrun_learn = fields.Boolean("Learn when customers pay", default=True)
    credit_apply_open = fields.Boolean("Form for credit applications is open")
    credit_apply_url = fields.Char("Address of the form", compute="_compute_credit_apply_url")
    credit_term_ids = fields.Many2many("account.payment.term", "credit_company_term_rel", "company_id", "term_id",
                                       "Payment terms offered in the form", domain="[('company_id', 'in', (False, id))]",
                                       help="Empty: applicants are not asked for payment terms.")
    credit_privacy_version = fields.Char("Version of the privacy notice", default="1", size=40)
    credit_privacy_text = fields.Html("Privacy notice", translate=True, help="Empty: the standard notice is shown.")

    credit_check = fields.Selection([("off", "No"), ("warn", "Warn only"), ("hold", "Hold")], "Check credit", default="hold", required=True)
    credit_expired = fields.Selection(
        [("keep", "Counts on"), ("warn", "Counts on, with a warning"), ("zero", "Means prepayment")],
        "An expired limit", default="warn", required=True)
    credit_horizon_days = fields.Integer("Orders count within (days)", default=0)
    credit_count_drafts = fields.Boolean("Draft invoices count")
    credit_net_payables = fields.Boolean("What we owe a customer counts against its credit")
    credit_skip_intercompany = fields.Boolean("Our own companies are not checked", default=True)
    credit_review_days = fields.Integer("Review limits before they end (days)", default=30)
    credit_grace_days = fields.Integer("A release lasts (days)", default=7)

    _credit_figures_positive = models.Constraint("CHECK(credit_horizon_days >= 0 AND credit_review_days >= 0 AND credit_grace_days >= 0)",
                                              "The days of the credit settings must not be negative.")
    _behaviour_ordered = models.Constraint(
        "CHECK(collection_prompt_days >= 0 AND collection_prompt_days < collection_chronic_days AND collection_tolerance_days >= 0)",
        "A prompt payer must be less late than a chronic one.")
    _collection_days_positive = models.Constraint(
        "CHECK(collection_bank_days >= 0 AND collection_link_days > 0 AND collection_window_months > 0)",
        "Days and months of the follow-up settings must be positive.")

    _write_off_positive = models.Constraint("CHECK(collection_write_off_max >= 0)", "What collectors may write off must not be negative.")
    _promise_days_positive = models.Constraint("CHECK(collection_promise_days >= 0 AND collection_promise_max_days >= 0)",
                                               "The days of promises must not be negative.")

    @api.depends("parent_id")
    def _compute_credit_apply_url(self):
        for company in self:
            company.credit_apply_url = f"{company.get_base_url()}/credit/apply/{company.root_id.id or ''}"

    def _collection_timezone(self):
        """The zone in which this company's day begins and ends; never that of the job's user (R-28)."""
        self.ensure_one()
        partner = self.root_id.partner_id
        return pytz.timezone(self._collection_zone(partner.tz, partner.country_id.id))

    @api.model
    @tools.ormcache("name", "country_id")
    def _collection_zone(self, name, country_id):
        """The name of the zone of a contact's own setting or its country; every check asks for today, so it is kept."""
        return (zone_of(name, self.env["res.country"].browse(country_id).code) or pytz.utc).zone

    def _collection_date(self, moment):
        """The day of a naive UTC ``moment`` where the company is."""
        return pytz.utc.localize(moment).astimezone(self._collection_timezone()).date()

    def _collection_today(self):
        """Today where the company is."""
        return self._collection_date(datetime.now(timezone.utc).replace(tzinfo=None))

    def _collection_behaviour_rule(self):
        """The boundaries of payer classes as the engine takes them."""
        self.ensure_one()
        return behaviour.Rule(exact(self.collection_prompt_days), exact(self.collection_chronic_days),
                              exact(self.collection_tolerance_days))

    def _promise_last_day(self, promised_on):
        """The last day on which a payment keeps a promise."""
        self.ensure_one()
        calendar = self.env["collection.reader"]._read_calendars(self.root_id, (), promised_on)[None]
        return promise.last_day(promised_on, self.root_id.collection_promise_days, calendar)

    def _dispute_deadline(self, opened_on, days):
        """The day until which a dispute is cleared up: so many working days of the company later."""
        self.ensure_one()
        calendar = self.env["collection.reader"]._read_calendars(self.root_id, (), opened_on)[None]
        return calendar.add_working_days(opened_on, days)

    def _credit_default_limit(self):
        """The limit of customers without one of their own, as core's setting has it: None when there is none."""
        self.ensure_one()
        if not self.account_use_credit_limit:
            return None
        partner = self.env["res.partner"].with_company(self)
        amount = partner._fields["credit_limit"].get_company_dependent_fallback(partner)
        return exact(amount) if amount else None

    @api.model
    @tools.ormcache()
    def _credit_own_partners(self):
        """The partners that are companies of this database."""
        return frozenset(self.sudo().search([]).partner_id.ids)  # sudo: their names tell nothing

    def _credit_horizon(self):
        """The last day of deliveries that count as credit, or None when all do."""
        self.ensure_one()
        return self._collection_today() + timedelta(days=self.credit_horizon_days) if self.credit_horizon_days else None

    @api.model_create_multi
    def create(self, vals_list):
        companies = super().create(vals_list)
        companies.filtered(lambda company: not company.parent_id)._install_collection_policies()
        return companies

    def _install_collection_policies(self):
        """Give each company its own copy of the shipped policies; the standard one is its default."""
        # sudo: who makes a company need not see those of the main one
        found = [self.sudo().env.ref(f"account_credit_collection.collection_policy_{name}", raise_if_not_found=False)
                 for name in ("standard", "gentle", "firm")]
        shipped = [policy for policy in found if policy]
        for company in self:
            copies = [policy.copy({"company_id": company.id}) for policy in shipped]
            if copies and not company.collection_policy_id:
                company.collection_policy_id = copies[0]
            rules = self.sudo()._shipped_credit_rules()  # sudo: as above
            for shipped_one, copied in zip(shipped + rules, copies + [rule.copy({"company_id": company.id}) for rule in rules]):
                company._convert_shipped(copied, shipped_one.currency_id)

    def _convert_shipped(self, record, currency):
        """The amounts of a copy in the company's own currency, at today's rate, as round figures."""
        rate = currency._get_conversion_rate(currency, self.currency_id, self, self._collection_today())
        if rate == 1:  # the same currency, or nobody has said what it is worth
            return
        for one in (record, *(record.stage_ids if "stage_ids" in record._fields else ())):
            amounts = {name: one[name] for name, field in one._fields.items() if field.type == "monetary" and field.store and one[name]}
            one.write({name: self._round_figure(amount * rate) for name, amount in amounts.items()})

    def _round_figure(self, amount):
        """Two digits and zeros, as a person would set it: 1,125,000 becomes 1,100,000."""
        return max(float_round(amount, precision_rounding=10.0 ** (math.floor(math.log10(amount)) - 1)), self.currency_id.rounding)

    @api.model
    def _shipped_credit_rules(self):
        """The hold rules, the approval matrix and the ladder that come with the addon, those still there."""
        names = ("credit_hold_rule_limit", "credit_hold_rule_nearly", "credit_hold_rule_overdue", "credit_hold_rule_long_overdue",
                 "credit_hold_rule_expired", "credit_hold_rule_level", "credit_hold_rule_promises", "credit_authority_manager", "credit_authority_accountant",
                 "credit_ladder_standard")
        found = (self.env.ref(f"account_credit_collection.{name}", raise_if_not_found=False) for name in names)
        return [record for record in found if record]
