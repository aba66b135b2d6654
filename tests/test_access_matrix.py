import csv
import logging
import os
from pathlib import Path
from unittest.mock import patch

from odoo.exceptions import AccessError
from odoo.fields import Command
from odoo.tests import tagged
from odoo.tools import mute_logger

from .access_probe import Probe
from .access_world import OURS, ROLES, AccessWorld
from .test_credit_upload import pdf
from .test_security import ALLOWED

_logger = logging.getLogger(__name__)
TABLE = Path(__file__).parent / "access_matrix.csv"
SHARED = ("collection.excuse.answer", "collection.rate.value")  # they hang on what all companies share
# What has no row here, and why; each is tried where it is named.
LEFT_OUT = {
    "account.move.reversal": "core's dialog: who may reverse is core's",
    "account.payment": "core's rows: who may post is core's",
    "collection.items.dialog": "each dialog has it", "credit.application.wizard": "each dialog about an application has it",
    "collection.report.mixin": "each report has it", "credit.document.mixin": "orders and invoices have it",
    "privacy.lookup.wizard.line": "test_privacy_lookup", "sale.order": "core's rows; test_credit_hold",
}
UNTRIED = 54  # must only become less
OUTSIDERS = ("public", "portal_own", "portal_child", "portal_other", "employee", "salesperson", "other_manager", "system")
QUIET = ("odoo.sql_db", "odoo.models", "odoo.models.unlink", "odoo.addons.base.models.ir_model", "odoo.addons.base.models.ir_rule", "odoo.orm.models")


@tagged("post_install", "-at_install")
class TestAccessMatrix(AccessWorld):
    """Who may do what with a row of each model, and what each public method does for whom: all tried, and compared with a table."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.files = {name: cls.env["ir.attachment"].sudo().create({"name": "x", "raw": b"x", "res_model": name, "res_id": row.id})
                     for name, row in cls.rows.items() if name in cls._models()}
        cls.paths = {name: cls._paths(name) for name in cls._models()}
        cls.startClassPatcher(patch.object(cls.env.registry["ir.actions.report"], "_render_qweb_pdf", lambda *_args, **_kwargs: (pdf(), "pdf")))
        for model in ("ir.model.access", "ir.rule"):  # the words of a refusal take longer than the refusal
            cls.startClassPatcher(patch.object(cls.env.registry[model], "_make_access_error", lambda *_args: AccessError("no")))
        with TABLE.open() if TABLE.exists() else open(os.devnull) as file:
            cls.table = {row.pop("what"): row for row in csv.DictReader(file)}

    @classmethod
    def _paths(cls, name):
        """``[(model, field)]`` of the fields that lead to a model from another one."""
        return [(model, field.name) for model, cl in cls.env.registry.items() if not cl._abstract and cl._auto and not cl._transient and model != name
                for field in cl._fields.values() if field.comodel_name == name and field._description_searchable]

    def test_there_is_a_row_of_each_model(self):
        """A model nobody can look at in this world would pass all that follows; say in ``values_of`` what its row needs."""
        self.assertFalse(self.lacking)
        self.assertFalse([name for name, row in self.rows.items() if not row])

    @mute_logger(*QUIET)
    def test_rows(self):
        probes = {role: Probe(self, role) for role in ROLES}
        found = {name: {role: probe.letters(name, self.rows[name]) for role, probe in probes.items()} for name in self._models()}
        self._compare(found, set, probes)

    @mute_logger(*QUIET)
    def test_methods(self):
        names = [(name, method) for name, methods in sorted(ALLOWED.items()) for method in sorted(methods) if self._is_concrete(name)]
        self.told, probes = [], {role: Probe(self, role) for role in ROLES}
        found = {f"{name}.{method}": {role: probe.called(name, method) for role, probe in probes.items()} for name, method in names}
        self.assertFalse([row for row in self.told if row[0] in OUTSIDERS], "whatever may be called, its answer tells these people nothing")
        self._compare(found, lambda text: {text}, probes)
        silent = [what for what, cells in found.items() if set(cells.values()) <= {"-", "b"}]
        self.assertLessEqual(len(silent), UNTRIED, "these ran for nobody: the world refuses what rights should refuse")

    def test_what_is_not_called(self):
        self.assertEqual({name for name in ALLOWED if not self._is_concrete(name)}, set(LEFT_OUT))

    def _is_concrete(self, name):
        return name in self.rows or name in ("collection.desk", "collection.overview", "base.module.uninstall")

    def _compare(self, found, parts, probes):
        if os.environ.get("ACCESS_MATRIX"):
            self._write(found)
            self.skipTest("the table was written, nothing was compared")
        wrong = [f"{what}, {role}: {self.table.get(what, {}).get(role)} → {text}" for what, cells in found.items() for role, text in cells.items()
                 if parts(self.table.get(what, {}).get(role, "")) != parts(text)]
        _logger.info("matrix: %s assertions", sum(probe.tried for probe in probes.values()))
        self.assertFalse(wrong, "\n".join(wrong))

    def _write(self, found):
        """``ACCESS_MATRIX=/tmp/matrix ./dev test -k access_matrix`` writes what is true now to two files, to be read by a person and put together."""
        with open(os.environ["ACCESS_MATRIX"] + "." + self._testMethodName, "w") as file:
            writer = csv.DictWriter(file, ["what", *ROLES])
            writer.writeheader()
            writer.writerows({"what": what, **cells} for what, cells in found.items())

    # ------------------------------------------------------------------ fields for some

    @mute_logger(*QUIET)
    def test_fields_for_some_tell_others_nothing(self):
        """What a person may not read it may not filter, group, sort or export by either, from the record or from another one."""
        tried, told = 0, []
        for role in ROLES:
            probe = Probe(self, role)
            for name, field in self._restricted():
                model = probe.env[name]
                if not model.has_access("read") or model._has_field_access(field, "read"):
                    continue
                for way, ask in self._ways(model, field, self.rows[name]).items():
                    tried += 1
                    if probe._refused(ask):
                        continue
                    told.append(f"{role} learns {name}.{field.name} by {way}")
        _logger.info("matrix: %s assertions about fields for some", tried)
        self.assertFalse(told, "\n".join(told))
        self.assertGreater(tried, 1000)

    def _restricted(self):
        """``[(model, field)]`` of ours that are not for everybody."""
        for name in (*self._models(), "res.partner", "res.company", "account.move", "account.move.line"):
            for field in self.env[name]._fields.values():
                if OURS in (field._modules or ()) and (field.groups or name == "res.company"):
                    yield name, field

    def _ways(self, model, field, row):
        ways = {"reading": lambda: model.browse(row.ids).read([field.name]), "a list": lambda: model.search_read([], [field.name], limit=1),
                "export": lambda: model.browse(row.ids).export_data([field.name])}
        if field._description_searchable:
            known = row[field.name] if field.type in ("char", "text", "selection", "integer", "float", "monetary", "date", "datetime") else False
            ways["a filter"] = lambda: model.search([(field.name, "!=" if known is False else "=", known)])
            ways["a count"] = lambda: model.search_count([(field.name, "=" if known is False else "!=", known)])
        if field.store and field.column_type:
            ways["sorting"] = lambda: model.search([], order=field.name)
            ways["grouping"] = lambda: model._read_group([], [field.name], ["__count"])
            ways["sums"] = lambda: model._read_group([], [], [f"{field.name}:max"])
        if field._description_searchable and self.paths.get(model._name):
            source, path = self.paths[model._name][0]
            if model.env[source].has_access("read"):
                ways["a path"] = lambda: model.env[source].search([(f"{path}.{field.name}", "!=" if known is False else "=", known)])
        return ways

    # ------------------------------------------------------------------ what a dialog shows

    @mute_logger(*QUIET)
    def test_rows_that_point_at_foreign_records_show_nothing_of_them(self):
        """Who makes a row may write any number into its links; what comes back must not be what stands behind them."""
        tried, told = 0, []
        for role in ("other_manager", "employee", "portal_other", "salesperson"):
            probe = Probe(self, role)
            for name in self._models():
                if not probe.env[name].has_access("create") or not self.env[name]._auto or name in SHARED:
                    continue
                tried += 1
                text = probe.shown(name)
                hidden = self._marks()[1 if role in ("employee", "salesperson") else 0:]  # they see the contact, not what it owes
                told += [f"{role} reads {mark!r} in its own {name}: {text[:400]}" for mark in hidden if mark in text][:1]
        _logger.info("matrix: %s assertions about foreign links", tried)
        self.assertFalse(told, "\n".join(told))

    def _marks(self):
        return (self.customer.name, self.move.name, "7431.11", "7,431.11", "Behind")

    @mute_logger(*QUIET)
    def test_a_dialog_with_one_foreign_link_shows_nothing_of_it(self):
        """All else is one's own: no other refusal hides what a single link would tell."""
        foreign, probe, told, refused = self._foreign_rows(), Probe(self, "manager"), [], 0
        for name, link in self._dialog_links(probe, foreign):
            text = probe.shown(name, **{link.name: foreign[link.comodel_name].id if link.type == "many2one" else [Command.set(foreign[link.comodel_name].ids)]})
            refused += isinstance(probe.refusal, AccessError)
            told += [f"{name}.{link.name}: {text[:400]}"] if "Beyond" in text else []
        _logger.info("matrix: %s assertions about one foreign link, %s refused", probe.tried, refused)
        self.assertFalse(told, "\n".join(told))
        self.assertGreater(refused, 25)

    def _dialog_links(self, probe, foreign):
        """``[(dialog, field)]`` that the person may make and that lead to what belongs to a company."""
        rules = self.env["ir.rule"].sudo().search([("domain_force", "like", "company_ids")]).model_id.mapped("model")
        for name in self._models():
            fields = self.env[name]._fields.values() if self.env[name]._transient and probe.env[name].has_access("create") else ()
            yield from ((name, field) for field in fields
                        if field.store and field.type in ("many2one", "many2many") and field.comodel_name in rules and field.comodel_name != "res.company" and foreign.get(field.comodel_name))
