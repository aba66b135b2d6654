from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.tools import format_date

# What may be changed all the same: names and texts.
WORDS = {"name", "description", "message_ids", "sequence"}


class CollectionExperimentFixed(models.AbstractModel):
    """A part of a policy: while the policy challenges in an experiment, it stays as it is, or nobody knows what was compared."""

    _name = "collection.experiment.fixed"
    _description = "What an experiment tries out"

    def _tried_policies(self):
        """The policies that the records are parts of."""
        return self.env["collection.policy"].union(*(self[name] if name == "policy_id" else self[name].policy_id
                                                     for name in ("policy_id", "level_id") if name in self._fields))

    @api.model_create_multi
    def create(self, vals_list):
        records = super().create(vals_list)
        records._tried_policies()._refuse_tried()
        return records

    def write(self, vals):
        if {name for name in set(vals) - WORDS if self._fields[name]._module == "account_credit_collection"}:
            self._tried_policies()._refuse_tried()
        result = super().write(vals)
        if {"policy_id", "level_id"} & set(vals):
            self._tried_policies()._refuse_tried()
        return result

    @api.ondelete(at_uninstall=False)
    def _unlink_except_tried(self):
        self._tried_policies()._refuse_tried()


class CollectionLevel(models.Model):
    _name = "collection.level"
    _inherit = ["collection.level", "collection.experiment.fixed"]


class CollectionLevelChannel(models.Model):
    _name = "collection.level.channel"
    _inherit = ["collection.level.channel", "collection.experiment.fixed"]


class CollectionMinimum(models.Model):
    _name = "collection.minimum"
    _inherit = ["collection.minimum", "collection.experiment.fixed"]


class CollectionPolicy(models.Model):
    _name = "collection.policy"
    _inherit = ["collection.policy", "collection.experiment.fixed"]

    experiment_note = fields.Char(compute="_compute_experiment_note")

    def _compute_experiment_note(self):
        """Customers that an experiment puts here come on top of those counted."""
        running = {record.challenger_id: record for record in self._challenging()}
        for policy in self:
            record = running.get(policy)
            policy.experiment_note = record and self.env._(
                "The experiment “%(experiment)s” tries this policy out until %(day)s: its customers come on top of those counted here, "
                "and levels and rules stay as they are.", experiment=record.name, day=format_date(self.env, record.ends_on))

    def _challenging(self):
        """The running experiments that try these policies out."""
        # sudo: whoever edits policies need not see experiments
        return self.env["collection.experiment"].sudo().search([("challenger_id", "in", self.ids), ("state", "=", "running")])

    def _tried_policies(self):
        return self

    def _refuse_tried(self):
        for record in self._challenging()[:1] if self else ():
            raise UserError(self.env._("The experiment “%(experiment)s” tries “%(policy)s” out until %(day)s. Stop the experiment first, or change a copy.",
                                       experiment=record.name, policy=record.challenger_id.name, day=format_date(self.env, record.ends_on)))


class CreditSegment(models.Model):
    """A segment that an experiment or a simulation is about stays."""

    _inherit = "credit.segment"

    def write(self, vals):
        if vals.get("active") is False or vals.get("is_draft"):
            self._refuse_tried()
        return super().write(vals)

    @api.ondelete(at_uninstall=False)
    def _unlink_except_tried(self):
        self._refuse_tried()
        # sudo: whoever edits segments need not see simulations or experiments of others
        used = self.env["collection.experiment"].sudo().search([("segment_ids", "in", self.ids)], limit=1) \
            or self.env["collection.simulation"].sudo().search(["|", ("segment_ids", "in", self.ids), ("draft_ids", "in", self.ids)], limit=1)
        if used:
            raise UserError(self.env._("“%s” is about this segment: archive the segment instead of deleting it.", used.name))

    def _refuse_tried(self):
        # sudo: as above
        record = self.env["collection.experiment"].sudo().search([("segment_ids", "in", self.ids), ("state", "=", "running")], limit=1)
        if record:
            raise UserError(self.env._("The experiment “%(experiment)s” is about the segment “%(segment)s” until %(day)s. Stop the experiment first.",
                                       experiment=record.name, segment=(record.segment_ids & self)[:1].name, day=format_date(self.env, record.ends_on)))
