import csv
import io
import json
import tempfile
import zipfile

from odoo import api, fields, models
from odoo.fields import Domain
from odoo.tools import split_every
from odoo.tools.misc import clean_context

from .collection_removal import EXPORTED, MODULE
from .credit_field_rules import defused

BATCH = 500


class CollectionRemoval(models.AbstractModel):
    """Everything the addon stores, as one file that can be read without it."""

    _inherit = "collection.removal"

    @api.model
    def _export(self):
        """A ZIP with a CSV for each model, and the files of its records; of no record, so that administrators alone open it, and who made it.

        One file at a time: the one before goes.
        """
        self._last_export().unlink()
        with tempfile.TemporaryFile() as stored:
            with zipfile.ZipFile(stored, "w", zipfile.ZIP_DEFLATED) as archive:
                for model in self._exported_models():
                    self._export_model(archive, model, self._stored(model))
                    self._export_files(archive, model)
                for model, names in self._extended_models():
                    self._export_model(archive, model, ["id", "display_name", *names], Domain.OR(Domain(name, "!=", False) for name in names))
            stored.seek(0)
            # sudo: who may uninstall was checked
            file = self.env["ir.attachment"].sudo().with_context(clean_context(self.env.context)).create({  # pylint: disable=context-overridden
                "name": f"{MODULE}_{fields.Date.today()}.zip",  # nosemgrep: day-of-the-server - of a file, in UTC
                "raw": stored.read(), "mimetype": "application/zip"})
        self.env["ir.config_parameter"].sudo().set_param(EXPORTED, file.id)  # sudo: as above
        return file

    @api.model
    def _exported_models(self):
        """Of all companies, with what is archived."""
        return [model.sudo().with_context(active_test=False, lang="en_US") for _name, model in sorted(self.env.items())  # sudo: everything goes
                if model._original_module == MODULE and model._auto and not model._abstract and not model._transient]

    @api.model
    def _extended_models(self):
        """Models of others with what the addon keeps about their records: the names of its fields."""
        for _name, model in sorted(self.env.items()):
            if model._original_module != MODULE and model._auto and not model._abstract and not model._transient:
                model = model.sudo().with_context(active_test=False, lang="en_US")  # sudo: everything goes
                names = [name for name in self._stored(model) if model._fields[name]._modules == (MODULE,)]
                if names:
                    yield model, names

    @api.model
    def _stored(self, model):
        """What the database keeps of each record; a file is exported as one."""
        return [name for name, field in sorted(model._fields.items())
                if field.store and (field.column_type or field.type == "many2many") and field.type != "binary"]

    @api.model
    def _export_model(self, archive, model, names, domain=Domain.TRUE):
        ids = model.search(domain, order="id").ids
        with archive.open(f"{model._name}.csv", "w") as raw:
            text = io.TextIOWrapper(raw, "utf-8", newline="")
            rows = csv.writer(text)
            rows.writerow(names)
            for batch in split_every(BATCH, ids, list):
                for values in model.browse(batch).read(names):
                    rows.writerow([self._cell(values[name]) for name in names])
                model.env.invalidate_all()
            text.flush()

    @api.model
    def _cell(self, value):
        """A link with the name and the id of what it points to, several links as their ids; no text that a spreadsheet would take for a formula."""
        if isinstance(value, tuple):
            value = f"{value[1]} ({value[0]})"
        elif isinstance(value, (list, dict)):
            value = json.dumps(value, ensure_ascii=False, default=str)
        if value is False or value is None:
            return ""
        return defused(value) if isinstance(value, str) else value

    @api.model
    def _export_files(self, archive, model):
        """Under the number of the record and of the file: names are not to be trusted with paths."""
        for ids in split_every(BATCH, model.search([], order="id").ids, list):
            # sudo: as above; those of fields, too
            for file in self.env["ir.attachment"].sudo().search([("res_model", "=", model._name), ("res_id", "in", ids), ("id", ">", 0), ("type", "=", "binary")]):
                name = "".join(char if char.isalnum() or char in "._-" else "_" for char in file.name or "file")[-80:]
                archive.writestr(f"files/{model._name}/{file.res_id}/{file.id}_{name}", file.raw or b"")
