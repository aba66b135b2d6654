from . import (
    agreement,
    charge,
    credit_apply,
    credit_contract,
    credit_document,
    credit_files,
    credit_reference,
    credit_status,
    credit_steps,
    health,
    pay,
    portal,
)
