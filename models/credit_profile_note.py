from odoo import api, models

from .collection_reason import describe

NEWS = "account_credit_collection.mail_activity_collection_news"


class CreditProfile(models.Model):
    """What happened with a customer, told in the customer's chatter and to the salesperson.

    A note is written once and read by many, so it is in the company's language; and since everybody who sees
    the customer reads it, it names documents and days, never amounts: those stand on the record it tells of.
    """

    _inherit = "credit.profile"

    def _note(self, body, tell=False):
        """The same note for each of these customers; see ``_notes``."""
        self._notes(dict.fromkeys(self, body), tell)

    @api.model
    def _notes(self, bodies, tell=False):
        """Leave an internal note in the chatter of customers: ``{profile: body}``. Nobody gets a mail.

        A body is a text, which is escaped, ``Markup``, or ``(code, detail)`` of a sentence, which is then put into the
        company's language. ``tell`` marks what the salesperson should know of although not told of everything; None is for nobody.
        """
        # sudo: whoever takes a promise need not be able to edit customers
        profiles = self.browse(profile.id for profile in bodies).sudo()
        texts = {profile.id: body for profile, body in bodies.items() if body}
        for company, some in profiles.filtered(lambda profile: profile.id in texts).grouped("company_id").items():
            env = some[:1]._chatter_env()
            some.partner_id._message_log_batch({profile.partner_id.id: _text(env, texts[profile.id]) for profile in some})
            if tell is not None and company.collection_tell_salesperson in (("important", "all") if tell else ("all",)):
                some._tell_salespeople()

    def _chatter_env(self):
        """The environment in whose language notes about a customer are put."""
        return self.with_context(lang=self.company_id.partner_id.lang or self.env.lang).env

    # ------------------------------------------------------------------ the salesperson

    def _tell_salespeople(self):
        """A task on the customer for its salesperson, one at a time; the list of tasks tells them, not a mail.

        The words are those of the plain status, since a salesperson need not see what is owed.
        """
        kind = self.env.ref(NEWS, raise_if_not_found=False)  # nobody is told when somebody deleted it
        told = {profile: user for profile in self if kind and (user := profile._salesperson())}
        texts = self._plain_texts(told)
        known = {(task.res_id, task.user_id): task for task in self._news()}
        new = []
        for profile, user in told.items():
            values = {"summary": texts[profile] or describe(self.with_context(lang=user.lang).env, "plain_news"),
                      "date_deadline": profile.company_id._collection_today()}
            task = known.get((profile.partner_id.id, user))
            if task:
                task.write(values)
            else:
                new.append({"res_model_id": self.env["ir.model"]._get_id("res.partner"), "res_id": profile.partner_id.id,
                            "activity_type_id": kind.id, "user_id": user.id, "automated": True, **values})
        self.partner_id.mapped("display_name")  # core names the record of each activity on its own: read them together
        self.env["mail.activity"].with_context(mail_activity_quick_update=True).create(new)

    def _news(self):
        """The tasks by which salespeople were told of these customers, and that they have not done."""
        kind = self.env.ref(NEWS, raise_if_not_found=False)
        return self.env["mail.activity"].search([
            ("res_model", "=", "res.partner"), ("res_id", "in", self.partner_id.ids), ("activity_type_id", "=", kind.id)]) if kind else self.env["mail.activity"]

    def _refresh(self, company, today):
        """A customer who has paid meanwhile is no news any more."""
        super()._refresh(company, today)
        customers = self.sudo()  # sudo: tasks of others
        news = customers._news()
        if news:
            told = customers.filtered(lambda profile: profile.partner_id.id in set(news.mapped("res_id")))
            settled = {profile.partner_id.id for profile, text in told._plain_status(today).items() if not text and profile.overdue <= 0}
            news.filtered(lambda task: task.res_id in settled).unlink()

    def _plain_texts(self, told):
        """The plain status in the language of each reader: ``{profile: text}``."""
        texts = {}
        for lang in {user.lang for user in told.values()}:
            some = self.browse(profile.id for profile, user in told.items() if user.lang == lang).with_context(lang=lang)
            for company, profiles in some.grouped("company_id").items():
                texts |= profiles._plain_status(company._collection_today())
        return texts

    def _salesperson(self):
        """The user who looks after the sales of a customer, unless it is the one who acts or one who cannot see the company."""
        user = self.partner_id.user_id
        able = user.active and not user.share and user != self.env.user and self.company_id in user.company_ids.root_id
        return user if able else user.browse()


def _text(env, body):
    return describe(env, *body) if isinstance(body, tuple) else body
