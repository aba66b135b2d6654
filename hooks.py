"""Installation and removal."""


def _post_init(env):
    """Give each company its policies and each customer with a receivable a profile and a segment."""
    env["collection.removal"]._come_back()
    companies = env["res.company"].search([("parent_id", "=", False)])
    main = env.ref("base.main_company")
    (companies - main)._install_collection_policies()
    if not main.collection_policy_id:
        main.collection_policy_id = env["collection.policy"].search([("company_id", "=", main.id)], limit=1)
    for company in companies:
        env["credit.profile"]._ensure_missing(company)
        profiles = env["credit.profile"].search([("company_id", "=", company.id)])
        env["credit.limit"]._adopt_existing(company)
        profiles._refresh(company, company._collection_today())
        env["credit.profile"]._sort_customers(company, company._collection_today())
    env.ref("account_credit_collection.ir_cron_collection_snapshot")._trigger()  # the months of the past, one by one


def _uninstall(env):
    """Refuse while something would be lost (R-60). Core's own limits stay as they were decided, and the day of the last message."""
    removal = env["collection.removal"]
    removal._require()
    removal._leave()
    for company in env["res.company"].search([("parent_id", "=", False)]):
        env["credit.profile"]._restore_core(company)
    env["account.payment.term.line"]._months_as_days()
    removal._forget()
