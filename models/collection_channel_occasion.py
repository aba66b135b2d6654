from odoo import api, models

KIND = "account_credit_collection.mail_activity_collection_greeting"


class CollectionChannel(models.AbstractModel):
    """Greetings: a queued mail, the text of a card, or a task for the salesperson."""

    _inherit = "collection.channel"

    @api.model
    def _queue_greeting(self, greeting, address):
        """Queue the mail to the address of the contact."""
        return self._queue(greeting.occasion_id.template_id, greeting, greeting._reader_lang(address), address["email"], ())

    @api.model
    def _render_card(self, greeting, address):
        """The text of a card, in the language of the contact."""
        template = greeting.occasion_id.template_id.sudo()  # sudo: templates are the managers'
        lang = {greeting.id: greeting._reader_lang(address)}
        return template._render_field("body_html", greeting.ids, res_ids_lang=lang, options={"post_process": True})[greeting.id]

    @api.model
    def _ask_greeting(self, greeting):
        """A task on the contact for whoever sells to the customer; the list of tasks tells them, not a mail."""
        user = greeting.profile_id._salesperson() or greeting.profile_id._responsible()
        greeting.contact_id.with_context(mail_activity_quick_update=True).activity_schedule(
            KIND, date_deadline=greeting.day, user_id=user.id,
            summary=greeting.with_context(lang=user.lang or self.env.lang)._task_text())


class CollectionGreeting(models.Model):
    """What leaves, over each channel."""

    _inherit = "collection.greeting"

    def _perform_email(self, address, today):
        if self.env["collection.channel"]._queue_greeting(self, address):
            self._mark_sent(today, address["email"])
        else:  # the door of the mail queue knows of somebody who must be left alone
            self._transition("skipped", code="greeting_barred", detail=False)

    def _perform_card(self, address, today):
        self._transition("to_print", code="greeting_to_print", detail=False, body=self.env["collection.channel"]._render_card(self, address))

    def _perform_task(self, _address, today):
        self.env["collection.channel"]._ask_greeting(self)
        self._transition("sent", code="greeting_task", detail=False, sent_on=today)

    def _mark_sent(self, today, recipient=False):
        """It is a touch from now on; a task is one only when the salesperson says so."""
        self._transition("sent", code=False, detail=False, sent_on=today, recipient=recipient)
        self.env["collection.touch"]._log_greeting(self, today)

    def _task_text(self):
        return self.occasion_id.task_text or self.env._("%(day)s: call or write", day=self._day_name())
