from odoo import api, models
from odoo.exceptions import UserError


class CollectionPlan(models.Model):
    """What an agency collects is not paid in parts besides."""

    _inherit = "collection.plan"

    @api.model
    def _check_items(self, profile, items, previous_id=None):
        self.env["collection.handover.line"]._refuse_handed(items)
        return super()._check_items(profile, items, previous_id)

    def _check_promised(self):
        """The same when a draft is offered: the handover may be the later one."""
        self.env["collection.handover.line"]._refuse_handed(self._items())
        return super()._check_promised()


class CollectionSettlement(models.Model):
    _inherit = "collection.settlement"

    def _check_free(self):
        """What an agency collects is not settled besides."""
        super()._check_free()
        self.env["collection.handover.line"]._refuse_handed(self.line_ids.item_id)


class CollectionPromise(models.Model):
    _inherit = "collection.promise"

    @api.model
    def _check_free(self, profile, items, currency):
        """A promise to us about what another one collects binds nobody; one on the balance would cover it."""
        super()._check_free(profile, items, currency)
        lines = self.env["collection.handover.line"].sudo()  # sudo: whether it is handed over, whoever looks
        found = lines._handed_ones(items)[:1] if items else lines.search([
            ("is_live", "=", True), ("handover_id.profile_id", "=", profile.id), ("handover_id.currency_id", "=", currency),
            ("handover_id.state", "=", "handed")], limit=1)
        if found:
            raise UserError(found._taken())


class CollectionDispute(models.Model):
    """A dispute about what is handed over: the agency must know, and a person decides whether it comes back."""

    _inherit = "collection.dispute"

    @api.model_create_multi
    def create(self, vals_list):
        records = super().create(vals_list)
        records.sudo()._warn_handed()  # sudo: whoever disputes need not see handovers
        return records

    def _close(self, outcome, **values):
        """What is owed after all is in nobody's claim yet: a person decides."""
        code = super()._close(outcome, **values)
        self.sudo()._tell_handed()  # sudo: as above
        return code

    def _tell_handed(self):
        lines = self.env["collection.handover.line"]._live_ones(self.item_id)
        for record, some in lines.grouped("handover_id").items():
            if record.state == "handed":
                record._ask_to_tell(self.env._(
                    "The dispute about %s is over. What of it is owed after all and was not claimed comes back to us when the case ends; "
                    "recall the handover to hand over all of it.", ", ".join(some.mapped("document"))))

    def _warn_handed(self):
        lines = self.env["collection.handover.line"]._live_ones(self.item_id)
        for record, some in lines.grouped("handover_id").items():
            record.contested = True
            record._log("dispute", self.env._("Dispute opened: %s", ", ".join(some.mapped("document"))))
            if record.state != "proposed":
                record._ask(self.env._("disputed: recall it, or tell the agency"), note=self.env._(
                    "What is contested is not the agency's to collect. Recall the handover, or tell the agency which part it may not ask for."))


class CollectionCharge(models.Model):
    _inherit = "collection.charge"

    def _mark_charged(self):
        """What is charged on what an agency collects waits there with it: somebody tells the agency."""
        super()._mark_charged()
        self.sudo()._tell_handed()  # sudo: whoever posts a bill need not see handovers

    def _tell_handed(self):
        waiting = set(self.env["collection.reader"]._read_charges_of_handed(self.move_id.line_ids.ids))
        for charge in self.filtered(lambda charge: charge.item_id.id in waiting):
            for record in self.env["collection.handover.line"]._handed_ones(charge.line_ids.item_id).handover_id:
                record._ask_to_tell(self.env._("%(bill)s was charged since: it waits until the case ends, and the agency may claim it too.",
                                               bill=charge.move_id.name), charge.move_id.amount_total)
