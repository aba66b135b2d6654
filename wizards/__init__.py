from . import (
    collection_dispute_wizard,
    collection_opening_wizard,
    collection_promise_wizard,
    collection_run_wizard,
    credit_decision_wizard,
    credit_limit_import_wizard,
    credit_limit_wizard,
    credit_pause_wizard,
    credit_release_wizard,
    partner_merge,
    payment_term_wizard,
)
