from datetime import timedelta

from odoo import SUPERUSER_ID, api, models
from odoo.exceptions import UserError
from odoo.tools.misc import format_date

from ..engine.money import exact
from ..engine.schedule import STEPS, down_payment
from .collection_plan_draw import FAR_DAYS
from .collection_plan_terms import AGREED

MOST_PARTS = 24  # that somebody chooses from
AGREED_ON = ("planned", "offered", "handed")


class NeedsCollectorError(Exception):
    """A plan that the template does not let the customer have at once."""


class CollectionRequest(models.Model):
    """What a customer may ask for: within the terms that its template proposes."""

    _inherit = "collection.request"

    # ------------------------------------------------------------------ what may be asked for

    @api.model
    def _candidates(self, profile):
        """What may be paid in parts: open, and not in a plan, an offer or with an agency already."""
        items = profile._account_items().filtered(lambda item: item.amount_residual_currency > 0)
        states = profile._account_states(items)
        return items.filtered(lambda item: states.get(item.id, ("",))[0] not in AGREED_ON)

    @api.model
    def _template(self, profile, items):
        """The terms for this customer and amount, an empty record where customers are to call."""
        amount = sum(items.mapped("amount_residual_currency"))
        Template = self.env["collection.plan.template"]
        found = Template._fitting(profile, items.currency_id, amount) if items else Template
        return found if found and found.online != "no" and found._fits(profile, items.currency_id, amount) else Template

    @api.model
    def _most_parts(self, template):
        """So many parts a collector may agree to alone."""
        return min(MOST_PARTS, max(2, template.approve_count or template.count or 2))

    @api.model
    def _days(self, profile, template):
        """``(first, proposed, last)`` day of the first part: after the down payment, and within what a collector may agree to."""
        company = profile.company_id
        today = company._collection_today()
        calendar = self.env["collection.plan"]._calendar(company, today)
        earliest = calendar.next_working_day(today + timedelta(days=7)) if template.down_percent else today
        step = timedelta(days=template.first_days) if template.first_days else STEPS[template.rhythm]
        proposed = calendar.next_working_day(earliest + step)
        return earliest, proposed, max(proposed, today + timedelta(days=FAR_DAYS))

    # ------------------------------------------------------------------ the parts

    @api.model
    def _terms(self, profile, template, items, parts, first_on):
        """The terms of the template with what the customer chose, as a plan takes them."""
        company, currency = profile.company_id, items.currency_id
        quantum = exact(currency.rounding)
        down = down_payment(self._principal(items), exact(template.down_percent), quantum)
        return {**template._term_values(AGREED, currency, company), "method": "count", "count": parts, "down_amount": float(down),
                "down_on": self._days(profile, template)[0] if down else False, "first_on": first_on}

    @api.model
    def _principal(self, items):
        return sum(exact(item.amount_residual_currency) for item in items)

    @api.model
    def _schedule(self, profile, items, parts, first_on):
        """The parts as the engine draws them up; UserError for what the terms do not allow."""
        template = self._template(profile, items)
        self._check_wish(profile, template, items, parts, first_on)
        company = profile.company_id
        rows = self.env["collection.plan"]._prepare_schedule(
            company, items.currency_id, self._principal(items), self._terms(profile, template, items, parts, first_on), company._collection_today())
        least = template.minimum_part and items.currency_id.round(template.currency_id._convert(
            template.minimum_part, items.currency_id, company, company._collection_today()))
        if least and min(row.part.amount for row in rows) < exact(least):
            raise UserError(self.env._("A part is at least %s: please choose fewer parts.", items.currency_id.format(least)))
        return rows

    @api.model
    def _check_wish(self, profile, template, items, parts, first_on):
        if not items:
            raise UserError(self.env._("Please tick the invoices you want to pay in parts."))
        if len(items.currency_id) > 1:
            raise UserError(self.env._("These invoices are in several currencies. Please choose one currency at a time."))
        if not template:
            raise UserError(self.env._("Please call us, so that we find a way to pay in parts together."))
        if not 2 <= parts <= self._most_parts(template):
            raise UserError(self.env._("Please choose 2 to %s parts.", self._most_parts(template)))
        first, _proposed, last = self._days(profile, template)
        if not first <= first_on <= last:
            raise UserError(self.env._("Please choose a first day from %(first)s to %(last)s.",
                                       first=format_date(self.env, first), last=format_date(self.env, last)))

    # ------------------------------------------------------------------ asking

    @api.model
    def _ask_online(self, profile, said_by, items, said):
        """Ask for a plan: ``said`` has parts, first_on and note. Where the template says so it is offered at once.

        The same sent twice is asked once.
        """
        profile = profile.with_user(SUPERUSER_ID)  # what follows from it is the system's work
        self, items = self.with_env(profile.env), items.with_env(profile.env)
        self.env["collection.reader"]._claim_contested(items.ids)  # the same sent twice at once: the second one sees the first
        twin = self.search([("profile_id", "=", profile.id), ("state", "in", ("open", "answered")), ("made_on", "=", profile.company_id._collection_today())])
        twin = twin.filtered(lambda record: record.item_ids == items and (record.parts, record.first_on) == (said["parts"], said["first_on"]))[:1]
        if twin:
            return twin
        self._schedule(profile, items, said["parts"], said["first_on"])
        self._check_free(profile, items)
        record = self.create(self._prepare_request(profile, said_by, items, said))
        if record.template_id.online != "offer" or not record._offer_at_once():
            profile._task("account_credit_collection.mail_activity_collection_plan", record.sentence)
        profile._note(("noted_plan", record._told()), tell=True)
        return record

    @api.model
    def _check_free(self, profile, items):
        """One request at a time, and nothing that is agreed on already."""
        if self.search_count([("profile_id", "=", profile.id), ("state", "=", "open"), ("item_ids", "in", items.ids)], limit=1):
            raise UserError(self.env._("You have asked for this already. We will answer you soon; take that request back to ask for something else."))
        promised = self.env["collection.promise.line"]._open_ones(items)[:1]
        if promised:
            raise UserError(self.env._("You said that you pay %(item)s by %(day)s. Please take that back first, or choose the other invoices.",
                                       item=promised.document, day=format_date(self.env, promised.promise_id.promised_on)))
        if items - self._candidates(profile):
            raise UserError(self.env._("Something else is agreed on about these invoices already. Please load the page of your account again."))

    @api.model
    def _prepare_request(self, profile, said_by, items, said):
        today = profile.company_id._collection_today()
        return {
            "profile_id": profile.id, "currency_id": items.currency_id.id, "item_ids": items.ids, "amount": float(self._principal(items)),
            "documents": ", ".join(item.move_name or item.name for item in items), "template_id": self._template(profile, items).id,
            "parts": said["parts"], "first_on": said["first_on"], "note": said.get("note") or False, "made_on": today,
            "silent_until": self._silence(profile, items, today), "source": "portal", "said_by_id": said_by.id}

    @api.model
    def _silence(self, profile, items, today):
        """As long as after a call, and once in a row: whoever asks again and again would never be reminded."""
        days, calendar = profile.company_id.collection_plan_days, self.env["collection.desk"]._calendar(profile, today)
        last = self._last_silence(items, calendar.add_working_days(today, -days))
        if last:
            return last if last >= today else False
        return calendar.add_working_days(today, days)

    @api.model
    def _last_silence(self, items, since):
        """Until when items were not asked for because of a wish for a plan, if that was not before ``since``; said online or on the telephone."""
        about = [("item_ids", "in", items.ids), ("silent_until", ">=", since)]
        asked = self.sudo().search(about)  # sudo: what was asked counts, whoever looks
        calls = self.env["collection.call"].sudo().search([*about, ("outcome", "=", "plan"), ("voided", "=", False)])  # sudo: as above
        return max((*asked.mapped("silent_until"), *calls.mapped("silent_until")), default=None)

    def _offer_at_once(self):
        """Offer what was asked for where no manager must approve; whether it is offered."""
        try:
            with self.env.cr.savepoint():
                plan = self.env["collection.plan"]._draw(
                    self.profile_id, self.item_ids, self.template_id,
                    self._terms(self.profile_id, self.template_id, self.item_ids, self.parts, self.first_on))
                if plan._approval():
                    raise NeedsCollectorError
                plan.action_offer()
        except NeedsCollectorError:
            return False
        self.plan_id = plan
        return True
