from odoo import api, models


class CollectionItemsDialog(models.AbstractModel):
    """A dialog that works out what is open of the customer and the invoices it is given: those must be the user's to see."""

    _name = "collection.items.dialog"
    _description = "Dialog about Open Items"

    # what the dialog is given; ``item_ids`` comes last
    _seen: tuple = ("profile_id", "item_ids")

    @api.model_create_multi
    def create(self, vals_list):
        records = super().create(vals_list)
        records._check_seen(self._seen)
        return records

    def write(self, vals):
        result = super().write(vals)
        self._check_seen(self._seen)
        return result

    def onchange(self, values, field_names, fields_spec):
        given = {**self.default_get(self._seen), **values}
        names = self._seen if "item_ids" in given else self._seen[:-1]
        self.new({name: given[name] for name in names if name in given})._check_seen(names)
        return super().onchange(values, field_names, fields_spec)

    def _check_seen(self, names):
        for name in names:
            self[name]._origin.check_access("read")
