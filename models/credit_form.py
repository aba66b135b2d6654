from dataclasses import dataclass, field

from odoo import api, models

from .credit_field_rules import Reader, Rule

STEPS = ("company", "need", "references", "documents")
QUESTION_RULES = {"text": "text", "number": "number", "amount": "amount", "date": "date", "yesno": "choice", "choice": "choice"}


@dataclass(frozen=True)
class Field:
    """A field of a public form: the rule for what is posted, and how a person sees it."""

    rule: Rule
    label: str
    section: str = ""
    help: str = ""
    options: tuple = ()  # (posted text, label)
    autocomplete: str = "off"
    wide: bool = True
    suffix: str = ""
    model_field: str = ""  # where the value goes; empty: handled by the step
    marked: bool = True  # whether it says that it may be left empty
    extra: dict = field(default_factory=dict)

    @property
    def name(self):
        return self.rule.name

    @property
    def widget(self):
        kind = self.rule.kind
        if kind == "choice":
            return "radio" if len(self.options) <= 3 else "select"
        return {"lines": "area", "tick": "tick"}.get(kind, "input")

    @property
    def input_type(self):
        return {"email": "email", "phone": "tel", "date": "date"}.get(self.rule.kind, "text")

    @property
    def input_mode(self):
        return {"amount": "decimal", "number": "decimal", "year": "numeric"}.get(self.rule.kind)


class CreditForm(models.AbstractModel):
    """The fields of the public forms, step by step. Another addon adds a field by extending a step."""

    _name = "credit.form"
    _description = "Public Credit Forms"

    @api.model
    def _step(self, step, checklist, company, amount=None):
        """The fields of one step of the application; ``amount`` None: those of any amount."""
        fields = getattr(self, f"_step_{step}")(checklist, company)
        return fields + self._question_fields(checklist, step, company.currency_id, amount)

    def _step_company(self, checklist, company):
        about, place, person = self.env._("About you"), self.env._("Address"), self.env._("Who do we talk to?")
        name = self.env._("Name of the company") if checklist.is_company else self.env._("Name you do business under")
        return [
            self._field("name", name, about, required=True, autocomplete="organization"),
            self._field("vat", self.env._("VAT number"), about, kind="vat", length=20, wide=False),
            self._field("company_registry", self.env._("Company number"), about, length=40, wide=False),
            self._field("founded_year", self.env._("Founded in (year)"), about, kind="year", length=4, wide=False),
            self._field("website", self.env._("Website"), about, kind="website", length=200, wide=False, autocomplete="url"),
            self._field("street", self.env._("Street and number"), place, required=True, autocomplete="address-line1"),
            self._field("street2", self.env._("Second line"), place, autocomplete="address-line2"),
            self._field("zip", self.env._("Postcode"), place, kind="zip", length=12, wide=False, autocomplete="postal-code"),
            self._field("city", self.env._("City"), place, required=True, length=80, wide=False, autocomplete="address-level2"),
            self._field("country_id", self.env._("Country"), place, kind="choice", required=True, length=10,
                        options=self._countries(), autocomplete="country-name"),
            self._field("contact_name", self.env._("Your name"), person, required=True, length=80, autocomplete="name"),
            self._field("contact_function", self.env._("Your function"), person, length=80, autocomplete="organization-title",
                        help=self.env._("For example: managing director")),
            self._field("email", self.env._("E-mail"), person, kind="email", required=True, length=254, wide=False, autocomplete="email"),
            self._field("phone", self.env._("Telephone"), person, kind="phone", length=30, wide=False, autocomplete="tel"),
        ]

    def _step_need(self, _checklist, company):
        need, size = self.env._("The credit you need"), self.env._("Your business")
        code = company.currency_id.name
        fields = [
            self._field("requested_limit", self.env._("How much may be open at the same time?"), need, kind="amount", required=True, length=25,
                        positive=True, suffix=code, help=self.env._("The highest sum of unpaid invoices you expect, including tax.")),
            self._field("monthly_purchases", self.env._("What do you expect to buy from us in a month?"), need, kind="amount",
                        required=True, length=25, suffix=code, help=self.env._("Including tax.")),
            self._field("net_worth", self.env._("Net worth of your business, if you know it"), size, kind="amount", length=25, suffix=code,
                        help=self.env._("What would be left after paying all debts. You may leave this empty.")),
        ]
        terms = tuple((str(term.id), term.name) for term in company.credit_term_ids)
        if terms:
            fields.insert(2, self._field("requested_term_id", self.env._("Payment terms you would like"), need, kind="choice",
                                         length=10, options=terms))
        return fields

    def _step_references(self, checklist, _company):
        fields = []
        for number in range(1, checklist.reference_count + 1):
            section = self.env._("Supplier %s", number)
            fields += self._reference_fields(f"trade{number}", section)
        if checklist.bank_reference:
            fields += self._reference_fields("bank", self.env._("Your bank"))
        if checklist.reference_count:
            fields.append(self._field("no_references", self.env._("I cannot name a supplier who gives us credit"),
                                      self.env._("No supplier to name?"), kind="tick", length=2, model_field="", marked=False))
        return fields

    def _reference_fields(self, prefix, section):
        bank, plain = prefix == "bank", {"model_field": "", "marked": False}
        return [
            self._field(f"{prefix}_name", self.env._("Name of the bank") if bank else self.env._("Name of the company"), section, **plain),
            self._field(f"{prefix}_contact", self.env._("Whom may we ask?"), section, length=80, wide=False, **plain),
            self._field(f"{prefix}_phone", self.env._("Telephone"), section, kind="phone", length=30, wide=False, **plain),
            self._field(f"{prefix}_email", self.env._("E-mail"), section, kind="email", length=254, **plain),
        ]

    def _step_documents(self, checklist, company):
        """Consents; files come one by one, by a form of their own."""
        fields = [self._field("privacy", self.env._("I have read the privacy notice and agree that you use my answers to decide on credit."),
                              kind="tick", required=True, length=2, model_field="")]
        if checklist.reference_count or checklist.bank_reference:
            fields.append(self._field("ask_references", self.env._("You may ask the references I named."), kind="tick", length=2, model_field=""))
        return [
            *fields,
            self._field("bureau", self.env._("You may ask a credit bureau about the business, and tell it how the business pays."), kind="tick", length=2, model_field=""),
            self._field("terms", self.env._("What I have written is true, and I may speak for the business."),
                        kind="tick", required=True, length=2, model_field=""),
        ]

    # ------------------------------------------------------------------ forms of others

    @api.model
    def _reference_answer(self, reference):
        """What a referee is asked: the seven facts of trade experience; less of a bank."""
        code, since = reference.currency_id.name, self.env._("Customer since")
        who = self._field("answered_name", self.env._("Your name"), required=True, length=80, autocomplete="name")
        comment = self._field("comment", self.env._("Anything else we should know?"), kind="lines", length=500, marked=False)
        if reference.kind == "bank":
            return [
                self._field("account_since", since, kind="date", length=10, past=True, wide=False, marked=False),
                self._field("manner_of_payment", self.env._("How do they meet their obligations?"), kind="choice", length=20,
                            required=True, options=self._manners(reference)),
                comment, who]
        amount = {"kind": "amount", "length": 25, "suffix": code, "wide": False, "marked": False}
        return [
            self._field("manner_of_payment", self.env._("How do they pay you?"), kind="choice", length=20, required=True,
                        options=self._manners(reference)),
            self._field("selling_terms", self.env._("Your payment terms with them"), length=80, marked=False,
                        help=self.env._("For example: 30 days net")),
            self._field("high_credit", self.env._("Highest amount open in the last 12 months"), **amount),
            self._field("owing", self.env._("Open today"), **amount),
            self._field("past_due", self.env._("Of this, past due"), **amount),
            self._field("last_sale", self.env._("Your last sale to them"), kind="date", length=10, past=True, wide=False, marked=False),
            self._field("account_since", since, kind="date", length=10, past=True, wide=False, marked=False),
            self._field("as_of", self.env._("These figures are as of"), kind="date", length=10, past=True, wide=False, marked=False,
                        help=self.env._("Empty: today.")),
            comment, who]

    def _manners(self, reference):
        return tuple(reference._fields["manner_of_payment"]._description_selection(self.env))

    @api.model
    def _contract(self, application):
        return [
            self._field("signed_name", self.env._("Your full name"), required=True, length=120, autocomplete="name"),
            self._field("signed_function", self.env._("Your function"), required=True, length=120, autocomplete="organization-title"),
            self._field("entitled", self.env._("I have read the contract, agree to it, and I am entitled to sign for %s.", application.name),
                        kind="tick", required=True, length=2),
        ]

    # ------------------------------------------------------------------ questions of the checklist

    def _question_fields(self, checklist, step, currency, amount):
        asked = checklist.question_ids if amount is None else checklist._asked_at(amount)
        section = self.env._("A few questions more")
        return [self._question_field(question, section, currency)
                for question in asked.filtered(lambda question: question.step == step and question.kind in QUESTION_RULES)]

    def _question_field(self, question, section, currency):
        options = {"yesno": (("yes", self.env._("Yes")), ("no", self.env._("No"))),
                   "choice": tuple((str(choice.id), choice.name) for choice in question.choice_ids)}.get(question.kind, ())
        kind = QUESTION_RULES[question.kind]
        return self._field(
            f"q_{question.code}", question.name, section, kind="lines" if kind == "text" and question.max_length > 200 else kind,
            required=question.required, length=question.max_length if kind == "text" else 25, options=options, help=question.help or "",
            suffix=currency.name if kind == "amount" else "", model_field="", extra={"question": question})

    # ------------------------------------------------------------------ shared

    def _field(self, name, label, section="", kind="text", required=False, length=120, options=(), past=False, positive=False, decimals=2, **look):
        rule = Rule(name, kind, required, length, frozenset(value for value, _label in options), past, positive, decimals)
        return Field(rule, label, section, options=tuple(options), **{"model_field": name, **look})

    @api.model
    def _countries(self):
        # sudo: the public may know which countries there are
        return tuple((str(country.id), country.name) for country in self.env["res.country"].sudo().search([]))

    @api.model
    def _reader(self, company):
        """How the visitor writes numbers, and the company's day."""
        lang = self.env["res.lang"]._get_data(code=self.env.lang or "en_US")
        return Reader(company._collection_today(), lang.decimal_point or ".", lang.thousands_sep or "")
