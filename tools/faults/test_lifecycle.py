"""The addon is updated with work in flight, removed, and installed again: in processes of their own, as on a server."""
import json
import os
import unittest
from datetime import date, timedelta

from tools import database, server
from tools.paths import CHECKOUT

MODULE = "account_credit_collection"
START = f"import sys; sys.path.insert(0, {str(CHECKOUT)!r})\nfrom tools.faults.odoo_lifecycle import *\n"


class TestLifecycle(unittest.TestCase):
    """One story: an update loses nothing, a removal is refused until all is exported, core lives on, a new installation repeats nothing."""

    maxDiff = None

    def setUp(self):
        self.db = database.copy(database.full_name(os.environ.get("ACC_BASE", "base")), database.full_name(f"life_{os.getpid()}"))
        self.addCleanup(database.drop, self.db)

    def _in_odoo(self, code):
        """What a step told, from `odoo shell`."""
        status, output = server.run_code(self.db, START + code, log=f"lifecycle_{os.getpid()}", capture=True)
        told = [json.loads(line[5:]) for line in output.splitlines() if line.startswith("TOLD ")]
        self.assertEqual((status, len(told)), (0, 1), output[-3000:])
        return told[0]

    def test_an_update_a_removal_and_a_new_installation(self):
        before = self._in_odoo("charged = build(env)\n"
                               "bill = env['collection.charge'].search([('state', '=', 'posted')]).move_id\n"
                               "tell(rows=counts(env), partner=charged.id, bill=bill.id)")
        self.assertEqual(len({state for state, *_rest in before["rows"]["actions"]}), 8, "every live state, and sent")
        database.install(self.db, ["-u", MODULE, "--stop-after-init", "--no-http"], log=f"lifecycle_update_{os.getpid()}")
        after = self._in_odoo("updated = counts(env)\nsaid = refusals(env)\nrows = counts(env)\nremove(env)\nenv = env(user=1)\ngone = left(env)\n"
                              f"core = core_works(env, {before['bill']})\nenv.cr.commit()\nagain(env)\nenv = env(user=1)\n"
                              f"tell(updated=updated, said=said, rows=rows, gone=gone, core=core, fresh=fresh(env, {before['partner']}))")
        self.assertEqual(after["updated"], before["rows"], "an update changes no row")
        self._a_removal_is_refused(after["said"])
        self.assertEqual(after["rows"]["numbers"], before["rows"]["numbers"], "a refusal changes nothing")
        self._nothing_is_left(after["gone"])
        self._core_lives_on(after["core"])
        self._nothing_happens_twice(after["fresh"])

    def _a_removal_is_refused(self, said):
        self.assertIn("being sent right now", said[0])
        self.assertIn("Payment plans offered or active: 1", said[1])

    def _nothing_is_left(self, gone):
        self.assertEqual((gone["tables"], gone["notes"], gone["crons"], gone["exports"]), ([], 0, 0, 1))
        self.assertGreater(gone["size"], 10_000)

    def _core_lives_on(self, core):
        self.assertEqual((core["bill"], core["balance"], core["paid"]), ("posted", 0, 0))
        self.assertTrue(core["lines"])

    def _nothing_happens_twice(self, fresh):
        self.assertEqual(fresh["before"], dict.fromkeys(fresh["before"], 0), "it starts with an empty history")
        self.assertEqual((fresh["planned"]["0"], fresh["planned"]["1"]), (0, 0), "whoever got something today is left alone for the days between contacts")
        self.assertGreater(sum(count for days, count in fresh["planned"].items() if days not in ("0", "1")), 0)
        first = date.fromisoformat(fresh["today"]) - timedelta(days=29)  # the day after the last one that was billed
        self.assertEqual(fresh["from"], first.isoformat())
