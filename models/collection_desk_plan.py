from datetime import timedelta

from odoo import api, models
from odoo.exceptions import UserError

from .desk_values import number_of

LATEST_PART = 365  # days until the first part of a plan


class CollectionDesk(models.AbstractModel):
    """A customer who asks to pay in parts: a task for us, and some days without reminders."""

    _inherit = "collection.desk"

    @api.model
    def _prepare_plan(self, profile, values, today):
        """The items stay silent until a plan is offered, for some working days at most."""
        items = self._chosen(profile, values.get("item_ids")) or self._late(profile, today)
        parts, first_on = int(number_of(values.get("parts")) or 0), self._day(values.get("first_on"))
        if not 2 <= parts <= 60:
            raise UserError(self.env._("A plan has 2 to 60 parts."))
        if not today <= first_on <= today + timedelta(days=LATEST_PART):
            raise UserError(self.env._("Choose a day within the next %s days.", LATEST_PART))
        calendar = self._calendar(profile, today)
        days = profile.company_id.collection_plan_days
        until = self._silent_until(items, calendar, days, today)
        return {"item_ids": items.ids, "plan_parts": parts, "plan_first_on": first_on, "silent_until": until,
                "resubmit_on": calendar.next_working_day((until or calendar.add_working_days(today, days)) + timedelta(days=1))}

    @api.model
    def _silent_until(self, items, calendar, days, today):
        """Until when the items are not asked for: once in a row, or whoever asks again and again would never be reminded.

        Again as long after the last silence as it lasted, or when a credit manager says so.
        """
        again = self.env["collection.call"].search(
            [("outcome", "=", "plan"), ("voided", "=", False), ("item_ids", "in", items.ids),
             ("silent_until", ">=", calendar.add_working_days(today, -days))], order="silent_until desc", limit=1)
        if again and not self.env.user.has_group("account_credit_collection.group_manager"):
            return again.silent_until if again.silent_until >= today else False
        return calendar.add_working_days(today, days)

    @api.model
    def _late(self, profile, today):
        return profile.item_ids.filtered(lambda item: item.amount_residual_currency > 0 and item.date_maturity and item.date_maturity < today)

    @api.model
    def _perform_plan(self, call, values):
        call.profile_id.sudo()._task("account_credit_collection.mail_activity_collection_plan", call.sentence, note=self._task_note(call))  # sudo: a task for whoever looks after it
