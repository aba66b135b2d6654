from odoo import api, fields, models
from odoo.exceptions import UserError, ValidationError

from ..engine import segment
from ..engine.money import exact

PAYERS = ("new", "prompt", "occasional", "chronic")
SIZES = ("a", "b", "c")
# What decides who is in a segment; a change of it is felt by the next night without waiting.
CRITERIA = (*(f"size_{size}" for size in SIZES), *(f"payer_{payer}" for payer in PAYERS), "grade_from", "grade_to", "risk_class_ids",
            "billing_from", "billing_to", "days_from", "days_to", "country_ids", "category_ids")
MEMBERSHIP = {*CRITERIA, "sequence", "active", "is_draft"}
GIFTS = ("policy_id", "ladder_id", "charge_rule_id", "collector_id")


class CreditSegment(models.Model):
    """A kind of customers, by size, behaviour and risk, and what is done with them.

    Segments are read from top to bottom, the first that fits takes the customer. What a segment gives
    holds for those of its customers that have nothing of their own. A draft takes nobody yet.
    """

    _name = "credit.segment"
    _description = "Customer Segment"
    _inherit = ["mail.thread"]
    _order = "sequence, id"
    _check_company_auto = True

    name = fields.Char(required=True, translate=True)
    description = fields.Char(translate=True)
    sequence = fields.Integer(default=100)
    active = fields.Boolean(default=True)
    company_id = fields.Many2one("res.company", required=True, index=True, ondelete="restrict",
                                 default=lambda self: self.env.company.root_id)
    currency_id = fields.Many2one(related="company_id.currency_id")
    is_draft = fields.Boolean("Draft", default=True, copy=False, tracking=True, help="A draft takes no customer until it is put into force.")
    # until the next night: whoever moves because of it does so without waiting
    is_changed = fields.Boolean(copy=False, readonly=True, default=True)
    # where it stood among those in force when customers were last sorted; 0 = it was not among them
    place = fields.Integer(copy=False, readonly=True)

    size_a = fields.Boolean("A", tracking=True)
    size_b = fields.Boolean("B", tracking=True)
    size_c = fields.Boolean("C", tracking=True)
    payer_new = fields.Boolean("New", tracking=True)
    payer_prompt = fields.Boolean("Prompt", tracking=True)
    payer_occasional = fields.Boolean("Occasionally late", tracking=True)
    payer_chronic = fields.Boolean("Chronically late", tracking=True)
    grade_from = fields.Integer("Grade from", tracking=True, aggregator=None, help="1 is the best payer, 5 the worst. 0 = any.")
    grade_to = fields.Integer("Grade to", tracking=True, aggregator=None, help="0 = any.")
    risk_class_ids = fields.Many2many("credit.scorecard.class", "credit_segment_risk_class_rel", "segment_id", "class_id", "Risk classes")
    billing_from = fields.Monetary("Billed from", tracking=True, aggregator=None, help="In the last 12 months, with tax, less credit notes.")
    billing_to = fields.Monetary("Billed below", tracking=True, aggregator=None, help="0 = no limit.")
    days_from = fields.Float("Days late on average from", digits=(7, 2), tracking=True, aggregator=None)
    days_to = fields.Float("Days late on average below", digits=(7, 2), tracking=True, aggregator=None, help="0 = no limit.")
    country_ids = fields.Many2many("res.country", "credit_segment_country_rel", "segment_id", "country_id", "Countries")
    category_ids = fields.Many2many("res.partner.category", "credit_segment_category_rel", "segment_id", "category_id", "Tags")

    policy_id = fields.Many2one("collection.policy", "Follow-up policy", ondelete="restrict", index="btree_not_null", tracking=True,
                                check_company=True, domain="[('company_id', '=', company_id)]")
    ladder_id = fields.Many2one("credit.ladder", "Credit ladder", ondelete="restrict", index="btree_not_null", tracking=True,
                                check_company=True, domain="[('company_id', '=', company_id)]")
    charge_rule_id = fields.Many2one("collection.charge.rule", "Charge rule", ondelete="restrict", index="btree_not_null", tracking=True,
                                     domain="[('company_id', 'in', (False, company_id))]")
    collector_id = fields.Many2one("res.users", ondelete="restrict", index="btree_not_null", tracking=True,
                                   domain="[('share', '=', False), ('company_ids', 'in', company_id)]")
    automation_share = fields.Integer("Left to automation (%)", tracking=True, aggregator=None,
                                      help="So many percent of its customers are not on the worklist, unless something pins them to the top of it.")
    forward_factor = fields.Float("Outlook", default=1.0, digits=(6, 3), tracking=True, aggregator=None,
                                  help="The provision multiplies the loss rates of the past by it: above 1 when worse is to be expected.")
    member_count = fields.Integer("Customers", compute="_compute_members")
    member_balance = fields.Monetary("Open", compute="_compute_members")
    criteria = fields.Char("Takes", compute="_compute_criteria")
    warning = fields.Char(compute="_compute_warning")

    _share_percent = models.Constraint("CHECK(automation_share BETWEEN 0 AND 100)", "The share left to automation lies between 0 and 100 %.")
    _factor_positive = models.Constraint("CHECK(forward_factor >= 0)", "The outlook of a segment must not be negative.")
    _ranges_positive = models.Constraint("CHECK(billing_from >= 0 AND billing_to >= 0 AND days_from >= 0 AND days_to >= 0)",
                                         "The ranges of a segment must not be negative.")
    _grades_known = models.Constraint("CHECK(grade_from BETWEEN 0 AND 5 AND grade_to BETWEEN 0 AND 5)", "Grades go from 1 to 5.")

    def _compute_members(self):
        counts = {segment: rest for segment, *rest in self.env["credit.profile"]._read_group(
            [("segment_id", "in", self.ids)], ["segment_id"], ["__count", "balance:sum"])}
        for record in self:
            record.member_count, record.member_balance = counts.get(record, (0, 0.0))

    @api.depends(*CRITERIA, "currency_id")
    @api.depends_context("lang")
    def _compute_criteria(self):
        for record in self:
            record.criteria = " · ".join(record._criteria_words()) or self.env._("Everybody whom no segment above takes")

    @api.depends(*MEMBERSHIP, *GIFTS)
    @api.depends_context("lang")
    def _compute_warning(self):
        for record in self:
            record.warning = " ".join(record._setup_problems()) or False

    def _setup_problems(self):
        """Sentences on what keeps this segment from working, each naming the record."""
        self.ensure_one()
        others = self._in_force(self.company_id) - self._origin
        taken_by = next((one for one in others if self._comes_after(one) and self._decide_covered(one)), None)
        problems = [self.env._("“%(first)s” comes before and takes everybody who would fit: nobody gets here.", first=taken_by.name)] if taken_by else []
        problems += [self.env._("“%s” is archived: the segment does not give it any more.", self[name].display_name)
                     for name in GIFTS if self[name] and not self[name].active]
        if self.collector_id.active and not self._works_here(self.collector_id):
            problems.append(self.env._("“%(collector)s” does not work for %(company)s any more: the segment gives no collector.",
                                       collector=self.collector_id.display_name, company=self.company_id.display_name))
        return problems

    def _comes_after(self, other):
        """Segments that are not saved yet come last of their place."""
        return (other.sequence, other.id) < (self.sequence, self._origin.id or float("inf"))

    @api.constrains("grade_from", "grade_to", "billing_from", "billing_to", "days_from", "days_to")
    def _check_ranges(self):
        for record in self:
            if record.grade_to and record.grade_from > record.grade_to:
                raise ValidationError(self.env._("“%s”: the grades begin after they end.", record.name))
            if (record.billing_to and record.currency_id.compare_amounts(record.billing_to, record.billing_from) <= 0) \
                    or (record.days_to and record.days_from >= record.days_to):
                raise ValidationError(self.env._("“%s”: a range begins where it ends or later, so nobody fits.", record.name))

    @api.constrains("collector_id", "charge_rule_id", "company_id")
    def _check_gifts(self):
        for record in self:
            company, rule = record.company_id, record.charge_rule_id
            if record.collector_id and not record._works_here(record.collector_id):
                raise ValidationError(self.env._("“%(segment)s”: %(collector)s does not work for %(company)s. Choose a collector who does.",
                                                 segment=record.name, collector=record.collector_id.display_name, company=company.display_name))
            if rule.company_id and rule.company_id != company:
                raise ValidationError(self.env._("“%(segment)s”: the charge rule “%(rule)s” is not one of %(company)s. Choose one that is.",
                                                 segment=record.name, rule=rule.display_name, company=company.display_name))

    def _works_here(self, user):
        # sudo: for which companies a colleague works is asked, not shown
        return not user.share and self.company_id in user.sudo().company_ids

    # ------------------------------------------------------------------ rights and changes

    @api.model_create_multi
    def create(self, vals_list):
        records = super().create([{**vals, "is_changed": True} for vals in vals_list])
        records.filtered("ladder_id")._require_ladder()
        return records

    def write(self, vals):
        """A redefined segment moves its customers in the coming night, without the waiting time."""
        if MEMBERSHIP - {"sequence"} & set(vals):  # another order is seen by the night: drag and drop numbers all of them anew
            vals = {**vals, "is_changed": True}
        if {"active", "is_draft"} & set(vals):
            vals = {**vals, "place": 0}
        result = super().write(vals)
        if vals.get("ladder_id"):
            self._require_ladder()
        return result

    def _require_ladder(self):
        """A ladder takes limits up: who gives it to a whole segment needs the authority for its top."""
        for record in self if not self.env.su else self.browse():
            self.env["credit.authority"]._require(record.company_id, max(record.ladder_id.stage_ids.mapped("amount"), default=0.0))

    @api.ondelete(at_uninstall=False)
    def _unlink_except_used(self):
        # sudo: the customers and the journal of everybody count
        used = self.env["credit.profile"].sudo().with_context(active_test=False).search([("segment_id", "in", self.ids)], limit=1).segment_id \
            or self.env["credit.segment.move"].sudo().search(["|", ("from_id", "in", self.ids), ("to_id", "in", self.ids)], limit=1)
        if used:
            raise UserError(self.env._("A segment that had customers stays in their history: archive it instead of deleting it."))

    def copy_data(self, default=None):
        return [vals if default and {"name", "company_id"} & set(default) else dict(vals, name=self.env._("%s (copy)", record.name))
                for record, vals in zip(self, super().copy_data(default))]

    # ------------------------------------------------------------------ for the engine

    @api.model
    def _in_force(self, company):
        """The segments that take customers, in the order in which they are asked."""
        return self.search([("company_id", "=", company.root_id.id), ("active", "=", True), ("is_draft", "=", False)], order="sequence, id")

    def _giving(self):
        """Those that are in force: a draft or an archived segment gives nothing, also not to customers put there by hand."""
        return self.filtered(lambda record: record.active and not record.is_draft)

    def _gift(self, name):
        """What a segment has to give of one kind, if it may still be given."""
        gift = self[name].filtered("active")
        return gift if name != "collector_id" or gift and self._works_here(gift) else gift.browse()

    def _moved_places(self):
        """Those of these segments in force before which other ones stand than in the last sorting."""
        known = self.filtered("place")
        return known.filtered(lambda record: {one for one in known if one.place < record.place} != set(known[:known.ids.index(record.id)]))

    def _note_sorted(self):
        """Customers were sorted: from now on whatever is defined anew counts as changed."""
        self.filtered("is_changed").is_changed = False
        for place, record in enumerate(self, 1):
            if record.place != place:
                record.place = place

    def _to_engine(self):
        self.ensure_one()
        return segment.Rule(
            self.id, frozenset(size for size in SIZES if self[f"size_{size}"]), frozenset(payer for payer in PAYERS if self[f"payer_{payer}"]),
            (self.grade_from, self.grade_to), frozenset(self.risk_class_ids.mapped("name")), (exact(self.billing_from), exact(self.billing_to)),
            (exact(self.days_from), exact(self.days_to)), frozenset(self.country_ids._origin.ids), frozenset(self.category_ids._origin.ids))

    @api.model
    def _decide_match(self, facts, rules):
        """One engine call: the place to hook another way to choose a segment."""
        return segment.match(facts, rules)

    def _decide_covered(self, earlier):
        """One engine call: whether ``earlier`` takes everybody who would fit here."""
        return segment.covers(earlier._to_engine(), self._to_engine())
