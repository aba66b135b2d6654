"""Watching and disturbing a job, in its own process only."""
import os
import signal
import sys
import time


def change(env, model, name, value):
    """Give a constant of the addon's modules another value, in this process only."""
    modules = {sys.modules[cls.__module__] for cls in type(env[model]).mro() if ".account_credit_collection." in cls.__module__}
    found = [module for module in modules if hasattr(module, name)]
    assert found, f"no module of {model} has {name}"
    for module in found:
        setattr(module, name, value)


def before(model, method, call):
    """Have ``call`` run before a method of a model, in this process only."""
    registered = type(model)
    original = getattr(registered, method)

    def watched(self, *args, **kwargs):
        call(self, *args, **kwargs)
        return original(self, *args, **kwargs)

    setattr(registered, method, watched)


def stop_before(env, method, nth):
    """Have the process stop itself (SIGSTOP) before the nth call of a method, until it is told to go on."""
    _count(env, method, lambda number: number == nth and os.kill(os.getpid(), signal.SIGSTOP))


def reached(env, methods):
    """How often each method is called from now on."""
    numbers = dict.fromkeys(methods, 0)
    for method in methods:
        _count(env, method, lambda number, method=method: numbers.update({method: number}))
    return numbers


def _count(env, method, call):
    """Have ``call`` run with the number of each call of a "model/method"; calls on no record do not count."""
    model, method = method.split("/")
    numbers = iter(range(1, 10**6))
    of_model = env[model]._abstract or getattr(getattr(type(env[model]), method), "_api_model", False)
    before(env[model], method, lambda records, *_args, **_kwargs: call(next(numbers)) if records or of_model else None)


# Steps that may raise for one customer: model, method, and whether a call is about that customer.
POISON = {
    "decision": ("collection.policy", "_confirm", lambda policy, partner, facts, *_args:
                 policy.env["credit.profile"].browse(facts.customer).partner_id.id == partner),
    "mail": ("collection.channel", "_prepare_mail", lambda _channel, partner, action, *_args: action.partner_id.id == partner),
    "text": ("collection.action", "_prepare_texts", lambda action, partner, *_args: action.partner_id.id == partner),
    "afterwards": ("collection.outbox", "_sent", lambda _outbox, partner, action, *_args: action.partner_id.id == partner),
    "note": ("collection.channel", "_note_mails", lambda _channel, partner, actions: partner in actions.partner_id.ids),
    "lost": ("collection.outbox", "_conclude", lambda _outbox, partner, action, outcome, *_args:
             action.partner_id.id == partner and outcome == "unknown"),
    "plan": ("collection.run", "_process", lambda _run, partner, profiles, *_args: partner in profiles.partner_id.ids),
    "charge": ("collection.charge.run", "_prepare_batch", lambda _run, partner, profiles: partner in profiles.partner_id.ids),
    "bill": ("collection.charge", "_bill", lambda charges, partner: partner in charges.partner_id.ids),
    "file": ("collection.handover.file", "_make_some", lambda file, partner: file.handover_id.partner_id.id == partner),
    "book": ("collection.settlement", "_book", lambda offer, partner: offer.partner_id.id == partner),
}


def fail(env, step, customer):
    """Have a step raise whenever it is about one customer; a list that grows each time it does."""
    model, method, is_about = POISON[step]
    raised = []

    def poison(records, *args, **_kwargs):
        if is_about(records, customer, *args):
            raised.append(step)
            raise ZeroDivisionError("poison")

    before(env[model], method, poison)
    return raised


def wait_until(at):
    if at:
        time.sleep(max(0, at - time.time()))
