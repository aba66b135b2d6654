from odoo import models
from odoo.exceptions import AccessError
from odoo.fields import Domain
from odoo.tools.misc import format_date

VIEWER = "account_credit_collection.group_viewer"


class CollectionSnapshot(models.Model):
    """Each figure of a customer's month opens what it is made of, down to the journal items."""

    _inherit = "collection.snapshot"

    def _check_open(self):
        self.ensure_one()
        self.check_access("read")
        if not self.env.user.has_group(VIEWER):
            raise AccessError(self.env._("You may not see what %s owes.", self.display_name))

    def _window(self, name, model, domain, **values):
        """A list of records behind a figure."""
        return {"type": "ir.actions.act_window", "name": name, "res_model": model, "domain": list(domain), "views": [(False, "list"), (False, "form")],
                "view_mode": "list,form", **values}

    def _of_customer(self):
        """Rows of reports of this row's customer, or of none, and its company with the branches."""
        return Domain("root_id", "=", self.company_id.id) & Domain("profile_id", "=", self.profile_id.id)

    def _in_month(self, field):
        return Domain(field, ">=", self.month.replace(day=1)) & Domain(field, "<=", self.month)

    def _title(self, what):
        return self.env._("%(what)s: %(row)s", what=what, row=self.display_name)

    # ------------------------------------------------------------------ the ledger

    def _open_ageing(self, day, buckets=None):
        domain = self._of_customer() & (Domain("bucket", "in", buckets) if buckets else Domain.TRUE)
        return self._window(
            self._title(self.env._("Open on %s", format_date(self.env, day))), "collection.ageing", domain, views=[(False, "list")], view_mode="list",
            context={"collection_day": day.isoformat()})

    def action_open_opening(self):
        self._check_open()
        return self._open_ageing(self.month.replace(day=1) - self.month.resolution)

    def action_open_closing(self):
        self._check_open()
        return self._open_ageing(self.month)

    def action_open_overdue(self):
        return self._open_bucket("b30", "b60", "b90", "over")

    def action_open_not_due(self):
        return self._open_bucket("not_due")

    def action_open_b30(self):
        return self._open_bucket("b30")

    def action_open_b60(self):
        return self._open_bucket("b60")

    def action_open_b90(self):
        return self._open_bucket("b90")

    def action_open_over(self):
        return self._open_bucket("over")

    def action_open_credit(self):
        return self._open_bucket("credit")

    def _open_bucket(self, *buckets):
        self._check_open()
        return self._open_ageing(self.month, buckets)

    # ------------------------------------------------------------------ what moved it

    def _open_moves(self, *kinds):
        self._check_open()
        domain = self._of_customer() & self._in_month("date") & (Domain("kind", "in", kinds) if kinds else Domain.TRUE)
        return self._window(self._title(self.env._("Movements")), "collection.movement", domain, views=[(False, "list")], view_mode="list")

    def action_open_movements(self):
        return self._open_moves()

    def action_open_billed(self):
        return self._open_moves("billed")

    def action_open_credited(self):
        return self._open_moves("credited")

    def action_open_collected(self):
        return self._open_moves("collected")

    def action_open_discounts(self):
        return self._open_moves("discount")

    def action_open_written_off(self):
        return self._open_moves("written_off")

    def action_open_exchange(self):
        return self._open_moves("exchange")

    def action_open_other(self):
        return self._open_moves("other")

    # ------------------------------------------------------------------ the work

    def _open_work(self, what, model, domain):
        self._check_open()
        return self._window(self._title(what), model, Domain("profile_id", "=", self.profile_id.id) & Domain("company_id", "=", self.company_id.id) & domain)

    def action_open_promises(self):
        return self._open_work(self.env._("Promises judged"), "collection.promise",
                               self._in_month("judged_on") & Domain("state", "in", ("kept", "partly", "broken")))

    def action_open_disputes(self):
        """Disputes that were open in the month, or were opened or closed in it."""
        return self._open_work(self.env._("Disputes"), "collection.dispute", Domain("opened_on", "<=", self.month) & (
            Domain("closed_on", "=", False) | Domain("closed_on", ">=", self.month.replace(day=1))))

    def action_open_charges(self):
        return self._open_work(self.env._("Charges"), "collection.charge.line",
                               (self._in_month("charge_id.posted_on") & Domain("charge_id.state", "in", ("posted", "waived")))
                               | (self._in_month("waived_on") & Domain("state", "=", "waived")))

    def action_open_contacts(self):
        return self._open_work(self.env._("Reminders"), "collection.action", self._in_month("sent_on") & Domain("state", "=", "sent"))

    def action_open_calls(self):
        return self._open_work(self.env._("Calls"), "collection.call", self._in_month("day") & Domain("voided", "=", False))
