"""What points to customers, companies, people and entries: nothing that a merge or a deletion would leave dangling (R-54, R-57)."""
from odoo.tests import TransactionCase, tagged
from odoo.tools import SQL

MODULE = "account_credit_collection"
# Links that may go empty or take the row along, and why that loses nothing. All others stop the deletion.
LOOSE = {
    ("account_move", "set null"): "what was booked keeps the number of the entry as text, or is worked out anew",
    ("account_move_line", "set null"): "an accountant may rewrite an invoice: its number is kept as text",
    ("collection_greeting.contact_id", "cascade"): "what was said to a person goes with the person",
    ("collection_touch.contact_id", "cascade"): "as greetings",
    ("collection_touch.partner_id", "cascade"): "as greetings",
    ("collection_forecast.profile_id", "cascade"): "reckoned anew each night",
    ("collection_simulation_result.profile_id", "cascade"): "a simulation is no record of anything that happened",
    ("credit_segment_move.profile_id", "cascade"): "the history of a profile",
    ("credit_external_score.profile_id", "cascade"): "a score of a customer that is gone says nothing",
}
HARD = ("account_move", "account_move_line")  # restrict where money hangs on it
RESTRICTED = {"collection_charge.move_id", "collection_charge_line.move_id"}
ONE_OF = {"credit_external_score": "asks for a customer or an application: a merge leaves one customer"}
# Fields that could hide the id of a partner from a merge, and what they hold instead.
PLAIN = {
    "account.move.discount_terms": "days and percentages",
    "collection.action.detail": "figures of a reason", "collection.action.planned_detail": "figures of a reason",
    "collection.bureau.file.totals": "amounts", "collection.bureau.line.invoices": "numbers of invoices", "collection.bureau.line.items": "journal items",
    "collection.call.before": "places on the list", "collection.call.tasks": "activities", "collection.charge.proof": "figures of the reckoning",
    "collection.greeting.detail": "figures of a reason", "collection.handover.file.given_up": "amounts", "collection.handover.line.seen": "journal items",
    "collection.handover.why_detail": "figures of a reason", "collection.occasion.preview.detail": "figures of a reason",
    "collection.plan.approval_codes": "codes", "collection.plan.default_detail": "figures of a reason", "collection.thanks.paid": "currencies, amounts, numbers",
    "collection.self.check.line.detail": "figures of a sentence", "collection.self.check.line.res_ids": "what a check named that night: the next one looks anew",
    "credit.application.proposal_detail": "figures of a reason", "credit.hold.findings": "figures of reasons", "credit.hold.ways": "figures of reasons",
    "credit.limit.detail": "figures of a reason", "credit.profile.ladder_detail": "figures of a reason", "credit.profile.ladder_missing": "codes",
    "credit.profile.next_detail": "figures of a reason", "credit.profile.segment_reasons": "codes and figures", "credit.profile.work_reasons": "codes and figures",
    "credit.segment.move.detail": "figures of a reason", "collection.productivity.source_id": "a view: not stored",
    "payment.transaction.agreement_id": "plans, offers and checkouts", "payment.transaction.agreement_items": "journal items",
}


@tagged("post_install", "-at_install")
class TestLinks(TransactionCase):

    def _ours(self, transient=False):
        return {model._table: model for model in self.env.values()
                if model._original_module == MODULE and model._auto and not model._abstract and model._transient == transient}

    def _keys(self, kinds):
        """Constraints of our tables of some kinds, with what they say: ``[(table, columns, definition)]``."""
        return self.env.execute_query(SQL(
            """SELECT t.relname, array_agg(a.attname::text), pg_get_constraintdef(c.oid)
                 FROM pg_constraint c JOIN pg_class t ON t.oid = c.conrelid JOIN pg_attribute a ON a.attrelid = t.oid AND a.attnum = ANY(c.conkey)
                WHERE c.contype IN %s AND t.relname IN %s GROUP BY t.relname, c.oid""", tuple(kinds), tuple(self._ours())))

    def test_no_constraint_lets_a_merge_delete_rows(self):
        """Core deletes the rows of the one that goes where a check or a unique constraint names its column; a unique index only stops the merge."""
        partners = {f"{table}.{name}" for table, model in self._ours().items() for name, field in model._fields.items()
                    if field.type == "many2one" and field.comodel_name in ("res.partner", "credit.profile")}
        self.assertGreater(len(partners), 40)
        found = [f"{table}: {text}" for table, columns, text in self._keys("cux")
                 if {f"{table}.{name}" for name in columns} & partners and table not in ONE_OF]
        self.assertEqual(found, [])

    def _deleted(self):
        """What happens to our rows when what they point to goes: ``[(table.column, target, effect)]``."""
        effects = {"r": "restrict", "a": "restrict", "n": "set null", "c": "cascade"}
        targets = ("res_partner", "res_company", "res_users", "credit_profile", "account_move", "account_move_line")
        return [(f"{table}.{column}", target, effects[kind]) for table, column, target, kind in self.env.execute_query(SQL(
            """SELECT t.relname, a.attname, target.relname, c.confdeltype::text
                 FROM pg_constraint c JOIN pg_class t ON t.oid = c.conrelid JOIN pg_class target ON target.oid = c.confrelid
                 JOIN pg_attribute a ON a.attrelid = t.oid AND a.attnum = c.conkey[1]
                WHERE c.contype = 'f' AND t.relname IN %s AND target.relname IN %s AND a.attname NOT IN ('create_uid', 'write_uid')""",
            tuple(self._ours()), targets))]

    def _follows(self, link):
        """Stored copies of a link that itself stops the deletion, as the company of a line."""
        table, name = link.split(".")
        field = self._ours()[table]._fields.get(name)
        return field is not None and bool(field.related or field.compute)

    def test_who_or_what_a_row_is_about_cannot_be_deleted(self):
        links = self._deleted()
        self.assertGreater(len(links), 130)
        for link, target, effect in links:
            with self.subTest(link=link):
                if link in RESTRICTED:
                    self.assertEqual(effect, "restrict")
                elif effect != "restrict" and not self._follows(link):
                    self.assertTrue((link, effect) in LOOSE or (target, effect) in LOOSE, f"{link} → {target}: {effect}")

    def test_installing_computes_nothing_over_the_books(self):
        """A stored value on a table of core would be computed for each of its rows, which may be millions."""
        found = [f"{name}.{field.name}" for name, model in self.env.items() for field in model._fields.values()
                 if model._original_module != MODULE and model._auto and not model._transient and field._module == MODULE
                 and field.store and field.column_type and (field.compute or field.related)]
        self.assertEqual(found, [])

    def test_no_field_hides_a_partner_from_a_merge(self):
        found = {f"{name}.{field.name}" for name, model in self.env.items() for field in model._fields.values()
                 if not model._abstract and field.store and field._module == MODULE
                 and (field.type in ("json", "reference", "many2one_reference")
                      or field.type == "integer" and (field.name.endswith("_id") or "partner" in field.name))}
        self.assertEqual(found - set(PLAIN), set(), "look what it holds; a partner belongs in a many2one")
        self.assertEqual(set(PLAIN) - found, set(), "gone: take it off the list")
