from dateutil.relativedelta import relativedelta

from odoo import api, fields, models
from odoo.exceptions import AccessError, UserError

MOST_MAILS = 200  # statements made for one click: more would keep the person waiting for minutes


class CollectionStatementWizard(models.TransientModel):
    """Statements of account of one or several customers: what is open on a day, or all movements of a period."""

    _name = "collection.statement.wizard"
    _description = "Statement of Account"

    profile_ids = fields.Many2many("credit.profile", "collection_statement_wizard_rel", "wizard_id", "profile_id", "Customers")
    kind = fields.Selection([("open", "What is open"), ("moves", "All movements")], "Shows", required=True, default="open")
    first = fields.Date("From", default=lambda self: self.env.company._collection_today() + relativedelta(months=-3, day=1))
    last = fields.Date("On", required=True, default=lambda self: self.env.company._collection_today())
    currency_ids = fields.Many2many("res.currency", "collection_statement_wizard_currency_rel", "wizard_id", "currency_id", "Currencies",
                                    help="Empty: all.")
    again = fields.Boolean("Mail again", help="Also to those who were mailed the same statement today.")

    # ------------------------------------------------------------------ what a person may do

    def action_print(self):
        """One PDF of all statements, each in the language of its customer."""
        profiles = self._chosen()
        return self.env.ref("account_credit_collection.action_report_collection_account").report_action(
            [], data={**self._data(), "profiles": profiles.ids}, config=False)  # our paper needs no layout of core's

    def action_xlsx(self):
        """The statements as a workbook."""
        self._chosen()
        return {"type": "ir.actions.act_url", "url": f"/collections/statements/{self.id}.xlsx", "target": "download"}

    def action_mail(self):
        """Queue a mail with the statement to each customer; tell who gets none."""
        profiles = self._chosen()
        if not self.env.user.has_group("account_credit_collection.group_collector"):
            raise AccessError(self.env._("Collectors send statements. You may print them."))
        profiles.check_access("write")
        if len(profiles) > MOST_MAILS:
            raise UserError(self.env._("Choose at most %s customers at a time.", MOST_MAILS))
        return self._tell(self.env["collection.channel"]._queue_statements(profiles, self._data(), self.again))

    # ------------------------------------------------------------------ how

    def _chosen(self):
        """The customers, once it is sure that the person may see them."""
        self.ensure_one()
        if not self.env.user.has_group("account_credit_collection.group_viewer"):
            raise AccessError(self.env._("Statements of account are for users of Credit & Collections."))
        if not self.profile_ids:
            raise UserError(self.env._("Choose at least one customer."))
        self.profile_ids.check_access("read")
        for company in self.profile_ids.company_id:
            self.env["collection.statement"]._read_terms(company, self._data())
        return self.profile_ids

    def _data(self):
        return {"kind": self.kind, "first": self.first and self.first.isoformat(), "last": self.last.isoformat(), "currencies": self.currency_ids.ids}

    def _file_name(self, extension):
        if len(self.profile_ids) == 1:
            return f"{self.profile_ids._statement_name(self.last)}.{extension}"
        return f"{self.env._('Statements of account')} {self.last.isoformat()}.{extension}"

    def _write_workbook(self, stream):
        """In the language of the customer, of several in that of who asks."""
        profiles = self._chosen()
        lang = profiles._statement_lang() if len(profiles) == 1 else self.env.lang
        profiles = profiles.with_context(lang=lang)
        self.env["collection.statement"].with_context(lang=lang)._write_workbook(profiles, self._data(), stream)

    @api.model
    def _tell(self, queued):
        """What became of the mails, in a sentence each; who got none stays on the screen until it is read."""
        texts = [self._sent_text(len(queued.sent))]
        if queued.missing:
            texts.append(self.env._("No usable e-mail address: %s.", self._names(queued.missing)))
        if queued.repeated:
            texts.append(self.env._("Mailed the same statement today, and not once more: %s. To mail it again, tick “Mail again”.", self._names(queued.repeated)))
        lacking = bool(queued.missing or queued.repeated)
        return {"type": "ir.actions.client", "tag": "display_notification", "params": {
            "type": "warning" if lacking else "success", "message": " ".join(texts), "sticky": lacking,
            "next": {"type": "ir.actions.act_window_close"}}}

    @api.model
    def _sent_text(self, count):
        if count == 1:
            return self.env._("1 statement is on its way.")
        return self.env._("%s statements are on their way.", count) if count else self.env._("No statement was mailed.")

    @api.model
    def _names(self, profiles):
        """The first ten, and how many more."""
        names, more = ", ".join(profiles[:10].partner_id.mapped("name")), len(profiles) - 10
        return self.env._("%(names)s and %(count)s more", names=names, count=more) if more > 0 else names
