"""What PostgreSQL alone needs for the rows of a run: read the same facts, insert the same contacts, update the same profiles.

Each read is one statement over all customers, its rows fetched by the client. The writes take the very rows that the
run has written, put aside in temporary tables, into the emptied real tables with their indexes and foreign keys.
"""

READS = {
    "profiles": "SELECT id, partner_id, policy_id, paused_until, pause_reason, excluded, error_count FROM credit_profile WHERE active",
    "items": """
        SELECT l.id, l.partner_id, l.move_id, COALESCE(l.move_name, l.name, ''), l.currency_id, COALESCE(l.date_maturity, l.date),
               l.amount_residual_currency, l.amount_residual, l.no_followup, m.payment_state
          FROM account_move_line l
          JOIN account_account a ON a.id = l.account_id AND a.account_type = 'asset_receivable'
          JOIN account_move m ON m.id = l.move_id
         WHERE l.reconciled IS NOT TRUE AND l.parent_state = 'posted' AND l.partner_id IS NOT NULL
         ORDER BY 2, 6, 1""",
    "recipients": """
        SELECT p.id, p.commercial_partner_id, p.email_normalized, p.phone_sanitized, p.phone, p.lang, p.tz, p.active, c.code,
               p.street, p.city, p.message_bounce, b.id, pb.id
          FROM credit_profile f
          JOIN res_partner p ON p.commercial_partner_id = f.partner_id
          LEFT JOIN res_country c ON c.id = p.country_id
          LEFT JOIN mail_blacklist b ON b.email = p.email_normalized AND b.active
          LEFT JOIN phone_blacklist pb ON pb.number = p.phone_sanitized AND pb.active""",
    "disputes": "SELECT item_id, sum(amount) FROM collection_dispute WHERE state = 'open' GROUP BY item_id",
    "history": """
        SELECT l.item_id, l.level_id, l.round, l.live, a.state, a.sent_on
          FROM collection_action_line l JOIN collection_action a ON a.id = l.action_id WHERE l.advances""",
    "contacts": "SELECT profile_id, array_agg(DISTINCT sent_on), array_agg(DISTINCT kind) FROM collection_action GROUP BY profile_id",
    "transactions": """
        SELECT r.invoice_id, t.amount FROM payment_transaction t
          JOIN account_invoice_transaction_rel r ON r.transaction_id = t.id WHERE t.state IN ('pending', 'authorized')""",
    "payments": """
        SELECT r.invoice_id, p.amount FROM account_payment p
          JOIN account_move__account_payment r ON r.payment_id = p.id WHERE p.state = 'in_process' AND p.move_id IS NULL""",
}
WRITTEN = ("collection_action", "collection_action_line", "mail_activity")
SNAPSHOT = ("evaluated_on", "balance", "overdue", "oldest_due", "next_contact_on", "next_level_id", "next_reason", "next_detail")


def measure(env, stages):
    """Time the reads and writes in a transaction that is rolled back; the number of rows read and written."""
    cr = env.cr
    env.flush_all()
    for table in (*WRITTEN, "credit_profile"):
        cr.execute(f"CREATE TEMP TABLE aside_{table} AS SELECT * FROM {table}")
        cr.execute(f"ANALYZE aside_{table}")
    cr.execute("TRUNCATE collection_action, collection_action_line, mail_activity CASCADE")
    rows = {}
    with stages.stage("bare_read"):
        for name, sql in READS.items():
            cr.execute(sql)
            rows[name] = len(cr.fetchall())
    with stages.stage("bare_write"):
        for table in WRITTEN:
            cr.execute(f"INSERT INTO {table} SELECT * FROM aside_{table}")
            rows[table] = cr.rowcount
        cr.execute("UPDATE credit_profile p SET write_date = now(), {} FROM aside_credit_profile a WHERE a.id = p.id".format(
            ", ".join(f"{name} = a.{name}" for name in SNAPSHOT)))
        rows["credit_profile"] = cr.rowcount
    cr.rollback()
    return {"items": rows["items"], "bare_rows": rows}
