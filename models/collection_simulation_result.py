from odoo import api, fields, models

from .collection_level import CHANNELS

SIDES = [("force", "What is in force"), ("alternative", "The alternative"), ("real", "What really happened")]


class CollectionSimulationResult(models.Model):
    """A message, letter or call on one side of a simulation. Rows are made by the job only, and go with the simulation."""

    _name = "collection.simulation.result"
    _description = "Contact of a Simulation"
    _order = "day, profile_id, id"
    _rec_name = "profile_id"
    _log_access = False

    simulation_id = fields.Many2one("collection.simulation", required=True, index=True, ondelete="cascade", readonly=True)
    company_id = fields.Many2one("res.company", required=True, ondelete="restrict", readonly=True)
    currency_id = fields.Many2one(related="company_id.currency_id")
    side = fields.Selection(SIDES, required=True, readonly=True)
    profile_id = fields.Many2one("credit.profile", "Customer", required=True, index=True, ondelete="cascade", readonly=True)
    day = fields.Date(required=True, readonly=True)
    level_id = fields.Many2one("collection.level", index=True, ondelete="cascade", readonly=True)
    channel = fields.Selection(CHANNELS, required=True, readonly=True)
    collector_id = fields.Many2one("res.users", ondelete="restrict", readonly=True)
    segment_id = fields.Many2one("credit.segment", index="btree_not_null", ondelete="set null", readonly=True)
    contact_count = fields.Integer("Contacts", readonly=True, aggregator="sum",
                                   help="Messages, letters and calls: a contact over two channels counts twice. The sides are not to be added up.")
    amount = fields.Monetary("Money asked for", readonly=True, aggregator="sum",
                             help="What the message asks for, in company currency. Who is asked over two channels counts twice.")
    cost = fields.Monetary(readonly=True, aggregator="sum", help="By what a contact over the channel costs in this simulation.")

    def action_open_customer(self):
        self.ensure_one()
        return {"type": "ir.actions.act_window", "res_model": "credit.profile", "res_id": self.profile_id.id, "view_mode": "form", "views": [(False, "form")]}


class CollectionSimulationSide(models.Model):
    """The sum of one side of a simulation, for a look at all three."""

    _name = "collection.simulation.side"
    _description = "Side of a Simulation"
    _order = "simulation_id, sequence"
    _rec_name = "side"
    _log_access = False

    simulation_id = fields.Many2one("collection.simulation", required=True, index=True, ondelete="cascade", readonly=True)
    company_id = fields.Many2one("res.company", required=True, ondelete="restrict", readonly=True)
    currency_id = fields.Many2one(related="company_id.currency_id")
    sequence = fields.Integer(readonly=True)
    side = fields.Selection(SIDES, required=True, readonly=True)
    contact_count = fields.Integer("Contacts", readonly=True)
    customer_count = fields.Integer("Customers", readonly=True)
    email_count = fields.Integer("E-mails", readonly=True)
    sms_count = fields.Integer("SMS", readonly=True)
    letter_count = fields.Integer("Letters", readonly=True)
    call_count = fields.Integer("Calls", readonly=True)
    amount = fields.Monetary("Asked for", readonly=True)
    cost = fields.Monetary(readonly=True)
    busiest_day = fields.Date("Busiest day", readonly=True)
    busiest_count = fields.Integer("On that day", readonly=True)
    contact_text = fields.Char(compute="_compute_texts")
    channel_text = fields.Char(compute="_compute_texts")

    _side_uniq = models.UniqueIndex("(simulation_id, side)", "A side of a simulation is summed up once.")

    @api.depends("contact_count", "customer_count", "email_count", "sms_count", "letter_count", "call_count")
    @api.depends_context("lang")
    def _compute_texts(self):
        """The figures in sentences, for telephones."""
        for row in self:
            row.contact_text = self.env._("Contacts: %(contacts)s, customers: %(customers)s", contacts=row.contact_count, customers=row.customer_count)
            row.channel_text = self.env._("E-mails: %(emails)s, SMS: %(sms)s, letters: %(letters)s, calls: %(calls)s",
                                          emails=row.email_count, sms=row.sms_count, letters=row.letter_count, calls=row.call_count)

    @api.model
    def _prepare_sides(self, simulation):
        """One row per side, also for one on which nobody was contacted."""
        Result = self.env["collection.simulation.result"]
        mine = [("simulation_id", "=", simulation.id)]
        totals = {side: rest for side, *rest in Result._read_group(mine, ["side"], ["__count", "profile_id:count_distinct", "amount:sum", "cost:sum"])}
        channels = {(side, channel): count for side, channel, count in Result._read_group(mine, ["side", "channel"], ["__count"])}
        busiest = {}
        for side, day, count in Result._read_group(mine, ["side", "day:day"], ["__count"], order="day:day"):
            if count > busiest.get(side, (None, 0))[1]:
                busiest[side] = (day, count)
        return [{
            "simulation_id": simulation.id, "company_id": simulation.company_id.id, "sequence": sequence, "side": side,
            **dict(zip(("contact_count", "customer_count", "amount", "cost"), totals.get(side, (0, 0, 0.0, 0.0)))),
            **{f"{channel}_count": channels.get((side, channel), 0) for channel, _label in CHANNELS},
            **dict(zip(("busiest_day", "busiest_count"), busiest.get(side, (False, 0)))),
        } for sequence, (side, _label) in enumerate(SIDES)]
