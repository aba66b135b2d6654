from markupsafe import Markup

from odoo import api, fields, models
from odoo.tools.misc import format_date

from .credit_application_mail import BUTTON, SECRET

PATH = "/collections/plan"
PLAN_TEXTS = ("mail_company", "mail_contact", "mail_sender", "mail_documents", "mail_total", "mail_until", "mail_schedule")
PART_TEXTS = ("mail_company", "mail_contact", "mail_sender", "mail_amount", "mail_due", "mail_label", "mail_late")
ROW = Markup('<tr><td style="padding:4px 24px 4px 0">%s</td><td style="padding:4px 24px 4px 0">%s</td><td style="padding:4px 0;text-align:right">%s</td></tr>')


class CollectionPlan(models.Model):
    """The words of mails about a plan, in the customer's language. The link is for the customer alone."""

    _inherit = "collection.plan"

    mail_company = fields.Char(compute="_compute_mail_texts")
    mail_contact = fields.Char(compute="_compute_mail_texts")
    mail_sender = fields.Char(compute="_compute_mail_texts")
    mail_documents = fields.Char(compute="_compute_mail_texts")
    mail_total = fields.Char(compute="_compute_mail_texts")
    mail_until = fields.Char(compute="_compute_mail_texts")
    mail_schedule = fields.Html(compute="_compute_mail_texts", sanitize=False)
    mail_button = fields.Html(compute="_compute_mail_button", sanitize=False, groups=SECRET)

    @api.model
    def mail_allowed_qweb_expressions(self):
        return (*super().mail_allowed_qweb_expressions(), "object.name", *(f"object.{name}" for name in PLAN_TEXTS))

    @api.depends("profile_id", "total", "accept_until", "installment_ids", "line_ids")
    @api.depends_context("lang")
    def _compute_mail_texts(self):
        for plan in self:
            plan.update({
                "mail_company": plan.company_id.name, "mail_sender": plan.company_id.email_formatted, "mail_contact": plan.partner_id.name,
                "mail_documents": plan._told()["items"], "mail_total": plan.currency_id.format(plan.total),
                "mail_until": format_date(self.env, plan.accept_until) or "", "mail_schedule": plan._mail_schedule()})

    def _mail_schedule(self):
        rows = Markup("").join(ROW % (row.label, format_date(self.env, row.due), self.currency_id.format(row.amount))
                               for row in self.installment_ids.sorted("number"))
        return Markup('<table style="border-collapse:collapse">%s</table>') % rows

    @api.depends("link_epoch", "state")
    @api.depends_context("lang")
    def _compute_mail_button(self):
        for plan in self:
            title = self.env._("Read and accept the plan") if plan.state == "offered" else self.env._("Open the payment plan")
            plan.mail_button = BUTTON % (plan._link_url(PATH), title)

    def _link_days(self):
        """A link stays valid as long as the plan, and some time after."""
        self.ensure_one()
        today = self.company_id._collection_today()
        return max(0, ((self.last_on or today) - today).days) + super()._link_days()


class CollectionPlanInstallment(models.Model):
    """The words of reminders of an installment."""

    _inherit = "collection.plan.installment"

    mail_company = fields.Char(compute="_compute_mail_texts")
    mail_contact = fields.Char(compute="_compute_mail_texts")
    mail_sender = fields.Char(compute="_compute_mail_texts")
    mail_amount = fields.Char(compute="_compute_mail_texts")
    mail_due = fields.Char(compute="_compute_mail_texts")
    mail_label = fields.Char(compute="_compute_mail_texts")
    mail_late = fields.Char(compute="_compute_mail_texts")
    mail_button = fields.Html(compute="_compute_mail_button", sanitize=False, groups=SECRET)

    @api.model
    def mail_allowed_qweb_expressions(self):
        return (*super().mail_allowed_qweb_expressions(), "object.plan_id.name", *(f"object.{name}" for name in PART_TEXTS))

    @api.depends("due", "amount", "paid_amount", "plan_id")
    @api.depends_context("lang")
    def _compute_mail_texts(self):
        for row in self:
            plan, money = row.plan_id, row.currency_id.format
            row.update({
                "mail_company": row.company_id.name, "mail_sender": row.company_id.email_formatted, "mail_contact": plan.partner_id.name,
                "mail_amount": money(row.open_amount), "mail_due": format_date(self.env, row.due), "mail_label": row.label, "mail_late": money(plan._pay_now())})

    @api.depends("plan_id")
    @api.depends_context("lang")
    def _compute_mail_button(self):
        for row in self:
            row.mail_button = BUTTON % (row.plan_id._link_url(PATH), self.env._("Pay now"))
