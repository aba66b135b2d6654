from odoo import api, models


class CollectionItemsDialog(models.AbstractModel):
    """A dialog shows what it works out of the records it is given, and their names: those must be the user's to see.

    What is worked out and stored is worked out by the system, so every link of a dialog is looked at, none is named.
    """

    _name = "collection.items.dialog"
    _description = "Dialog about Records"

    @api.model_create_multi
    def create(self, vals_list):
        records = super().create(vals_list)
        records._check_seen(self._links())
        return records

    def write(self, vals):
        result = super().write(vals)
        self._check_seen(self._links())
        return result

    def onchange(self, values, field_names, fields_spec):
        links = self._links()
        given = {**self.default_get(links), **values}
        names = [name for name in links if name in given]
        self.new({name: given[name] for name in names})._check_seen(names)
        return super().onchange(values, field_names, fields_spec)

    @api.model
    def _links(self):
        """What the dialog is given or chooses: all that it keeps a link to."""
        return [name for name, field in self._fields.items()
                if field.store and field.type in ("many2one", "many2many") and name not in models.MAGIC_COLUMNS]

    def _check_seen(self, names):
        for name in names:
            self[name]._origin.check_access("read")
