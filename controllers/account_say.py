"""What the forms share in which a customer says something about its account."""
from odoo.exceptions import UserError
from odoo.http import request

from ..models.credit_field_rules import sentence
from ..models.upload import MAX_FILE, MAX_FILES, FileError, clean_name, judge
from . import account as accounts
from . import forms, links

LISTED = 100  # items to tick on one form


def pick(account, texts):
    """``(items, None)`` for the numbers of open items of this account; ``(None, answer)`` where one of them is not.

    What is paid meanwhile leads to the account; any other number to nothing.
    """
    numbers = {number_of(text) for text in texts}
    items = account.items().filtered(lambda item: item.id in numbers and item.amount_residual_currency > 0)
    if set(items.ids) == numbers:
        return items, None
    known = account.profile.env["account.move.line"].browse(numbers - {0}).exists()
    own = len(known) == len(numbers) and all(account.profile._is_own_item(item) for item in known)
    return None, links.go(account.path) if own else links.refuse()


def listed(items, chosen):
    """``(items, number of the others)``: what a form lists, which is what was chosen and the oldest others."""
    others = (items - chosen).ids
    kept = {*chosen.ids, *others[:max(0, LISTED - len(chosen))]}
    return items.filtered(lambda item: item.id in kept), len(items) - len(kept)


def number_of(text):
    """A record's number as a form sends it, 0 for anything else."""
    number = int(text) if text.isascii() and text.isdecimal() and len(text) <= 10 else 0
    return number if number <= links.LAST_ID else 0


def query(name):
    return request.httprequest.args.getlist(name)


def read(account, form, texts):
    """``(values, errors)`` of the form; one of us is told that the page speaks for the customer alone."""
    values, errors = forms.read(form, texts, account.company)
    if account.is_staff():
        errors = {"": request.env._("You are logged in as %s. Only the customer speaks here: log out, or enter it on the customer.", request.env.user.name)}
    return values, errors


def say(perform, *args):
    """``(record, errors)``: do what was asked for as a whole or not at all; what speaks against it as an error of the page."""
    try:
        with request.env.cr.savepoint():
            return perform(*args), {}
    except UserError as error:
        return None, {"": str(error)}
    except FileError as error:
        return None, {"": sentence(request.env, error.code)}


def say_on(account, perform):
    """The same for a button without a form."""
    _values, errors = read(account, [], forms.posted())
    return errors or say(perform)[1]


def uploads():
    """``(files, error)``: the files of the post, judged, ``[(name, Judged)]``."""
    sent = [one for one in request.httprequest.files.getlist("file") if one.filename]
    if len(sent) > MAX_FILES:
        return [], sentence(request.env, "file_count")
    found = []
    for one in sent:
        name = clean_name(one.filename)
        try:
            found.append((name, judge(one.filename, one.stream.read(MAX_FILE + 1))))
        except FileError as error:
            return [], request.env._("%(file)s: %(problem)s", file=name, problem=sentence(request.env, error.code))
    return found, None


def find_one(records, record_id):
    """The one of the customer's records with this number; an empty one for any other."""
    return records.filtered(lambda record: record.id == record_id)


def show_form(account, template, form, texts, errors=None, /, **values):
    """A form with what was typed; 400 where something is wrong with it."""
    return accounts.show(account, template, {"sections": forms.sections(form), "texts": texts, "errors": errors or {}, **values}, 400 if errors else 200)
