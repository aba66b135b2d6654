-- A deterministic receivables ledger in an Odoo 19.0 database with the chart generic_coa, written without the ORM.
-- psql variables: customers, invoices, seed, today (the day the ledger ends; all ages are relative to it).
--
-- Zipf-shaped customers of five payment classes (A prompt … E hopeless) in four currencies; invoices of two years with
-- one to three product lines and a 15 % tax, 8 % of them in two installments; credit notes, collective and part
-- payments, payments on account, drafts and cancelled ones. What is random hangs on hashint8extended of the row's own
-- number, so the data depend neither on a plan nor on the order of rows.
--
-- Needs a superuser: foreign keys are not checked while loading, and secondary indexes are built afterwards.
\set ON_ERROR_STOP on
SET client_min_messages = warning;
SET session_replication_role = replica;
SET work_mem = '256MB';
SET maintenance_work_mem = '1GB';
SET synchronous_commit = off;
SET jit = off;

-- ---------------------------------------------------------------- randomness: uniform, normal, exponential
CREATE SCHEMA gen;
SELECT format($f$
    CREATE FUNCTION gen.u(id bigint, salt int) RETURNS float8 LANGUAGE sql IMMUTABLE PARALLEL SAFE AS
    $$ SELECT (hashint8extended(id, %s + salt) & 9223372036854775807)::float8 / 9223372036854775808.0 $$
$f$, (:seed)::bigint * 1000) \gexec
CREATE FUNCTION gen.n(id bigint, salt int) RETURNS float8 LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
    SELECT sqrt(-2 * ln(greatest(gen.u(id, salt), 1e-12))) * cos(6.283185307179586 * gen.u(id, salt + 500)) $$;
CREATE FUNCTION gen.e(id bigint, salt int) RETURNS float8 LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
    SELECT -ln(greatest(1 - gen.u(id, salt), 1e-12)) $$;
CREATE FUNCTION gen.number(prefix text, day date, num bigint) RETURNS text LANGUAGE sql IMMUTABLE AS $$
    SELECT prefix || '/' || extract(year FROM day)::int || '/'
        || lpad((1000 + num)::text, greatest(5, length((1000 + num)::text)), '0') $$;

-- ---------------------------------------------------------------- constants of the database
CREATE FUNCTION gen.ref(wanted text) RETURNS int LANGUAGE sql STABLE AS $$
    SELECT res_id FROM ir_model_data WHERE module = 'account' AND name = wanted $$;
CREATE TABLE gen.c AS
SELECT :customers::int AS customers, :invoices::int AS invoices, :'today'::date AS today, :'today'::timestamp AS ts,
    coalesce((SELECT max(id) FROM res_partner), 0) AS partner0,
    coalesce((SELECT max(id) FROM account_move), 0) AS move0,
    coalesce((SELECT max(id) FROM account_move_line), 0) AS line0,
    coalesce((SELECT max(id) FROM account_payment), 0) AS payment0,
    coalesce((SELECT max(id) FROM account_partial_reconcile), 0) AS partial0,
    coalesce((SELECT max(id) FROM account_full_reconcile), 0) AS full0,
    (SELECT id FROM account_account WHERE code_store->>'1' = '121000') AS receivable,
    sale.id AS sale_journal, sale.default_account_id AS income, bank.id AS bank_journal, bank.default_account_id AS bank,
    method.id AS method_line, method.payment_method_id AS method,
    tax.id AS tax, tax.tax_group_id AS tax_group, charged.id AS tax_line, charged.account_id AS tax_account,
    refunded.id AS tax_line_refund, gen.ref('account_payment_term_advance_60days') AS installments
FROM res_company company
JOIN account_journal sale ON sale.company_id = company.id AND sale.code = 'INV'
JOIN account_journal bank ON bank.company_id = company.id AND bank.code = 'BNK1'
JOIN LATERAL (
    SELECT l.id, l.payment_method_id FROM account_payment_method_line l JOIN account_payment_method m ON m.id = l.payment_method_id
    WHERE l.journal_id = bank.id AND m.payment_type = 'inbound' ORDER BY l.id LIMIT 1) method ON true
JOIN account_tax tax ON tax.id = company.account_sale_tax_id
JOIN account_tax_repartition_line charged
    ON charged.tax_id = tax.id AND charged.document_type = 'invoice' AND charged.repartition_type = 'tax'
JOIN account_tax_repartition_line refunded
    ON refunded.tax_id = tax.id AND refunded.document_type = 'refund' AND refunded.repartition_type = 'tax'
WHERE company.id = 1;

-- One rate per currency for all time: no exchange differences.
CREATE TABLE gen.rate AS
SELECT c.id, v.name, v.rate FROM res_currency c
JOIN (VALUES ('USD', 1.0), ('EUR', 0.9), ('GBP', 0.8), ('CHF', 0.88)) v(name, rate) ON v.name = c.name;
UPDATE res_currency SET active = true WHERE id IN (SELECT id FROM gen.rate);
DELETE FROM res_currency_rate WHERE currency_id IN (SELECT id FROM gen.rate);
INSERT INTO res_currency_rate (name, rate, currency_id, company_id)
SELECT '2000-01-01', rate, id, 1 FROM gen.rate WHERE name <> 'USD';

-- ---------------------------------------------------------------- customers and their contacts
CREATE UNLOGGED TABLE gen.customer AS
SELECT i AS ci, c.partner0 + 1 + ((i::bigint * 7919 + 17) % c.customers)::int AS pid,  -- size rank and id are unrelated
    CASE WHEN class < .45 THEN 'A' WHEN class < .75 THEN 'B' WHEN class < .92 THEN 'C' WHEN class < .98 THEN 'D' ELSE 'E' END AS class,
    rate.id AS cur_id, rate.rate,
    gen.ref('account_payment_term_' || CASE WHEN term < .2 THEN '15days' WHEN term < .35 THEN '21days'
                                            WHEN term < .8 THEN '30days' ELSE '45days' END) AS term_id,
    CASE WHEN term < .2 THEN 15 WHEN term < .35 THEN 21 WHEN term < .8 THEN 30 ELSE 45 END AS term_days,
    gen.u(i, 3) < .8 AS is_company,
    CASE WHEN gen.u(i, 3) < .8 AND gen.u(i, 4) < .4 THEN 1 + floor(gen.u(i, 5) * 3)::int ELSE 0 END AS contacts,
    gen.u(i, 6) < .4 AS weekly,  -- pays in a weekly run on Fridays, several invoices with one payment
    CASE WHEN gen.u(i, 7) >= .04 THEN 'ar' || i || '@customer' || i || '.example.com' END AS email,
    (ARRAY['US', 'US', 'US', 'US', 'US', 'US', 'DE', 'DE', 'GB', 'FR'])[1 + floor(gen.u(i, 11) * 10)::int] AS country
FROM gen.c c, generate_series(0, c.customers - 1) i
CROSS JOIN LATERAL (SELECT gen.u(i, 1) AS class, gen.u(i, 2) AS term, gen.u(i, 12) AS currency) u
JOIN gen.rate ON rate.name = CASE WHEN currency < .85 THEN 'USD' WHEN currency < .94 THEN 'EUR' WHEN currency < .98 THEN 'GBP' ELSE 'CHF' END;
CREATE UNIQUE INDEX ON gen.customer (ci);
ANALYZE gen.customer;

CREATE UNLOGGED TABLE gen.contact AS
SELECT row_number() OVER (ORDER BY ci, j) + c.partner0 + c.customers AS pid, ci, customer.pid AS parent, j,
    (ARRAY['contact', 'invoice', 'delivery'])[j] AS type
FROM gen.c c, gen.customer, generate_series(1, 3) j WHERE j <= contacts;
CREATE INDEX ON gen.contact (ci);
ANALYZE gen.contact;

-- ---------------------------------------------------------------- invoices
-- Who gets one: Zipf-Mandelbrot, weight of a rank ~ 1/(rank + b), b = 0.2 % of the customers: a fifth of them hold 74 %.
CREATE UNLOGGED TABLE gen.invoice AS
SELECT k, ci, customer.pid, customer.class, customer.weekly, customer.cur_id, customer.rate, day, state, split,
    CASE WHEN split THEN c.installments ELSE customer.term_id END AS term_id, customer.term_days,
    1 + (gen.u(k, 25) < .4)::int + (gen.u(k, 25) < .12)::int AS products,
    round(greatest(20, exp(6.2 + 1.05 * gen.n(k, 26)))::numeric, 2) AS untaxed, contact.pid AS contact
FROM gen.c c
CROSS JOIN LATERAL (SELECT greatest(1.0, 0.002 * c.customers) AS b) b
CROSS JOIN generate_series(1, c.invoices) k
CROSS JOIN LATERAL (
    SELECT least(c.customers - 1, greatest(0, floor(b * power((c.customers + b) / b, gen.u(k, 20)) - b)))::int AS ci,
        c.today - floor(gen.u(k, 21) * 730)::int AS day, gen.u(k, 22) < .08 AS split, gen.u(k, 23) AS fate, gen.u(k, 24) AS who) x
CROSS JOIN LATERAL (
    SELECT CASE WHEN day > c.today - 10 AND fate < .1 THEN 'draft' WHEN fate < .004 THEN 'cancel' ELSE 'posted' END AS state) s
JOIN gen.customer USING (ci)
LEFT JOIN LATERAL (SELECT pid FROM gen.contact WHERE contact.ci = x.ci AND j = 1 + floor(who * 3)::int) contact ON true;
CREATE UNIQUE INDEX ON gen.invoice (k);
ANALYZE gen.invoice;

CREATE UNLOGGED TABLE gen.product AS
SELECT k, s, amount AS cur, round(amount / rate::numeric, 2) AS bal
FROM gen.invoice CROSS JOIN generate_series(1, products) s
CROSS JOIN LATERAL (
    SELECT CASE WHEN products = 1 THEN ARRAY[untaxed]
        WHEN products = 2 THEN ARRAY[round(untaxed * .6, 2), untaxed - round(untaxed * .6, 2)]
        ELSE ARRAY[round(untaxed * .5, 2), round(untaxed * .3, 2), untaxed - round(untaxed * .5, 2) - round(untaxed * .3, 2)] END AS parts) p
CROSS JOIN LATERAL (SELECT parts[s] AS amount) a;
CREATE UNLOGGED TABLE gen.total AS
SELECT k, untaxed AS net, p.bal AS net_bal, round(untaxed * .15, 2) AS tax, round(round(untaxed * .15, 2) / rate::numeric, 2) AS tax_bal
FROM gen.invoice JOIN (SELECT k, sum(bal) AS bal FROM gen.product GROUP BY k) p USING (k);
CREATE UNIQUE INDEX ON gen.total (k);
ANALYZE gen.total;

-- ---------------------------------------------------------------- receivable items: rid = 2k, a second installment 2k + 1
CREATE UNLOGGED TABLE gen.item AS
WITH part AS (
    SELECT i.*, s, 2 * k::bigint + s - 1 AS rid, net + tax AS cur_total, net_bal + tax_bal AS bal_total
    FROM gen.invoice i JOIN gen.total USING (k) CROSS JOIN generate_series(1, 2) s WHERE s = 1 OR split
), valued AS (
    SELECT part.*,
        CASE WHEN NOT split THEN cur_total WHEN s = 1 THEN round(cur_total * .3, 2) ELSE cur_total - round(cur_total * .3, 2) END AS cur,
        CASE WHEN NOT split THEN bal_total WHEN s = 1 THEN round(bal_total * .3, 2) ELSE bal_total - round(bal_total * .3, 2) END AS bal,
        day + CASE WHEN NOT split THEN term_days WHEN s = 1 THEN 0 ELSE 60 END AS due
    FROM part
), judged AS (
    SELECT valued.*,
        CASE class WHEN 'A' THEN -3 + 3 * gen.n(rid, 30) WHEN 'B' THEN 3 + 6 * gen.n(rid, 30) WHEN 'C' THEN 18 + 12 * gen.n(rid, 30)
                   WHEN 'D' THEN 20 + 40 * gen.e(rid, 30) ELSE 30 + 80 * gen.e(rid, 30) END AS late,
        gen.u(rid, 31) < CASE class WHEN 'A' THEN .015 WHEN 'B' THEN .03 WHEN 'C' THEN .10 WHEN 'D' THEN .25 ELSE .6 END AS never
    FROM valued
), dated AS (
    SELECT judged.*, greatest(day, due + round(late)::int) AS wish FROM judged
)
SELECT rid, k, s, ci, pid, cur_id, rate, day, due, cur, bal, state,
    CASE WHEN state = 'posted' AND NOT never AND paid <= c.today THEN paid END AS paid
FROM gen.c c, dated
CROSS JOIN LATERAL (SELECT CASE WHEN weekly THEN wish + ((12 - extract(dow FROM wish)::int) % 7) ELSE wish END AS paid) w;
CREATE UNIQUE INDEX ON gen.item (rid);
ANALYZE gen.item;

-- ---------------------------------------------------------------- credit notes: 3 % of the posted invoices in one installment
CREATE UNLOGGED TABLE gen.refund AS
SELECT row_number() OVER (ORDER BY i.k) AS n, i.k, item.rid, i.ci, i.pid, i.contact, i.cur_id, i.rate, d.day, whole,
    CASE WHEN whole THEN t.net ELSE part END AS net,
    CASE WHEN whole THEN t.net_bal ELSE round(part / i.rate::numeric, 2) END AS net_bal,
    CASE WHEN whole THEN t.tax ELSE round(part * .15, 2) END AS tax,
    CASE WHEN whole THEN t.tax_bal ELSE round(round(part * .15, 2) / i.rate::numeric, 2) END AS tax_bal,
    (whole OR gen.u(i.k, 44) < .7) AND (item.paid IS NULL OR item.paid >= d.day) AS applied
FROM gen.c c, gen.invoice i JOIN gen.total t USING (k) JOIN gen.item ON item.rid = 2 * i.k::bigint
CROSS JOIN LATERAL (SELECT i.day + 3 + floor(gen.u(i.k, 41) * 20)::int AS day, gen.u(i.k, 42) < .25 AS whole,
    round(t.net * (.1 + .5 * gen.u(i.k, 43))::numeric, 2) AS part) d
WHERE gen.u(i.k, 40) < .03 AND i.state = 'posted' AND NOT i.split AND d.day <= c.today;
UPDATE gen.item SET paid = NULL FROM gen.refund WHERE refund.rid = item.rid AND whole AND applied;
CREATE INDEX ON gen.refund (rid);
ANALYZE gen.refund;

-- ---------------------------------------------------------------- payments and what they are applied to
CREATE UNLOGGED TABLE gen.applied AS
WITH rest AS (
    SELECT item.*, item.cur - coalesce(n.net + n.tax, 0) AS rest_cur, item.bal - coalesce(n.net_bal + n.tax_bal, 0) AS rest_bal
    FROM gen.item LEFT JOIN gen.refund n ON n.rid = item.rid AND n.applied WHERE state = 'posted'
)
SELECT rid, pid, cur_id, rate, paid AS day, rest_cur AS cur, rest_bal AS bal, 'full' AS kind, pid || '/' || cur_id || '/' || paid AS grp
FROM rest WHERE paid IS NOT NULL AND rest_cur > 0 AND rest_bal > 0
UNION ALL  -- a part of 5 % of the unpaid overdue ones
SELECT rid, pid, cur_id, rate, c.today - floor(gen.u(rid, 51) * (c.today - due))::int, round(rest_cur * f, 2), round(rest_bal * f, 2),
    'part', 'x' || rid
FROM gen.c c, rest CROSS JOIN LATERAL (SELECT (.2 + .6 * gen.u(rid, 52))::numeric AS f) f
WHERE paid IS NULL AND due < c.today AND gen.u(rid, 50) < .05 AND round(rest_cur * f, 2) > 0 AND round(rest_bal * f, 2) > 0;
CREATE UNLOGGED TABLE gen.payment AS
SELECT grp, min(pid) AS pid, min(cur_id) AS cur_id, min(rate) AS rate, min(day) AS day, sum(cur) AS cur, sum(bal) AS bal, min(kind) AS kind
FROM gen.applied GROUP BY grp
UNION ALL  -- on account, not reconciled
SELECT 'o' || pid, pid, usd.id, 1.0, c.today - floor(gen.u(ci, 61) * 120)::int, amount, amount, 'open'
FROM gen.c c CROSS JOIN gen.customer JOIN gen.rate usd ON usd.name = 'USD'
CROSS JOIN LATERAL (SELECT round((50 + 750 * gen.u(ci, 62))::numeric, 2) AS amount) a WHERE gen.u(ci, 60) < .02;
CREATE UNIQUE INDEX ON gen.payment (grp);
ANALYZE gen.payment;
ANALYZE gen.applied;

-- ---------------------------------------------------------------- ids of the entries, by date as in life
CREATE UNLOGGED TABLE gen.entry AS
SELECT q.*, c.move0 + row_number() OVER w AS mid, c.line0 + 1 + sum(lines) OVER w - lines AS first_line,
    row_number() OVER (PARTITION BY kind, extract(year FROM day) ORDER BY q.day, q.ref) AS num
FROM gen.c c, (
    SELECT 'i' AS kind, k::text AS ref, day, products + 2 + split::int AS lines FROM gen.invoice
    UNION ALL SELECT 'n', n::text, day, 3 FROM gen.refund
    UNION ALL SELECT 'p', grp, day, 2 FROM gen.payment) q
WINDOW w AS (ORDER BY q.day, q.kind, q.ref);
CREATE UNLOGGED TABLE gen.invoice_entry AS SELECT ref::int AS k, mid, first_line, num FROM gen.entry WHERE kind = 'i';
CREATE UNLOGGED TABLE gen.refund_entry AS SELECT ref::int AS n, mid, first_line, num FROM gen.entry WHERE kind = 'n';
CREATE UNLOGGED TABLE gen.payment_entry AS
SELECT ref AS grp, mid, first_line, num, c.payment0 + row_number() OVER (ORDER BY mid) AS payment_id FROM gen.c c, gen.entry WHERE kind = 'p';
CREATE UNIQUE INDEX ON gen.invoice_entry (k);
CREATE UNIQUE INDEX ON gen.refund_entry (n);
CREATE UNIQUE INDEX ON gen.payment_entry (grp);
ANALYZE gen.invoice_entry;
ANALYZE gen.refund_entry;
ANALYZE gen.payment_entry;

-- ---------------------------------------------------------------- reconciliations
CREATE UNLOGGED TABLE gen.partial AS
SELECT c.partial0 + row_number() OVER (ORDER BY day, debit, credit) AS id, q.* FROM gen.c c, (
    SELECT rid, e.first_line + i.products + r.s AS debit, p.first_line + 1 AS credit, a.bal AS amount, a.cur AS amount_cur, a.cur_id,
        greatest(a.day, r.day) AS day, a.kind, a.grp, NULL::bigint AS n
    FROM gen.applied a JOIN gen.item r USING (rid) JOIN gen.invoice i USING (k) JOIN gen.invoice_entry e USING (k)
    JOIN gen.payment_entry p USING (grp)
    UNION ALL
    SELECT n.rid, e.first_line + i.products + 1, r.first_line + 2, n.net_bal + n.tax_bal, n.net + n.tax, n.cur_id,
        greatest(n.day, i.day), 'refund', NULL, n.n
    FROM gen.refund n JOIN gen.invoice i USING (k) JOIN gen.invoice_entry e USING (k) JOIN gen.refund_entry r USING (n)
    WHERE n.applied) q;
CREATE INDEX ON gen.partial (rid);
ANALYZE gen.partial;

-- What is left of each item; `closed_by` names the payment or credit note that closes it together with others.
CREATE UNLOGGED TABLE gen.residual AS
SELECT r.rid, r.cur - coalesce(p.cur, 0) AS cur, r.bal - coalesce(p.bal, 0) AS bal, p.first_partial, p.by_payment,
    CASE WHEN r.cur = p.cur AND r.bal = p.bal THEN coalesce(p.grp, 'n' || p.n) END AS closed_by
FROM gen.item r
LEFT JOIN (
    SELECT rid, sum(amount_cur) AS cur, sum(amount) AS bal, min(id) AS first_partial, bool_or(kind <> 'refund') AS by_payment,
        min(grp) FILTER (WHERE kind = 'full') AS grp, min(n) AS n
    FROM gen.partial GROUP BY rid) p USING (rid);
CREATE UNIQUE INDEX ON gen.residual (rid);
ANALYZE gen.residual;
CREATE UNLOGGED TABLE gen.full AS
SELECT c.full0 + row_number() OVER (ORDER BY closed_by) AS id, closed_by
FROM gen.c c, (SELECT DISTINCT closed_by FROM gen.residual WHERE closed_by IS NOT NULL) q;
CREATE UNIQUE INDEX ON gen.full (closed_by);
ANALYZE gen.full;

-- ---------------------------------------------------------------- journal items, narrow
CREATE UNLOGGED TABLE gen.line AS
SELECT e.first_line + p.s - 1 AS id, e.mid, 'i' AS kind, 'product' AS type, 100 AS sequence, c.income AS account, i.pid, i.cur_id,
    -p.cur AS cur, -p.bal AS bal, 0::numeric AS rest_cur, 0::numeric AS rest_bal, NULL::date AS due, NULL::bigint AS full_id,
    NULL::text AS matching, false AS reconciled, i.day
FROM gen.c, gen.product p JOIN gen.invoice i USING (k) JOIN gen.invoice_entry e USING (k)
UNION ALL
SELECT e.first_line + i.products, e.mid, 'i', 'tax', 10000, c.tax_account, i.pid, i.cur_id, -t.tax, -t.tax_bal, 0, 0, NULL, NULL, NULL, false, i.day
FROM gen.c, gen.total t JOIN gen.invoice i USING (k) JOIN gen.invoice_entry e USING (k)
UNION ALL
SELECT e.first_line + i.products + r.s, e.mid, 'i', 'payment_term', 12000, c.receivable, i.pid, i.cur_id, r.cur, r.bal, s.cur, s.bal, r.due,
    f.id, coalesce(f.id::text, 'P' || s.first_partial), s.cur = 0 AND s.bal = 0, i.day
FROM gen.c, gen.item r JOIN gen.invoice i USING (k) JOIN gen.invoice_entry e USING (k) JOIN gen.residual s USING (rid)
LEFT JOIN gen.full f USING (closed_by)
UNION ALL
SELECT e.first_line, e.mid, 'n', 'product', 100, c.income, n.pid, n.cur_id, n.net, n.net_bal, 0, 0, NULL, NULL, NULL, false, n.day
FROM gen.c, gen.refund n JOIN gen.refund_entry e USING (n)
UNION ALL
SELECT e.first_line + 1, e.mid, 'n', 'tax', 10000, c.tax_account, n.pid, n.cur_id, n.tax, n.tax_bal, 0, 0, NULL, NULL, NULL, false, n.day
FROM gen.c, gen.refund n JOIN gen.refund_entry e USING (n)
UNION ALL
SELECT e.first_line + 2, e.mid, 'n', 'payment_term', 12000, c.receivable, n.pid, n.cur_id, -n.net - n.tax, -n.net_bal - n.tax_bal,
    CASE WHEN applied THEN 0 ELSE -n.net - n.tax END, CASE WHEN applied THEN 0 ELSE -n.net_bal - n.tax_bal END, n.day,
    f.id, CASE WHEN applied THEN coalesce(f.id::text, 'P' || s.first_partial) END, applied, n.day
FROM gen.c, gen.refund n JOIN gen.refund_entry e USING (n)
LEFT JOIN gen.residual s ON s.rid = n.rid AND n.applied LEFT JOIN gen.full f USING (closed_by)
UNION ALL
SELECT e.first_line, e.mid, 'p', 'product', 10, c.bank, p.pid, p.cur_id, p.cur, p.bal, p.cur, p.bal, p.day, NULL, NULL, false, p.day
FROM gen.c, gen.payment p JOIN gen.payment_entry e USING (grp)
UNION ALL
SELECT e.first_line + 1, e.mid, 'p', 'product', 10, c.receivable, p.pid, p.cur_id, -p.cur, -p.bal,
    CASE WHEN p.kind = 'open' THEN -p.cur ELSE 0 END, CASE WHEN p.kind = 'open' THEN -p.bal ELSE 0 END, p.day,
    f.id, CASE WHEN p.kind <> 'open' THEN coalesce(f.id::text, 'P' || s.first_partial) END, p.kind <> 'open', p.day
FROM gen.c, gen.payment p JOIN gen.payment_entry e USING (grp)
LEFT JOIN gen.full f ON f.closed_by = p.grp
LEFT JOIN gen.residual s ON s.rid = CASE WHEN p.kind = 'part' THEN substr(p.grp, 2)::bigint END;
ANALYZE gen.line;

-- ---------------------------------------------------------------- load, without secondary indexes
CREATE TABLE gen.index AS
SELECT i.indexdef, i.indexname FROM pg_indexes i
JOIN pg_class k ON k.relname = i.indexname JOIN pg_index x ON x.indexrelid = k.oid
WHERE i.schemaname = 'public' AND NOT x.indisunique AND i.tablename IN
    ('res_partner', 'account_move', 'account_move_line', 'account_partial_reconcile', 'account_payment', 'account_move_line_account_tax_rel');
SELECT format('DROP INDEX public.%I', indexname) FROM gen.index \gexec

INSERT INTO res_partner (id, name, complete_name, is_company, type, active, lang, country_id, city, zip, street, email, email_normalized,
    phone, phone_sanitized, commercial_partner_id, commercial_company_name, customer_rank, supplier_rank, partner_share, autopost_bills,
    color, message_bounce, property_payment_term_id, ref, create_uid, write_uid, create_date, write_date)
SELECT pid, customer.name, customer.name, is_company, 'contact', true, 'en_US', country.id, 'City ' || (ci % 500), lpad((ci % 90000)::text, 5, '0'),
    (ci % 300) || ' Main Street', customer.email, customer.email, '+1 555 ' || lpad(ci::text, 7, '0'), '+1555' || lpad(ci::text, 7, '0'),
    pid, CASE WHEN is_company THEN customer.name END, coalesce(n, 0), 0, true, 'ask', 0, 0, jsonb_build_object('1', term_id),
    'PERF-' || class || '-' || ci, 1, 1, c.ts, c.ts
FROM gen.c c, (SELECT customer.*, 'Perf Customer ' || lpad(ci::text, 6, '0') AS name FROM gen.customer) customer
LEFT JOIN res_country country ON country.code = customer.country
LEFT JOIN (SELECT ci, count(*) AS n FROM gen.invoice WHERE state = 'posted' GROUP BY ci) k USING (ci)
ORDER BY pid;
INSERT INTO res_partner (id, name, complete_name, parent_id, is_company, type, active, lang, country_id, email, email_normalized,
    commercial_partner_id, commercial_company_name, customer_rank, supplier_rank, partner_share, autopost_bills, color, message_bounce,
    create_uid, write_uid, create_date, write_date)
SELECT contact.pid, x.name, p.name || ', ' || x.name, contact.parent, false, contact.type, true, 'en_US', p.country_id, x.email, x.email,
    contact.parent, p.name, 0, 0, true, 'ask', 0, 0, 1, 1, c.ts, c.ts
FROM gen.c c, gen.contact JOIN res_partner p ON p.id = contact.parent
CROSS JOIN LATERAL (
    SELECT 'Contact ' || j || ' of ' || ci AS name, 'c' || j || '.' || ci || '@customer' || ci || '.example.com' AS email) x
ORDER BY contact.pid;

INSERT INTO account_move (id, sequence_number, sequence_prefix, journal_id, company_id, invoice_payment_term_id, partner_id,
    commercial_partner_id, partner_shipping_id, currency_id, invoice_user_id, name, ref, state, move_type, auto_post, payment_reference,
    payment_state, invoice_partner_display_name, date, invoice_date, invoice_date_due, delivery_date, invoice_currency_rate,
    amount_untaxed, amount_tax, amount_total, amount_residual, amount_untaxed_signed, amount_untaxed_in_currency_signed,
    amount_tax_signed, amount_total_signed, amount_total_in_currency_signed, amount_residual_signed, always_tax_exigible, checked,
    posted_before, made_sequence_gap, is_manually_modified, is_move_sent, reversed_entry_id, origin_payment_id,
    create_uid, write_uid, create_date, write_date)
SELECT * FROM (
    SELECT e.mid, CASE WHEN state <> 'draft' THEN 1000 + num END,
        CASE WHEN state <> 'draft' THEN 'INV/' || extract(year FROM i.day)::int || '/' END, c.sale_journal, 1, i.term_id,
        coalesce(i.contact, i.pid), i.pid, coalesce(i.contact, i.pid), i.cur_id, 2, x.name, NULL::text, state, 'out_invoice', 'no', x.name,
        CASE WHEN state <> 'posted' THEN 'not_paid' WHEN r.cur = 0 THEN CASE WHEN by_payment THEN 'paid' ELSE 'reversed' END
             WHEN reconciled THEN 'partial' ELSE 'not_paid' END,
        p.name, i.day, i.day, r.due, i.day, i.rate::numeric, t.net, t.tax, t.net + t.tax, r.cur, t.net_bal, t.net, t.tax_bal,
        t.net_bal + t.tax_bal, t.net + t.tax, r.bal, false, true, state <> 'draft', false, false, state = 'posted', NULL::int, NULL::int,
        1, 1, c.ts, c.ts
    FROM gen.c c, gen.invoice i JOIN gen.invoice_entry e USING (k) JOIN gen.total t USING (k) JOIN res_partner p ON p.id = i.pid
    JOIN (
        SELECT k, sum(s.cur) AS cur, sum(s.bal) AS bal, max(due) AS due, bool_or(by_payment) AS by_payment,
            bool_or(first_partial IS NOT NULL) AS reconciled
        FROM gen.item JOIN gen.residual s USING (rid) GROUP BY k) r USING (k)
    CROSS JOIN LATERAL (SELECT CASE WHEN state <> 'draft' THEN gen.number('INV', i.day, num) END AS name) x
    UNION ALL
    SELECT e.mid, 1000 + e.num, 'RINV/' || extract(year FROM n.day)::int || '/', c.sale_journal, 1, NULL, coalesce(n.contact, n.pid), n.pid,
        coalesce(n.contact, n.pid), n.cur_id, 2, gen.number('RINV', n.day, e.num), 'Reversal', 'posted', 'out_refund', 'no', NULL,
        CASE WHEN applied THEN 'paid' ELSE 'not_paid' END, p.name, n.day, n.day, n.day, n.day, n.rate::numeric, n.net, n.tax, n.net + n.tax,
        CASE WHEN applied THEN 0 ELSE n.net + n.tax END, -n.net_bal, -n.net, -n.tax_bal, -n.net_bal - n.tax_bal, -n.net - n.tax,
        CASE WHEN applied THEN 0 ELSE -n.net_bal - n.tax_bal END, false, true, true, false, false, true, i.mid, NULL, 1, 1, c.ts, c.ts
    FROM gen.c c, gen.refund n JOIN gen.refund_entry e USING (n) JOIN gen.invoice_entry i USING (k) JOIN res_partner p ON p.id = n.pid
    UNION ALL
    SELECT e.mid, 1000 + num, 'PBNK1/' || extract(year FROM day)::int || '/', c.bank_journal, 1, NULL, q.pid, q.pid, NULL, q.cur_id, NULL,
        gen.number('PBNK1', day, num), 'Payment', 'posted', 'entry', 'no', NULL, 'not_paid', p.name, day, NULL, NULL, NULL, q.rate::numeric,
        0, 0, q.cur, 0, 0, 0, 0, q.bal, q.cur, 0, true, true, true, false, false, false, NULL, e.payment_id, 1, 1, c.ts, c.ts
    FROM gen.c c, gen.payment q JOIN gen.payment_entry e USING (grp) JOIN res_partner p ON p.id = q.pid
) z ORDER BY 1;

INSERT INTO account_payment (id, move_id, journal_id, company_id, payment_method_line_id, payment_method_id, currency_id, partner_id,
    outstanding_account_id, destination_account_id, name, state, payment_type, partner_type, memo, date, amount,
    amount_company_currency_signed, is_reconciled, is_matched, is_sent, create_uid, write_uid, create_date, write_date)
SELECT e.payment_id, e.mid, c.bank_journal, 1, c.method_line, c.method, q.cur_id, q.pid, c.bank, c.receivable, m.name, 'paid', 'inbound',
    'customer', 'Payment', q.day, q.cur, q.bal, q.kind <> 'open', true, false, 1, 1, c.ts, c.ts
FROM gen.c c, gen.payment q JOIN gen.payment_entry e USING (grp) JOIN account_move m ON m.id = e.mid ORDER BY 1;

INSERT INTO account_full_reconcile (id, create_uid, write_uid, create_date, write_date)
SELECT id, 1, 1, c.ts, c.ts FROM gen.c c, gen.full ORDER BY 1;
INSERT INTO account_move_line (id, move_id, journal_id, company_id, company_currency_id, sequence, account_id, currency_id, partner_id,
    payment_id, tax_line_id, tax_group_id, tax_repartition_line_id, full_reconcile_id, move_name, parent_state, ref, name, matching_number,
    display_type, date, invoice_date, date_maturity, debit, credit, balance, amount_currency, tax_base_amount, amount_residual,
    amount_residual_currency, quantity, price_unit, price_subtotal, price_total, discount, is_storno, reconciled, no_followup,
    deductible_amount, create_uid, write_uid, create_date, write_date)
SELECT l.id, l.mid, m.journal_id, 1, 1, l.sequence, l.account, l.cur_id, l.pid, m.origin_payment_id, CASE WHEN type = 'tax' THEN c.tax END,
    CASE WHEN type = 'tax' THEN c.tax_group END, CASE WHEN type = 'tax' THEN CASE kind WHEN 'i' THEN c.tax_line ELSE c.tax_line_refund END END,
    l.full_id, m.name, m.state, m.ref,
    CASE WHEN type = 'tax' THEN '15%' WHEN type = 'payment_term' THEN m.name WHEN kind = 'p' THEN 'Manual Payment ' || m.name
         ELSE 'Services rendered ' || l.id END,
    l.matching, type, l.day, m.invoice_date, l.due, greatest(l.bal, 0), greatest(-l.bal, 0), l.bal, l.cur,
    CASE WHEN type = 'tax' THEN -m.amount_untaxed_signed END, l.rest_bal, l.rest_cur, sold::int, CASE WHEN sold THEN abs(l.cur) ELSE 0 END,
    CASE WHEN sold THEN abs(l.cur) ELSE 0 END, CASE WHEN sold THEN round(abs(l.cur) * 1.15, 2) ELSE 0 END, 0, false, l.reconciled,
    type = 'payment_term' AND NOT l.reconciled AND gen.u(l.id, 70) < .01, 100, 1, 1, c.ts, c.ts
FROM gen.c c, gen.line l JOIN account_move m ON m.id = l.mid
CROSS JOIN LATERAL (SELECT type = 'product' AND kind <> 'p' AS sold) x ORDER BY l.id;
INSERT INTO account_move_line_account_tax_rel SELECT id, c.tax FROM gen.c c, gen.line WHERE type = 'product' AND kind <> 'p' ORDER BY 1;
INSERT INTO account_partial_reconcile (id, debit_move_id, credit_move_id, full_reconcile_id, debit_currency_id, credit_currency_id,
    company_id, max_date, amount, debit_amount_currency, credit_amount_currency, create_uid, write_uid, create_date, write_date)
SELECT p.id, debit, credit, f.id, p.cur_id, p.cur_id, 1, day, amount, amount_cur, amount_cur, 1, 1, c.ts, c.ts
FROM gen.c c, gen.partial p JOIN gen.residual s USING (rid) LEFT JOIN gen.full f USING (closed_by) ORDER BY p.id;
INSERT INTO account_move__account_payment (invoice_id, payment_id)
SELECT DISTINCT i.mid, p.payment_id
FROM gen.applied JOIN gen.item USING (rid) JOIN gen.invoice_entry i USING (k) JOIN gen.payment_entry p USING (grp);

-- ---------------------------------------------------------------- indexes, sequences, statistics
SELECT indexdef FROM gen.index \gexec
SELECT format('SELECT setval(%L, greatest(1, (SELECT max(id) FROM %I)))', name || '_id_seq', name)
FROM unnest(ARRAY['res_partner', 'account_move', 'account_move_line', 'account_payment', 'account_partial_reconcile', 'account_full_reconcile']) name
\gexec
SET session_replication_role = origin;
DROP SCHEMA gen CASCADE;
VACUUM ANALYZE;
