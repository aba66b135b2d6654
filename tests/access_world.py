"""A company with at least one row of each of our models, and a person of each kind who might look at them."""
import base64

from psycopg2 import DatabaseError

from odoo.exceptions import UserError
from odoo.fields import Command
from odoo.orm.models import MAGIC_COLUMNS
from odoo.tests import new_test_user

from .account import AccountCase
from .test_credit_upload import pdf

OURS = "account_credit_collection"
SECRET = "Behind"  # in each word that the rows hold
CREDIT = f"{OURS}.group_"
# The groups of each kind of person; where they work is said below.
STAFF = {
    "employee": "base.group_user",
    "salesperson": "sales_team.group_sale_salesman_all_leads",
    "dispute_owner": f"{CREDIT}dispute_owner",
    "invoicing": "account.group_account_invoice",
    "viewer": f"{CREDIT}viewer",
    "collector": f"{CREDIT}collector",
    "portfolio": f"{CREDIT}collector,{CREDIT}own_portfolio",
    "release": f"{CREDIT}release",
    "manager": f"{CREDIT}manager",
    "other_manager": f"{CREDIT}manager",
    "accountant": "account.group_account_user",
    "chief": "account.group_account_manager",
    "system": "base.group_system",
}
ROLES = ("public", "portal_own", "portal_child", "portal_other", *STAFF)
FILE = base64.b64encode(pdf()).decode()
LINKS = ("profile_id", "company_id", "partner_id", "contact_id")  # filled in though a row could be without


def values_of(world):
    """What cannot be made up by type: ``{model: values}``."""
    return {
        "collection.action": {"kind": "after", "channel": "email", "state": "planned", "recipient_id": world.customer.id},
        "collection.action.line": {"item_id": world.item.id},
        "collection.dispute": {"item_id": world.item.id, "amount": 1.0, "owner_id": world.people["dispute_owner"].id},
        "collection.digest": {"user_id": world.people["manager"].id},
        "collection.excuse": {"name": "They wait for money"},  # what all companies share is nobody's secret
        "collection.excuse.answer": {"text": "When does it come?"},
        "collection.dispute.reason": {"name": "Not delivered"},
        "collection.heartbeat": {"job": "secret"},
        "collection.minimum": {"level_id": world.level.id},
        "collection.level.message": {"template_id": world.template.id, "channel": "letter", "behaviour": "any", "script": world.word},
        "collection.touch": {"kind": "call", "note": world.word},
        "collection.experiment": {"challenger_id": world.policy.copy({"name": world.word}).id},
        "collection.bureau.wizard": {"month": world.today},
        "collection.charge.line": {"kind": "fixed"},
        "collection.handover": {"agency_id": world.env["collection.agency"].create({"partner_id": world.other.id, "company_id": world.company.id}).id},
        "collection.level.channel": {"channel": "letter"},
        "credit.question": {"code": "secret"},
        "credit.scorecard.factor": {"source": "years_in_business", "band_ids": [Command.create({"is_lowest": True, "points": 1.0})]},
        "credit.authority": {"user_id": world.people["collector"].id},
        "payment.term.wizard": {"name": world.word},
        "credit.throttle": {"key": world.word, "kind": "email"},
        "credit.profile": {},
    }


class AccessWorld(AccountCase):
    """The rows belong to the first company and to Northwind there; the second company has people of its own."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.second_data = cls.setup_other_company(name="Third Ltd")
        cls.second, cls.word = cls.second_data["company"], SECRET
        cls.people = {name: cls._person(name, groups) for name, groups in STAFF.items()}
        cls.people |= {"public": cls.env.ref("base.public_user"), "portal_child": cls.ada, "portal_other": cls.bert, "portal_own": cls._own_login()}
        cls.customer.write({"user_id": cls.people["salesperson"].id, "company_id": cls.company.id})
        cls._settle()

    @classmethod
    def _settle(cls):
        """What the company of the world owns."""
        cls.rows, cls.lacking = {}, {}
        cls.move = cls._posted()
        cls.item = cls.move.line_ids.filtered(lambda line: line.account_type == "asset_receivable")
        cls.level = cls.policy.level_ids[:1]
        cls.profile = cls.env["credit.profile"]._ensure(cls.company, cls.customer).sudo()
        cls.profile.write({"collector_id": cls.people["collector"].id, "stop_note": False})
        cls.given = values_of(cls)
        cls._seed()

    @classmethod
    def _foreign_rows(cls):
        """The same world once more in the second company; its words begin with “Beyond”."""
        kept = {name: getattr(cls, name) for name in ("env", "company", "company_data", "word", "customer", "policy", "rows", "lacking", "move", "item", "level", "profile", "given")}
        cls.env = cls.env(su=True, context={**cls.env.context, "allowed_company_ids": cls.second.ids})
        cls.company, cls.company_data, cls.word = cls.second.with_env(cls.env), cls.second_data, "Beyond"
        try:
            cls.customer = cls._customer("Beyond Sea", company_id=cls.second.id)
            cls.policy = cls._policy("Beyond", [(1, {})])
            cls._settle()
            return cls.rows
        finally:
            for name, value in kept.items():
                setattr(cls, name, value)

    @classmethod
    def _person(cls, name, groups):
        company = cls.second if name.startswith("other") else cls.company
        return new_test_user(cls.env(su=True), login=name, groups=f"{groups},base.group_allow_export", company_id=company.id, company_ids=company.ids)

    @classmethod
    def _own_login(cls):
        """The login of the customer itself, not of one of its people."""
        return cls.env["res.users"].with_context(no_reset_password=True).create({
            "login": "northwind", "password": "northwind", "partner_id": cls.customer.id, "company_id": cls.company.id,
            "company_ids": [Command.set(cls.company.ids)], "group_ids": [Command.set(cls.env.ref("base.group_portal").ids)]})

    @classmethod
    def _posted(cls):
        move = cls.env(su=True)["account.move"].with_company(cls.company).create({
            "move_type": "out_invoice", "partner_id": cls.customer.id, "invoice_date": cls.today, "invoice_date_due": cls.today,
            "invoice_line_ids": [Command.create({"name": "Goods", "quantity": 1, "price_unit": 7431.11, "tax_ids": [],
                                                 "account_id": cls.company_data["default_account_revenue"].id})]})
        move.action_post()
        return move

    # ------------------------------------------------------------------ rows

    @classmethod
    def _models(cls):
        """Our models that have rows."""
        return sorted(name for name, model in cls.env.registry.items() if model._original_module == OURS and not model._abstract)

    @classmethod
    def _seed(cls):
        known = {"ir.module.module": cls.env.ref(f"base.module_{OURS}"), "res.company": cls.company, "res.partner": cls.customer, "res.users": cls.people["collector"], "credit.profile": cls.profile,
                 "collection.policy": cls.policy, "collection.level": cls.level, "account.move": cls.move, "account.move.line": cls.item,
                 "res.currency": cls.company.currency_id, "account.account": cls.item.account_id, "mail.template": cls.template,
                 "account.payment.term": cls.env["account.payment.term"].create({"name": cls.word, "company_id": cls.company.id})}
        cls.rows = {name: record.sudo() for name, record in known.items()}
        for name in cls._models():
            cls._row(name)
        cls.env.flush_all()

    @classmethod
    def _row(cls, name):
        """The row of a model, made when it is asked for first."""
        if name not in cls.rows:
            model = cls.env(su=True)[name]
            if not model._auto:
                cls.env.flush_all()
                cls.rows[name] = model.search([("company_id", "=", cls.company.id)], limit=1)
            else:
                try:
                    with cls.env.cr.savepoint():
                        cls.rows[name] = model.create(cls._made_up(model))
                except (UserError, ValueError, DatabaseError) as error:
                    cls.rows[name], cls.lacking[name] = model, str(error)
        return cls.rows[name]

    @classmethod
    def _made_up(cls, model, words=None):
        """The least that a row needs, and whose it is; ``words``: what stands in its texts."""
        given = dict(cls.given.get(model._name, {}))
        for name, field in model._fields.items():
            taken = field.required and not field.compute and (not field.default or field.type == "many2one") or name in LINKS and field.store
            if taken and not field.related and name not in given and name not in MAGIC_COLUMNS:
                given[name] = words if words and field.type in ("char", "text") else cls._value(model, field)
        return given

    @classmethod
    def _value(cls, model, field):
        if field.type == "many2one":
            return cls._row(field.comodel_name).id
        if field.type == "many2many":
            return [Command.set(cls._row(field.comodel_name).ids)]
        if field.type == "selection":
            return next(iter(field.get_values(model.env)))
        plain = {"date": cls.today, "datetime": cls.env.cr.now(), "integer": 1, "float": 1.0, "monetary": 1.0,
                 "binary": FILE}
        return plain.get(field.type, f"{cls.word} {model._name}")
