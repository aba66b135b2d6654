from odoo import models
from odoo.exceptions import UserError


class CollectionStateMixin(models.AbstractModel):
    """A ``state`` that moves only along ``_transitions``."""

    _name = "collection.state.mixin"
    _description = "State with guarded transitions"

    # Pairs (from, to) that are allowed; staying in a state always is.
    _transitions: frozenset = frozenset()

    def _transition(self, state, **values):
        """Move all records to ``state`` and write ``values`` with it.

        Records already there are left alone, so a repeated call changes nothing.
        Raises UserError naming the first record that may not move.
        """
        moving = self.filtered(lambda record: record.state != state)
        for record in moving:
            if (record.state, state) not in self._transitions:
                labels = dict(self._fields["state"]._description_selection(self.env))
                raise UserError(self.env._(
                    "%(record)s is “%(current)s” and cannot become “%(wanted)s”.",
                    record=record.display_name, current=labels[record.state], wanted=labels[state],
                ))
        moving.write({"state": state, **values})
        return moving
