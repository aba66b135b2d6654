import re

from odoo import models

MODULE = "account_credit_collection"


class CollectionPlan(models.Model):
    """Tasks about a plan stand with its customer; each names its plan, by which it is found again."""

    _inherit = "collection.plan"

    def _ask(self, kind, summary, **values):
        """A task of a kind for whoever looks after the customer, once as long as it is open."""
        self.ensure_one()
        same = self._tasks(kind)
        if kind == "task":  # of the plain ones there may be several about a plan
            same = same.filtered(lambda task: task.summary == summary)
        if not same:
            # sudo: a task for others
            self.profile_id.sudo()._task(f"{MODULE}.mail_activity_collection_{kind}", summary, **values)

    def _drop_tasks(self, *names):
        """The tasks about these plans are done; those about others of the customer are not."""
        for name in names:
            for plan in self:
                plan._tasks(name).unlink()

    def _tasks(self, name):
        """The open tasks of a kind about this plan."""
        kind = self.env.ref(f"{MODULE}.mail_activity_collection_{name}")
        found = self.env["mail.activity"].sudo().search([  # sudo: tasks of whoever looks after the customer
            ("res_model", "=", "credit.profile"), ("res_id", "=", self.profile_id.id), ("activity_type_id", "=", kind.id)])
        return found.filtered(lambda task: re.search(rf"{re.escape(self.name)}(?!\d)", task.summary or ""))
