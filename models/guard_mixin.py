from odoo import models
from odoo.exceptions import AccessError


class CollectionGuardMixin(models.AbstractModel):
    """Fields that only methods set, against a context that would set them.

    Whoever calls over RPC sends a context of its own, and its ``default_…`` keys fill whatever ``create``
    was not given. ``sudo`` drops them where a person becomes the system.
    """

    _name = "collection.guard.mixin"
    _description = "Fields that only methods set"

    def _as_manager(self, refusal):
        """The records as a credit manager's button changes them; others are told the ``refusal``."""
        self.check_access("write")
        if not self.env.su and not self.env.user.has_group("account_credit_collection.group_manager"):
            raise AccessError(refusal)
        return self.sudo()  # sudo: what the button changes is written by methods only

    def _guarded_defaults(self, names):
        """Those of ``names`` that the context would set by itself in a new record."""
        return {name for name in names if f"default_{name}" in self.env.context}

    def _refuse_guarded(self, names):
        """Say no to a person who sets ``names``, fields that belong to methods."""
        if names and not self.env.su:
            raise AccessError(self.env._(
                "You may not set %(fields)s of %(record)s by hand.", record=self[:1].display_name or self.env["ir.model"]._get(self._name).name,
                fields=", ".join(self._fields[name]._description_string(self.env) for name in sorted(names))))
