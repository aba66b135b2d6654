"""Where the items of a contact stand now, the values of a letter, and the lean paper it is printed on."""
import base64
import io
from collections import defaultdict
from decimal import Decimal

import lxml.html
import qrcode
from markupsafe import Markup
from PIL import Image
from qrcode.constants import ERROR_CORRECT_M

from odoo import api, models
from odoo.tools.image import image_data_uri
from odoo.tools.mail import email_normalize
from odoo.tools.misc import format_date

from ..engine.money import exact

MODULE = "account_credit_collection"
LETTER, STATEMENT = f"{MODULE}.report_collection_letter", f"{MODULE}.report_collection_statement"
# Where the address window of an envelope is on the right.
WINDOW_RIGHT = {"BE", "ES", "FR", "IT", "LU", "MC", "PT"}
ZERO = Decimal(0)


class CollectionAction(models.Model):
    _inherit = "collection.action"

    # ------------------------------------------------------------------ where the items stand

    def _statements(self):
        """What became of the items these contacts listed, and of nothing else: ``{action: [group by currency]}``.

        Amounts are ``Decimal`` in the currency of the group, as the ledger has them now.
        """
        reader, found = self.env["collection.reader"].sudo(), {}
        for company, actions in self.sudo().grouped("company_id").items():
            rows = {row.id: row for row in reader._read_items(company, actions.partner_id.ids)}
            listed = [rows[item] for item in actions.line_ids.item_id.ids if item in rows]
            disputed = reader._read_disputes([row.id for row in listed], company._collection_today())
            transit = reader._read_transit(listed)
            credits = defaultdict(Decimal)
            for row in rows.values():
                credits[row.partner, row.currency] += max(ZERO, -row.residual)
            for action in actions:
                found[action] = action._prepare_statement(rows, disputed, transit, credits)
        return found

    def _prepare_statement(self, rows, disputed, transit, credits):
        """The groups of one contact, in the language of the environment."""
        today = self.company_id._collection_today()
        groups = []
        for currency, lines in self.line_ids.sorted(lambda line: (line.due, line.id)).grouped("currency_id").items():
            items = [self._prepare_row(line, rows.get(line.item_id.id), disputed, transit, today) for line in lines]
            total = {key: sum((item[key] for item in items), ZERO) for key in ("open", "disputed", "transit")}
            # Of the customer's credits no more shows than the message told of.
            told = sum((exact(line.residual) - exact(line.asked) for line in lines), ZERO)
            rest = total["open"] - total["disputed"] - total["transit"]
            credit = max(ZERO, min(credits[self.partner_id.id, currency.id], told, rest))
            groups.append({
                "currency": currency, "items": items, **total, "credit": credit, "to_pay": rest - credit,
                "late": min(rest - credit, sum((item["to_pay"] for item in items if item["days"] > 0), ZERO))})
        return groups

    def _prepare_row(self, line, row, disputed, transit, today):
        item = line.item_id
        total, due = abs(exact(item.amount_currency)), row.due if row else line.due
        still_open = max(ZERO, row.residual) if row else ZERO
        under_dispute = min(still_open, disputed.get(item.id, ZERO))
        on_its_way = min(still_open - under_dispute, transit.get(item.id, ZERO))
        if not still_open:
            reversed_ = item.parent_state != "posted" or item.move_id.payment_state == "reversed"
            state = "cancelled" if reversed_ else "paid"
        elif under_dispute:
            state = "disputed"
        elif on_its_way >= still_open:
            state = "transit"
        else:
            state = "partly" if still_open < total else "open"
        return {
            "line": line, "document": line.document, "due": due, "due_text": format_date(self.env, due),
            "days": (today - due).days if still_open else 0, "days_text": self._lateness(due, today) if still_open else "",
            "open": still_open, "disputed": under_dispute, "transit": on_its_way,
            "to_pay": still_open - under_dispute - on_its_way, "total": total, "state": state,
            "discount": (still_open and not under_dispute and not on_its_way and line._told_discount(today)) or None,
            "discount_text": line._discount_text(today) if still_open else "",
            "state_text": self._state_texts()[state], "has_page": still_open > 0 and item.move_id.is_sale_document(include_receipts=True),
        }

    def _state_texts(self):
        return {
            "paid": self.env._("Paid"), "cancelled": self.env._("Cancelled"), "disputed": self.env._("Under dispute"),
            "transit": self.env._("Payment on its way"), "partly": self.env._("Partly paid"), "open": self.env._("Open"),
        }

    # ------------------------------------------------------------------ ways to pay

    def _bank_block(self, groups, account):
        """Where to pay to, as label and value; empty without a bank account."""
        if not account:
            return []
        documents = [item["document"] for group in groups for item in group["items"] if item["to_pay"]]
        reference = ", ".join(dict.fromkeys(documents))
        rows = [
            (self.env._("Account holder"), account.acc_holder_name or self.company_id.name),
            (self.env._("Account number"), account.acc_number),
            (self.env._("Bank"), account.bank_id.name), (self.env._("BIC"), account.bank_id.bic),
            (self.env._("Reference"), reference if len(reference) <= 140 else False),
        ]
        return [(label, value) for label, value in rows if value]

    def _bank_qr(self, groups, account):
        """The bank's QR code for what is to pay now, as a data URI; False where no standard fits."""
        due = [group for group in groups if group["to_pay"]]
        if not account or len(due) != 1:
            return False
        documents = dict.fromkeys(item["document"] for item in due[0]["items"] if item["to_pay"])
        vals = account._build_qr_code_vals(
            float(due[0]["to_pay"]), ", ".join(documents)[:100], "", due[0]["currency"], self.partner_id, silent_errors=True)
        return _draw_qr(account, vals) if vals else False

    def _sender(self):
        """Name, plain e-mail and phone of who writes."""
        sender = self.sudo()._prepare_sender()
        return {"name": sender["sender_name"], "email": email_normalize(sender["sender_email"] or ""),
                "phone": self.collector_id.sudo().phone or self.company_id.sudo().phone}

    # ------------------------------------------------------------------ letter

    def _prepare_letter(self, groups, account):
        """The values of one letter, in the language of the environment."""
        company = self.company_id
        bank, qr = self._bank_block(groups, account), self._bank_qr(groups, account)
        body, names_bank = self._letter_body(qr, dict(bank).get(self.env._("Account number")))
        return {
            "body": body, "names_bank": names_bank, "bank": bank, "qr": qr,
            "address": self._letter_address(), "sender": self._sender(), "groups": groups,
            "date_text": format_date(self.env, self.sent_on or company._collection_today(), date_format="long"), **head_of(company),
        }

    def _letter_address(self):
        """The lines in the window: names, street, town, and the country when it is abroad."""
        recipient, customer = self.recipient_id or self.partner_id, self.partner_id
        lines = recipient._display_address(without_company=True).splitlines()
        lines = [line.strip() for line in lines if line.strip()]
        country = recipient.country_id.name
        if lines and lines[-1] == country:
            lines[-1:] = [] if recipient.country_id == self.company_id.country_id else [country.upper()]
        return list(dict.fromkeys(name for name in (customer.name, recipient.name) if name)) + lines

    def _letter_body(self, qr, account_number):
        """The stored body fit for paper: no links to click, pictures of the pay page drawn in. And: does it name the bank?"""
        html = self.body or self.items_table
        if not html:
            return Markup(""), False
        root = lxml.html.fragment_fromstring(str(html), create_parent="div")
        page = f"/collections/{self.id}/"
        for node in root.xpath("//a[contains(@href, $page)] | //img[contains(@src, $page)]", page=page):
            if node.tag == "img" and qr:
                node.set("src", qr)
            else:
                node.drop_tree()
        named = bool(account_number) and account_number in root.text_content()
        return Markup(lxml.html.tostring(root, encoding="unicode")), named  # nosec B704


def head_of(company):
    """Where the window of the envelope is, and the small line above the address, for letters that come back."""
    lines = (company.name, company.street, town_of(company))
    return {"window": "right" if company.country_id.code in WINDOW_RIGHT else "left", "from": " · ".join(line for line in lines if line)}


def town_of(record):
    return " ".join(part for part in (record.zip, record.city) if part)


def _draw_qr(account, vals):
    """The code as a data URI. A plain one is drawn here in 5 ms, where core's drawing takes 100."""
    params = account._get_qr_code_generation_params(**vals) or {}
    if params.get("barcode_type") != "QR" or params.get("mask"):
        return account._get_qr_code_base64(**vals)
    # Level M, as the European standard for payments asks; any mask can be read, trying all eight takes the time.
    code = qrcode.QRCode(error_correction=ERROR_CORRECT_M, mask_pattern=2)
    code.add_data(params["value"])
    matrix = code.get_matrix()
    image = Image.new("1", (len(matrix), len(matrix)), 1)
    image.putdata([0 if dark else 1 for row in matrix for dark in row])
    buffer = io.BytesIO()
    image.resize((4 * image.width, 4 * image.height), Image.Resampling.NEAREST).save(buffer, "PNG")
    return image_data_uri(base64.b64encode(buffer.getvalue()))


class CollectionActionLine(models.Model):
    _inherit = "collection.action.line"

    def _online(self, amount):
        """Whether the invoice of this item can be paid on its portal page now."""
        move = self.item_id.move_id
        if amount <= 0 or not move._has_to_be_paid():
            return False
        return bool(self.env["payment.provider"]._get_compatible_providers(
            move.company_id.id, move.partner_id.id, amount, currency_id=move.currency_id.id))

    def _pay_link(self, amount):
        """The portal page of the invoice, opened to pay ``amount`` where that is possible online."""
        move = self.item_id.move_id
        if not self._online(amount):
            return move.get_portal_url()
        if not move.currency_id.compare_amounts(amount, move.amount_residual):
            return move._get_portal_payment_link()
        return self.env["payment.link.wizard"].with_context(active_model=move._name, active_id=move.id).create(
            {"amount": amount, "res_model": move._name, "res_id": move.id}).link


class ReportCollectionLetter(models.AbstractModel):
    _name = f"report.{LETTER}"
    _description = "Letter of a follow-up contact"

    @api.model
    def _get_report_values(self, docids, data=None):
        return _report_values(self.env, docids)


class ReportCollectionStatement(models.AbstractModel):
    _name = f"report.{STATEMENT}"
    _description = "Statement of what a follow-up contact listed"

    @api.model
    def _get_report_values(self, docids, data=None):
        return _report_values(self.env, docids)


def _report_values(env, docids):
    """Documents in the language of each reader; what belongs to a company is read once."""
    actions = env["collection.action"].browse(docids)
    actions.check_access("read")  # a report may be asked for by its address
    letters, logos, accounts = {}, {}, {}
    for company, group in actions.sudo().grouped("company_id").items():
        logos[company.id] = company.partner_id.image_512
        accounts[company.id] = group[0]._bank_account()
    for lang, group in actions.grouped(lambda action: action._reader_lang()).items():
        group = group.with_context(lang=lang)
        statements = group._statements()
        for action in group.sudo():
            values = action._prepare_letter(statements[action], accounts[action.company_id.id])
            letters[action.id] = {**values, "lang": lang, "o": action}
    return {
        "doc_ids": docids, "doc_model": "collection.action", "docs": actions, "letters": letters,
        "logos": {company: image_data_uri(logo) for company, logo in logos.items() if logo},
    }


class IrActionsReport(models.Model):
    """Letters are printed on their own paper: no style sheet is fetched over HTTP, no script waited for.

    That makes a letter cost a few milliseconds instead of some hundred, and lets
    the job print without a web server.
    """

    _inherit = "ir.actions.report"

    def _is_lean(self):
        return self.report_name in (LETTER, STATEMENT)

    def _get_layout(self):
        if self._is_lean():
            return self.env.ref(f"{MODULE}.collection_paper")
        return super()._get_layout()

    def get_paperformat(self):
        """A4, or Letter where the company prints on Letter; a format set on the report itself wins."""
        paper = super().get_paperformat()
        if not self._is_lean() or self.paperformat_id:
            return paper
        return self.env.ref(f"{MODULE}.paperformat_collection_{'us' if paper.format == 'Letter' else 'a4'}")

    def _prepare_html(self, html, report_model=False):
        prepared = super()._prepare_html(html, report_model=report_model)
        if not prepared or not self._is_lean():
            return prepared
        bodies, res_ids, _header, footer, arguments = prepared
        return bodies, res_ids, None, footer, arguments  # the letterhead is part of the first page

    @api.model
    def _build_wkhtmltopdf_args(self, paperformat_id, landscape, specific_paperformat_args=None, set_viewport_size=False):
        arguments = super()._build_wkhtmltopdf_args(
            paperformat_id, landscape, specific_paperformat_args=specific_paperformat_args, set_viewport_size=set_viewport_size)
        if (specific_paperformat_args or {}).get("data-report-lean"):
            arguments += ["--javascript-delay", "0"]
        return arguments
