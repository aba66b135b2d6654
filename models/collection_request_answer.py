from odoo import api, fields, models
from odoo.fields import Domain

ONLINE = [("no", "They call us"), ("ask", "They ask, we answer"), ("offer", "They get the offer at once")]


class CollectionPlanTemplate(models.Model):
    _inherit = "collection.plan.template"

    online = fields.Selection(ONLINE, "Customers online", required=True, default="ask",
                              help="What customers may do by themselves on the page of their account. At once: where no manager must approve.")


class CollectionPlan(models.Model):
    """A plan that is offered answers the request for it."""

    _inherit = "collection.plan"

    request_ids = fields.One2many("collection.request", "plan_id", "Asked for online", readonly=True)

    def _end_asked(self):
        super()._end_asked()
        for plan in self:
            asked = plan.sudo().profile_id.request_ids  # sudo: whoever offers a plan answers whatever was asked
            asked.filtered(lambda record: record.state == "open")._end("answered", plan_id=plan.id)


class CollectionDesk(models.AbstractModel):
    _inherit = "collection.desk"

    @api.model
    def _silent_until(self, items, calendar, days, today):
        """Once in a row, whether asked on the telephone or online."""
        last = self.env["collection.request"]._last_silence(items, calendar.add_working_days(today, -days))
        if not last or self.env.user.has_group("account_credit_collection.group_manager"):
            return super()._silent_until(items, calendar, days, today)
        return last if last >= today else False


class CreditProfile(models.Model):
    """Requests to pay in parts of a customer."""

    _inherit = "credit.profile"

    request_ids = fields.One2many("collection.request", "profile_id", "Asked for online")

    def _refresh(self, company, today):
        """What is paid is not asked for any more."""
        # sudo: what becomes of a request follows from the ledger
        self.env["collection.request"].sudo().search([("profile_id", "in", self.ids), ("state", "=", "open")])._end_settled()
        super()._refresh(company, today)

    def _plain_plans(self, today, known):
        """With those who asked online."""
        asked = self.env["collection.request"]._read_group(
            Domain("profile_id", "in", self.ids) & Domain("state", "=", "open") & Domain("silent_until", ">=", today), ["profile_id"])
        return {**{profile.id: ("plain_plan", {}) for (profile,) in asked}, **super()._plain_plans(today, known)}

    def action_payment_plan(self):
        """With what the customer asked for online, where nothing was said on the telephone since."""
        action = super().action_payment_plan()
        asked = self.request_ids.filtered(lambda record: record.state == "open")[:1]
        call = self.env["collection.call"].browse(action["context"].get("default_call_id"))
        if asked and (not call or call.day < asked.made_on):
            action["context"] = asked._plan_defaults()
        return action
