from datetime import timedelta

from odoo import api, fields, models

JOB = "account_credit_collection.ir_cron_collection_thanks"
LOOK_BACK = timedelta(days=2)  # what was paid before is not thanked for any more
MAIL_TEXTS = ("mail_company", "mail_contact", "mail_amount", "mail_documents")


class CollectionThanks(models.Model):
    """A customer was thanked for what it paid on a day: once, and only with nothing left that we would ask for.

    A job finds the payments of the last days in one query; booking them costs nothing.
    """

    _name = "collection.thanks"
    _description = "Thanks for Paying"
    _inherit = ["collection.guard.mixin"]
    _order = "id desc"
    _rec_name = "profile_id"

    profile_id = fields.Many2one("credit.profile", "Customer", required=True, index=True, ondelete="restrict", readonly=True)
    company_id = fields.Many2one(related="profile_id.company_id", store=True, index=True)
    paid_on = fields.Date(required=True, readonly=True)
    sent_on = fields.Date(required=True, readonly=True, index=True)
    sent_to = fields.Char("Mail to", readonly=True)
    paid = fields.Json(readonly=True, help="Currency, amount and documents.")
    mail_company = fields.Char(compute="_compute_mail_texts")
    mail_contact = fields.Char(compute="_compute_mail_texts")
    mail_amount = fields.Char(compute="_compute_mail_texts")
    mail_documents = fields.Char(compute="_compute_mail_texts")

    _day_uniq = models.UniqueIndex("(profile_id, paid_on)", "A customer is thanked once for what it paid on a day.")

    @api.model_create_multi
    def create(self, vals_list):
        """Made by the job only."""
        self._refuse_guarded(set().union(*vals_list) | self._guarded_defaults(set(self._fields)))
        return super().create(vals_list)

    def write(self, vals):
        self._refuse_guarded(set(vals))
        return super().write(vals)

    def _move_to(self, profile):
        """The thanks of a customer merged with another; of two for the same day one is kept."""
        known = set(self.search([("profile_id", "=", profile.id)]).mapped("paid_on"))
        self.filtered(lambda record: record.paid_on in known).unlink()
        self.exists().write({"profile_id": profile.id})

    # ------------------------------------------------------------------ words

    @api.model
    def mail_allowed_qweb_expressions(self):
        return (*super().mail_allowed_qweb_expressions(), *(f"object.{name}" for name in MAIL_TEXTS))

    @api.depends("paid")
    @api.depends_context("lang")
    def _compute_mail_texts(self):
        for record in self:
            amounts = [record.env["res.currency"].browse(currency).format(float(amount)) for currency, amount, _documents in record.paid or ()]
            documents = [name for _currency, _amount, names in record.paid or () for name in names]
            record.update({"mail_company": record.company_id.name, "mail_contact": record.profile_id.partner_id.name,
                           "mail_amount": ", ".join(amounts), "mail_documents": ", ".join(documents)})

    # ------------------------------------------------------------------ the job

    @api.model
    def _wake(self):
        """Soon, in a transaction of its own: who paid online does not wait for what follows."""
        job = self.env.ref(JOB, raise_if_not_found=False)
        if job:
            job.sudo()._trigger()  # sudo: a job is started for whoever pays

    @api.model
    def _cron_thank(self):
        """What follows from online payments, then thanks for all of the last days."""
        problems = self.env["payment.transaction"]._follow_payments()
        for company in self.env["res.company"].search([("parent_id", "=", False), ("collection_thanks", "!=", "never")]):
            problems += self._thank(company)
            self.env["ir.cron"]._commit_progress()
        self.env["collection.heartbeat"]._beat("thanks", ", ".join(problems[:20]))
        self.env["ir.cron"]._commit_progress(remaining=0)

    @api.model
    def _thank(self, company):
        """Queue the mails of one company: a fixed number of queries to find whom. What went wrong, by customer."""
        today, found, problems = company._collection_today(), {}, []
        for row in self.env["collection.reader"]._read_payments_since(company, today - LOOK_BACK):
            found.setdefault(row.partner, {}).setdefault(row.day, []).append(row)
        profiles = self._whom(company, list(found), today)
        known = {(record.profile_id, record.paid_on) for record in self.search([("profile_id", "in", profiles.ids), ("paid_on", ">=", today - 2 * LOOK_BACK)])}
        recipients = self.env["collection.reader"]._read_recipients(profiles.partner_id.ids)
        for profile in profiles:
            who = recipients[profile.partner_id.id].usable.get("email")
            for day, rows in found[profile.partner_id.id].items() if who else ():
                if (profile, day) not in known and self._deserves(company, rows):
                    values = self._prepare_thanks(profile, day, rows, who, today)
                    error = self.env["credit.profile"]._attempt(lambda values=values, who=who: self.create(values)._send(who))
                    problems += [f"customer {profile.id}"] if error else []
                    break  # one mail, also where it paid on several days
        return problems

    @api.model
    def _prepare_thanks(self, profile, day, rows, who, today):
        return {"profile_id": profile.id, "paid_on": day, "sent_on": today, "sent_to": who.address,
                "paid": [[row.currency, row.amount, [name for name in row.documents if name]] for row in rows]}

    @api.model
    def _deserves(self, company, rows):
        return company.collection_thanks == "always" or any(row.reminded for row in rows)

    @api.model
    def _whom(self, company, partner_ids, today):
        """Those of the customers who have cleared what we would ask for, whom nothing speaks against writing to, and who hear nothing else today."""
        profiles = self.env["credit.profile"].search([("company_id", "=", company.id), ("partner_id", "in", partner_ids), ("excluded", "=", False)])
        owing = self.env["collection.reader"]._read_still_owing(company, profiles.partner_id.ids, today)
        cleared = profiles.filtered(lambda profile: profile.partner_id.id not in owing and not profile._contact_stop())
        disputed = self.env["collection.dispute"].search([("profile_id", "in", cleared.ids), ("state", "=", "open")]).profile_id
        thanked = self.env["collection.plan"].search([("profile_id", "in", cleared.ids), ("thanked_on", ">=", today - LOOK_BACK)]).profile_id
        told = self.search([("profile_id", "in", cleared.ids), ("sent_on", "=", today)]).profile_id
        return cleared - disputed - thanked - told

    def _send(self, who):
        """The mail; where the door says no, nobody was thanked."""
        if not self.env["collection.channel"]._queue_thanks(self, who):
            self.unlink()


class CollectionHeartbeat(models.Model):
    _inherit = "collection.heartbeat"

    @api.model
    def _jobs(self):
        return {**super()._jobs(), "thanks": "ir_cron_collection_thanks"}
