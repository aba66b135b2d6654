from datetime import timedelta

from odoo import SUPERUSER_ID, api, models
from odoo.exceptions import UserError
from odoo.tools.misc import format_date


class CollectionPromise(models.Model):
    """A promise that the customer gives by itself, on the page of its account.

    As at the desk, with the limits of a collector: what is the system's work here would otherwise know none.
    """

    _name = "collection.promise"
    _inherit = ["collection.promise", "collection.said.mixin"]

    @api.model
    def _prepare_promise(self, vals):
        prepared, lines = super()._prepare_promise(vals)
        return {**prepared, **self._said(vals)}, lines

    # ------------------------------------------------------------------ taking it

    @api.model
    def _take_online(self, profile, said_by, items, said, previous):
        """The promise of ``items`` with ``said``: promised_on, amount and method; it takes the place of ``previous`` where there is one.

        The same sent twice is taken once.
        """
        profile = profile.with_user(SUPERUSER_ID)  # what follows from a promise is the system's work
        self, items, previous = (records.with_env(profile.env) for records in (self, items, previous))
        self.env["collection.reader"]._claim_contested(items.ids)  # the same sent twice at once: the second one sees the first
        twin = self._find_same(profile, items, said)
        if twin:
            return twin
        self._check_online(profile, items, said, previous)
        dialog = self.env["collection.promise.wizard"].create({
            "profile_id": profile.id, "currency_id": items.currency_id.id, "on": "items", "item_ids": items.ids, "previous_id": previous.id, **said})
        taken = dialog._make(taken_by=False, source="portal", said_by_id=said_by.id)
        profile._look_after(taken)
        return taken

    @api.model
    def _find_same(self, profile, items, said):
        """The promise that this very form made already."""
        return self.search([
            ("profile_id", "=", profile.id), ("state", "=", "open"), ("source", "=", "portal"), ("promised_on", "=", said["promised_on"])],
        ).filtered(lambda record: record.line_ids.item_id <= items and items.currency_id == record.currency_id
                   and not record.currency_id.compare_amounts(record.amount, said["amount"]))[:1]

    @api.model
    def _check_online(self, profile, items, said, previous):
        """What a customer may promise alone; each refusal says what to do instead."""
        if not items:
            raise UserError(self.env._("Please tick the invoices you will pay."))
        if len(items.currency_id) > 1:
            raise UserError(self.env._("These invoices are in several currencies. Please promise one currency at a time."))
        self._check_window(profile.company_id, said["promised_on"])
        whole = sum(items.mapped("amount_residual_currency"))
        if items.currency_id.compare_amounts(said["amount"], whole) > 0:
            raise UserError(self.env._("This is more than the %s that is open of these invoices.", items.currency_id.format(whole)))
        if profile._account_handed(items):
            raise UserError(self.env._("An agency collects these invoices for us. Please talk to it, or call us."))
        if previous and previous.state != "open":
            raise UserError(self.env._("This promise is not open any more. Please load the page of your account again."))
        self._check_trust(profile, items)

    @api.model
    def _check_window(self, company, promised_on):
        """From today on, and no farther ahead than a collector may agree to."""
        today = company._collection_today()
        last = self._last_day(company)
        if not today <= promised_on <= last:
            raise UserError(self.env._("Please choose a day from %(first)s to %(last)s, or ask us to pay in parts.",
                                       first=format_date(self.env, today), last=format_date(self.env, last)))

    @api.model
    def _last_day(self, company):
        """The last day that a customer may promise by itself."""
        return company._collection_today() + timedelta(days=company.collection_promise_max_days)

    @api.model
    def _check_trust(self, profile, items):
        """Who promised the same too often without paying talks to a person."""
        _previous, level = self._find_previous(profile, items, items.currency_id.id)
        if level > profile.company_id.collection_say_promises:
            raise UserError(self.env._("These invoices were promised before and not paid. Please call us, so that we find a way together.") if level > 1
                            else self.env._("Please call us, so that we agree on a day together."))

    # ------------------------------------------------------------------ taking it back

    def _withdraw_online(self):
        """The customer says that it will not pay as promised: it is asked again, as ever."""
        record = self.with_user(SUPERUSER_ID)  # as when it was taken
        if record.state == "open":  # a second click changes nothing
            record._withdraw(record.profile_id._chatter_env()._("Withdrawn by the customer, online"))

    def _online_items(self):
        """What is promised and still open, for the form that renews it."""
        return self._still_open()

    def _online_state(self):
        """What became of it, in the words of whoever gave it."""
        _ = self.env._
        day, money = format_date(self.env, self.promised_on), self.currency_id.format
        return {
            "open": _("You pay %(amount)s by %(day)s. Until then we do not remind you of it.", amount=money(self.amount), day=day),
            "kept": _("You paid as you said. Thank you."),
            "partly": _("You paid %(paid)s; %(missing)s is still missing.", paid=money(self.paid_amount), missing=money(self.missing_amount)),
            "broken": _("We did not receive this payment by %s.", format_date(self.env, self.grace_until)),
            "withdrawn": _("This does not hold any more."),
        }[self.state]
