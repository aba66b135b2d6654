from odoo import api, models


class CollectionOverview(models.AbstractModel):
    """Today's work: what waits for a person, one query a line."""

    _inherit = "collection.overview"

    @api.model
    def _work(self, company, today):
        """The lines with something to do, the most pressing first."""
        own = [("company_id", "=", company.id)]
        lines = [
            self._line_calls(company, today),
            self._line("promises", self.env._("Promises due by today"), "collection.promise", [*own, ("state", "=", "open"), ("promised_on", "<=", today)],
                       "collection_promise_action", self.env._("Open promises whose day has come.")),
            self._line("approve", self.env._("Contacts to approve"), "collection.action", [*own, ("state", "=", "planned")],
                       "collection_action_action_approve", self.env._("Messages that a person has to release.")),
            self._line("letters", self.env._("Letters to print"), "collection.action", [*own, ("channel", "=", "letter"), ("state", "=", "waiting")],
                       "collection_action_action_letters", self.env._("Letters that wait for the printer.")),
            self._line("problems", self.env._("Messages with problems"), "collection.action", [*own, ("state", "in", ("failed", "unknown"))],
                       "collection_action_action_problems", self.env._("Contacts that failed, or of which nobody knows whether they arrived.")),
            self._line("disputes", self.env._("Disputes past their day"), "collection.dispute", [*own, ("state", "=", "open"), ("deadline", "<", today)],
                       "collection_dispute_action", self.env._("Open disputes that should have been cleared up before today.")),
            self._line("holds", self.env._("Documents on hold"), "credit.hold", [*own, ("state", "=", "held")],
                       "credit_hold_action", self.env._("Orders and invoices that wait because of credit.")),
            self._line("plans", self.env._("Plans with a late part"), "collection.plan", [*own, ("state", "=", "active"), ("days_late", ">", 0)],
                       "collection_plan_action", self.env._("Payment plans in force of which an installment is late.")),
            self._line("charges", self.env._("Charges to look at"), "collection.charge", [*own, ("state", "=", "draft")],
                       "collection_charge_action", self.env._("Drafts of late interest and fees that are not billed yet.")),
        ]
        return [line for line in lines if line["count"]]

    @api.model
    def _line(self, code, label, model, domain, action, formula):
        return {"code": code, "label": label, "count": self.env[model].search_count(domain), "detail": False, "help": formula,
                "open": self._opens(action, label, domain)}

    @api.model
    def _line_calls(self, company, today):
        """Who is to be called; collectors get to their desk, others see the customers."""
        Desk = self.env["collection.desk"]
        domain = Desk._listed(company, "all", today) & Desk._todo(company, today)
        count, amount = self.env["credit.profile"]._read_group(domain, [], ["__count", "to_collect:sum"])[0]
        calls = self.env.user.has_group("account_credit_collection.group_collector")
        label = self.env._("Customers to call")
        return {"code": "calls", "label": label, "count": count, "detail": company.currency_id.format(amount),
                "help": self.env._("Customers on the worklist of today, and what can be collected of them."),
                "open": self._opens("collection_desk_action", label, params={"scope": "all"}) if calls else self._opens("credit_profile_action", label, domain)}
