from odoo import models

from .collection_reason import describe

# Counts and amounts among the conditions of a ladder.
AMOUNTS = ("turnover", "use")
COUNTED = ("on_time", "average", "quiet", "days")  # with words of their own for one


class CreditProfile(models.Model):
    """The credit of a customer in the customer's own words: what is granted, what is used, what comes next and what it takes."""

    _inherit = "credit.profile"

    def _account_credit(self):
        """What the page tells of the limit; None where no credit was granted or agreed."""
        self.ensure_one()
        if self.limit_meaning == "none":
            return None
        amount, used = self.limit_amount, max(0.0, self.exposure)
        return {
            "prepay": self.limit_meaning == "prepay" or not amount, "amount": amount, "used": used, "left": max(0.0, amount - used),
            "percent": min(100, round(100 * used / amount)) if amount else 0, "until": self.limit_until, "over": used > amount,
            **self._account_next_stage(),
        }

    def _account_next_stage(self):
        """The next limit and what is missing; nothing where no ladder leads there."""
        higher = self.next_stage_id and self.currency_id.compare_amounts(self.next_limit, self.limit_amount) > 0
        if not higher:
            return {"next": 0.0, "missing": [], "wait": ""}
        wait = describe(self.env, "account_cooling_down", self.ladder_detail) if self.ladder_code == "cooling_down" else ""
        return {"next": self.next_limit, "missing": [self._account_gap(*gap) for gap in self.ladder_missing or ()], "wait": wait}

    def _account_gap(self, code, have, need):
        """A condition that is not met yet, in words."""
        words = f"account_gap_{code}_one" if code in COUNTED and have == 1 else f"account_gap_{code}"
        return describe(self.env, words, {"have": self._account_figure(code, have), "need": self._account_figure(code, need)})

    def _account_figure(self, code, value):
        if code in AMOUNTS:
            return self.currency_id.format(value)
        return f"{round(value, 1):g}".replace(".", self.env["credit.form"]._reader(self.company_id).point)

    # ------------------------------------------------------------------ applications

    def _account_applications(self):
        """The customer's applications for credit, newest first: ``[{"name", "on", "state", "url"}]``; drafts are nobody's yet."""
        states = self._account_application_states()
        found = self.env["credit.application"].search([("profile_id", "=", self.id), ("state", "in", tuple(states))], order="id desc", limit=5)
        return [{"name": one.reference or "", "on": one.submitted_on, "state": states[one.state], "record": one} for one in found]

    def _account_application_states(self):
        return {
            "submitted": self.env._("Received"), "review": self.env._("We are looking at it"), "approved": self.env._("Approved, waiting for your signature"),
            "signed": self.env._("In force"), "refused": self.env._("Not granted"), "expired": self.env._("Expired"),
        }
