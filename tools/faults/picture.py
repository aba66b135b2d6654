"""Pictures of the database: the rows that jobs write, stored and brought back by SQL in milliseconds."""

CUSTOMERS = 200
# What jobs write, parents first.
TABLES = ("account_move", "account_payment", "account_move_line", "account_full_reconcile", "account_partial_reconcile",
          "res_company", "res_partner", "credit_profile", "mail_message", "mail_mail", "mail_activity", "collection_run",
          "collection_run_count", "collection_action", "collection_action_line", "collection_dispute", "collection_charge_run",
          "collection_charge_count", "collection_charge", "collection_charge_line", "collection_handover", "collection_handover_line",
          "collection_handover_event", "collection_handover_file", "collection_settlement", "collection_settlement_line",
          "collection_heartbeat", "ir_attachment", "ir_cron_trigger")
# References that would keep a row of later from being deleted.
LOOSE = (("account_payment", "move_id", "account_move"), ("collection_charge", "move_id", "account_move"),
         ("account_move", "collection_handover_id", "collection_handover"),
         ("account_move", "collection_settlement_id", "collection_settlement"))


class Pictures:
    """Storing the database's state, and going back to it; mixed into the ledger."""

    def _picture(self, name):
        self.sql(f"DROP SCHEMA IF EXISTS {name} CASCADE")  # one that was broken off
        self.sql(f"CREATE SCHEMA {name}")
        for table in TABLES:
            self.sql(f"CREATE TABLE {name}.{table} AS TABLE public.{table}")
            self.sql(f"ALTER TABLE {name}.{table} ADD PRIMARY KEY (id)")

    def reset(self, picture="planned", keep=CUSTOMERS):
        """Back to the picture; ``keep`` so many of the planned contacts, and let runs see their customers only."""
        assert not self.jobs, f"jobs of an earlier test are still at work: {self.jobs}"
        statements = [f"UPDATE {table} SET {column} = NULL WHERE {column} NOT IN (SELECT id FROM {picture}.{target})"
                      for table, column, target in LOOSE]
        statements += [f"DELETE FROM {table} t WHERE NOT EXISTS (SELECT 1 FROM {picture}.{table} p WHERE p.id = t.id)"
                       for table in reversed(TABLES)]
        # What was deleted since comes back with all that points to it: references are whole again at the end.
        statements.append("SET session_replication_role = replica")
        statements += [self._statement_back(picture, table) for table in TABLES]
        statements += [f"INSERT INTO {table} SELECT p.* FROM {picture}.{table} p"
                       f" WHERE NOT EXISTS (SELECT 1 FROM {table} t WHERE p.id = t.id)" for table in TABLES]
        statements.append("SET session_replication_role = origin")
        for statement in statements + self._statements_few(keep):  # one by one: together they would take a thousand locks
            self.sql(statement)
        self._reset_sink()

    def _statement_back(self, picture, table):
        """Rows that were changed are as they were."""
        columns = ", ".join(f'"{row.name}"' for row in self.sql(
            "SELECT attname AS name FROM pg_attribute WHERE attrelid = %s::regclass AND attnum > 0 AND NOT attisdropped"
            " AND attname <> 'id' ORDER BY attnum", f"{picture}.{table}"))
        stored = columns.replace('"', 'p."', 1).replace(', "', ', p."')
        return (f"UPDATE {table} t SET ({columns}) = ROW({stored}) FROM {picture}.{table} p"
                f" WHERE p.id = t.id AND t.* IS DISTINCT FROM p.*")

    def _statements_few(self, keep):
        kept = f"(SELECT id FROM collection_action ORDER BY id LIMIT {keep})"
        statements = [f"DELETE FROM collection_action_line WHERE action_id NOT IN {kept}",
                      f"DELETE FROM collection_action WHERE id NOT IN {kept}", "UPDATE collection_action SET not_before = NULL"]
        if keep < CUSTOMERS:
            statements.append("UPDATE credit_profile SET active = false"
                              " WHERE id NOT IN (SELECT profile_id FROM collection_action)")
        return statements
