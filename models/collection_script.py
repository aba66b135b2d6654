import re

from odoo import api, fields, models

SITUATIONS = [
    ("broken_promise", "A promise was broken"),
    ("callback", "The call was agreed"),
    ("chronic", "The customer often pays late"),
    ("first", "Nobody asked before"),
    ("default", "Any other call"),
]


class CollectionScript(models.Model):
    """What a collector says and listens for in a situation. It asks for a day and offers no excuse."""

    _name = "collection.script"
    _description = "Call Script"
    _order = "sequence, id"

    name = fields.Char(required=True, translate=True)
    sequence = fields.Integer(default=10)
    active = fields.Boolean(default=True)
    company_id = fields.Many2one("res.company", index=True, ondelete="restrict", help="Empty: for all companies.")
    situation = fields.Selection(SITUATIONS, required=True, default="default")
    opening = fields.Text(required=True, translate=True,
                          help="May name {contact}, {customer}, {company}, {me}, {amount}, {document}, {due}, {days} and {promise}.")
    steps = fields.Text(translate=True, help="One step a line.")
    listen = fields.Text("While listening", translate=True, help="One prompt a line.")
    close = fields.Text("To close", translate=True)

    @api.model
    def _for(self, situation, company):
        """The script of a situation, else that of any other call; a company's own before those for all."""
        found = self.search([("situation", "in", (situation, "default")), ("company_id", "in", (False, company.root_id.id))])
        return found.sorted(lambda script: (script.situation != situation, not script.company_id))[:1]

    def _spoken(self, words):
        """The script as lines, with the ``words`` of this call in place of their names; unknown names stay."""
        def fill(text):
            return re.sub(r"\{(\w+)\}", lambda match: str(words.get(match[1], match[0])), text or "")

        def lines(text):
            return [fill(line) for line in (text or "").splitlines() if line.strip()]
        return {"opening": fill(self.opening), "steps": lines(self.steps), "listen": lines(self.listen), "close": fill(self.close)}
